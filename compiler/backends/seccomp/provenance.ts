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
  const sets = new RuleSets(instructions.length, actions.length);
  // Few instructions are where the tests of numbers end, so what is reached from there is looked for once for each.
  const atLeaves = new RuleSets(instructions.length, actions.length);
  const leaves = new Set<number>();
  for (const probe of probes) {
    const { last, leaf } = follow(instructions, probe);
    leaves.add(leaf);
    for (const trail of probe.trails) {
      for (let at = trail; at !== 0; at = trails.tail(at)) {
        const rule = trails.head(at);
        if (last !== -1) sets.add(last, rule);
        atLeaves.add(leaf, rule);
      }
    }
  }
  for (const leaf of leaves) {
    const rules = atLeaves.list(leaf);
    for (const index of reachable(instructions, leaf)) {
      const { code, k } = instructions[index]!;
      for (const rule of rules) if (code !== opcode.return || actions[rule] === k) sets.add(index, rule);
    }
  }
  return instructions.map((_, index) => sets.list(index));
}

/** A set of rules for each instruction, as bits. */
class RuleSets {
  readonly #words: number;
  readonly #bits: Int32Array;

  constructor(instructions: number, rules: number) {
    this.#words = (rules + 31) >>> 5;
    this.#bits = new Int32Array(instructions * this.#words);
  }

  add(instruction: number, rule: number): void {
    this.#bits[instruction * this.#words + (rule >>> 5)]! |= 1 << (rule & 31);
  }

  /** Ascending. */
  list(instruction: number): number[] {
    const rules: number[] = [];
    const from = instruction * this.#words;
    for (let word = 0; word < this.#words; word += 1) {
      for (let bits = this.#bits[from + word]!; bits !== 0; bits &= bits - 1) {
        rules.push(word * 32 + 31 - Math.clz32(bits & -bits));
      }
    }
    return rules;
  }
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
