import type { Predicate } from '../../expressions/predicate.ts';
import type { Rule } from '../../ir/policy.ts';

/** What an event must have for a rule of `cost-event` not to let it pass, where that concerns one attribute. */
export type Requirement =
  | { readonly kind: 'among' | 'none-of'; readonly attribute: string; readonly values: readonly string[] }
  | { readonly kind: 'amount'; readonly operator: AmountOperator; readonly bound: number }
  | { readonly kind: 'forecast'; readonly is: boolean };

export type AmountOperator = '>=' | '>' | '<=' | '<';

/** The operator that holds where the other does not. */
const opposite: Readonly<Record<'<' | '<=' | '>' | '>=', AmountOperator>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

/** Undefined where the rule has another form: a time window, a rate, a tag's absence. */
export function requirementOf({ when }: Pick<Rule, 'when'>): Requirement | undefined {
  if (when.kind === 'not') return among('among', when.of);
  if (when.kind === 'in-set') return among('none-of', when);
  if (when.kind !== 'compare' || when.left.kind !== 'attribute' || when.right.kind !== 'literal') return undefined;
  const { operator } = when;
  const { name } = when.left;
  const { value } = when.right;
  if (typeof value === 'boolean' && name === 'forecast' && (operator === '==' || operator === '!=')) {
    return { kind: 'forecast', is: (operator === '==') !== value };
  }
  if (typeof value === 'string' && (operator === '==' || operator === '!=')) {
    return { kind: operator === '!=' ? 'among' : 'none-of', attribute: name, values: [value] };
  }
  if (typeof value !== 'number' || name !== 'amount' || operator === '==' || operator === '!=') return undefined;
  return { kind: 'amount', operator: opposite[operator], bound: value };
}

function among(kind: 'among' | 'none-of', predicate: Predicate): Requirement | undefined {
  switch (predicate.kind) {
    case 'in-set':
      return predicate.term.kind === 'attribute'
        ? { kind, attribute: predicate.term.name, values: predicate.values }
        : undefined;
    case 'compare': {
      const { left, operator, right } = predicate;
      if (operator !== '==' || left.kind !== 'attribute' || right.kind !== 'literal') return undefined;
      return typeof right.value === 'string' ? { kind, attribute: left.name, values: [right.value] } : undefined;
    }
    default:
      return undefined;
  }
}
