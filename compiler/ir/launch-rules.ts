import { hasWildcard } from '../expressions/glob.ts';
import { attribute, compare, inSet, literal, not, or, type Predicate, type Value } from '../expressions/predicate.ts';

/** The shapes in which limits of launches are denied, so that whatever reads them back meets each in one form. */

/**
 * Denies where the attribute, of several the first and the others, is none of `values`, in which `*` and `?` are
 * wildcards.
 */
export function unlessAmong(attributes: readonly [string, ...string[]], values: readonly string[]): Predicate {
  return not(among(attributes, values));
}

/** Denies where one of the attributes is one of `values`. */
export function whereAmong(attributes: readonly [string, ...string[]], values: readonly string[]): Predicate {
  return among(attributes, values);
}

/** Denies where the attribute is over `bound`, which has the attribute's type. */
export function whereOver(name: string, bound: number | bigint): Predicate {
  return compare(attribute(name), '>', literal(bound));
}

/** Denies where the attribute is anything else. */
export function unlessIs(name: string, value: Value): Predicate {
  return compare(attribute(name), '!=', literal(value));
}

/** Denies where the tag is missing: its value is unknown then. An empty value is missing too. */
export function unlessTagged(tag: string): Predicate {
  return compare(attribute(`tag:${tag}`), '==', literal(''));
}

/** What a launch's `template` or the name that was launched are among: allow-lists and deny-lists of templates hold for both. */
export const launchNames = ['template', 'launched'] as const;

function among(attributes: readonly [string, ...string[]], values: readonly string[]): Predicate {
  const exact = values.filter((value) => !hasWildcard(value));
  const patterns = [...new Set(values.filter(hasWildcard))].sort();
  return or(
    ...attributes.flatMap((name): Predicate[] => [
      ...(exact.length > 0 || patterns.length === 0 ? [inSet(attribute(name), exact)] : []),
      ...patterns.map((pattern): Predicate => ({ kind: 'glob', term: attribute(name), pattern })),
    ]),
  );
}
