import { matchesGlob } from '../expressions/glob.ts';
import { mirroredOperator, negatedOperator } from '../expressions/operators.ts';
import { and, type CompareOperator, not, or, type Predicate, type Value } from '../expressions/predicate.ts';
import { printPredicate } from '../expressions/print.ts';
import { decisionAt, type Policy, type Rule } from './policy.ts';

/** What a launch must keep to, joined over the rules that say it. */
export type EffectiveLimit = {
  /** The rules that make the limit what it is, in their order. */
  readonly sources: readonly Rule[];
  /** The rules that say the same of the same more loosely. */
  readonly looser: readonly Rule[];
} & LimitBody;

export type LimitBody =
  /**
   * One of the attributes is one of the values, in which `*` and `?` are wildcards, and of several attributes is enough. Sorted;
   * no value at all means that nothing may be launched.
   */
  | { readonly kind: 'one-of'; readonly attributes: readonly string[]; readonly values: readonly string[] }
  /** None of the attributes is one of the values. Sorted. */
  | { readonly kind: 'none-of'; readonly attributes: readonly string[]; readonly values: readonly string[] }
  /** The attribute is at most `bound`; under it where `strict`. */
  | { readonly kind: 'at-most'; readonly attribute: string; readonly bound: number | bigint; readonly strict: boolean }
  /** The attribute is at least `bound`; over it where `strict`. */
  | { readonly kind: 'at-least'; readonly attribute: string; readonly bound: number | bigint; readonly strict: boolean }
  /** The tag is there and not empty. */
  | { readonly kind: 'tagged'; readonly tag: string }
  /** The attribute has this value. */
  | { readonly kind: 'is'; readonly attribute: string; readonly value: Value }
  /** Anything else that must hold. */
  | { readonly kind: 'condition'; readonly holds: Predicate };

/**
 * The limits that the decision at `launch` puts on what is launched, in the order of the rules that first speak of each:
 * allow-lists are intersected and what is denied is taken from them, of ceilings the lowest holds. Together they hold
 * exactly where no rule denies.
 */
export function effectiveLimits(policy: Policy): readonly EffectiveLimit[] {
  const limits: EffectiveLimit[] = [];
  for (const rule of decisionAt(policy, 'launch')?.rules ?? []) {
    for (const body of limitsOf(rule)) add({ ...body, sources: [rule], looser: [] }, limits);
  }
  return withoutDenied(limits);
}

/** The limits that one rule by itself puts on launches, not joined with others; none where it allows. */
export function limitsOf({ effect, when }: Rule): readonly LimitBody[] {
  return effect.kind === 'allow' ? [] : required(when);
}

/** What must hold where `denied` does not. */
function required(denied: Predicate): readonly LimitBody[] {
  switch (denied.kind) {
    case 'not':
      if (denied.of.kind === 'compare')
        return required({ ...denied.of, operator: negatedOperator[denied.of.operator] });
      return [among(denied.of, 'one-of') ?? { kind: 'condition', holds: denied.of }];
    case 'or': {
      const list = among(denied, 'none-of');
      return list === undefined ? denied.of.flatMap(required) : [list];
    }
    case 'constant':
      return denied.value ? [{ kind: 'condition', holds: not(denied) }] : [];
    case 'compare':
      return [compared(denied) ?? { kind: 'condition', holds: negated(denied) }];
    case 'in-set':
    case 'glob':
      return [missingTag(denied) ?? among(denied, 'none-of') ?? { kind: 'condition', holds: not(denied) }];
    case 'and': {
      // Optimised, the denial of a list of several patterns or attributes is one of each of them.
      const holds = or(...denied.of.map(negated));
      return [among(holds, 'one-of') ?? { kind: 'condition', holds }];
    }
    case 'in-ranges':
    case 'beneath':
    case 'in-network':
      return [{ kind: 'condition', holds: not(denied) }];
    default: {
      const unreachable: never = denied;
      return unreachable;
    }
  }
}

/** The same as `!(predicate)`, without a sign where it can be said without. */
function negated(predicate: Predicate): Predicate {
  if (predicate.kind === 'not') return predicate.of;
  return predicate.kind === 'compare'
    ? { ...predicate, operator: negatedOperator[predicate.operator] }
    : not(predicate);
}

/** What a comparison of an attribute with a constant denies, as the limit that it leaves. */
function compared(denied: Extract<Predicate, { kind: 'compare' }>): LimitBody | undefined {
  const swapped = denied.left.kind === 'literal';
  const subject = swapped ? denied.right : denied.left;
  const constant = swapped ? denied.left : denied.right;
  if (subject.kind !== 'attribute' || constant.kind !== 'literal') return undefined;
  const operator = swapped ? mirroredOperator[denied.operator] : denied.operator;
  const { name } = subject;
  const { value } = constant;
  if (operator === '!=') return { kind: 'is', attribute: name, value };
  if (operator === '==') {
    if (value === '' && name.startsWith('tag:')) return { kind: 'tagged', tag: name.slice(4) };
    if (typeof value === 'boolean') return { kind: 'is', attribute: name, value: !value };
    return typeof value === 'string' ? { kind: 'none-of', attributes: [name], values: [value] } : undefined;
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const kind = operator === '>' || operator === '>=' ? 'at-most' : 'at-least';
  return { kind, attribute: name, bound: value, strict: operator === '>=' || operator === '<=' };
}

/** An empty tag, as a set of one value. */
function missingTag(denied: Predicate): LimitBody | undefined {
  if (denied.kind !== 'in-set' || denied.term.kind !== 'attribute' || denied.values.length !== 1) return undefined;
  const { name } = denied.term;
  return name.startsWith('tag:') && denied.values[0] === '' ? { kind: 'tagged', tag: name.slice(4) } : undefined;
}

/** Membership of each of some attributes in the same values; undefined where the predicate is anything else. */
function among(predicate: Predicate, kind: 'one-of' | 'none-of'): LimitBody | undefined {
  const values = new Map<string, Set<string>>();
  for (const test of predicate.kind === 'or' ? predicate.of : [predicate]) {
    if ((test.kind !== 'in-set' && test.kind !== 'glob') || test.term.kind !== 'attribute') return undefined;
    const { name } = test.term;
    const named = values.get(name) ?? new Set();
    values.set(name, named);
    for (const value of test.kind === 'in-set' ? test.values : [test.pattern]) named.add(value);
  }
  const [first, ...others] = [...values.values()].map((named) => [...named].sort());
  if (first === undefined || others.some((other) => !same(other, first))) return undefined;
  return { kind, attributes: [...values.keys()], values: first };
}

/** Joins a limit with one that speaks of the same, where the two can be said as one. */
function add(limit: EffectiveLimit, limits: EffectiveLimit[]): void {
  for (let at = 0; at < limits.length; at += 1) {
    const joined = join(limits[at]!, limit);
    if (joined === undefined) continue;
    limits[at] = joined;
    return;
  }
  limits.push(limit);
}

function join(one: EffectiveLimit, other: EffectiveLimit): EffectiveLimit | undefined {
  const both = {
    sources: unique([...one.sources, ...other.sources]),
    looser: unique([...one.looser, ...other.looser]),
  };
  if (one.kind === 'one-of' && other.kind === 'one-of' && same(one.attributes, other.attributes)) {
    const values = intersection(one.values, other.values, one.attributes.length === 1);
    return values === undefined ? undefined : { ...one, ...both, values };
  }
  if (one.kind === 'none-of' && other.kind === 'none-of' && same(one.attributes, other.attributes)) {
    return { ...one, ...both, values: [...new Set([...one.values, ...other.values])].sort() };
  }
  if ((one.kind === 'at-most' || one.kind === 'at-least') && one.kind === other.kind) {
    if (one.attribute !== other.attribute) return undefined;
    if (one.bound === other.bound && one.strict === other.strict) return { ...one, ...both };
    const tighter = one.kind === 'at-most' ? one.bound < other.bound : one.bound > other.bound;
    const [kept, looser] = tighter || (one.bound === other.bound && one.strict) ? [one, other] : [other, one];
    return { ...kept, looser: unique([...one.looser, ...other.looser, ...looser.sources]) };
  }
  if (one.kind === 'is' && other.kind === 'is') {
    return one.attribute === other.attribute && one.value === other.value ? { ...one, ...both } : undefined;
  }
  if (one.kind === 'condition' && other.kind === 'condition') {
    return printPredicate(one.holds) === printPredicate(other.holds) ? { ...one, ...both } : undefined;
  }
  if (one.kind === 'tagged' && other.kind === 'tagged' && one.tag === other.tag) return { ...one, ...both };
  return undefined;
}

/**
 * What two lists both hold; undefined where no list can say it: where patterns overlap, and where any of several attributes
 * may be on a list, since a different one may be on each, except where one list holds the whole of the other.
 */
function intersection(
  one: readonly string[],
  other: readonly string[],
  single: boolean,
): readonly string[] | undefined {
  if (one.every((value) => covered(value, other))) return one;
  if (other.every((value) => covered(value, one))) return other;
  if (!single) return undefined;
  const kept = new Set<string>();
  for (const [list, by] of [
    [one, other],
    [other, one],
  ] as const) {
    for (const value of list) {
      if (covered(value, by)) kept.add(value);
      else if (/[*?]/.test(value) && by.some((pattern) => /[*?]/.test(pattern))) return undefined;
    }
  }
  return [...kept].sort();
}

/** Whether a list admits whatever a value or pattern admits. */
export function covered(value: string, list: readonly string[]): boolean {
  if (list.includes(value)) return true;
  // A pattern's own wildcards are texts here, which only `*` may stand for: `?` is one character, and `*` is not.
  return list.some((pattern) => (/[*?]/.test(value) && pattern.includes('?') ? false : matchesGlob(value, pattern)));
}

/** Takes what is denied of an attribute from its allow-list, where it has one whose values are all known. */
function withoutDenied(limits: readonly EffectiveLimit[]): readonly EffectiveLimit[] {
  const taken = new Set<EffectiveLimit>();
  const narrowed = limits.map((limit) => {
    if (limit.kind !== 'one-of' || limit.attributes.length > 1 || limit.values.some((value) => /[*?]/.test(value))) {
      return limit;
    }
    let { values, sources, looser } = limit;
    for (const denied of limits) {
      if (denied.kind !== 'none-of' || !same(denied.attributes, limit.attributes)) continue;
      taken.add(denied);
      const rest = values.filter((value) => !covered(value, denied.values));
      if (rest.length < values.length) sources = unique([...sources, ...denied.sources]);
      else looser = unique([...looser, ...denied.sources]);
      values = rest;
    }
    return { ...limit, values, sources, looser };
  });
  return narrowed.filter((limit) => !taken.has(limit));
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

function unique(rules: readonly Rule[]): readonly Rule[] {
  return [...new Set(rules)];
}

/** What a limit says, as the predicate that must hold. */
export function limitHolds(limit: LimitBody): Predicate {
  switch (limit.kind) {
    case 'condition':
      return limit.holds;
    case 'one-of':
      return or(...memberships(limit.attributes, limit.values));
    case 'none-of':
      return and(...memberships(limit.attributes, limit.values).map(not));
    case 'at-most':
      return bounded(limit.attribute, limit.strict ? '<' : '<=', limit.bound);
    case 'at-least':
      return bounded(limit.attribute, limit.strict ? '>' : '>=', limit.bound);
    case 'tagged':
      return bounded(`tag:${limit.tag}`, '!=', '');
    case 'is':
      return bounded(limit.attribute, '==', limit.value);
    default: {
      const unreachable: never = limit;
      return unreachable;
    }
  }
}

function memberships(attributes: readonly string[], values: readonly string[]): readonly Predicate[] {
  const exact = values.filter((value) => !/[*?]/.test(value));
  const patterns = values.filter((value) => /[*?]/.test(value));
  return attributes.flatMap((name): Predicate[] => {
    const term = { kind: 'attribute', name } as const;
    return [
      { kind: 'in-set', term, values: exact },
      ...patterns.map((pattern): Predicate => ({ kind: 'glob', term, pattern })),
    ];
  });
}

function bounded(name: string, operator: CompareOperator, value: Value): Predicate {
  return { kind: 'compare', operator, left: { kind: 'attribute', name }, right: { kind: 'literal', value } };
}
