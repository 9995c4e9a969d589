/**
 * eBPF instructions as the kernel has them (Documentation/bpf/standardization/instruction-set.rst). One takes 8 bytes:
 *
 *     0        1           2      4         8
 *     | opcode | src | dst | offset | immediate |
 *
 * and one that loads 64 bits takes two of these.
 */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** The frame pointer: the stack lies in the 512 bytes below it. */
export const frame: Register = 10;

/** Bytes of stack that a program has: MAX_BPF_STACK. */
export const stackBytes = 512;

/** Bytes of an instruction. */
export const instructionBytes = 8;

/** The low three bits of an opcode. */
export const classes = { ld: 0, ldx: 1, st: 2, stx: 3, alu32: 4, jump: 5, jump32: 6, alu64: 7 } as const;

/** Bits 4 to 7 of an arithmetic opcode. */
export const arithmetic = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  arsh: 0xc0,
  end: 0xd0,
} as const;
export type Arithmetic = Exclude<keyof typeof arithmetic, 'end'>;

/** Bits 4 to 7 of an opcode that jumps. Comparisons are of unsigned numbers but for those that begin with `s`. */
export const jumps = {
  always: 0x00,
  '==': 0x10,
  '>': 0x20,
  '>=': 0x30,
  '&': 0x40,
  '!=': 0x50,
  's>': 0x60,
  's>=': 0x70,
  call: 0x80,
  exit: 0x90,
  '<': 0xa0,
  '<=': 0xb0,
  's<': 0xc0,
  's<=': 0xd0,
} as const;
export type Comparison = Exclude<keyof typeof jumps, 'always' | 'call' | 'exit'>;

/** Bit 3: the second operand is a register. */
export const fromRegister = 0x08;

/** Bits 3 and 4 of an opcode that loads or stores, by the bytes it moves. */
export const widths = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 } as const;
export type Width = keyof typeof widths;

/** Bits 5 to 7 of one that loads or stores. */
export const modes = { immediate: 0x00, memory: 0x60, atomic: 0xc0 } as const;

/** The immediate of an atomic operation that adds, and gives back what was there. */
export const atomicFetchAdd = 0x01;

/** What the source register of a load of 64 bits says of its immediate: linux/bpf.h, BPF_PSEUDO_*. */
export const pseudo = { map: 1, mapValue: 2 } as const;

export interface Instruction {
  readonly opcode: number;
  readonly destination: Register;
  readonly source: Register;
  /** Signed, 16 bits. */
  readonly offset: number;
  /** Signed, 32 bits; for a load of 64 bits its low half. */
  readonly immediate: number;
  /** The high half of a load of 64 bits, which has two slots; absent elsewhere. */
  readonly high?: number;
}

/** The opcode of a load of 64 bits. */
export const loadWide = classes.ld | widths[8] | modes.immediate;

/** Slots that the instruction takes. */
export function slots(instruction: Instruction): 1 | 2 {
  return instruction.high === undefined ? 1 : 2;
}

/** The code of a program, little-endian. */
export function encode(instructions: readonly Instruction[]): Uint8Array {
  let count = 0;
  for (const instruction of instructions) count += slots(instruction);
  const bytes = new Uint8Array(count * instructionBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { opcode, destination, source, offset, immediate, high } of instructions) {
    bytes[at] = opcode;
    bytes[at + 1] = (source << 4) | destination;
    view.setInt16(at + 2, offset, true);
    view.setInt32(at + 4, immediate, true);
    at += instructionBytes;
    if (high === undefined) continue;
    view.setInt32(at + 4, high, true);
    at += instructionBytes;
  }
  return bytes;
}
