import type { Predicate, Term, Value } from '../../expressions/predicate.ts';
import type { Policy } from '../../ir/policy.ts';
import type { Draws } from './random.ts';

export type Attributes = Record<string, Value>;

/** For each attribute the values that some condition of the policy tells apart, and one that none does. */
export class Vocabulary {
  readonly #values = new Map<string, Value[]>();

  constructor(policy: Policy) {
    const conditions = [
      ...policy.decisions
        .filter(({ point }) => point === 'request')
        .flatMap(({ rules }) => rules.map(({ when }) => when)),
      ...(policy.quotas ?? []).map(({ when }) => when),
    ];
    for (const when of conditions) this.#add(when);
    for (const name of ['team', 'user', 'tier', 'model', 'host', 'path']) {
      this.#put(name, `other-${name}`);
      this.#put(name, `another-${name}`);
    }
    for (const method of ['GET', 'POST']) this.#put('method', method);
    for (const name of ['spent', 'budget']) for (const amount of [0, 99.5, 100, 1_000_000]) this.#put(name, amount);
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  any(name: string, draws: Draws): Value {
    return draws.of(this.#values.get(name) ?? ['']);
  }

  /** The first values of an attribute, `most` at most. */
  some(name: string, most: number): readonly Value[] {
    return this.#values.get(name)?.slice(0, most) ?? [];
  }

  /** Another value than this one. */
  other(name: string, value: Value | undefined): Value | undefined {
    return this.#values.get(name)?.find((each) => each !== value && typeof each === typeof value);
  }

  #add(predicate: Predicate): void {
    switch (predicate.kind) {
      case 'not':
        this.#add(predicate.of);
        break;
      case 'and':
      case 'or':
        for (const operand of predicate.of) this.#add(operand);
        break;
      case 'compare':
        this.#compare(predicate.left, predicate.right);
        this.#compare(predicate.right, predicate.left);
        break;
      case 'in-set':
        for (const value of predicate.values) this.#term(predicate.term, value);
        break;
      case 'glob':
        for (const filling of ['', 'x', '-1']) {
          this.#term(predicate.term, predicate.pattern.replaceAll('*', filling).replaceAll('?', 'y'));
        }
        break;
      default:
        break;
    }
  }

  #compare(term: Term, other: Term): void {
    if (other.kind !== 'literal') return;
    const { value } = other;
    this.#term(term, value);
    if (typeof value === 'number') {
      this.#term(term, value + 0.5);
      if (value >= 0.5) this.#term(term, value - 0.5);
    }
  }

  #term(term: Term, value: Value): void {
    if (term.kind !== 'attribute') return;
    if (term.name === 'spent_share' && typeof value === 'number') this.#put('spent', 100 * value);
    else this.#put(term.name, value);
  }

  #put(name: string, value: Value): void {
    // The empty text stands for what is unknown, and annotations hold no negative amounts.
    if (value === '' || (typeof value === 'number' && !(value >= 0 && value < 1e15))) return;
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else if (!values.includes(value)) {
      // Thousands of teams are alike: a sample of them is enough.
      if (values.length < 64) values.push(value);
      else values[(values.length * 7 + String(value).length * 13) % 64] = value;
    }
  }
}

/** Sets attributes so that the predicate is likely to be `wanted`. */
export function satisfy(
  predicate: Predicate,
  wanted: boolean,
  into: Attributes,
  words: Vocabulary,
  draws: Draws,
): void {
  switch (predicate.kind) {
    case 'not':
      satisfy(predicate.of, !wanted, into, words, draws);
      return;
    case 'and':
    case 'or':
      if ((predicate.kind === 'and') === wanted) {
        for (const operand of predicate.of) satisfy(operand, wanted, into, words, draws);
      } else if (predicate.of.length > 0) satisfy(draws.of(predicate.of), wanted, into, words, draws);
      return;
    case 'compare': {
      const { left, right, operator } = predicate;
      if (left.kind !== 'attribute' || right.kind !== 'literal') return;
      if (left.name === 'spent_share' && typeof right.value === 'number') {
        into.budget = 100;
        into.spent = Math.max(0, 100 * (right.value + draws.of([-0.01, 0, 0.01])));
      } else if (typeof right.value === 'number') into[left.name] = Math.max(0, right.value + draws.of([-0.5, 0, 0.5]));
      else if ((operator === '==') === wanted) into[left.name] = right.value;
      return;
    }
    case 'in-set':
      if (predicate.term.kind !== 'attribute' || predicate.values.length === 0) return;
      if (wanted) into[predicate.term.name] = draws.of(predicate.values);
      else if (predicate.values.includes(String(into[predicate.term.name]))) {
        into[predicate.term.name] = words.any(predicate.term.name, draws);
      }
      return;
    case 'glob':
      if (wanted && predicate.term.kind === 'attribute') {
        into[predicate.term.name] = predicate.pattern.replaceAll('*', draws.of(['', 'a', '.b-'])).replaceAll('?', 'z');
      }
      return;
    default:
      return;
  }
}
