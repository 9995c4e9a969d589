import { hasHelper, helperByNumber } from '../../backends/bpf-lsm/helpers.ts';
import type { ProgramKind } from '../../backends/bpf-lsm/program-kind.ts';
import type { KernelVersion } from '../../target.ts';
import { type Decoded, decodeInstructions } from './instructions.ts';
import { boundedLoop } from './loops.ts';
import { entryState, join, type ProgramState, step } from './state.ts';

/** What the kernel's verifier would not accept. */
export interface StructureProblem {
  readonly slot: number;
  /** What is wrong, in words that follow "instruction N". */
  readonly reason: string;
}

/** BPF_COMPLEXITY_LIMIT_INSNS (linux/bpf.h), as a program has them. */
const mostInstructions = 1_000_000;

/**
 * Looks for what the kernel's verifier would refuse of a program, before it is asked: jumps that lead out of it, code that no
 * way leads to, registers and bytes of the stack that are read before anything was put there, accesses beyond the stack,
 * helpers that this kind of program or this kernel does not have, and loops whose end cannot be seen.
 *
 * What it accepts the kernel may still refuse: it does not follow what lies in memory.
 */
export function checkStructure(
  code: Uint8Array,
  kind: ProgramKind,
  kernel: KernelVersion,
): StructureProblem | undefined {
  const decoded = decodeInstructions(code);
  if ('reason' in decoded) return decoded;
  const { instructions } = decoded;
  if (instructions.length > mostInstructions) {
    return { slot: mostInstructions, reason: `is beyond the ${mostInstructions} that a program may have` };
  }
  const bySlot = new Map(instructions.map((instruction) => [instruction.slot, instruction]));
  for (const instruction of instructions) {
    const problem = ofInstruction(instruction, bySlot, kind, kernel);
    if (problem !== undefined) return { slot: instruction.slot, reason: problem };
  }
  const states = new Map<number, ProgramState>([[0, entryState()]]);
  const pending = [0];
  for (let slot = pending.pop(); slot !== undefined; slot = pending.pop()) {
    const instruction = bySlot.get(slot)!;
    const after = step(instruction, states.get(slot)!);
    if (typeof after === 'string') return { slot, reason: after };
    for (const next of instruction.next) {
      const known = states.get(next);
      const joined = known === undefined ? after : join(known, after);
      if (joined === known) continue;
      states.set(next, joined);
      pending.push(next);
    }
  }
  for (const instruction of instructions) {
    const { slot } = instruction;
    if (!states.has(slot)) return { slot, reason: 'is never reached' };
    const back = instruction.next.find((next) => next <= slot);
    if (back !== undefined && !boundedLoop(instructions, states, back, instruction)) {
      return { slot, reason: 'jumps back, and nothing shows that it does so a bounded number of times' };
    }
  }
  return undefined;
}

function ofInstruction(
  instruction: Decoded,
  bySlot: ReadonlyMap<number, Decoded>,
  kind: ProgramKind,
  kernel: KernelVersion,
): string | undefined {
  for (const next of instruction.next) {
    if (!bySlot.has(next)) return 'leads to where no instruction begins';
  }
  if (instruction.call === undefined) return undefined;
  const helper = helperByNumber(instruction.call);
  if (helper === undefined) return `calls the helper ${instruction.call}, of which nothing is known`;
  if (hasHelper(helper, kind, kernel)) return undefined;
  const { major, minor } = kernel;
  return `calls \`${helper.name}\`, which programs of the kind ${kind} do not have on Linux ${major}.${minor}`;
}
