import { instructionClass, opcode, operandIsIndex, type Program } from './instructions.ts';

/** Bits of what is live: the registers, then the scratch words. */
export const accumulatorBit = 1;
export const indexBit = 2;

export function memoryBit(at: number): number {
  return 4 << at;
}

/** For each instruction, which of the registers and scratch words some path still reads: one bit each. */
export function liveness(program: Program): Int32Array {
  const live = new Int32Array(program.length);
  for (let at = program.length - 1; at >= 0; at -= 1) {
    const code = program.code[at]!;
    const constant = program.constant[at]!;
    const after = at + 1 < program.length ? live[at + 1]! : 0;
    const index = (code & operandIsIndex) === 0 ? 0 : indexBit;
    switch (code & 7) {
      case instructionClass.load:
        live[at] = (after & ~accumulatorBit) | (code === opcode.loadMemory ? memoryBit(constant) : 0);
        break;
      case instructionClass.loadIndex:
        live[at] = (after & ~indexBit) | (code === opcode.loadIndexMemory ? memoryBit(constant) : 0);
        break;
      case instructionClass.store:
        live[at] = (after & ~memoryBit(constant)) | accumulatorBit;
        break;
      case instructionClass.storeIndex:
        live[at] = (after & ~memoryBit(constant)) | indexBit;
        break;
      case instructionClass.arithmetic:
        live[at] = after | accumulatorBit | index;
        break;
      case instructionClass.jump:
        live[at] =
          code === opcode.jumpAlways
            ? live[at + 1 + constant]!
            : live[at + 1 + program.whenTrue[at]!]! | live[at + 1 + program.whenFalse[at]!]! | accumulatorBit | index;
        break;
      case instructionClass.return:
        live[at] = code === opcode.returnAccumulator ? accumulatorBit : 0;
        break;
      default:
        live[at] =
          code === opcode.accumulatorToIndex
            ? (after & ~indexBit) | accumulatorBit
            : (after & ~accumulatorBit) | indexBit;
    }
  }
  return live;
}
