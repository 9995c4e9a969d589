import { type Environment, evaluate } from '../../../expressions/evaluate.ts';
import { always, never, type Predicate, type Term, type Value } from '../../../expressions/predicate.ts';

/** What a predicate says where these attributes have these values; of others it says the same as before. */
export function specialise(predicate: Predicate, known: Readonly<Record<string, Value>>): Predicate {
  const environment: Environment = {
    attribute: (name) => (Object.hasOwn(known, name) ? known[name] : undefined),
    parameter: () => undefined,
  };
  const settle = (each: Predicate): Predicate => {
    switch (each.kind) {
      case 'not': {
        const of = settle(each.of);
        return of.kind === 'constant' ? (of.value ? never : always) : { kind: 'not', of };
      }
      case 'and':
      case 'or': {
        const decisive = each.kind === 'or';
        const of: Predicate[] = [];
        for (const operand of each.of) {
          const settled = settle(operand);
          if (settled.kind !== 'constant') of.push(settled);
          else if (settled.value === decisive) return settled;
        }
        if (of.length === 0) return decisive ? never : always;
        return of.length === 1 ? of[0]! : { kind: each.kind, of };
      }
      default: {
        const value = evaluate(each, environment);
        return value === undefined ? each : value ? always : never;
      }
    }
  };
  return settle(predicate);
}

/** Calls `visit` with every condition of a predicate that is no junction. */
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

export type Condition = Exclude<Predicate, { readonly kind: 'and' | 'or' | 'not' | 'constant' }>;

export function termsOf(condition: Condition): readonly Term[] {
  return condition.kind === 'compare' ? [condition.left, condition.right] : [condition.term];
}

/** The attribute that a term reads; undefined for a literal. */
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
