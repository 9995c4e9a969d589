import { evaluate } from '../../expressions/evaluate.ts';
import {
  always,
  and,
  attribute,
  compare,
  inSet,
  literal,
  never,
  not,
  or,
  type Predicate,
} from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Transition } from '../../ir/obligation.ts';
import {
  type Decision,
  decisionAt,
  type Effect,
  type Enforceable,
  type Otherwise,
  type Policy,
  type Rule,
} from '../../ir/policy.ts';
import { isViolation, strictness } from '../../ir/strictness.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { errnoValue } from '../../tables/errno.ts';
import { syscallNumbers } from '../../tables/syscalls.ts';
import { hashNamesOf } from './hash-names.ts';
import { mentionedNames } from './mentioned-names.ts';

/** A transition of the policy that moves a running program: to a level stricter than the one of the start. */
export type LiveTransition = Enforceable & Transition;

export function liveTransitions({ obligations, adaptive }: Policy): readonly LiveTransition[] {
  const reached = adaptive?.levels.map(({ level }) => level) ?? [];
  return obligations.flatMap((each) => (each.kind === 'transition' && reached.includes(each.to) ? [each] : []));
}

/** The decision at `syscall` of the level of the start, and of each stricter one, ascending; where there is none, all is allowed. */
export function levelDecisions(policy: Policy): { readonly start: Decision; readonly stricter: readonly Decision[] } {
  const start = decisionAt(policy, 'syscall') ?? everything(policy);
  const levels = policy.adaptive?.levels ?? [];
  return { start, stricter: levels.map((level) => decisionAt({ name: '', ...level }, 'syscall') ?? start) };
}

function everything(policy: Policy): Decision {
  const { topic, origin } = liveTransitions(policy)[0]!;
  const otherwise: Otherwise = { id: 'adaptive/otherwise', topic, origin, effect: { kind: 'allow' } };
  return { point: 'syscall', combine: 'first-match', rules: [], otherwise };
}

/** Events that a call is which clone3 can make too, with its flags behind a pointer. */
const hiddenByClone3: readonly string[] = ['process_spawn', 'privilege_change'];

export function hidesClone3(policy: Policy): boolean {
  return liveTransitions(policy).some(({ event }) => hiddenByClone3.includes(event));
}

/**
 * The decision of the one filter that a supervised program has for its whole life: that of the start, except that a
 * supervisor is asked about what the start lets through and a stricter level refuses, and about what is an event. So what
 * the filter lets through by itself is right in every level.
 *
 * clone3 gets ENOSYS where its flags would hide an event, as container runtimes answer it: a C library then uses clone.
 */
export function supervisedDecision(policy: Policy, architectures: readonly Architecture[]): Decision {
  const { start, stricter } = levelDecisions(policy);
  const live = liveTransitions(policy);
  const events = or(...live.flatMap(({ when }) => when ?? []));
  const violations = live.some(({ event }) => event === 'policy_violation');
  const refused = refusedLater(start, stricter, architectures);
  const asked = or(refused.when, events);
  const names = new Set([...refused.names, ...mentionedNames(events)]);
  const clone3 = inSet(attribute('syscall'), ['clone3']);
  const hidden = hidesClone3(policy);
  if (hidden) names.add('clone3');
  const before = (node: Rule | Otherwise, when: Predicate): readonly Rule[] => {
    if (!mayLetThrough(node.effect)) return [];
    if (when.kind === 'in-set' && !refused.unnamed && !when.values.some((name) => names.has(name))) return [];
    const { topic, origin } = node;
    const enosys: Effect = { kind: 'errno', errno: errnoValue('ENOSYS')! };
    return [
      ...(hidden ? [{ id: `${node.id}/clone3`, topic, origin, when: and(when, clone3), effect: enosys }] : []),
      { id: `${node.id}/asks`, topic, origin, when: and(when, asked), effect: { kind: 'notify' } },
    ];
  };
  const effectOf = (effect: Effect): Effect => (violations && isViolation(effect) ? { kind: 'notify' } : effect);
  return {
    ...start,
    rules: [
      ...start.rules.flatMap((rule) => [...before(rule, rule.when), { ...rule, effect: effectOf(rule.effect) }]),
      ...before(start.otherwise, always),
    ],
    otherwise: { ...start.otherwise, effect: effectOf(start.otherwise.effect) },
  };
}

function letsThrough(effect: Effect): boolean {
  return strictness(effect) < 2;
}

/** A tracer may let through what it is asked about. */
function mayLetThrough(effect: Effect): boolean {
  return letsThrough(effect) || effect.kind === 'trace';
}

interface Refused {
  readonly when: Predicate;
  readonly names: ReadonlySet<string>;
  /** Whether calls without a name are among them. */
  readonly unnamed: boolean;
}

/** What some later decision refuses of what `start` does not always refuse. */
function refusedLater(start: Decision, later: readonly Decision[], architectures: readonly Architecture[]): Refused {
  const when: Predicate[] = [];
  const names = new Set<string>();
  let unnamed = false;
  const arch = attribute('arch');
  const syscall = attribute('syscall');
  const hashed = [...hashNamesOf([start, ...later].flatMap(({ rules }) => rules))].map((name) => ({ name }));
  const find = (known: Known) => orAll(isRefused(start, known) ? [] : later.map((each) => refusal(each, known)));
  for (const architecture of architectures) {
    const own: Predicate[] = [];
    const whole: string[] = [];
    const numbers = syscallNumbers(architecture);
    // Whether a call that is asked for by its number is newer than the table is not known here, and matters to few rules.
    const all = [...[...numbers.keys()].map((name) => ({ name, newer: false })), ...hashed];
    for (const { name, ...known } of all) {
      const found = find({ arch: architecture, syscall: name, ...known });
      if (found === never) continue;
      names.add(name);
      if (found === always) whole.push(name);
      else own.push(and(inSet(syscall, [name]), found));
    }
    if (whole.length > 0) own.push(inSet(syscall, whole));
    const newer = compare(attribute('newer'), '==', literal(true));
    const none = not(inSet(syscall, [...numbers.keys(), ...hashed.map(({ name }) => name)]));
    for (const [isNewer, number] of [
      [true, hashed.length === 0 ? newer : and(newer, none)],
      [false, and(none, not(newer))],
    ] as const) {
      const found = find({ arch: architecture, syscall: '#', newer: isNewer });
      if (found === never) continue;
      unnamed = true;
      own.push(and(number, found));
    }
    if (own.length > 0) when.push(and(inSet(arch, [architecture]), or(...own)));
  }
  const elsewhere = find({ arch: 'other' });
  if (elsewhere !== never) {
    unnamed = true;
    when.push(and(not(inSet(arch, architectures)), elsewhere));
  }
  return { when: orAll(when), names, unnamed };
}

type Known = Readonly<Record<string, string | boolean>>;

function isRefused(decision: Decision, known: Known): boolean {
  const verdict = decide(decision, { attribute: (name) => known[name], parameter: () => undefined });
  return verdict !== undefined && !mayLetThrough(verdict.effect);
}

/** The condition on the arguments under which a first-match decision does not let a call through: `always` or `never` where they do not matter. */
function refusal({ rules, otherwise }: Decision, known: Known): Predicate {
  const environment = { attribute: (name: string) => known[name], parameter: () => undefined };
  let condition = letsThrough(otherwise.effect) ? never : always;
  for (const { when, effect } of rules.toReversed()) {
    const holds = evaluate(when, environment);
    if (holds === false) continue;
    const refuses = !letsThrough(effect);
    if (holds === true) condition = refuses ? always : never;
    else if (refuses) condition = condition === always ? always : orAll([when, condition]);
    else if (condition !== never) condition = condition === always ? not(when) : and(not(when), condition);
  }
  return condition;
}

function orAll(predicates: readonly Predicate[]): Predicate {
  if (predicates.includes(always)) return always;
  const some = predicates.filter((each) => each !== never);
  return some.length === 0 ? never : or(...some);
}
