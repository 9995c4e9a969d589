import { evaluate } from '../../expressions/evaluate.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { syscallPlaces } from '../../tables/syscall-places.ts';
import { leavesAbout } from './mentions.ts';
import { NameClasses } from './name-classes.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { startupCalls } from './startup-calls.ts';

/** What becomes of each class of calls, worked out once for the architectures that the decision cannot tell apart. */
export class Outcomes {
  readonly classes: NameClasses;
  readonly startup = startupPlaces();
  readonly #decision: Decision;
  readonly #known = new Map<string, (Outcome | undefined)[]>();
  readonly #kinds = new Map<Architecture, string>();
  readonly #leaves: Predicate[] = [];

  constructor(decision: Decision) {
    this.#decision = decision;
    this.classes = new NameClasses(decision);
    for (const rule of decision.rules) leavesAbout(rule.when, 'arch', this.#leaves);
  }

  of(arch: Architecture, named: number, newer = false): Outcome {
    const kind = this.#kind(arch);
    let known = this.#known.get(kind);
    if (known === undefined) {
      known = [];
      this.#known.set(kind, known);
    }
    const at = 2 * named + (newer ? 1 : 0);
    let outcome = known[at];
    if (outcome === undefined) {
      const { unnamed, otherwise } = this.classes;
      outcome = outcomeOf(this.#decision, { arch, newer, unnamed, otherwise: otherwise[named]! });
      known[at] = outcome;
    }
    return outcome;
  }

  /** Equal for architectures of which every leaf says the same. */
  #kind(arch: Architecture): string {
    let kind = this.#kinds.get(arch);
    if (kind === undefined) {
      const about = { attribute: (name: string) => (name === 'arch' ? arch : undefined), parameter: () => undefined };
      kind = this.#leaves.map((leaf) => String(evaluate(leaf, about))).join();
      if (kind.includes('undefined')) kind = arch;
      this.#kinds.set(arch, kind);
    }
    return kind;
  }
}

/** By place, why the runtime needs the call. */
function startupPlaces(): readonly (string | undefined)[] {
  const places = syscallPlaces();
  const found: (string | undefined)[] = new Array(places.size).fill(undefined);
  for (const { name, why } of startupCalls) found[places.get(name)!] = why;
  return found;
}
