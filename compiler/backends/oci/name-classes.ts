import { type Condition, visitConditions } from '../../expressions/conditions.ts';
import { matchesGlob } from '../../expressions/glob.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision } from '../../ir/policy.ts';
import { syscallPlaces } from '../../tables/syscall-places.ts';
import { syscallNames } from '../../tables/syscalls.ts';

/**
 * The system calls in classes that a decision cannot tell apart by name: each leaf about names splits the classes. A
 * policy that names hundreds of calls has few classes. Class 0 is that of every call which no leaf names.
 */
export class NameClasses {
  /** The class of each call, by its place in the table. */
  readonly of = new Uint16Array(syscallNames().length);
  /** By class, the leaves that answer otherwise than for class 0. */
  readonly otherwise: ReadonlySet<Predicate>[] = [new Set()];
  /** What each leaf answers for class 0. */
  readonly unnamed = new Map<Predicate, boolean>();
  /** Names of no call in the table, which is how a number without a name is written, and the leaves that hold them. */
  readonly unknown = new Map<string, Predicate[]>();

  constructor(decision: Decision) {
    for (const rule of decision.rules) visitConditions(rule.when, (condition) => this.#collect(condition));
  }

  #collect(condition: Condition): void {
    switch (condition.kind) {
      case 'in-set':
        if (condition.term.kind === 'attribute' && condition.term.name === 'syscall') {
          this.#splitNames(condition, false, condition.values);
        }
        return;
      case 'compare':
        this.#collectComparison(condition);
        return;
      case 'glob':
        if (condition.term.kind === 'attribute' && condition.term.name === 'syscall') this.#splitPattern(condition);
        return;
      case 'in-ranges':
      case 'beneath':
      case 'in-network':
        return;
      default:
        condition satisfies never;
    }
  }

  #collectComparison(predicate: Extract<Predicate, { kind: 'compare' }>): void {
    const { left, operator, right } = predicate;
    const [name, value] = left.kind === 'attribute' && left.name === 'syscall' ? [left, right] : [right, left];
    if (name.kind !== 'attribute' || name.name !== 'syscall' || value.kind !== 'literal') return;
    if (operator === '==' || operator === '!=') this.#splitNames(predicate, operator === '!=', [String(value.value)]);
  }

  #splitNames(leaf: Predicate, unnamed: boolean, names: readonly string[]): void {
    this.unnamed.set(leaf, unnamed);
    const split = new Split(this, leaf);
    const places = syscallPlaces();
    for (const name of names) {
      const place = places.get(name);
      if (place !== undefined) split.take(place);
      else this.unknown.set(name, [...(this.unknown.get(name) ?? []), leaf]);
    }
  }

  #splitPattern(leaf: Extract<Predicate, { kind: 'glob' }>): void {
    const unnamed = matchesGlob('#', leaf.pattern);
    this.unnamed.set(leaf, unnamed);
    const split = new Split(this, leaf);
    syscallNames().forEach((name, place) => {
      if (matchesGlob(name, leaf.pattern) !== unnamed) split.take(place);
    });
  }
}

/** Moves the calls that one leaf names into classes of their own. */
class Split {
  readonly #classes: NameClasses;
  readonly #leaf: Predicate;
  readonly #moved = new Map<number, number>();
  #from = -1;
  #to = -1;

  constructor(classes: NameClasses, leaf: Predicate) {
    this.#classes = classes;
    this.#leaf = leaf;
  }

  take(place: number): void {
    const { of, otherwise } = this.#classes;
    const from = of[place]!;
    if (from !== this.#from) {
      let to = this.#moved.get(from);
      if (to === undefined) {
        to = otherwise.length;
        otherwise.push(new Set(otherwise[from]).add(this.#leaf));
        this.#moved.set(from, to);
      }
      this.#from = from;
      this.#to = to;
    }
    of[place] = this.#to;
  }
}
