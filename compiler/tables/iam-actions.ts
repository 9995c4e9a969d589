import { nearest } from '../diagnostics/suggest.ts';
import { matchesGlob } from '../expressions/glob.ts';
import type * as Generated from './iam-actions.generated.ts';
import { decodeNames, decodeTypes, findAction, type IamAction, type ServiceLine, serviceLine } from './iam-service.ts';

/** The bundle's lazy imports: a third of a megabyte in all, of which most policies about AWS need a part. */
const loadTable = (): typeof Generated => require('./iam-actions.generated.ts');

/** The lines of services, by the first letter of the first of them. */
const parts: readonly { readonly from: string; readonly load: () => { readonly services: string } }[] = [
  { from: 't', load: () => require('./iam-actions/t-z.generated.ts') },
  { from: 'r', load: () => require('./iam-actions/r-s.generated.ts') },
  { from: 'm', load: () => require('./iam-actions/m-q.generated.ts') },
  { from: 'f', load: () => require('./iam-actions/f-l.generated.ts') },
  { from: 'e', load: () => require('./iam-actions/e-e.generated.ts') },
  { from: 'c', load: () => require('./iam-actions/c-d.generated.ts') },
  { from: 'a', load: () => require('./iam-actions/a-b.generated.ts') },
];

let prefixes: readonly string[] | undefined;
let known: ReadonlySet<string> | undefined;
const texts = new Map<string, ReadonlyMap<string, string>>();
const lines = new Map<string, ServiceLine>();
const names = new Map<string, Names>();
const actions = new Map<string, IamAction>();

/** A service's names, sorted, and the same in lower case in the same order. */
interface Names {
  readonly canonical: readonly string[];
  readonly lower: readonly string[];
}

/** The text of a service's line. */
function serviceText(prefix: string): string | undefined {
  const part = isIamService(prefix) ? parts.find(({ from }) => from <= prefix) : undefined;
  if (part === undefined) return undefined;
  let found = texts.get(part.from);
  if (found === undefined) {
    const lines = part.load().services.trim().split('\n');
    found = new Map(lines.map((text) => [text.slice(0, text.indexOf('|')), text]));
    texts.set(part.from, found);
  }
  return found.get(prefix);
}

function service(prefix: string): ServiceLine | undefined {
  let found = lines.get(prefix);
  if (found === undefined) {
    const text = serviceText(prefix);
    if (text === undefined) return undefined;
    found = serviceLine(text);
    lines.set(prefix, found);
  }
  return found;
}

function namesOf(prefix: string): Names | undefined {
  let found = names.get(prefix);
  if (found === undefined) {
    const line = service(prefix);
    if (line === undefined) return undefined;
    const canonical = decodeNames(loadTable(), line);
    found = { canonical, lower: canonical.join('\n').toLowerCase().split('\n') };
    names.set(prefix, found);
  }
  return found;
}

/** The prefixes of all services, sorted. */
export function iamServices(): readonly string[] {
  prefixes ??= loadTable().prefixes.split(' ');
  return prefixes;
}

/** Whether a service has this prefix; case does not count. */
export function isIamService(prefix: string): boolean {
  known ??= new Set(iamServices());
  return known.has(prefix.toLowerCase());
}

/** The action of a whole name, `service:Action` in any case. */
export function iamAction(name: string): IamAction | undefined {
  const lower = name.toLowerCase();
  let action = actions.get(lower);
  if (action === undefined) {
    const colon = lower.indexOf(':');
    const line = colon < 0 ? undefined : service(lower.slice(0, colon));
    action = line && findAction(loadTable(), line, lower.slice(colon + 1));
    if (action === undefined) return undefined;
    actions.set(lower, action);
  }
  return action;
}

/** The names of a service's actions, sorted; none for an unknown service. */
export function actionsOf(prefix: string): readonly string[] {
  return namesOf(prefix.toLowerCase())?.canonical ?? [];
}

/**
 * The names of all actions that an IAM action pattern matches: `*` is any text, `?` one character, case does not count.
 * Sorted by service, then by name.
 */
export function actionsMatching(pattern: string): readonly string[] {
  const wanted = pattern.toLowerCase();
  const literal = wanted.slice(0, wanted.search(/[*?]|$/));
  const colon = literal.indexOf(':');
  const candidates =
    colon >= 0 ? [literal.slice(0, colon)] : iamServices().filter((prefix) => `${prefix}:`.startsWith(literal));
  // Most often only the end is open: all actions of a service, or all that begin with a verb.
  const openEnd = wanted.length === literal.length + 1 && wanted.endsWith('*');
  return candidates.flatMap((prefix) => {
    const known = namesOf(prefix);
    if (known === undefined) return [];
    const { canonical, lower } = known;
    if (openEnd && literal.length <= prefix.length + 1) return canonical;
    return canonical.filter((_, at) => (openEnd ? lower[at]!.startsWith(literal) : matchesGlob(lower[at]!, wanted)));
  });
}

/** What people call services, by words that are not near to the prefix. */
const otherPrefixes: ReadonlyMap<string, string> = new Map([
  ['alb', 'elasticloadbalancing'],
  ['api-gateway', 'apigateway'],
  ['aurora', 'rds'],
  ['bedrock-runtime', 'bedrock'],
  ['cdn', 'cloudfront'],
  ['cloudwatch-logs', 'logs'],
  ['cognito', 'cognito-idp'],
  ['cost-explorer', 'ce'],
  ['documentdb', 'rds'],
  ['docdb', 'rds'],
  ['ebs', 'ec2'],
  ['efs', 'elasticfilesystem'],
  ['elb', 'elasticloadbalancing'],
  ['elbv2', 'elasticloadbalancing'],
  ['emr', 'elasticmapreduce'],
  ['eventbridge', 'events'],
  ['msk', 'kafka'],
  ['neptune', 'rds'],
  ['nlb', 'elasticloadbalancing'],
  ['opensearch', 'es'],
  ['parameter-store', 'ssm'],
  ['sfn', 'states'],
  ['stepfunctions', 'states'],
  ['step-functions', 'states'],
  ['systems-manager', 'ssm'],
  ['vpc', 'ec2'],
]);

/** The prefix that a misspelt one, or another name of the service, probably stands for. */
export function nearestService(prefix: string): string | undefined {
  return otherPrefixes.get(prefix.toLowerCase()) ?? nearest(prefix, iamServices());
}

/** So many wrong letters are a slip; a name that another service has exactly is the better guess beyond. */
const slip = 2;

/**
 * The action that a misspelt name probably stands for: of the same service, or else of the only other service that has
 * an action of exactly that name; where no service has that prefix, of the service with the nearest one.
 */
export function nearestAction(name: string): string | undefined {
  const colon = name.indexOf(':');
  if (colon < 0) return undefined;
  const written = name.slice(0, colon).toLowerCase();
  const action = name.slice(colon + 1);
  const prefix = isIamService(written) ? written : nearestService(written);
  if (prefix === undefined) return soleNamesake(action);
  const same = iamAction(`${prefix}:${action}`);
  if (same !== undefined) return same.name;
  const own = actionsOf(prefix).map((each) => each.slice(prefix.length + 1));
  const found = nearest(action, own, Math.min(slip, Math.floor(action.length / 3)));
  if (found !== undefined) return `${prefix}:${found}`;
  const elsewhere = soleNamesake(action);
  if (elsewhere !== undefined) return elsewhere;
  const distant = nearest(action, own);
  return distant === undefined ? undefined : `${prefix}:${distant}`;
}

/** The action of this name where exactly one service has one, or one in this case. */
function soleNamesake(action: string): string | undefined {
  const found = iamServices().flatMap((prefix) => iamAction(`${prefix}:${action}`)?.name ?? []);
  const exact = found.filter((name) => name.endsWith(`:${action}`));
  return exact.length === 1 ? exact[0] : found.length === 1 ? found[0] : undefined;
}

/**
 * The patterns that the ARNs of a resource type match, with `*` for each variable part, the partition too
 * (`arn:*:ec2:*:*:instance/*`); none for an unknown type.
 */
export function resourceArns(prefix: string, type: string): readonly string[] {
  const line = service(prefix.toLowerCase());
  const found = line && decodeTypes(loadTable(), line).find(({ name }) => name === type);
  return found === undefined ? [] : [found.arn];
}
