import { type Architecture, architectures, auditArchitecture, x32Bit } from '../../tables/architectures.ts';
import { syscallName } from '../../tables/syscalls.ts';
import { actionText } from './action.ts';
import { dataOffset, type Instruction, opcode } from './instruction.ts';

/** What is known when an instruction runs, whichever way it was reached. */
interface Knowledge {
  /** The architecture that the tests before have found. */
  readonly architecture: Architecture | undefined;
  /** The field of `struct seccomp_data` in the accumulator. */
  readonly field: string | undefined;
}

const nothing: Knowledge = { architecture: undefined, field: undefined };

/**
 * The instructions in the notation of libseccomp's `scmp_bpf_disasm`, fields and constants by name where the flow of the
 * program proves what they are: `jeq 59 (execve) true:0075 false:0006`.
 */
export function disassemble(instructions: readonly Instruction[]): readonly string[] {
  const known: (Knowledge | undefined)[] = new Array(instructions.length);
  known[0] = nothing;
  const texts: string[] = [];
  for (let at = 0; at < instructions.length; at += 1) {
    const instruction = instructions[at]!;
    // An instruction that nothing reaches is no reason to know anything.
    const before = known[at] ?? nothing;
    passOn(known, instruction, at, before);
    texts.push(textOf(instruction, at, before));
  }
  return texts;
}

/** Tells the instructions that run next what is known after this one. */
function passOn(
  known: (Knowledge | undefined)[],
  { code, jt, jf, k }: Instruction,
  at: number,
  before: Knowledge,
): void {
  const next = at + 1;
  const pass = (to: number, after: Knowledge) => {
    known[to] = meet(known[to], after);
  };
  switch (code) {
    case opcode.return:
      return;
    case opcode.loadAbsolute:
      pass(next, { architecture: before.architecture, field: fieldName(k) });
      return;
    case opcode.jump:
      pass(next + k, before);
      return;
    case opcode.jumpEqual:
      pass(next + jt, before.field === 'arch' ? { architecture: architectureOf(k), field: 'arch' } : before);
      pass(next + jf, before);
      return;
    default:
      if ((code & 7) === 5) {
        pass(next + jt, before);
        pass(next + jf, before);
      } else pass(next, { architecture: before.architecture, field: undefined });
  }
}

function meet(left: Knowledge | undefined, right: Knowledge): Knowledge {
  if (left === undefined || left === right) return right;
  return {
    architecture: left.architecture === right.architecture ? left.architecture : undefined,
    field: left.field === right.field ? left.field : undefined,
  };
}

function textOf({ code, jt, jf, k }: Instruction, at: number, { architecture, field }: Knowledge): string {
  switch (code) {
    case opcode.return:
      return `ret ${actionText(k)}`;
    case opcode.loadAbsolute:
      return `ld  ${fieldName(k)}`;
    case opcode.loadImmediate:
      return `ld  #${hex(k)}`;
    case opcode.andK:
      return `and ${hex(k)}`;
    case opcode.copyToIndex:
      return 'tax';
    case opcode.jump:
      return `jmp ${position(at + 1 + k)}`;
    default: {
      const name = jumpNames[(code & ~opcode.withIndex) as keyof typeof jumpNames];
      if (name === undefined) return `??? ${hex(code)}`;
      const operand =
        code & opcode.withIndex ? 'x' : code === opcode.jumpSet ? hex(k) : constantText(k, architecture, field);
      return `${name} ${operand} true:${position(at + 1 + jt)} false:${position(at + 1 + jf)}`;
    }
  }
}

const jumpNames = {
  [opcode.jumpEqual]: 'jeq',
  [opcode.jumpGreater]: 'jgt',
  [opcode.jumpGreaterEqual]: 'jge',
  [opcode.jumpSet]: 'jset',
} as const;

function constantText(k: number, architecture: Architecture | undefined, field: string | undefined): string {
  if (field === 'arch') {
    const named = architectureOf(k);
    return named === undefined ? hex(k) : `${hex(k)} (${named})`;
  }
  if (field !== 'nr') return hex(k);
  const owner = architecture === 'x86_64' && (k & x32Bit) !== 0 ? 'x32' : architecture;
  const name = owner === undefined ? undefined : syscallName(owner, k);
  return name === undefined ? String(k) : `${k} (${name})`;
}

function architectureOf(audit: number): Architecture | undefined {
  return architectures.find((architecture) => auditArchitecture[architecture] === audit);
}

function fieldName(offset: number): string {
  if (offset === dataOffset.number) return 'nr';
  if (offset === dataOffset.architecture) return 'arch';
  if (offset >= dataOffset.size || offset % 4 !== 0) return `[${offset}]`;
  const half = offset & 4 ? 'high' : 'low';
  return offset < dataOffset.arguments ? `ip.${half}` : `arg${(offset - dataOffset.arguments) >> 3}.${half}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** An instruction's index, as listings write it. */
export function position(index: number): string {
  return String(index).padStart(4, '0');
}
