import { hasWildcard } from '../../expressions/glob.ts';
import { mentionedValues } from '../../expressions/mentioned-values.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import { attributeAt } from '../../ir/points.ts';

/** The values of an attribute that the predicates tell apart, and undefined where it is unknown. */
export type Classes = ReadonlyMap<string, readonly (Value | undefined)[]>;

/**
 * For each attribute of a launch that a predicate speaks of: what it is compared with, one value that is mentioned nowhere, for numbers
 * one below and one above each bound, for patterns a text that fits, and unknown. The attributes that are compared with
 * each other have all values of both.
 */
export function launchClasses(predicates: readonly Predicate[]): Classes {
  const mentioned = new Map([...mentionedValues(predicates)].map(([name, values]) => [name, new Set(values)]));
  for (const [left, right] of compared(predicates)) {
    const both = new Set([...(mentioned.get(left) ?? []), ...(mentioned.get(right) ?? [])]);
    mentioned.set(left, both);
    mentioned.set(right, both);
  }
  return new Map([...mentioned].map(([name, values]) => [name, classesOf(name, values)]));
}

function classesOf(name: string, values: ReadonlySet<Value>): readonly (Value | undefined)[] {
  const type = attributeAt('launch', name)?.type ?? 'string';
  if (type === 'boolean') return [false, true, undefined];
  if (type === 'integer') return [...new Set([...values, ...levels].flatMap(around)), undefined];
  if (type === 'number') return [...new Set([0, ...values].flatMap(around)), undefined];
  const texts = [...values].map(String);
  const fitting = texts.filter(hasWildcard).map((pattern) => pattern.replaceAll('*', 'x').replaceAll('?', 'y'));
  return [...new Set([...texts, ...fitting, other(values), '']), undefined];
}

/** The classifications: attributes of integers are compared with each other. */
const levels = [0n, 1n, 2n, 3n] as const;

function around(value: Value): readonly Value[] {
  if (typeof value === 'bigint') return value === 0n ? [0n, 1n] : [value - 1n, value, value + 1n];
  if (typeof value !== 'number') return [value];
  const step = Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
  return [value - step, value, value + step];
}

function other(values: ReadonlySet<Value>): string {
  let text = 'polc-unmentioned';
  while (values.has(text)) text += '-';
  return text;
}

/** Pairs of attributes that are compared with each other. */
function compared(predicates: readonly Predicate[]): readonly (readonly [string, string])[] {
  return predicates.flatMap((predicate) => {
    switch (predicate.kind) {
      case 'not':
        return compared([predicate.of]);
      case 'and':
      case 'or':
        return compared(predicate.of);
      case 'compare': {
        const { left, right } = predicate;
        return left.kind === 'attribute' && right.kind === 'attribute' ? [[left.name, right.name] as const] : [];
      }
      default:
        return [];
    }
  });
}
