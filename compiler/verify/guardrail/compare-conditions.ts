import type { CompiledCondition } from '../../backends/guardrail/format.ts';
import { evaluate } from '../../expressions/evaluate.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import { printPredicate, printValue } from '../../expressions/print.ts';
import type { Decision } from '../../ir/policy.ts';
import { type Classes, eventClasses } from './event-classes.ts';
import { GuardrailDifference } from './read-predicate.ts';

/** More events than this are not tried of one condition. */
const MOST = 100_000;

/**
 * Compares each condition with the rule that it stands for, over every class of events. The conditions are joined as the
 * rules are, so that where each equals its rule the whole equals the decision.
 *
 * @returns how many events were tried; throws GuardrailDifference for one on which the two differ
 */
export function compareConditions(decision: Decision, conditions: readonly CompiledCondition[]): number {
  if (conditions.length !== decision.rules.length) {
    throw new GuardrailDifference(`${conditions.length} conditions where the policy has ${decision.rules.length}`);
  }
  let compared = 0;
  decision.rules.forEach((rule, index) => {
    const { rule: id, topic, passes } = conditions[index]!;
    if (id !== rule.id || topic !== rule.topic)
      throw new GuardrailDifference(`${id} stands in the place of ${rule.id}`);
    compared += comparePredicates(id, rule.when, passes);
  });
  return compared;
}

function comparePredicates(id: string, wanted: Predicate, said: Predicate): number {
  const classes = eventClasses([wanted, said]);
  let size = 1;
  for (const values of classes.values()) size *= values.length;
  if (size > MOST) throw new GuardrailDifference(`${id}: too many classes of events to compare`);
  for (const event of events(classes)) {
    const environment = { attribute: (name: string) => event.get(name), parameter: () => undefined };
    const left = evaluate(wanted, environment);
    const right = evaluate(said, environment);
    if (left !== right) {
      const values = [...event].map(
        ([name, value]) => `${name} ${value === undefined ? 'unknown' : printValue(value)}`,
      );
      throw new GuardrailDifference(
        `${id}: for ${values.join(', ')} the artifact says ${truth(right)}, the policy ${truth(left)}: ${printPredicate(said)}`,
      );
    }
  }
  return size;
}

function* events(classes: Classes): Generator<ReadonlyMap<string, Value | undefined>> {
  const names = [...classes.keys()];
  const event = new Map<string, Value | undefined>();
  const places = names.map(() => 0);
  for (;;) {
    for (const [index, name] of names.entries()) event.set(name, classes.get(name)![places[index]!]);
    yield event;
    let at = 0;
    while (at < names.length && places[at] === classes.get(names[at]!)!.length - 1) places[at++] = 0;
    if (at === names.length) return;
    places[at]! += 1;
  }
}

function truth(value: boolean | undefined): string {
  return value === undefined ? 'unknown' : String(value);
}
