import type { Effect, Enforceable } from '../../ir/policy.ts';
import { permits } from './action.ts';
import { everything } from './cube.ts';
import type { OciSyscall } from './format.ts';
import { type Outcome, outcomeKey } from './outcome.ts';

/** What the calls of one class become on a machine that has them on the same architectures. */
export interface Plan {
  readonly outcomes: readonly Outcome[];
  readonly chosen: Outcome;
  /** The architectures disagree. */
  readonly differs: boolean;
  /** Refused somewhere, whatever the arguments. */
  readonly refuses: boolean;
  entry: Entry | undefined;
  settled: boolean;
}

/** Rules, and the calls that have them. */
export interface Entry {
  readonly names: string[];
  readonly rules: readonly OciSyscall[];
  readonly by: Set<Enforceable>;
}

/** Where architectures disagree, their common filter refuses: as one of them does, or as the default does. */
export function planned(outcomes: readonly Outcome[], byDefault: Effect): Plan {
  const differs = !agree(outcomes);
  let chosen = outcomes[0]!;
  if (differs) {
    const refusing = outcomes.find(({ parts }) => parts.every(({ effect }) => !permits(effect)));
    const effect: Effect = permits(byDefault) ? { kind: 'errno', errno: 1 } : byDefault;
    chosen = refusing ?? { ...chosen, parts: [{ ...chosen.parts[0]!, effect, cubes: [everything] }] };
  }
  const refuses = outcomes.some(({ parts }) => parts.some(({ effect }) => !permits(effect)));
  return { outcomes, chosen, differs, refuses, entry: undefined, settled: false };
}

export function agree([first, ...others]: readonly Outcome[]): boolean {
  return others.every((other) => other === first || outcomeKey(other) === outcomeKey(first!));
}
