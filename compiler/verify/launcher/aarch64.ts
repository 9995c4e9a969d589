import { Fault, type Process } from './processor.ts';

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

/** Runs one instruction. @returns true where it was SVC #0, which the caller performs. */
export function stepAarch64(process: Process): boolean {
  const at = process.counter;
  if (at % 4 !== 0) throw new Fault('a jump between instructions');
  const word =
    (process.codeByte(at) |
      (process.codeByte(at + 1) << 8) |
      (process.codeByte(at + 2) << 16) |
      (process.codeByte(at + 3) << 24)) >>>
    0;
  const bits = (high: number, low: number) => (word >>> low) & (2 ** (high - low + 1) - 1);
  const signed = (value: number, width: number) => (value << (32 - width)) >> (32 - width);
  const unknown = () => new Fault(`an unknown instruction ${word.toString(16)} at ${at.toString(16)}`);
  process.counter = at + 4;
  const target = bits(4, 0);
  const base = bits(9, 5);
  const other = bits(20, 16);

  if (word === 0xd400_0001) {
    process.comparison = undefined;
    return true;
  }
  if (word === 0xd65f_03c0) {
    process.counter = process.pointer(link);
    return false;
  }
  // B and BL: bit 31 tells them apart
  if (bits(30, 26) === 0b00101) {
    if (bits(31, 31) === 1) process.set(link, at + 4, 0);
    process.counter = at + signed(bits(25, 0), 26) * 4;
    return false;
  }
  if (bits(31, 24) === 0x54 && bits(4, 4) === 0) {
    const condition = conditions[bits(3, 0)];
    if (condition === undefined) throw unknown();
    if (process.holds(condition)) process.counter = at + signed(bits(23, 5), 19) * 4;
    return false;
  }
  if (bits(31, 31) === 0 && bits(28, 24) === 0b10000) {
    // ADR
    process.set(target, at + (signed(bits(23, 5), 19) * 4 + bits(30, 29)), 0);
    return false;
  }
  if (bits(28, 23) === 0b100101 && bits(31, 31) === 1) {
    moveWide(process, target, bits(30, 29), bits(22, 21), bits(20, 5), unknown);
    return false;
  }
  if (bits(28, 23) === 0b100010 && bits(31, 31) === 1) {
    // ADD, SUB, ADDS, SUBS (immediate)
    const value = bits(21, 10) * (bits(22, 22) === 1 ? 4096 : 1);
    const operation = bits(30, 29);
    if (operation === 0 && base === zero) {
      if (value !== 0) throw unknown();
      process.set(target, process.stackPointer, 0);
    } else if (operation === 3 && target === zero) process.compare(base, value, 0);
    else if (operation === 1 && target === zero && value > 0) {
      const negative = -value;
      process.compare(base, negative >>> 0, 0xffff_ffff);
    } else if (base !== target || target === zero) throw unknown();
    else if (operation === 0) process.add(target, value, 0);
    else if (operation === 2) process.subtract(target, value, 0);
    else throw unknown();
    return false;
  }
  if (bits(15, 10) === 0 && bits(31, 31) === 1) {
    // Shifted register forms with a shift of 0
    const low = process.low[other]!;
    const high = process.high[other]!;
    switch (bits(31, 21)) {
      case 0b10101010000: // ORR
        if (base !== zero || other === zero) throw unknown();
        process.set(target, low, high);
        return false;
      case 0b10001010000: // AND
        if (base !== target) throw unknown();
        process.and(target, low, high);
        return false;
      case 0b10001011000: // ADD
        if (base !== target) throw unknown();
        process.add(target, low, high);
        return false;
      case 0b11001011000: // SUB
        if (base === zero) process.set(target, 0, 0);
        else if (base !== target) throw unknown();
        process.subtract(target, low, high);
        return false;
      case 0b11101011000: // SUBS
        if (target !== zero) throw unknown();
        process.compare(base, low, high);
        return false;
    }
  }
  if (bits(31, 22) === 0b1101001101 && bits(15, 10) === 63) {
    if (base !== target) throw unknown();
    process.shiftRight(target, bits(21, 16)); // UBFM as LSR
    return false;
  }
  if (bits(29, 25) === 0b11100) {
    const width = 2 ** bits(31, 30);
    if (width === 2 || bits(23, 23) !== 0) throw unknown();
    if (bits(24, 24) === 0 && (bits(21, 21) !== 0 || bits(11, 10) !== 0)) throw unknown();
    const offset = bits(24, 24) === 1 ? bits(21, 10) * width : signed(bits(20, 12), 9);
    if (base === zero || target === zero) throw unknown();
    if (bits(22, 22) === 1) process.loadTo(target, process.pointer(base) + offset, width);
    else process.storeFrom(target, process.pointer(base) + offset, width);
    return false;
  }
  throw unknown();
}

/** MOVN, MOVZ and MOVK. */
function moveWide(
  process: Process,
  target: number,
  kind: number,
  part: number,
  value: number,
  unknown: () => Fault,
): void {
  if (kind === 1 || target === zero) throw unknown();
  let low = kind === 3 ? process.low[target]! : 0;
  let high = kind === 3 ? process.high[target]! : 0;
  const shift = (part & 1) * 16;
  const placed = value << shift;
  const mask = ~(0xffff << shift);
  if (part < 2) low = (low & mask) | placed;
  else high = (high & mask) | placed;
  if (kind === 0) {
    low = ~low;
    high = ~high;
  }
  process.set(target, low, high);
}
