import { nearest } from '../diagnostics/suggest.ts';
import { matchesGlob } from '../expressions/glob.ts';
import type * as Generated from './iam-actions.generated.ts';
import { decodeAccess, decodeService, decodeTypes, type IamAccess, type IamService } from './iam-service.ts';

export type { IamAccess } from './iam-service.ts';

/** An action as AWS's Service Authorization Reference lists it. */
export interface IamAction {
  /** `ec2:RunInstances`, in the case of the reference; IAM itself ignores case. */
  readonly name: string;
  readonly access: IamAccess;
  /** The resource types that a statement for it may name, sorted, empty where it only takes `*`. */
  readonly resources: readonly string[];
}

/** The bundle's lazy import of a third of a megabyte that only policies about AWS need. */
const loadTable = (): typeof Generated => require('./iam-actions.generated.ts');

let lines: ReadonlyMap<string, string> | undefined;
let prefixes: readonly string[] | undefined;
const decoded = new Map<string, IamService>();
const sorted = new Map<string, readonly string[]>();
const actions = new Map<string, IamAction>();

/** The line of each service, not yet decoded. */
function serviceLines(): ReadonlyMap<string, string> {
  if (lines === undefined) {
    const { services } = loadTable();
    const found = new Map<string, string>();
    for (let start = 1; start < services.length; ) {
      const end = services.indexOf('\n', start);
      found.set(services.slice(start, services.indexOf('|', start)), services.slice(start, end));
      start = end + 1;
    }
    lines = found;
  }
  return lines;
}

function service(prefix: string): IamService | undefined {
  let found = decoded.get(prefix);
  if (found === undefined) {
    const line = serviceLines().get(prefix);
    if (line === undefined) return undefined;
    found = decodeService(loadTable(), prefix, line);
    decoded.set(prefix, found);
  }
  return found;
}

/** The prefixes of all services, sorted. */
export function iamServices(): readonly string[] {
  prefixes ??= [...serviceLines().keys()];
  return prefixes;
}

/** Whether a service has this prefix; case does not count. */
export function isIamService(prefix: string): boolean {
  return serviceLines().has(prefix.toLowerCase());
}

/** The action of a whole name, `service:Action` in any case. */
export function iamAction(name: string): IamAction | undefined {
  const lower = name.toLowerCase();
  let action = actions.get(lower);
  if (action === undefined) {
    const prefix = lower.slice(0, Math.max(0, lower.indexOf(':')));
    const known = service(prefix);
    const place = known?.lower.indexOf(lower) ?? -1;
    if (known === undefined || place < 0) return undefined;
    action = { name: known.names[place]!, ...decodeAccess(loadTable(), known, place) };
    actions.set(lower, action);
  }
  return action;
}

/** The names of a service's actions, sorted; none for an unknown service. */
export function actionsOf(prefix: string): readonly string[] {
  const lower = prefix.toLowerCase();
  let found = sorted.get(lower);
  if (found === undefined) {
    const known = service(lower);
    if (known === undefined) return [];
    found = [...known.names].sort();
    sorted.set(lower, found);
  }
  return found;
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
    if (openEnd && literal.length <= prefix.length + 1) return actionsOf(prefix);
    const known = service(prefix);
    return (known?.names ?? [])
      .filter((_, at) => (openEnd ? known!.lower[at]!.startsWith(literal) : matchesGlob(known!.lower[at]!, wanted)))
      .sort();
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
  const lower = prefix.toLowerCase();
  const known = service(lower);
  if (known === undefined) return [];
  const found = decodeTypes(loadTable(), lower, known).find(({ name }) => name === type);
  return found === undefined ? [] : [found.arn];
}
