import { Fault, type Instruction, type Process } from './processor.ts';

/** Arm Architecture Reference Manual for A-profile, section C4.1 (encoding index): the instructions that launchers use. */

const zero = 31;
const link = 30;
const conditions: readonly (Parameters<Process['holds']>[0] | undefined)[] = [
  'equal',
  'not-equal',
  'not-below',
  'below',
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  'not-less',
  'less',
];

/** Decodes the instruction at an address of executable memory. */
export function decodeAarch64(process: Process, at: number): Instruction {
  if (at % 4 !== 0) throw new Fault('a jump between instructions');
  const word =
    (process.codeByte(at) |
      (process.codeByte(at + 1) << 8) |
      (process.codeByte(at + 2) << 16) |
      (process.codeByte(at + 3) << 24)) >>>
    0;
  const bits = (high: number, low: number) => (word >>> low) & (0xffff_ffff >>> (31 - high + low));
  const signed = (value: number, width: number) => (value << (32 - width)) >> (32 - width);
  const unknown = () => new Fault(`an unknown instruction ${word.toString(16)} at ${at.toString(16)}`);
  const next = at + 4;
  const then =
    (change: (process: Process) => void): Instruction =>
    (running) => {
      change(running);
      running.counter = next;
      return false;
    };
  const target = bits(4, 0);
  const base = bits(9, 5);
  const other = bits(20, 16);

  if (word === 0xd400_0001) {
    return (running) => {
      running.counter = next;
      running.comparison = undefined;
      return true;
    };
  }
  if (word === 0xd65f_03c0) {
    return (running) => {
      running.counter = running.pointer(link);
      return false;
    };
  }
  // B and BL: bit 31 tells them apart
  if (bits(30, 26) === 0b00101) {
    const to = at + signed(bits(25, 0), 26) * 4;
    const links = bits(31, 31) === 1;
    return (running) => {
      if (links) running.set(link, next, 0);
      running.counter = to;
      return false;
    };
  }
  if (bits(31, 24) === 0x54 && bits(4, 4) === 0) {
    const condition = conditions[bits(3, 0)];
    if (condition === undefined) throw unknown();
    const to = at + signed(bits(23, 5), 19) * 4;
    return (running) => {
      running.counter = running.holds(condition) ? to : next;
      return false;
    };
  }
  if (bits(31, 31) === 0 && bits(28, 24) === 0b10000) {
    const address = at + (signed(bits(23, 5), 19) * 4 + bits(30, 29)); // ADR
    return then((running) => running.set(target, address, 0));
  }
  if (bits(28, 23) === 0b100101 && bits(31, 31) === 1) {
    const kind = bits(30, 29);
    const part = bits(22, 21);
    const value = bits(20, 5);
    if (kind === 1 || target === zero) throw unknown();
    return then((running) => moveWide(running, target, kind, part, value));
  }
  if (bits(28, 23) === 0b100010 && bits(31, 31) === 1) {
    // ADD, SUB, ADDS, SUBS (immediate)
    const value = bits(21, 10) * (bits(22, 22) === 1 ? 4096 : 1);
    const operation = bits(30, 29);
    if (operation === 0 && base === zero && value === 0) {
      return then((running) => running.set(target, running.stackPointer, 0));
    }
    if (base === zero) throw unknown();
    if (operation === 3 && target === zero) return then((running) => running.compare(base, value, 0));
    if (operation === 1 && target === zero && value > 0) {
      const negative = -value >>> 0;
      return then((running) => running.compare(base, negative, 0xffff_ffff));
    }
    if (base !== target) throw unknown();
    if (operation === 0) return then((running) => running.add(target, value, 0));
    if (operation === 2) return then((running) => running.subtract(target, value, 0));
    throw unknown();
  }
  if (bits(15, 10) === 0 && bits(31, 31) === 1) {
    // Shifted register forms with a shift of 0
    const change = (apply: (running: Process, low: number, high: number) => void) =>
      then((running) => apply(running, running.low[other]!, running.high[other]!));
    switch (bits(31, 21)) {
      case 0b10101010000: // ORR
        if (base !== zero || other === zero) throw unknown();
        return change((running, low, high) => running.set(target, low, high));
      case 0b10001010000: // AND
        if (base !== target) throw unknown();
        return change((running, low, high) => running.and(target, low, high));
      case 0b10001011000: // ADD
        if (base !== target) throw unknown();
        return change((running, low, high) => running.add(target, low, high));
      case 0b11001011000: // SUB
        if (base === zero && target === other) return then((running) => running.negate(target));
        if (base !== target) throw unknown();
        return change((running, low, high) => running.subtract(target, low, high));
      case 0b11101011000: // SUBS
        if (target !== zero) throw unknown();
        return change((running, low, high) => running.compare(base, low, high));
    }
  }
  if (bits(31, 22) === 0b1101001101 && bits(15, 10) === 63 && base === target) {
    const shift = other | (bits(21, 21) << 5);
    return then((running) => running.shiftRight(target, shift)); // UBFM as LSR
  }
  if (bits(29, 25) === 0b11100) {
    const width = 2 ** bits(31, 30);
    if (width === 2 || bits(23, 23) !== 0 || base === zero || target === zero) throw unknown();
    if (bits(24, 24) === 0 && (bits(21, 21) !== 0 || bits(11, 10) !== 0)) throw unknown();
    const offset = bits(24, 24) === 1 ? bits(21, 10) * width : signed(bits(20, 12), 9);
    if (bits(22, 22) === 1) return then((running) => running.loadTo(target, running.pointer(base) + offset, width));
    return then((running) => running.storeFrom(target, running.pointer(base) + offset, width));
  }
  throw unknown();
}

/** MOVN (0), MOVZ (2) and MOVK (3) of 16 bits to one of four parts. */
function moveWide(process: Process, target: number, kind: number, part: number, value: number): void {
  let low = kind === 3 ? process.low[target]! : 0;
  let high = kind === 3 ? process.high[target]! : 0;
  const shift = (part & 1) * 16;
  const mask = ~(0xffff << shift);
  if (part < 2) low = (low & mask) | (value << shift);
  else high = (high & mask) | (value << shift);
  if (kind === 0) process.set(target, ~low, ~high);
  else process.set(target, low, high);
}
