import { type Environment, evaluate } from '../expressions/evaluate.ts';
import type { Predicate, Term, Value } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import { decisionAt, type Effect, type Enforceable, type Policy, type Rule } from '../ir/policy.ts';
import type { Architecture } from '../tables/architectures.ts';
import { constantValue } from '../tables/constants.ts';
import { landlockRight } from '../tables/landlock.ts';
import type { Observations, PathUse, Seen, SocketUse } from './observations.ts';
import { joined } from './policy-lines.ts';

/** How a policy meets what was seen. */
export interface Comparison {
  /** System calls that only the default refuses. */
  readonly calls: ReadonlyMap<string, Seen>;
  /** Paths with the rights that no rule grants. */
  readonly paths: ReadonlyMap<string, PathUse>;
  /** Uses of sockets that the policy refuses. */
  readonly sockets: readonly RefusedSocket[];
  /** System calls that a rule refuses by name: to allow them further down would change nothing. */
  readonly refused: readonly RefusedCall[];
  /** System calls that the policy allows by their arguments, which a trace does not tell in numbers. */
  readonly conditional: ReadonlyMap<string, Seen>;
  /** What the author allows, and this run did not use. */
  readonly unused: readonly Unused[];
}

export interface RefusedCall {
  readonly shown: string;
  readonly by: Enforceable;
  readonly seen: Seen;
}

export interface RefusedSocket {
  readonly use: SocketUse;
  readonly by: Enforceable;
}

export interface Unused {
  readonly rule: Rule;
  /** The rule in a word or two: the system calls, the path. */
  readonly what: string;
  /** Of a rule that was used in part: the rights that were not. */
  readonly rights?: readonly string[];
}

const passing: ReadonlySet<Effect['kind']> = new Set(['allow', 'log', 'notify', 'trace']);

/**
 * Holds what was seen against a policy as it was lowered.
 *
 * @param policy not optimised, so that each line of the author is a rule
 * @param isDirectory of a path on the machine that was traced: a file has fewer rights
 */
export function comparePolicy(
  policy: Policy,
  seen: Observations,
  { architecture, isDirectory }: { readonly architecture: Architecture; isDirectory(path: string): boolean },
): Comparison {
  const used = new Map<string, Set<string>>();
  const refused: RefusedCall[] = [];
  const use = ({ id }: Enforceable, what: string) => {
    const known = used.get(id);
    if (known === undefined) used.set(id, new Set([what]));
    else known.add(what);
  };

  const calls = new Map<string, Seen>();
  const conditional = new Map<string, Seen>();
  const onCalls = decisionAt(policy, 'syscall');
  const takeCall = (name: string, one: Seen, shown: string, arg0?: bigint) => {
    if (onCalls === undefined) return;
    const environment = environmentOf({
      arch: architecture,
      syscall: name,
      newer: false,
      ...(arg0 === undefined ? {} : { arg0 }),
    });
    const verdict = decide(onCalls, environment);
    if (verdict === undefined) conditional.set(shown, one);
    else if (passing.has(verdict.effect.kind)) use(verdict.by, name);
    else if (verdict.by.topic === 'security.seccomp.default') calls.set(name, joined([...known(calls, name), one]));
    else refused.push({ shown, by: verdict.by, seen: one });
  };
  for (const [name, one] of seen.calls) if (name !== 'socket') takeCall(name, one, name);
  for (const [family, one] of seen.families)
    takeCall('socket', one, `socket(${family})`, constantValue(family, architecture));

  const paths = new Map<string, PathUse>();
  const onPaths = decisionAt(policy, 'path');
  for (const [path, { directory, rights }] of seen.paths) {
    if (onPaths === undefined) break;
    const missing = new Map<string, Seen>();
    for (const [right, one] of rights) {
      const environment = environmentOf({ path, right });
      const holding = onPaths.rules.filter(({ when }) => evaluate(when, environment) === true);
      // Whoever denies a path by name does not want to be told to allow it.
      if (holding.some(({ effect }) => effect.kind === 'deny')) continue;
      const allowing = holding.filter(({ effect }) => effect.kind === 'allow');
      for (const rule of allowing) use(rule, right);
      if (allowing.length === 0) missing.set(right, one);
    }
    if (missing.size > 0) paths.set(path, { directory, rights: missing });
  }

  const sockets: RefusedSocket[] = [];
  const onSockets = decisionAt(policy, 'socket');
  for (const one of seen.sockets) {
    if (onSockets === undefined) break;
    const environment = environmentOf({
      operation: one.operation,
      protocol: one.transport,
      address: one.address,
      port: BigInt(one.port),
      outside: true,
    });
    const verdict = decide(onSockets, environment);
    if (verdict?.effect.kind === 'allow') use(verdict.by, one.operation);
    else sockets.push({ use: one, by: verdict?.by ?? onSockets.otherwise });
  }
  return { calls, paths, sockets, refused, conditional, unused: unusedRules(policy, used, isDirectory) };
}

function known(calls: ReadonlyMap<string, Seen>, name: string): readonly Seen[] {
  const seen = calls.get(name);
  return seen === undefined ? [] : [seen];
}

function environmentOf(values: Readonly<Record<string, Value>>): Environment {
  return { attribute: (name) => values[name], parameter: () => undefined };
}

/** What the author of this file allows and nothing used. What a base or a preset brought is not his line. */
function unusedRules(
  policy: Policy,
  used: ReadonlyMap<string, ReadonlySet<string>>,
  isDirectory: (path: string) => boolean,
): readonly Unused[] {
  const unused: Unused[] = [];
  for (const point of ['syscall', 'path', 'socket'] as const) {
    for (const rule of decisionAt(policy, point)?.rules ?? []) {
      if (rule.effect.kind !== 'allow' || rule.origin.by !== undefined || rule.topic === 'network.mode') continue;
      const seen = used.get(rule.id);
      const what = shownRule(rule.when);
      if (seen === undefined) unused.push({ rule, what });
      else if (point === 'path') {
        const rights = valuesOf(rule.when, 'right').filter((right) => !seen.has(right));
        const possible = isDirectory(what) ? rights : rights.filter((right) => landlockRight(right)?.onFiles === true);
        if (possible.length > 0) unused.push({ rule, what, rights: possible });
      }
    }
  }
  return unused;
}

function shownRule(when: Predicate): string {
  const [pattern] = patternsOf(when);
  if (pattern !== undefined) return pattern;
  const calls = valuesOf(when, 'syscall');
  const [first = 'all', ...others] = calls.length > 0 ? calls : valuesOf(when, 'protocol');
  return others.length > 3 ? `${first} and ${others.length} more` : [first, ...others].join(', ');
}

function patternsOf(when: Predicate): readonly string[] {
  if (when.kind === 'and' || when.kind === 'or') return when.of.flatMap(patternsOf);
  return when.kind === 'beneath' ? [when.pattern] : [];
}

/** The texts that the condition wants an attribute to be. */
function valuesOf(when: Predicate, name: string): readonly string[] {
  if (when.kind === 'and' || when.kind === 'or') return when.of.flatMap((part) => valuesOf(part, name));
  if (when.kind === 'in-set') return isAttribute(when.term, name) ? when.values : [];
  if (when.kind !== 'compare' || when.operator !== '==' || !isAttribute(when.left, name)) return [];
  return when.right.kind === 'literal' && typeof when.right.value === 'string' ? [when.right.value] : [];
}

function isAttribute(term: Term, name: string): boolean {
  return term.kind === 'attribute' && term.name === name;
}
