import type { ProgramsInForce } from '../hook-programs/policy-programs.ts';
import type { ControlGroup } from './control-group.ts';
import type { StarterSocket } from './starter-socket.ts';
import type { Supervision } from './supervisor/index.ts';

/** What holds a program from outside. */
export interface Holding {
  readonly group: ControlGroup | undefined;
  /** Those of the kernel that hold the group. */
  readonly programs: ProgramsInForce | undefined;
  /** What holds them in force until the program has ended, however polc does. */
  readonly starter: StarterSocket | undefined;
  /** Moves the program to stricter levels, where the policy has them. */
  readonly supervision: Supervision | undefined;
}

/**
 * Takes back what held a program that has ended. A step that fails leaves out none after it.
 *
 * @param say what is left behind; one line each
 */
export async function release(
  { group, programs, starter, supervision }: Holding,
  say: (line: string) => void,
): Promise<void> {
  const steps = [
    () => supervision?.end(),
    () => starter?.end(),
    () => programs?.end(),
    async () => {
      for (const left of group === undefined ? [] : await removeGroup(group))
        say(`the control group ${left} still holds processes and was left`);
    },
  ];
  const failed: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failed.push(error);
    }
  }
  if (failed.length > 0) throw failed[0];
}

const removalPatience = 300;

/** A process that has just ended leaves its group a moment later: tries for some time. Gives what would not go. */
async function removeGroup(group: ControlGroup): Promise<readonly string[]> {
  const end = performance.now() + removalPatience;
  for (let left = group.remove(); ; left = group.remove()) {
    if (left.length === 0 || performance.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
