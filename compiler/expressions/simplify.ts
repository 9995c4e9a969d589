import { type Domain, intersection, isEmpty, isFull, union, unionOfAll } from './domain.ts';
import { contradict, implies, type Literal, literalOf, negated, predicateOf, withDomain } from './literal.ts';
import { always, never, type Predicate } from './predicate.ts';
import { printPredicate } from './print.ts';

/** A simplified condition: a truth value, a literal, or a junction of at least two that are neither truth values nor of its own kind. */
export type Condition = boolean | Literal | Junction;

export interface Junction {
  readonly kind: 'and' | 'or';
  readonly of: readonly (Literal | Junction)[];
}

/**
 * An equal predicate in canonical form: no double negation, constants folded, conditions on one term joined into one set
 * or range list, contradictions `false`, tautologies `true`, what another operand implies left out.
 *
 * Where all attributes are known it has the same value; where some are unknown it is known wherever the original was.
 */
export function simplify(predicate: Predicate): Predicate {
  // Most rules say no more than this.
  if (predicate.kind === 'in-set' && predicate.term.kind === 'attribute' && predicate.values.length > 0)
    return predicate;
  return predicateFor(conditionOf(predicate));
}

export function conditionOf(predicate: Predicate, negate = false): Condition {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value !== negate;
    case 'not':
      return conditionOf(predicate.of, !negate);
    case 'and':
    case 'or': {
      const kind = (predicate.kind === 'and') === negate ? 'or' : 'and';
      return junction(
        kind,
        predicate.of.map((operand) => conditionOf(operand, negate)),
      );
    }
    default: {
      const literal = literalOf(predicate);
      if (typeof literal === 'boolean') return literal !== negate;
      return settled(negate ? negated(literal) : literal);
    }
  }
}

export function predicateFor(condition: Condition): Predicate {
  if (typeof condition === 'boolean') return condition ? always : never;
  if (isLiteral(condition)) return predicateOf(condition);
  return { kind: condition.kind, of: condition.of.map(predicateFor) };
}

export function isLiteral(condition: Literal | Junction): condition is Literal {
  return 'domain' in condition;
}

/** `and` or `or` of conditions that are simplified already. */
export function junction(kind: 'and' | 'or', operands: readonly Condition[]): Condition {
  const decisive = kind === 'or';
  const byKey = new Map<string, Literal[]>();
  const compounds: Junction[] = [];
  const pending = [...operands];
  for (let at = 0; at < pending.length; at += 1) {
    const operand = pending[at]!;
    if (operand === decisive) return decisive;
    if (typeof operand === 'boolean') continue;
    if (isLiteral(operand)) {
      const same = byKey.get(operand.key);
      if (same === undefined) byKey.set(operand.key, [operand]);
      else same.push(operand);
    } else if (operand.kind === kind) pending.push(...operand.of);
    else compounds.push(operand);
  }
  const literals: Literal[] = [];
  for (const same of byKey.values()) {
    const joined = settled(withDomain(same[0]!, combine(kind, same)));
    if (joined === decisive) return decisive;
    if (typeof joined !== 'boolean') literals.push(joined as Literal);
  }
  if (literals.length > 1 && excludes(kind, literals)) return decisive;
  const kept = literals.length > 1 ? withoutImplied(kind, literals) : literals;
  kept.sort(byRank);
  const rest = compounds.length === 0 ? [] : withoutAbsorbed(kind, kept, compounds);
  const merged = kind === 'or' && rest.length > 1 ? mergeCubes(rest) : rest;
  // Merging may have made a literal, which belongs among the others.
  if (merged.some((operand) => typeof operand === 'boolean' || isLiteral(operand)))
    return junction(kind, [...kept, ...merged]);
  const of = [...kept, ...(merged as readonly Junction[])];
  if (of.length === 0) return !decisive;
  return of.length === 1 ? of[0]! : { kind, of };
}

function settled(literal: Literal): Condition {
  if (isEmpty(literal.domain)) return false;
  return isFull(literal.domain) ? true : literal;
}

function combine(kind: 'and' | 'or', literals: readonly Literal[]): Domain {
  if (literals.length === 1) return literals[0]!.domain;
  const domains = literals.map(({ domain }) => domain);
  return kind === 'or' ? unionOfAll(domains) : domains.reduce(intersection);
}

/** Whether two of the literals make the junction's value certain: `and` of what contradicts, `or` of what cannot both fail. */
function excludes(kind: 'and' | 'or', literals: readonly Literal[]): boolean {
  for (let at = 1; at < literals.length; at += 1) {
    for (let before = 0; before < at; before += 1) {
      const left = literals[before]!;
      const right = literals[at]!;
      if (left.attribute !== right.attribute) continue;
      if (kind === 'and' ? contradict(left, right) : contradict(negated(left), negated(right))) return true;
    }
  }
  return false;
}

/** Without the literals that another makes redundant; of two that are equal in meaning the earlier stays. */
function withoutImplied(kind: 'and' | 'or', literals: readonly Literal[]): Literal[] {
  const redundant = new Set<Literal>();
  for (const literal of literals) {
    for (const other of literals) {
      if (other === literal || redundant.has(other) || other.attribute !== literal.attribute) continue;
      if (kind === 'and' ? implies(other, literal) : implies(literal, other)) {
        redundant.add(literal);
        break;
      }
    }
  }
  return literals.filter((literal) => !redundant.has(literal));
}

/** Without compounds that occur twice and those that a literal absorbs: `a || (a && b)` is `a`. */
function withoutAbsorbed(
  kind: 'and' | 'or',
  literals: readonly Literal[],
  compounds: readonly Junction[],
): readonly Junction[] {
  const seen = new Set<string>();
  return compounds.filter((compound) => {
    const absorbed = compound.of.some(
      (inner) =>
        isLiteral(inner) && literals.some((outer) => (kind === 'or' ? implies(inner, outer) : implies(outer, inner))),
    );
    if (absorbed) return false;
    if (compounds.length === 1) return true;
    const text = printPredicate(predicateFor(compound));
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** Joins conjunctions that differ in one literal: `a in A && c || a in B && c` is `a in A ∪ B && c`. */
function mergeCubes(compounds: readonly Junction[]): readonly Condition[] {
  let current: readonly Condition[] = compounds;
  for (let changed = true; changed; ) {
    changed = false;
    const merged: (Condition | undefined)[] = [...current];
    const first = new Map<string, number>();
    for (let at = 0; at < merged.length; at += 1) {
      const cube = merged[at]!;
      if (typeof cube === 'boolean' || isLiteral(cube)) continue;
      if (!cube.of.every(isLiteral)) continue;
      const literals = cube.of as readonly Literal[];
      const texts = literals.map((literal) => printPredicate(predicateOf(literal)));
      for (let which = 0; which < literals.length; which += 1) {
        const signature = `${literals[which]!.key}\n${texts.filter((_, index) => index !== which).join('\n')}`;
        const other = first.get(signature);
        if (other === undefined || other === at) {
          first.set(signature, at);
          continue;
        }
        const twin = merged[other];
        if (twin === undefined || typeof twin === 'boolean' || isLiteral(twin)) continue;
        const key = literals[which]!.key;
        const own = (twin.of as readonly Literal[]).find((literal) => literal.key === key);
        if (own === undefined) continue;
        const joined = withDomain(own, union(own.domain, literals[which]!.domain));
        merged[other] = junction(
          'and',
          (twin.of as readonly Literal[]).map((literal) => (literal === own ? settled(joined) : literal)),
        );
        merged[at] = undefined;
        changed = true;
        break;
      }
    }
    current = merged.filter((condition) => condition !== undefined);
  }
  return current;
}

const RANK: Readonly<Record<Domain['kind'], number>> = { strings: 0, integers: 1, truth: 2 };

/** Names before numbers before the rest, as a rule is read: which call, then which arguments. */
export function byRank(left: Literal, right: Literal): number {
  const rank = RANK[left.domain.kind] - RANK[right.domain.kind];
  if (rank !== 0) return rank;
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}
