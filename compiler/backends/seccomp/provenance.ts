import { dataOffset, type Instruction, opcode } from './instruction.ts';
import type { Trails } from './outcomes.ts';

/** A call number that stands for a range of them, and the trails of the rules that decide the range's calls. */
export interface Probe {
  readonly audit: number;
  readonly number: number;
  readonly trails: readonly number[];
}

/**
 * The rules that each instruction serves, by index in the decision and ascending: a return serves the rules that it
 * answers for, a test of arguments those of the calls that reach it, and of the tests before them the last does.
 *
 * @param actions by rule, so that a return is not given to rules with another answer.
 */
export function rulesOfInstructions(
  instructions: readonly Instruction[],
  probes: readonly Probe[],
  trails: Trails,
  actions: readonly number[],
): readonly (readonly number[])[] {
  const sets = instructions.map(() => new Set<number>());
  for (const probe of probes) {
    const rules = new Set(probe.trails.flatMap((trail) => [...trails.rules(trail)]));
    const { last, leaf } = follow(instructions, probe);
    if (last !== -1) for (const rule of rules) sets[last]!.add(rule);
    for (const index of reachable(instructions, leaf)) {
      const { code, k } = instructions[index]!;
      for (const rule of rules) if (code !== opcode.return || actions[rule] === k) sets[index]!.add(rule);
    }
  }
  return sets.map((set) => [...set].sort((left, right) => left - right));
}

/** Runs the program until it returns or loads an argument; `last` is the last test before that. */
function follow(instructions: readonly Instruction[], probe: Probe): { last: number; leaf: number } {
  let accumulator = 0;
  let last = -1;
  for (let at = 0; ; ) {
    const { code, jt, jf, k } = instructions[at]!;
    switch (code) {
      case opcode.loadAbsolute:
        if (k === dataOffset.number) accumulator = probe.number;
        else if (k === dataOffset.architecture) accumulator = probe.audit;
        else return { last, leaf: at };
        at += 1;
        break;
      case opcode.andK:
        accumulator = (accumulator & k) >>> 0;
        at += 1;
        break;
      case opcode.jump:
        at += k + 1;
        break;
      case opcode.jumpEqual:
      case opcode.jumpGreater:
      case opcode.jumpGreaterEqual:
      case opcode.jumpSet: {
        last = at;
        at += 1 + (holds(code, accumulator, k) ? jt : jf);
        break;
      }
      default:
        return { last, leaf: at };
    }
  }
}

function holds(code: number, accumulator: number, k: number): boolean {
  if (code === opcode.jumpEqual) return accumulator === k;
  if (code === opcode.jumpGreater) return accumulator > k;
  if (code === opcode.jumpGreaterEqual) return accumulator >= k;
  return (accumulator & k) !== 0;
}

function reachable(instructions: readonly Instruction[], from: number): Set<number> {
  const seen = new Set([from]);
  // A set is iterated in the order of insertion, through what is added meanwhile.
  for (const at of seen) {
    const { code, jt, jf, k } = instructions[at]!;
    if (code === opcode.return) continue;
    if (code === opcode.jump) seen.add(at + 1 + k);
    else if ((code & 7) === 5) seen.add(at + 1 + jt).add(at + 1 + jf);
    else seen.add(at + 1);
  }
  return seen;
}
