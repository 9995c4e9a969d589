import { type Condition, visitConditions } from '../../expressions/conditions.ts';
import type { Decision } from '../../ir/policy.ts';
import { argumentSlot } from './argument-slot.ts';

/** What of a decision shapes the proof before it begins. */
export interface Mentioned {
  /** The numbers that it names as `#N`, in decimal as the attribute `syscall` spells them. */
  readonly numbers: Set<number>;
  /** The slots of the high words of arguments that it compares with each other. */
  readonly related: Set<number>;
}

export function mentionedBy(decision: Decision): Mentioned {
  const found: Mentioned = { numbers: new Set(), related: new Set() };
  for (const rule of decision.rules) visitConditions(rule.when, (condition) => collect(condition, found));
  return found;
}

function collect(condition: Condition, found: Mentioned): void {
  switch (condition.kind) {
    case 'in-set':
      for (const value of condition.values) note(value, found.numbers);
      break;
    case 'compare':
      relate(argumentSlot(condition.left), argumentSlot(condition.right), found.related);
      for (const term of [condition.left, condition.right]) {
        if (term.kind === 'literal' && typeof term.value === 'string') note(term.value, found.numbers);
      }
      break;
    case 'in-ranges':
    case 'beneath':
    case 'glob':
    case 'in-network':
      break;
    default:
      condition satisfies never;
  }
}

function relate(left: number | undefined, right: number | undefined, found: Set<number>): void {
  if (left !== undefined && right !== undefined) found.add(left).add(right);
}

function note(text: string, found: Set<number>): void {
  if (text.charCodeAt(0) !== 35) return;
  const number = Number(text.slice(1));
  if (Number.isInteger(number) && number >= 0 && number <= 0xffff_ffff && text === `#${number}`) found.add(number);
}
