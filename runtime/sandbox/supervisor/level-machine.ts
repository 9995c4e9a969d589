import type { Instruction } from '../../../compiler/backends/seccomp/instruction.ts';
import { interpret, type SeccompData } from '../../../compiler/backends/seccomp/interpret.ts';
import type { EnforcementLevel } from '../../../compiler/ir/obligation.ts';

/** A level and the filter that it would be alone. */
export interface MachineLevel {
  readonly level: EnforcementLevel;
  readonly program: readonly Instruction[];
}

export interface MachineTransition {
  /** The transition's id in the policy. */
  readonly id: string;
  readonly event: string;
  readonly to: EnforcementLevel;
  /** Notifies of the system calls that are the event; absent where no call of its own is one. */
  readonly program?: readonly Instruction[];
}

/** A move to a stricter level. */
export interface LevelChange {
  readonly from: EnforcementLevel;
  readonly to: EnforcementLevel;
  readonly by: MachineTransition;
}

/** SECCOMP_RET_* of linux/seccomp.h, without their data. */
export const action = {
  killProcess: 0x8000_0000,
  killThread: 0,
  trap: 0x0003_0000,
  errno: 0x0005_0000,
  notify: 0x7fc0_0000,
  log: 0x7ffc_0000,
  allow: 0x7fff_0000,
} as const;

const enosys = 38;

export function withoutData(value: number): number {
  return (value & 0xffff_0000) >>> 0;
}

/**
 * The levels of a running program. It starts in the first and moves only to later ones, whatever arrives in whatever order: the
 * answer to a call is the strictest of all levels that the program has come through, as the kernel's would be if each had
 * attached its filter.
 */
export class LevelMachine {
  readonly #levels: readonly MachineLevel[];
  readonly #transitions: readonly MachineTransition[];
  #at = 0;

  /** @param levels the start first, each stricter than the one before */
  constructor(levels: readonly MachineLevel[], transitions: readonly MachineTransition[]) {
    this.#levels = levels;
    this.#transitions = transitions;
  }

  get level(): EnforcementLevel {
    return this.#levels[this.#at]!.level;
  }

  /** What an event that is no system call does; undefined where the program stays. */
  fire(event: string): LevelChange | undefined {
    return this.#move((each) => each.event === event);
  }

  /** The move that a call brings about before it is answered; undefined where the program stays. */
  changeBy(call: SeccompData): LevelChange | undefined {
    const now = this.answer(call);
    const kind = withoutData(now);
    if (kind === action.allow || kind === action.log) {
      return this.#move(({ program }) => program !== undefined && actionOf(program, call) === action.notify);
    }
    const isViolation = kind === action.errno && (now & 0xffff) !== enosys;
    return isViolation ? this.fire('policy_violation') : undefined;
  }

  /** The SECCOMP_RET_* value for a call in the level that the program is in. */
  answer(call: SeccompData): number {
    let strictest: number = action.allow;
    for (let at = 0; at <= this.#at; at += 1) {
      const value = actionOf(this.#levels[at]!.program, call);
      // The least as a signed number comes first (seccomp_run_filters() in kernel/seccomp.c); of equal ones the earlier.
      if ((withoutData(value) | 0) < (withoutData(strictest) | 0)) strictest = value;
    }
    return strictest;
  }

  /** To the strictest level that one of these transitions leads to. */
  #move(isFired: (transition: MachineTransition) => boolean): LevelChange | undefined {
    let change: LevelChange | undefined;
    const from = this.level;
    for (const transition of this.#transitions) {
      const to = this.#levels.findIndex(({ level }) => level === transition.to);
      if (to <= this.#at || !isFired(transition)) continue;
      this.#at = to;
      change = { from, to: transition.to, by: transition };
    }
    return change;
  }
}

/** A program that cannot be run refuses. */
function actionOf(program: readonly Instruction[], call: SeccompData): number {
  return interpret(program, call)?.action ?? action.killProcess;
}
