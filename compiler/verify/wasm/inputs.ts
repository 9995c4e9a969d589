import { type Environment, evaluate } from '../../expressions/evaluate.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import type { Decision, Rule } from '../../ir/policy.ts';
import { type Candidates, candidatesOf } from './candidates.ts';
import type { ReadSlot } from './read-layout.ts';

/** What is known, by attribute and `$parameter`. */
export type Known = Map<string, Value | undefined>;

/** So few combinations are all compared. */
const few = 700;
/** So many tests of rules an input may take together with the others: what a compilation has time for. */
const work = 24_000;

const defaults: Readonly<Record<string, readonly Value[]>> = {
  text: ['', 'a', 'b'],
  integer: [0n, 1n],
  number: [0, 1],
  boolean: [true, false],
  address: ['10.0.0.1', '::1'],
};

export interface Inputs {
  /** True where they are all combinations of the values that the decision tells apart. */
  readonly all: boolean;
  readonly known: Iterable<Known>;
}

/**
 * Inputs on which a wrong module would answer wrongly: every combination of the values that the rules tell apart, where
 * these are few; else for each rule an input at which it decides, and around it each of the rule's own values, and unknown.
 */
export function inputsOf(decision: Decision, slots: readonly ReadSlot[]): Inputs {
  const candidates = candidatesOf(decision.rules.map(({ when }) => when));
  const types = new Map(slots.map(({ attribute, type }) => [attribute, type]));
  const values = new Map<string, readonly (Value | undefined)[]>();
  for (const [name, type] of types) {
    values.set(name, [undefined, ...new Set([...(candidates.get(name) ?? []), ...(defaults[type] ?? [])])]);
  }
  let combinations = 1;
  for (const each of values.values()) combinations *= each.length;
  if (combinations <= few) return { all: true, known: product([...values]) };
  return { all: false, known: targeted(decision, values, candidates) };
}

function* product(values: readonly (readonly [string, readonly (Value | undefined)[]])[]): Iterable<Known> {
  const [first, ...rest] = values;
  if (first === undefined) {
    yield new Map();
    return;
  }
  for (const known of product(rest)) {
    for (const value of first[1]) yield new Map([...known, [first[0], value]]);
  }
}

function* targeted(
  { rules, combine }: Decision,
  values: ReadonlyMap<string, readonly (Value | undefined)[]>,
  candidates: Candidates,
): Iterable<Known> {
  let left = Math.max(64, Math.floor(work / Math.max(rules.length, 1)));
  const initial: Known = new Map([...values].map(([name, each]) => [name, each[1]]));
  yield new Map();
  yield new Map(initial);
  const quiet = new Map(initial);
  for (const { when } of rules) satisfy(when, false, quiet, candidates);
  yield quiet;
  // With very many rules only some get an input of their own, evenly among them.
  const step = Math.max(1, Math.ceil((2 * rules.length * rules.length) / work));
  for (let index = 0; index < rules.length && left > 0; index += step) {
    const rule = rules[index]!;
    const base = aimedAt(rule, combine === 'first-match' ? rules.slice(0, index) : rules, quiet, candidates);
    yield base;
    left -= 1;
    for (const [name, own] of candidatesOf([rule.when])) {
      for (const value of [undefined, ...own, ...(values.get(name)?.slice(-2) ?? [])]) {
        if (left <= 0) break;
        yield new Map([...base, [name, value]]);
        left -= 1;
      }
    }
  }
}

/** An input for which the rule holds and, where that can be had, none of the others. */
function aimedAt(rule: Rule, others: readonly Rule[], start: Known, candidates: Candidates): Known {
  const known = new Map(start);
  satisfy(rule.when, true, known, candidates);
  for (let round = 0; round < 2; round += 1) {
    let changed = false;
    for (const other of others) {
      if (other === rule || evaluate(other.when, environmentOf(known)) === false) continue;
      changed = true;
      const without = new Map(known);
      satisfy(other.when, false, without, candidates);
      if (evaluate(rule.when, environmentOf(without)) !== true) continue;
      for (const [name, value] of without) known.set(name, value);
    }
    if (!changed) break;
  }
  return known;
}

/** Changes what is known so that the predicate has the value, as far as the candidates allow. */
function satisfy(predicate: Predicate, value: boolean, known: Known, candidates: Candidates): boolean {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value === value;
    case 'not':
      return satisfy(predicate.of, !value, known, candidates);
    case 'and':
    case 'or': {
      const one = (predicate.kind === 'or') === value;
      if (one) return predicate.of.some((operand) => satisfy(operand, value, known, candidates));
      return predicate.of.map((operand) => satisfy(operand, value, known, candidates)).every(Boolean);
    }
    default: {
      const environment = environmentOf(known);
      if (evaluate(predicate, environment) === value) return true;
      for (const [name, own] of candidatesOf([predicate])) {
        const before = known.get(name);
        for (const each of own.length === 0 ? (candidates.get(name) ?? []) : own) {
          known.set(name, each);
          if (evaluate(predicate, environment) === value) return true;
        }
        known.set(name, before);
      }
      return false;
    }
  }
}

export function environmentOf(known: Known): Environment {
  return { attribute: (name) => known.get(name), parameter: (name) => known.get(`$${name}`) };
}
