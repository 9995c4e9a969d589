/**
 * Classic BPF as the validator reads it: `struct sock_filter` of linux/filter.h, the opcodes of linux/bpf_common.h.
 *
 * ```
 * byte  0    1    2    3    4    5    6    7
 *      [ code  ] [jt] [jf] [       k        ]   little-endian on every architecture that polc knows
 * ```
 */
export interface Program {
  readonly length: number;
  readonly code: Uint16Array;
  readonly whenTrue: Uint8Array;
  readonly whenFalse: Uint8Array;
  readonly constant: Uint32Array;
}

const instructionBytes = 8;

/** The low three bits of an opcode. */
export const instructionClass = {
  load: 0,
  loadIndex: 1,
  store: 2,
  storeIndex: 3,
  arithmetic: 4,
  jump: 5,
  return: 6,
  move: 7,
};

export const opcode = {
  loadWord: 0x20,
  loadImmediate: 0x00,
  loadMemory: 0x60,
  loadLength: 0x80,
  loadIndexImmediate: 0x01,
  loadIndexMemory: 0x61,
  loadIndexLength: 0x81,
  store: 0x02,
  storeIndex: 0x03,
  jumpAlways: 0x05,
  returnConstant: 0x06,
  returnAccumulator: 0x16,
  accumulatorToIndex: 0x07,
  indexToAccumulator: 0x87,
  negate: 0x84,
};

/** Bit 3 of an arithmetic or jump opcode: the operand is the index register and not the constant. */
export const operandIsIndex = 0x08;

/** The upper four bits of an arithmetic opcode. */
export const arithmetic = {
  add: 0x00,
  subtract: 0x10,
  multiply: 0x20,
  divide: 0x30,
  or: 0x40,
  and: 0x50,
  shiftLeft: 0x60,
  shiftRight: 0x70,
  negate: 0x80,
  remainder: 0x90,
  exclusiveOr: 0xa0,
};

/** The upper four bits of a jump opcode. */
export const condition = { always: 0x00, equal: 0x10, greater: 0x20, greaterOrEqual: 0x30, anyBit: 0x40 };

/** Decodes the raw array; undefined where the length is not a whole number of instructions. */
export function decodeProgram(bytes: Uint8Array): Program | undefined {
  if (bytes.byteLength % instructionBytes !== 0) return undefined;
  const length = bytes.byteLength / instructionBytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const program = {
    length,
    code: new Uint16Array(length),
    whenTrue: new Uint8Array(length),
    whenFalse: new Uint8Array(length),
    constant: new Uint32Array(length),
  };
  for (let at = 0; at < length; at += 1) {
    const from = at * instructionBytes;
    program.code[at] = view.getUint16(from, true);
    program.whenTrue[at] = view.getUint8(from + 2);
    program.whenFalse[at] = view.getUint8(from + 3);
    program.constant[at] = view.getUint32(from + 4, true);
  }
  return program;
}
