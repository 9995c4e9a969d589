import { nearest } from '../diagnostics/suggest.ts';
import type * as Generated from './iam-actions.generated.ts';

/** The level of access that AWS's Service Authorization Reference gives an action. */
export type IamAccess = 'List' | 'Read' | 'Write' | 'Tagging' | 'Permissions management';

/** An action as AWS's Service Authorization Reference lists it. */
export interface IamAction {
  /** `ec2:RunInstances`, in the case of the reference; IAM itself ignores case. */
  readonly name: string;
  readonly access: IamAccess;
  /** The resource types that a statement for it may name, empty where it only takes `*`. */
  readonly resources: readonly string[];
}

interface Service {
  /** Sorted by their names in lower case. */
  readonly actions: readonly IamAction[];
  /** The same names, in the same order. */
  readonly names: readonly string[];
  /** By the whole name in lower case, in the same order. */
  readonly byLowerName: ReadonlyMap<string, IamAction>;
  /** ARN patterns by resource type. */
  readonly arns: ReadonlyMap<string, string>;
}

const accessLevels: Readonly<Record<string, IamAccess>> = {
  L: 'List',
  R: 'Read',
  W: 'Write',
  T: 'Tagging',
  P: 'Permissions management',
};

/** The bundle's lazy import of half a megabyte that only policies about AWS need. */
const loadTable = (): typeof Generated => require('./iam-actions.generated.ts');

let lines: ReadonlyMap<string, string> | undefined;
let prefixes: readonly string[] | undefined;
const decoded = new Map<string, Service>();

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

function service(prefix: string): Service | undefined {
  let found = decoded.get(prefix);
  if (found === undefined) {
    const line = serviceLines().get(prefix);
    if (line === undefined) return undefined;
    found = decode(prefix, line);
    decoded.set(prefix, found);
  }
  return found;
}

function decode(prefix: string, line: string): Service {
  const [, types = '', groups = ''] = line.split('|');
  const arns = new Map<string, string>();
  for (const type of types === '' ? [] : types.split(';')) {
    const equals = type.indexOf('=');
    arns.set(type.slice(0, equals), longArn(prefix, type.slice(equals + 1)));
  }
  const typeNames = [...arns.keys()];
  const actions: [string, IamAction][] = [];
  for (const group of groups.split(';')) {
    const words = group.split(' ');
    const kind = words[0]!;
    const access = accessLevels[kind[0]!]!;
    const places = kind.slice(1);
    const resources = places === '' ? [] : places.split(',').map((place) => typeNames[Number.parseInt(place, 36)]!);
    let name = '';
    for (let at = 1; at < words.length; at++) {
      const word = words[at]!;
      name = name.slice(0, Number.parseInt(word[0]!, 36)) + word.slice(1);
      const whole = `${prefix}:${name}`;
      actions.push([whole.toLowerCase(), { name: whole, access, resources }]);
    }
  }
  actions.sort(([left], [right]) => (left < right ? -1 : 1));
  const sorted = actions.map(([, action]) => action);
  return { actions: sorted, names: sorted.map(({ name }) => name), byLowerName: new Map(actions), arns };
}

function longArn(prefix: string, short: string): string {
  const head = short.startsWith('arn:') ? undefined : loadTable().arnHeads[short[0]!];
  return head === undefined ? short : head.replace('@', prefix) + short.slice(1);
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
  const colon = lower.indexOf(':');
  return colon < 0 ? undefined : service(lower.slice(0, colon))?.byLowerName.get(lower);
}

/** The names of a service's actions, sorted without regard to case; none for an unknown service. */
export function actionsOf(prefix: string): readonly string[] {
  return service(prefix.toLowerCase())?.names ?? [];
}

/**
 * The names of all actions that an IAM action pattern matches: `*` is any text, `?` one character, case does not count.
 * Sorted by service, then by name without regard to case.
 */
export function actionsMatching(pattern: string): readonly string[] {
  const wanted = pattern.toLowerCase();
  const literal = literalLength(wanted);
  const colon = wanted.indexOf(':');
  const candidates =
    colon >= 0 && colon < literal
      ? [wanted.slice(0, colon)]
      : iamServices().filter((prefix) => `${prefix}:`.startsWith(wanted.slice(0, literal)));
  const found: string[] = [];
  for (const prefix of candidates) {
    for (const [lower, { name }] of service(prefix)?.byLowerName ?? []) {
      if (matches(wanted, lower)) found.push(name);
    }
  }
  return found;
}

function literalLength(pattern: string): number {
  let at = 0;
  while (at < pattern.length && pattern[at] !== '*' && pattern[at] !== '?') at++;
  return at;
}

/** Whether `pattern` with `*` and `?` matches the whole of `text`; a later `*` takes back what an earlier one took. */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let place = 0; place < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = place;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[place])) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** The prefix that a misspelt one probably stands for. */
export function nearestService(prefix: string): string | undefined {
  return nearest(prefix, iamServices());
}

/**
 * The action that a misspelt name probably stands for: one of the same service or, where no service has that prefix, of
 * the service with the nearest prefix.
 */
export function nearestAction(name: string): string | undefined {
  const colon = name.indexOf(':');
  if (colon < 0) return undefined;
  const written = name.slice(0, colon).toLowerCase();
  const prefix = isIamService(written) ? written : nearestService(written);
  if (prefix === undefined) return undefined;
  const known = `${prefix}:${name.slice(colon + 1)}`;
  return iamAction(known)?.name ?? nearest(known, actionsOf(prefix));
}

/**
 * The patterns that the ARNs of a resource type match, with `*` for each variable part, the partition too
 * (`arn:*:ec2:*:*:instance/*`); none for an unknown type.
 */
export function resourceArns(prefix: string, type: string): readonly string[] {
  const arn = service(prefix.toLowerCase())?.arns.get(type);
  return arn === undefined ? [] : [arn];
}
