import { visitConditions } from '../../../expressions/conditions.ts';
import type { Predicate } from '../../../expressions/predicate.ts';
import type { HookPlan, PlannedRule } from './plan.ts';
import { attributesIn } from './read-fields.ts';

/**
 * The plan of a level's program at a hook, with the rules marked whose refusals the program of a lesser level, which is asked
 * before it, has recorded where it has refused. Those are rules that both have, with all that stand before them, so that both decide alike;
 * counters are each program's own.
 *
 * @param lesser the plans of the programs at the hook that decide whenever this one does
 */
export function recordedBefore(plan: HookPlan, lesser: readonly HookPlan[]): HookPlan {
  const known = Math.max(0, ...lesser.map((each) => alikeFromTheStart(plan.rules, each.rules)));
  const mark = (rule: PlannedRule): PlannedRule => ({ ...rule, recordedBefore: true });
  return { ...plan, rules: plan.rules.map((rule, index) => (index < known ? mark(rule) : rule)) };
}

/** How many of the first rules are the same in both. */
function alikeFromTheStart(one: readonly PlannedRule[], other: readonly PlannedRule[]): number {
  const differs = one.findIndex((rule, index) => {
    const same = other[index];
    return same === undefined || asksCounter(rule.when) || textOf(rule) !== textOf(same);
  });
  return differs === -1 ? one.length : differs;
}

function asksCounter(predicate: Predicate): boolean {
  let found = false;
  visitConditions(predicate, (condition) => {
    found ||= attributesIn([condition]).some((name) => name.startsWith('counter:'));
  });
  return found;
}

function textOf({ when, effect }: PlannedRule): string {
  return JSON.stringify([when, effect], (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}
