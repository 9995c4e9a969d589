import { type Condition, visitConditions } from '../expressions/conditions.ts';
import { evaluate } from '../expressions/evaluate.ts';
import type { Predicate } from '../expressions/predicate.ts';
import type { Decision } from '../ir/policy.ts';
import { syscallPlaces } from '../tables/syscall-places.ts';
import { syscallNames } from '../tables/syscalls.ts';

/** Stands for every call that neither policy nor artifact names. */
export const unnamed = '#unnamed';

/** System calls in parts that are treated alike; part 0 holds those that nothing tells from one without a name. */
export class CallPartition<Treatment> {
  readonly #of: Uint16Array;
  readonly treatments: Treatment[];

  constructor(of: Uint16Array, treatments: readonly Treatment[]) {
    this.#of = of;
    this.treatments = [...treatments];
  }

  /** Takes the calls out of their parts into new ones; names of no call are passed over, as runtimes do. */
  split(names: Iterable<string>, change: (treatment: Treatment) => Treatment): void {
    const places = syscallPlaces();
    const moved = new Map<number, number>();
    let from = -1;
    let to = -1;
    for (const name of names) {
      const place = places.get(name);
      if (place === undefined) continue;
      const part = this.#of[place]!;
      if (part !== from) {
        from = part;
        to = moved.get(part) ?? -1;
        if (to < 0) {
          to = this.treatments.push(change(this.treatments[part]!)) - 1;
          moved.set(part, to);
        }
      }
      this.#of[place] = to;
    }
  }

  /** One call of each part, undefined for a part that was split up. */
  representatives(): readonly (string | undefined)[] {
    const found: (string | undefined)[] = new Array(this.treatments.length).fill(undefined);
    const names = syscallNames();
    for (let place = names.length - 1; place >= 0; place -= 1) found[this.#of[place]!] = names[place]!;
    found[0] = unnamed;
    return found;
  }

  members(part: number): readonly string[] {
    const named = syscallNames().filter((_, place) => this.#of[place] === part);
    return part === 0 ? [unnamed, ...named] : named;
  }

  /** The same parts, each of whose treatments is its number. */
  refinable<Finer>(treatmentOf: (part: number) => Finer): CallPartition<Finer> {
    const of = this.#of.slice();
    return new CallPartition(
      of,
      this.treatments.map((_, part) => treatmentOf(part)),
    );
  }
}

/** The parts that a decision tells apart by name. */
export function partitionOf(decision: Decision): CallPartition<undefined> {
  const partition = new CallPartition<undefined>(new Uint16Array(syscallNames().length), [undefined]);
  for (const rule of decision.rules) visitConditions(rule.when, (condition) => splitBy(condition, partition));
  return partition;
}

function splitBy(condition: Condition, partition: CallPartition<undefined>): void {
  switch (condition.kind) {
    case 'in-set':
      partition.split(condition.values, same);
      return;
    case 'compare':
      for (const term of [condition.left, condition.right]) {
        if (term.kind === 'literal' && typeof term.value === 'string') partition.split([term.value], same);
      }
      if (condition.operator !== '==' && condition.operator !== '!=') splitByAnswer(condition, partition);
      return;
    case 'glob':
      splitByAnswer(condition, partition);
      return;
    case 'in-ranges':
    case 'beneath':
    case 'in-network':
      return;
    default:
      condition satisfies never;
  }
}

/** For a pattern or an order over names: every call for which it answers otherwise than for one without a name. */
function splitByAnswer(leaf: Predicate, partition: CallPartition<undefined>): void {
  const answer = (name: string) =>
    evaluate(leaf, { attribute: (of) => (of === 'syscall' ? name : undefined), parameter: () => undefined });
  const usual = answer(unnamed);
  if (usual === undefined) return;
  partition.split(
    syscallNames().filter((name) => answer(name) !== usual),
    same,
  );
}

function same(): undefined {
  return undefined;
}
