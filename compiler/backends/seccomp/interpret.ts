import { dataOffset, type Instruction, opcode } from './instruction.ts';

/** `struct seccomp_data`: what the kernel gives a program to decide on. */
export interface SeccompData {
  readonly number: number;
  /** An AUDIT_ARCH_* value. */
  readonly architecture: number;
  readonly pointer?: bigint;
  /** Six values of 64 bits. */
  readonly arguments: readonly bigint[];
}

export interface Run {
  /** The SECCOMP_RET_* value. */
  readonly action: number;
  /** The indexes of the instructions that ran, in order. */
  readonly executed: readonly number[];
}

/**
 * Runs a program as the kernel does (`___bpf_prog_run` over what `seccomp_check_filter` admits, of which this knows the
 * operations that we emit).
 *
 * @returns undefined where the program leaves its bounds or holds an operation that we never emit.
 */
export function interpret(instructions: readonly Instruction[], data: SeccompData): Run | undefined {
  let accumulator = 0;
  let index = 0;
  const executed: number[] = [];
  for (let at = 0; at < instructions.length; ) {
    const { code, jt, jf, k } = instructions[at]!;
    executed.push(at);
    at += 1;
    switch (code) {
      case opcode.return:
        return { action: k, executed };
      case opcode.loadAbsolute: {
        const word = loadWord(data, k);
        if (word === undefined) return undefined;
        accumulator = word;
        break;
      }
      case opcode.loadImmediate:
        accumulator = k;
        break;
      case opcode.andK:
        accumulator = (accumulator & k) >>> 0;
        break;
      case opcode.copyToIndex:
        index = accumulator;
        break;
      case opcode.jump:
        at += k;
        break;
      default: {
        const taken = test(code, accumulator, code & opcode.withIndex ? index : k);
        if (taken === undefined) return undefined;
        at += taken ? jt : jf;
      }
    }
  }
  return undefined;
}

function test(code: number, accumulator: number, operand: number): boolean | undefined {
  switch (code & ~opcode.withIndex) {
    case opcode.jumpEqual:
      return accumulator === operand;
    case opcode.jumpGreater:
      return accumulator > operand;
    case opcode.jumpGreaterEqual:
      return accumulator >= operand;
    case opcode.jumpSet:
      return (accumulator & operand) !== 0;
    default:
      return undefined;
  }
}

function loadWord(data: SeccompData, offset: number): number | undefined {
  if (offset % 4 !== 0 || offset < 0 || offset >= dataOffset.size) return undefined;
  if (offset === dataOffset.number) return data.number;
  if (offset === dataOffset.architecture) return data.architecture;
  const at = offset & ~7;
  const whole =
    at === dataOffset.pointer ? (data.pointer ?? 0n) : (data.arguments[(at - dataOffset.arguments) / 8] ?? 0n);
  return Number(BigInt.asUintN(32, offset & 4 ? whole >> 32n : whole));
}
