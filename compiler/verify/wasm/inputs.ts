import { type Environment, evaluate } from '../../expressions/evaluate.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import type { Decision, Rule } from '../../ir/policy.ts';
import { type Candidates, candidatesOf } from './candidates.ts';
import type { ReadSlot } from './read-layout.ts';

/** What is known, by attribute and `$parameter`. */
export type Known = Map<string, Value | undefined>;

/** So few combinations are all compared. */
const few = 700;
/** So many comparisons inputs may take together: what a compilation has time for. */
const work = 20_000;
/** So many inputs there are at least, where each takes many comparisons. */
const fewest = 192;

const defaults: Readonly<Record<string, readonly Value[]>> = {
  text: ['', 'a', 'b'],
  integer: [0n, 1n],
  number: [0, 1],
  boolean: [true, false],
  address: ['10.0.0.1', '::1'],
};

/** By attribute, what it may be: unknown first, values that the decision tells apart, others last. */
type Values = ReadonlyMap<string, readonly (Value | undefined)[]>;

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
  return { all: false, known: targeted(decision, values) };
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

function* targeted({ rules, combine }: Decision, values: Values): Iterable<Known> {
  let left = Math.max(fewest, Math.floor(work / comparisons(rules)));
  const candidates = new CandidateCache();
  const initial: Known = new Map([...values].map(([name, each]) => [name, each[1]]));
  yield new Map();
  yield new Map(initial);
  const quiet = new Map(initial);
  for (const { when } of rules) candidates.satisfy(when, false, quiet, values);
  yield quiet;
  // With very many rules only some get an input of their own, evenly among them.
  const step = Math.max(1, Math.ceil((4 * rules.length * rules.length) / work));
  for (let index = 0; index < rules.length && left > 0; index += step) {
    const rule = rules[index]!;
    const others = (combine === 'first-match' ? rules.slice(0, index) : rules).filter((other) => other !== rule);
    const base = new Map(quiet);
    candidates.satisfy(rule.when, true, base, values);
    candidates.silence(others, base, values, rule);
    yield base;
    left -= 1;
    const around = [...candidates.of(rule.when)].flatMap(([name, own]) =>
      [...new Set([undefined, ...own, ...(values.get(name)?.slice(-2) ?? [])])].map((value) => [name, value] as const),
    );
    // Of more values than there is time for every so many are taken, so that no part of the rule is left out.
    const share = Math.max(1, Math.floor(left / Math.ceil((rules.length - index) / step)));
    const stride = Math.max(1, around.length / share);
    for (let place = 0; place < around.length && left > 0; place += stride) {
      const [name, value] = around[Math.floor(place)]!;
      if (value === base.get(name)) continue;
      const known = new Map([...base, [name, value]]);
      // Where the value makes another rule decide, that one is kept out of the way by what else it speaks of.
      if (rules.length <= 64) candidates.silence(others, known, values, undefined, name);
      yield known;
      left -= 1;
    }
  }
}

/** How many comparisons deciding takes where all are made; of a pattern more than one. */
function comparisons(rules: readonly Rule[]): number {
  const of = (predicate: Predicate): number => {
    switch (predicate.kind) {
      case 'not':
        return of(predicate.of);
      case 'and':
      case 'or':
        return predicate.of.reduce((sum, operand) => sum + of(operand), 0);
      case 'glob':
      case 'beneath':
        return 4;
      default:
        return 1;
    }
  };
  return rules.reduce((sum, { when }) => sum + of(when), 1);
}

/** Finds inputs for predicates, and works out once what each of them tells apart. */
class CandidateCache {
  readonly #known = new Map<Predicate, Candidates>();

  of(predicate: Predicate): Candidates {
    let found = this.#known.get(predicate);
    if (found === undefined) {
      found = candidatesOf([predicate]);
      this.#known.set(predicate, found);
    }
    return found;
  }

  /** Changes what is known so that none of the rules holds, as far as the rule that is to be kept goes on to hold. */
  silence(rules: readonly Rule[], known: Known, values: Values, kept?: Rule, pinned?: string): void {
    for (let round = 0; round < (kept === undefined ? 1 : 2); round += 1) {
      let changed = false;
      for (const { when } of rules) {
        if (evaluate(when, environmentOf(known)) === false) continue;
        changed = true;
        const without = new Map(known);
        this.satisfy(when, false, without, values, pinned);
        if (kept !== undefined && evaluate(kept.when, environmentOf(without)) !== true) continue;
        for (const [name, value] of without) known.set(name, value);
      }
      if (!changed) return;
    }
  }

  /** Changes what is known, the pinned attribute left out, so that the predicate has the value, as far as that can be had. */
  satisfy(predicate: Predicate, value: boolean, known: Known, values: Values, pinned?: string): boolean {
    switch (predicate.kind) {
      case 'constant':
        return predicate.value === value;
      case 'not':
        return this.satisfy(predicate.of, !value, known, values, pinned);
      case 'and':
      case 'or': {
        const one = (predicate.kind === 'or') === value;
        if (one) return predicate.of.some((operand) => this.satisfy(operand, value, known, values, pinned));
        return predicate.of.map((operand) => this.satisfy(operand, value, known, values, pinned)).every(Boolean);
      }
      default: {
        const environment = environmentOf(known);
        if (evaluate(predicate, environment) === value) return true;
        for (const [name, own] of this.of(predicate)) {
          if (name === pinned) continue;
          const before = known.get(name);
          for (const each of [...own, ...(values.get(name) ?? [])]) {
            known.set(name, each);
            if (evaluate(predicate, environment) === value) return true;
          }
          known.set(name, before);
        }
        return false;
      }
    }
  }
}

export function environmentOf(known: Known): Environment {
  return { attribute: (name) => known.get(name), parameter: (name) => known.get(`$${name}`) };
}
