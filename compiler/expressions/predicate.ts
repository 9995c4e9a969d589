/**
 * The typed predicate language that every dialect lowers into, over the attributes of a decision point.
 *
 * Integers are unsigned and at most 64 bits wide; they are bigint so that no comparison loses the high word. A term
 * whose attribute is absent is *unknown*, and predicates over it are decided in Kleene's three-valued logic
 * (evaluate.ts).
 */
export type Value = bigint | string | boolean | number;

export type Term =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'attribute'; readonly name: string }
  /** `term & mask`, on integers. */
  | { readonly kind: 'mask'; readonly term: Term; readonly mask: bigint }
  /** A value that is known only when the artifact is used, such as the launcher's exec cookie. */
  | { readonly kind: 'parameter'; readonly name: string };

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** An inclusive range of unsigned integers. */
export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

export type Predicate =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and'; readonly of: readonly Predicate[] }
  | { readonly kind: 'or'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  | { readonly kind: 'compare'; readonly operator: CompareOperator; readonly left: Term; readonly right: Term }
  /** Membership in a set of strings, sorted and without duplicates. */
  | { readonly kind: 'in-set'; readonly term: Term; readonly values: readonly string[] }
  /** Membership in sorted, disjoint, non-adjacent ranges of integers. */
  | { readonly kind: 'in-ranges'; readonly term: Term; readonly ranges: readonly Range[] }
  /**
   * The path, or one of its ancestors, matches `pattern` component by component; `*` and `?` stand for characters
   * within one component. The pattern is absolute and normalised.
   */
  | { readonly kind: 'beneath'; readonly term: Term; readonly pattern: string }
  /** The whole string matches `pattern`, in which `*` stands for any characters and `?` for one. */
  | { readonly kind: 'glob'; readonly term: Term; readonly pattern: string }
  /** The address lies in the CIDR block (`127.0.0.0/8`, `::1/128`). */
  | { readonly kind: 'in-network'; readonly term: Term; readonly network: string };

export const always: Predicate = { kind: 'constant', value: true };
export const never: Predicate = { kind: 'constant', value: false };

export function attribute(name: string): Term {
  return { kind: 'attribute', name };
}

export function literal(value: Value): Term {
  return { kind: 'literal', value };
}

export function and(...of: readonly Predicate[]): Predicate {
  return of.length === 1 ? of[0]! : { kind: 'and', of };
}

export function or(...of: readonly Predicate[]): Predicate {
  return of.length === 1 ? of[0]! : { kind: 'or', of };
}

export function not(of: Predicate): Predicate {
  return { kind: 'not', of };
}

export function compare(left: Term, operator: CompareOperator, right: Term): Predicate {
  return { kind: 'compare', operator, left, right };
}

/** Membership in a set of strings; sorts and removes duplicates. */
export function inSet(term: Term, values: Iterable<string>): Predicate {
  const sorted = [...values].sort();
  return { kind: 'in-set', term, values: sorted.filter((value, at) => at === 0 || value !== sorted[at - 1]) };
}
