import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision } from '../../ir/policy.ts';
import { attributesIn } from './attributes.ts';
import { allOf, anyOf, type Cel, celWhere, type Sources } from './condition.ts';
import { exclude } from './exclusion.ts';

/**
 * Where the decision is known to allow, as `decide` has it, in CEL.
 *
 * @param assumed attributes that the component does not see; the condition is then one that every allowed request meets
 * @returns undefined where CEL has no such condition
 */
export function celWhereAllowed(decision: Decision, sources: Sources, assumed?: ReadonlySet<string>): Cel | undefined {
  const { rules, combine, otherwise } = decision;
  const isAllowed = otherwise.effect.kind !== 'deny';
  const where = (predicate: Predicate, wanted: boolean) => celWhere(predicate, wanted, sources, assumed);
  switch (combine) {
    case 'first-match':
      return firstMatch(decision, where, assumed);
    case 'union-of-allows': {
      const holds = every(rules.map(({ when }) => where(when, true)));
      if (holds === undefined) return undefined;
      if (!isAllowed) return anyOf(holds);
      const fails = every(rules.map(({ when }) => where(when, false)));
      return fails === undefined ? undefined : anyOf([...holds, allOf(fails)]);
    }
    case 'deny-overrides': {
      const denies = rules.filter(({ effect }) => effect.kind === 'deny');
      const allows = rules.filter(({ effect }) => effect.kind !== 'deny');
      const refused = every(denies.map(({ when }) => where(when, false)));
      const holds = every(allows.map(({ when }) => where(when, true)));
      const fails = every(allows.map(({ when }) => where(when, false)));
      if (refused === undefined || holds === undefined || fails === undefined) return undefined;
      // Whatever is unknown could be a denial: each rule must be known.
      const known = holds.map((each, index) => anyOf([each, fails[index]!]));
      return allOf([...refused, ...known, ...(isAllowed ? [] : [anyOf(holds)])]);
    }
    default: {
      const unreachable: never = combine;
      return unreachable;
    }
  }
}

/** One way for a request to be allowed. */
interface Alternative {
  readonly condition: Cel;
  /** What is known of every request that is allowed in this way. */
  readonly known: ReadonlySet<string>;
  /** The condition of the rule that allows; absent where there are several. */
  readonly when?: Predicate;
}

/**
 * From the last rule to the first, `T1 || (F1 && rest)` for one that allows and `F1 && rest` for one that refuses. For
 * an alternative of the rest in which the rule is known not to hold, `F1` says nothing; nor does it beside `T1` where
 * the rule's attributes are all known. So a list of rules for one tier each needs no nesting.
 */
function firstMatch(
  { rules, otherwise }: Decision,
  where: (predicate: Predicate, wanted: boolean) => Cel | undefined,
  assumed: ReadonlySet<string> = new Set(),
): Cel | undefined {
  let rest: Alternative[] = otherwise.effect.kind === 'deny' ? [] : [{ condition: true, known: new Set() }];
  for (const { when, effect } of [...rules].reverse()) {
    const asked = [...attributesIn(when)];
    const isFree = (alternative: Alternative) =>
      (alternative.when !== undefined && exclude(when, alternative.when)) ||
      (effect.kind !== 'deny' && asked.every((name) => alternative.known.has(name) || assumed.has(name)));
    const free = rest.filter(isFree);
    const bound = rest.filter((alternative) => !isFree(alternative));
    if (bound.length > 0) {
      const fails = where(when, false);
      if (fails === undefined) return undefined;
      const condition = allOf([fails, anyOf(bound.map((each) => each.condition))]);
      const known = bound.map((each) => each.known).reduce((one, other) => intersection(one, other) ?? one);
      free.push({ condition, known });
    }
    rest = free;
    if (effect.kind === 'deny') continue;
    const holds = where(when, true);
    const known = knownWhere(when, true);
    if (holds === undefined) return undefined;
    if (known !== undefined) rest.unshift({ condition: holds, known, when });
  }
  return anyOf(rest.map(({ condition }) => condition));
}

/** The attributes that are known of every request that comes past an AuthPolicy with `celWhereAllowed`. */
export function assuredWhereAllowed({ rules, combine, otherwise }: Decision): ReadonlySet<string> {
  if (combine === 'deny-overrides') return new Set();
  // Undefined where nothing is allowed so far: whatever is said of it holds.
  let known: ReadonlySet<string> | undefined = otherwise.effect.kind === 'deny' ? undefined : new Set();
  for (const { when, effect } of [...rules].reverse()) {
    if (effect.kind !== 'deny') known = intersection(knownWhere(when, true), known);
    else if (known !== undefined) known = new Set([...known, ...(knownWhere(when, false) ?? [])]);
  }
  return known ?? new Set();
}

/** The attributes that are known wherever the predicate is known to be `wanted`; undefined where it never is. */
function knownWhere(predicate: Predicate, wanted: boolean): ReadonlySet<string> | undefined {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value === wanted ? new Set() : undefined;
    case 'not':
      return knownWhere(predicate.of, !wanted);
    case 'and':
    case 'or': {
      const all = predicate.of.map((operand) => knownWhere(operand, wanted));
      if ((predicate.kind === 'and') !== wanted) return all.reduce(intersection, undefined);
      if (all.includes(undefined)) return undefined;
      return new Set(all.flatMap((each) => [...(each ?? [])]));
    }
    default:
      return attributesIn(predicate);
  }
}

/** Of sets of which undefined has everything. */
function intersection(
  one: ReadonlySet<string> | undefined,
  other: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return new Set([...one].filter((name) => other.has(name)));
}

function every(conditions: readonly (Cel | undefined)[]): readonly Cel[] | undefined {
  const known = conditions.filter((each) => each !== undefined);
  return known.length === conditions.length ? known : undefined;
}
