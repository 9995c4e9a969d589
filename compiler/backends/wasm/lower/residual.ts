import { never, type Predicate } from '../../../expressions/predicate.ts';
import type { Decision } from '../../../ir/policy.ts';

/** The texts that an attribute is compared with in a decision, where it is compared in no other way; else undefined. */
export function comparedTexts({ rules }: Decision, attribute: string): ReadonlySet<string> | undefined {
  const texts = new Set<string>();
  return rules.every(({ when }) => collect(when, attribute, texts)) && texts.size > 0 ? texts : undefined;
}

/** @returns false where the attribute is compared otherwise than with texts for equality */
function collect(predicate: Predicate, attribute: string, texts: Set<string>): boolean {
  switch (predicate.kind) {
    case 'constant':
      return true;
    case 'not':
      return collect(predicate.of, attribute, texts);
    case 'and':
    case 'or':
      return predicate.of.every((operand) => collect(operand, attribute, texts));
    case 'in-set':
      if (!isAttribute(predicate.term, attribute)) return true;
      for (const value of predicate.values) texts.add(value);
      return true;
    case 'compare': {
      const { operator, left, right } = predicate;
      if (!isAttribute(left, attribute) && !isAttribute(right, attribute)) return true;
      if (operator !== '==' && operator !== '!=') return false;
      const constant = isAttribute(left, attribute) ? right : left;
      if (constant.kind !== 'literal' || typeof constant.value !== 'string') return false;
      texts.add(constant.value);
      return true;
    }
    case 'glob':
    case 'beneath':
    case 'in-ranges':
    case 'in-network':
      return !isAttribute(predicate.term, attribute);
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

/** What is left of the decision where the attribute is known and none of the texts that it is compared with. */
export function withoutTexts(decision: Decision, attribute: string): Decision {
  const { combine } = decision;
  const rules = decision.rules.map((rule) => ({ ...rule, when: without(rule.when, attribute) }));
  // Behind a rule that always decides nobody is asked.
  const last = rules.findIndex(
    ({ when, effect }) =>
      when.kind === 'constant' && when.value && (combine !== 'deny-overrides' || effect.kind !== 'allow'),
  );
  return { ...decision, rules: last === -1 ? rules : rules.slice(0, last + 1) };
}

function without(predicate: Predicate, attribute: string): Predicate {
  switch (predicate.kind) {
    case 'not': {
      const of = without(predicate.of, attribute);
      return of.kind === 'constant' ? { kind: 'constant', value: !of.value } : { kind: 'not', of };
    }
    case 'and':
    case 'or': {
      const decisive = predicate.kind === 'or';
      const of = predicate.of.map((operand) => without(operand, attribute));
      if (of.some((operand) => operand.kind === 'constant' && operand.value === decisive)) {
        return { kind: 'constant', value: decisive };
      }
      return { kind: predicate.kind, of: of.filter(({ kind }) => kind !== 'constant') };
    }
    case 'in-set':
      return isAttribute(predicate.term, attribute) ? never : predicate;
    case 'compare': {
      const { operator, left, right } = predicate;
      const compared = isAttribute(left, attribute) || isAttribute(right, attribute);
      return compared ? { kind: 'constant', value: operator === '!=' } : predicate;
    }
    default:
      return predicate;
  }
}

function isAttribute(term: { readonly kind: string; readonly name?: string }, name: string): boolean {
  return term.kind === 'attribute' && term.name === name;
}

/** Equal for decisions that give the same answer to everything, whatever their rules are called. */
export function sameness({ combine, rules, otherwise }: Decision): string {
  const parts = [combine, otherwise.effect, rules.map(({ when, effect }) => [when, effect])];
  return JSON.stringify(parts, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}
