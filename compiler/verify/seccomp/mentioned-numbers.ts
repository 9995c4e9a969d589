import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision } from '../../ir/policy.ts';

/** The numbers that a decision names as `#N`, in decimal as the attribute `syscall` spells them. */
export function mentionedNumbers(decision: Decision): readonly number[] {
  const found = new Set<number>();
  for (const rule of decision.rules) collect(rule.when, found);
  return [...found];
}

function collect(predicate: Predicate, found: Set<number>): void {
  switch (predicate.kind) {
    case 'not':
      collect(predicate.of, found);
      break;
    case 'and':
    case 'or':
      for (const part of predicate.of) collect(part, found);
      break;
    case 'in-set':
      for (const value of predicate.values) note(value, found);
      break;
    case 'compare':
      for (const term of [predicate.left, predicate.right]) {
        if (term.kind === 'literal' && typeof term.value === 'string') note(term.value, found);
      }
      break;
    case 'constant':
    case 'in-ranges':
    case 'beneath':
    case 'glob':
    case 'in-network':
      break;
    default:
      predicate satisfies never;
  }
}

function note(text: string, found: Set<number>): void {
  if (text.charCodeAt(0) !== 35) return;
  const number = Number(text.slice(1));
  if (Number.isInteger(number) && number >= 0 && number <= 0xffff_ffff && text === `#${number}`) found.add(number);
}
