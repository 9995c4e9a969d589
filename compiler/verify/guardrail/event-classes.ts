import { mentionedValues } from '../../expressions/mentioned-values.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import type { AttributeType } from '../../ir/points.ts';
import { attributeAt } from '../../ir/points.ts';

/** The values of an attribute that the predicates tell apart, and undefined where it is unknown. */
export type Classes = ReadonlyMap<string, readonly (Value | undefined)[]>;

/**
 * For each attribute that one of the predicates speaks of: every value it is compared with, one that it is compared
 * with nowhere, for numbers one below and one above each bound as well, and unknown. Between two bounds that are
 * neighbours all numbers are alike, so over conditions of the forms that a cost event has these are all there are.
 */
export function eventClasses(predicates: readonly Predicate[]): Classes {
  return new Map([...mentionedValues(predicates)].map(([name, values]) => [name, classesOf(name, values)]));
}

function classesOf(name: string, values: ReadonlySet<Value>): readonly (Value | undefined)[] {
  const type: AttributeType = attributeAt('cost-event', name)?.type ?? 'string';
  switch (type) {
    case 'boolean':
      return [false, true, undefined];
    case 'number':
    case 'integer':
      return [...new Set([...values].flatMap(around)), undefined];
    case 'string':
    case 'address':
    case 'path':
      return [...values, unmentioned(values), undefined];
    default: {
      const unreachable: never = type;
      return unreachable;
    }
  }
}

/** The value with its neighbours. */
function around(value: Value): readonly Value[] {
  switch (typeof value) {
    case 'bigint':
      return value === 0n ? [value, value + 1n] : [value - 1n, value, value + 1n];
    case 'number':
      return [value - step(value), value, value + step(value)];
    default:
      return [value];
  }
}

/** The distance to the next double, or a little more. */
function step(value: number): number {
  return Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
}

function unmentioned(values: ReadonlySet<Value>): string {
  let other = 'polc-unmentioned';
  while (values.has(other)) other += '-';
  return other;
}
