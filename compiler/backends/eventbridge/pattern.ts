import type { Rule } from '../../ir/policy.ts';
import { requirementOf } from './requirements.ts';

/** Characters of a pattern (quotas of Amazon EventBridge, 2026; adjustable). */
export const mostCharacters = 2048;

/** EventBridge compares numbers within these bounds only, with six digits after the point. */
const largestNumber = 5e9;

/** Where an anomaly has an attribute of a root cause. */
const rootCauseFields: Readonly<Record<string, string>> = {
  account: 'linkedAccount',
  service: 'service',
  region: 'region',
};

export interface EventPattern {
  /** The pattern as JSON, minified. */
  readonly text: string;
  /** Where each rule stands in it, by JSON pointer. */
  readonly places: ReadonlyMap<Rule, string>;
  /** Rules that would have a place if the pattern might be longer. */
  readonly leftOut: readonly Rule[];
}

/** The values of a root cause's field that no rule lets pass, and the rules that say so. */
interface List {
  readonly values: readonly string[];
  readonly rules: readonly Rule[];
}

/**
 * The pattern of the anomalies that the rules do not all let pass by themselves: it matches at least those that the
 * policy responds to or cannot decide. Undefined where the policy is about budgets only.
 */
export function eventPattern(rules: readonly Rule[]): EventPattern | undefined {
  const places = new Map<Rule, string>();
  const lists = new Map<string, List>();
  const numbers: { readonly rule: Rule; readonly words: readonly [string, number] }[] = [];
  for (const rule of rules) {
    const required = requirementOf(rule);
    if (required?.kind === 'amount' && isComparable(required.bound)) {
      numbers.push({ rule, words: [required.operator, required.bound] });
    } else if (required?.kind !== 'among' && required?.kind !== 'none-of') {
    } else if (required.attribute === 'source') {
      if (required.values.includes('anomaly') !== (required.kind === 'among')) return undefined;
      places.set(rule, '/source');
    } else if (required.kind === 'among') {
      const field = rootCauseFields[required.attribute];
      if (field === undefined) continue;
      const before = lists.get(field);
      const values = before?.values.filter((value) => required.values.includes(value)) ?? required.values;
      lists.set(field, { values, rules: [...(before?.rules ?? []), rule] });
    }
  }
  // Only from a list can values be taken away: what a pattern excludes it asks of every element of an array.
  for (const rule of rules) {
    const required = requirementOf(rule);
    const field = required?.kind === 'none-of' ? rootCauseFields[required.attribute] : undefined;
    const list = field === undefined ? undefined : lists.get(field);
    if (required?.kind !== 'none-of' || list === undefined) continue;
    const values = list.values.filter((value) => !required.values.includes(value));
    lists.set(field!, { values, rules: [...list.rules, rule] });
  }
  const leftOut: Rule[] = [];
  const amount = numericWords(numbers.map(({ words }) => words));
  let text = patternText(amount, lists);
  while (text.length > mostCharacters && lists.size > 0) {
    // The longest list goes first: what it would have kept away, the runtime lets pass.
    const [longest] = [...lists].sort(([, left], [, right]) => lengthOf(right.values) - lengthOf(left.values));
    lists.delete(longest![0]);
    leftOut.push(...longest![1].rules);
    text = patternText(amount, lists);
  }
  for (const { rule } of amount === undefined ? [] : numbers) places.set(rule, '/detail/impact/totalImpact');
  for (const [field, list] of lists) for (const rule of list.rules) places.set(rule, `/detail/rootCauses/${field}`);
  return { text, places, leftOut };
}

function isComparable(bound: number): boolean {
  return Math.abs(bound) <= largestNumber && Number(bound.toFixed(6)) === bound;
}

/** The tightest bound of each side, the lower one first; undefined where there is none. */
function numericWords(words: readonly (readonly [string, number])[]): readonly (string | number)[] | undefined {
  const side = (sign: '>' | '<') => {
    const bounds = words.filter(([operator]) => operator.startsWith(sign));
    const order = sign === '>' ? -1 : 1;
    // Of two equal bounds the one that excludes the bound itself is tighter.
    return bounds.sort(([one, left], [other, right]) => order * (left - right) || one.length - other.length)[0] ?? [];
  };
  const all = [...side('>'), ...side('<')];
  return all.length === 0 ? undefined : all;
}

/** A root cause that does not say is left to the runtime, which cannot decide it and tells. */
function patternText(amount: readonly (string | number)[] | undefined, lists: ReadonlyMap<string, List>): string {
  const rootCauses = Object.fromEntries(
    [...lists].sort().map(([field, { values }]) => [field, [...values, { exists: false }]]),
  );
  const detail = {
    ...(amount === undefined ? {} : { impact: { totalImpact: [{ numeric: amount }] } }),
    ...(lists.size === 0 ? {} : { rootCauses }),
  };
  return JSON.stringify({
    source: ['aws.ce'],
    'detail-type': ['Anomaly Detected'],
    ...(Object.keys(detail).length === 0 ? {} : { detail }),
  });
}

function lengthOf(values: readonly string[]): number {
  return values.reduce((sum, value) => sum + value.length + 3, 0);
}
