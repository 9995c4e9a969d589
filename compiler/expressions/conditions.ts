import type { Predicate, Term } from './predicate.ts';

/** A predicate that is no junction and no constant: it asks something of a call. */
export type Condition = Exclude<Predicate, { readonly kind: 'and' | 'or' | 'not' | 'constant' }>;

/** Calls `visit` with every condition in a predicate, in their order. */
export function visitConditions(predicate: Predicate, visit: (condition: Condition) => void): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const each of predicate.of) visitConditions(each, visit);
      return;
    case 'not':
      visitConditions(predicate.of, visit);
      return;
    case 'constant':
      return;
    default:
      visit(predicate);
  }
}

export function termsOf(condition: Condition): readonly Term[] {
  return condition.kind === 'compare' ? [condition.left, condition.right] : [condition.term];
}

/** The attribute that a term reads; undefined for what reads none. */
export function attributeOf(term: Term): string | undefined {
  switch (term.kind) {
    case 'attribute':
      return term.name;
    case 'mask':
      return attributeOf(term.term);
    default:
      return undefined;
  }
}

/** The predicate with other terms in the places of its own. */
export function withTerms(predicate: Predicate, replace: (term: Term) => Term): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { kind: predicate.kind, of: predicate.of.map((each) => withTerms(each, replace)) };
    case 'not':
      return { kind: 'not', of: withTerms(predicate.of, replace) };
    case 'compare':
      return { ...predicate, left: replace(predicate.left), right: replace(predicate.right) };
    case 'constant':
      return predicate;
    default:
      return { ...predicate, term: replace(predicate.term) };
  }
}
