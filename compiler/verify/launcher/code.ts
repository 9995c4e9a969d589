import type { Region } from './elf.ts';

/** An instruction or an access that a launcher has no business with. */
export class Fault extends Error {}

/**
 * What the instructions of both machines come down to. `a` and `b` are registers, `value` is a number of 64 bits in two
 * halves or, in `low` alone, an offset, a shift or a mask.
 */
export const operation = {
  /** a = value */
  set: 1,
  /** a = b */
  move: 2,
  /** a = the 1, 4 or 8 bytes at b + low */
  load1: 3,
  load4: 4,
  load8: 5,
  /** The bytes at b + low = a */
  store1: 6,
  store4: 7,
  store8: 8,
  /** a = a + value */
  addValue: 9,
  add: 10,
  subtract: 11,
  and: 12,
  negate: 13,
  shiftRight: 14,
  /** Compares a with the value, or with b. */
  compareValue: 15,
  compare: 16,
  /** Goes to `low` where condition a holds. */
  branch: 17,
  jump: 18,
  /** Pushes the address of the next instruction, and goes to `low`. */
  callByStack: 19,
  returnByStack: 20,
  /** Keeps the address of the next instruction in register 30, and goes to `low`. */
  callByLink: 21,
  returnByLink: 22,
  /** a = value, through the stack: the eight bytes below the stack pointer are lost. */
  setByStack: 23,
  /** a = value, and nothing may branch on the flags that it leaves. */
  clear: 24,
  /** The low half of a keeps the bits of `low` and gets those of `high`; the same with the high half. */
  alterLow: 25,
  alterHigh: 26,
  /** a = aarch64's stack pointer */
  stackPointer: 27,
  systemCall: 28,
  /** a = b + low, and the flags stay. */
  offset: 29,
  /** aarch64's stack pointer moves by `low`. */
  moveStack: 30,
  /** Registers 0 and 2 = the quotient and the remainder of register 0, which is all of the dividend, by a. */
  divideInPlace: 31,
  /** a = b / low; a = high - b * low: `low` and `high` are registers. */
  divide: 32,
  multiplySubtract: 33,
  /** Goes to `low` where a is zero, or where it is not. */
  branchZero: 34,
  branchNotZero: 35,
} as const;

/** Conditions: the bit of a comparison that is looked at, times two, and one more where it must be clear. */
export const condition = { equal: 0, notEqual: 1, below: 2, notBelow: 3, less: 4, notLess: 5 } as const;

/** The fields of a decoded instruction, from its place in `Code.fields`; `next` is the address after it. Process.run has them as numbers. */
export const field = { a: 1, b: 2, low: 3, high: 4, next: 5 } as const;
const fieldCount = 6;

export type Decoder = (code: Code, address: number) => void;

/** A file's code, each instruction of which is decoded when it is first run: code never changes. */
export class Code {
  readonly start: number;
  /** For each byte of the code, the place of the instruction that begins there in `fields`; 0 where none is known. */
  readonly places: Int32Array;
  fields = new Int32Array(fieldCount * 1024);
  private used = fieldCount;
  private readonly bytes: Uint8Array;
  private readonly decoder: Decoder;

  constructor(region: Region | undefined, decoder: Decoder) {
    this.start = region?.start ?? 0;
    this.bytes = region?.bytes ?? new Uint8Array();
    this.places = new Int32Array(this.bytes.length);
    this.decoder = decoder;
  }

  /** @returns the place of the instruction at an address, decoded now. */
  decode(address: number): number {
    this.byte(address);
    const place = this.used;
    this.decoder(this, address);
    this.places[address - this.start] = place;
    return place;
  }

  byte(address: number): number {
    const byte = this.bytes[address - this.start];
    if (byte === undefined) throw new Fault(`a jump to ${address.toString(16)}, which is not executable`);
    return byte;
  }

  /** Adds the instruction that is being decoded. */
  put(kind: number, a: number, b: number, low: number, high: number, next: number): void {
    if (this.used + fieldCount > this.fields.length) {
      const wider = new Int32Array(this.fields.length * 2);
      wider.set(this.fields);
      this.fields = wider;
    }
    const { fields, used } = this;
    fields[used] = kind;
    fields[used + field.a] = a;
    fields[used + field.b] = b;
    fields[used + field.low] = low;
    fields[used + field.high] = high;
    fields[used + field.next] = next;
    this.used += fieldCount;
  }
}
