import { condition, instructionClass, opcode, operandIsIndex, type Program } from './instructions.ts';

/** BPF_MAXINSNS of linux/bpf_common.h. */
const mostInstructions = 4096;
/** BPF_MEMWORDS of linux/filter.h: the scratch memory. */
const memoryWords = 16;
/** sizeof(struct seccomp_data): number, architecture, instruction pointer and six arguments. */
export const dataBytes = 64;

const firstArithmetic = 0x00;
const remainder = 0x90;
const negate = 0x80;
const exclusiveOr = 0xa0;
const divide = 0x30;
const shiftLeft = 0x60;
const shiftRight = 0x70;

/**
 * What makes the kernel refuse to attach the program (EINVAL), or undefined: bpf_check_classic() and
 * check_load_and_stores() of net/core/filter.c with seccomp_check_filter() of kernel/seccomp.c, Linux 6.18.
 * The rules hold for unreachable instructions too, as they do in the kernel.
 */
export function structuralFault(program: Program): string | undefined {
  if (program.length === 0) return 'the program is empty';
  if (program.length > mostInstructions) return `${program.length} instructions, of at most ${mostInstructions}`;
  for (let at = 0; at < program.length; at += 1) {
    const fault = instructionFault(program, at);
    if (fault !== undefined) return `instruction ${at}: ${fault}`;
  }
  if (!isReturn(program.code[program.length - 1]!)) return 'the last instruction is not a return';
  const at = uninitialisedRead(program);
  return at < 0 ? undefined : `instruction ${at}: reads scratch memory that was not written`;
}

function isReturn(code: number): boolean {
  return code === opcode.returnConstant || code === opcode.returnAccumulator;
}

function instructionFault(program: Program, at: number): string | undefined {
  const code = program.code[at]!;
  const constant = program.constant[at]!;
  switch (code) {
    case opcode.loadWord:
      return constant >= dataBytes || (constant & 3) !== 0
        ? `loads at offset ${constant}, outside the words of seccomp_data`
        : undefined;
    case opcode.loadMemory:
    case opcode.loadIndexMemory:
    case opcode.store:
    case opcode.storeIndex:
      return constant >= memoryWords ? `scratch word ${constant} of ${memoryWords}` : undefined;
    case opcode.jumpAlways:
      return constant >= program.length - at - 1 ? `jumps by ${constant}, past the end` : undefined;
    case opcode.loadImmediate:
    case opcode.loadIndexImmediate:
    case opcode.loadLength:
    case opcode.loadIndexLength:
    case opcode.returnConstant:
    case opcode.returnAccumulator:
    case opcode.accumulatorToIndex:
    case opcode.indexToAccumulator:
    case opcode.negate:
      return undefined;
    default:
      break;
  }
  const family = code & ~operandIsIndex;
  const operation = code & 0xf0;
  if (code < 0x100 && (family & 0x0f) === instructionClass.jump && operation <= condition.anyBit) {
    const furthest = Math.max(program.whenTrue[at]!, program.whenFalse[at]!);
    // JA with the index register has no meaning: 0x0d is in no list.
    if (operation === condition.always) return unknown(code);
    return at + furthest + 1 >= program.length ? `jumps by ${furthest}, past the end` : undefined;
  }
  if (code < 0x100 && (family & 0x0f) === instructionClass.arithmetic && isAllowedArithmetic(operation)) {
    if ((code & operandIsIndex) !== 0) return undefined;
    if (operation === divide && constant === 0) return 'divides by zero';
    if ((operation === shiftLeft || operation === shiftRight) && constant >= 32) return `shifts by ${constant}`;
    return undefined;
  }
  return unknown(code);
}

/** Every operation of classic BPF but the remainder, which seccomp's list leaves out; negation has no operand. */
function isAllowedArithmetic(operation: number): boolean {
  return operation >= firstArithmetic && operation <= exclusiveOr && operation !== remainder && operation !== negate;
}

function unknown(code: number): string {
  return `opcode 0x${code.toString(16)} is not one that seccomp accepts`;
}

/** The first read of scratch memory that some path reaches without a write, or -1. */
function uninitialisedRead(program: Program): number {
  const written = new Uint16Array(program.length + 1).fill(0xffff);
  let valid = 0;
  for (let at = 0; at < program.length; at += 1) {
    valid &= written[at]!;
    const code = program.code[at]!;
    const constant = program.constant[at]!;
    if (code === opcode.store || code === opcode.storeIndex) valid |= 1 << constant;
    else if (code === opcode.loadMemory || code === opcode.loadIndexMemory) {
      if ((valid & (1 << constant)) === 0) return at;
    } else if (code === opcode.jumpAlways) {
      written[at + 1 + constant]! &= valid;
      valid = 0xffff;
    } else if ((code & 7) === instructionClass.jump) {
      written[at + 1 + program.whenTrue[at]!]! &= valid;
      written[at + 1 + program.whenFalse[at]!]! &= valid;
      valid = 0xffff;
    }
  }
  return -1;
}
