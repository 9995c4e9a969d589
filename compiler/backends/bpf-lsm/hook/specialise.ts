import { type Environment, evaluate } from '../../../expressions/evaluate.ts';
import { always, never, type Predicate, type Value } from '../../../expressions/predicate.ts';

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
