import { type Code, condition, Fault, operation } from './code.ts';

/** Arm Architecture Reference Manual for A-profile, section C4.1 (encoding index): the instructions that launchers use. */

const zero = 31;
/** -1 for those that no launcher asks for. */
const conditions: readonly number[] = [
  condition.equal,
  condition.notEqual,
  condition.notBelow,
  condition.below,
  -1,
  -1,
  -1,
  -1,
  -1,
  -1,
  condition.notLess,
  condition.less,
  -1,
  -1,
  -1,
  -1,
];

/** Decodes the instruction at an address of executable memory. */
export function decodeAarch64(code: Code, at: number): void {
  if (at % 4 !== 0) throw new Fault('a jump between instructions');
  const word = code.byte(at) | (code.byte(at + 1) << 8) | (code.byte(at + 2) << 16) | (code.byte(at + 3) << 24);
  const next = at + 4;
  const target = word & 31;
  const base = (word >>> 5) & 31;
  const other = (word >>> 16) & 31;
  /** Bits 31 to 24, which tell most of the classes apart. */
  const top = word >>> 24;

  if (word < 0 && ((word >>> 23) & 0x3f) === 0b100101) {
    moveWide(code, word, target, at);
    return;
  }
  if (word === (0xd400_0001 | 0)) {
    code.put(operation.systemCall, 0, 0, 0, 0, next);
    return;
  }
  if (word === (0xd65f_03c0 | 0)) {
    code.put(operation.returnByLink, 0, 0, 0, 0, next);
    return;
  }
  // B and BL: bit 31 tells them apart
  if (((word >>> 26) & 31) === 0b00101) {
    const to = at + ((word << 6) >> 6) * 4;
    code.put(word < 0 ? operation.callByLink : operation.jump, 0, 0, to, 0, next);
    return;
  }
  if (top >>> 1 === 0b1011010) {
    if (target === zero) throw unknown(word, at);
    const kind = (top & 1) === 0 ? operation.branchZero : operation.branchNotZero; // CBZ, CBNZ
    code.put(kind, target, 0, at + ((word << 8) >> 13) * 4, 0, next);
    return;
  }
  if (top === 0x54 && (word & 16) === 0) {
    const asked = conditions[word & 15]!;
    if (asked < 0) throw unknown(word, at);
    code.put(operation.branch, asked, 0, at + ((word << 8) >> 13) * 4, 0, next);
    return;
  }
  // A store from the zero register is none that a launcher makes; a result that goes there would be lost.
  const compares = target === zero;
  if ((top & 0x9f) === 0x10) {
    if (compares) throw unknown(word, at);
    code.put(operation.set, target, 0, at + (((word << 8) >> 13) * 4 + ((word >>> 29) & 3)), 0, next); // ADR
    return;
  }
  if ((top & 0x9f) === 0x91 && (word & 0x0080_0000) === 0) {
    addImmediate(code, word, target, base, at);
    return;
  }
  if (word < 0 && (word & 0xfc00) === 0 && shifted(code, word, target, base, other, next)) return;
  if (word >>> 22 === 0b1101001101 && (word & 0xfc00) === 0xfc00 && base === target && !compares) {
    const bits = other | ((word >>> 16) & 32);
    if (bits === 0 || bits > 31) throw unknown(word, at);
    code.put(operation.shiftRight, target, 0, bits, 0, next); // UBFM as LSR
    return;
  }
  if (word >>> 21 === 0b10011010110 && (word & 0xfc00) === 0x0800 && !compares && base !== zero && other !== zero) {
    code.put(operation.divide, target, base, other, 0, next); // UDIV
    return;
  }
  if (word >>> 21 === 0b10011011000 && (word & 0x8000) !== 0 && !compares) {
    const minuend = (word >>> 10) & 31;
    if (base === zero || other === zero || minuend === zero) throw unknown(word, at);
    code.put(operation.multiplySubtract, target, base, other, minuend, next); // MSUB
    return;
  }
  if ((top & 0x3e) === 0x38) {
    memory(code, word, target, base, at);
    return;
  }
  throw unknown(word, at);
}

/** MOVN, MOVZ and MOVK of 16 bits to one of four parts. */
function moveWide(code: Code, word: number, target: number, at: number): void {
  const kind = (word >>> 29) & 3;
  const part = (word >>> 21) & 3;
  if (kind === 1 || target === zero) throw unknown(word, at);
  const value = ((word >>> 5) & 0xffff) << ((part & 1) * 16);
  if (kind === 3) {
    const kept = ~(0xffff << ((part & 1) * 16));
    code.put(part < 2 ? operation.alterLow : operation.alterHigh, target, 0, kept, value, at + 4);
    return;
  }
  const low = part < 2 ? value : 0;
  const high = part < 2 ? 0 : value;
  code.put(operation.set, target, 0, kind === 0 ? ~low : low, kind === 0 ? ~high : high, at + 4);
}

/** ADD, SUB, ADDS and SUBS with an immediate. */
function addImmediate(code: Code, word: number, target: number, base: number, at: number): void {
  const value = ((word >>> 10) & 0xfff) * ((word & 0x0040_0000) !== 0 ? 4096 : 1);
  const kind = (word >>> 29) & 3;
  const next = at + 4;
  if (kind === 0 && base === zero && value === 0 && target !== zero) {
    code.put(operation.stackPointer, target, 0, 0, 0, next);
  } else if (kind === 2 && base === zero && target === zero && value > 0) {
    code.put(operation.moveStack, 0, 0, -value, 0, next);
  } else if (base === zero) throw unknown(word, at);
  else if (kind === 3 && target === zero) code.put(operation.compareValue, base, 0, value, 0, next);
  else if (kind === 1 && target === zero && value > 0) code.put(operation.compareValue, base, 0, -value, -1, next);
  else if (kind === 0 && base === target) code.put(operation.addValue, target, 0, value, 0, next);
  else if (kind === 0 && target !== zero) code.put(operation.offset, target, base, value, 0, next);
  else if (kind === 2 && target !== zero && base !== target) code.put(operation.offset, target, base, -value, 0, next);
  // Zero would be its own opposite, with another carry.
  else if (kind === 2 && base === target && value > 0) code.put(operation.addValue, target, 0, -value, -1, next);
  else throw unknown(word, at);
}

/** Shifted register forms with a shift of 0. */
function shifted(code: Code, word: number, target: number, base: number, other: number, next: number): boolean {
  const kind = word >>> 21;
  // SUBS
  if (kind === 0b11101011000) {
    if (target !== zero) return false;
    code.put(operation.compare, base, other, 0, 0, next);
    return true;
  }
  if (target === zero) return false;
  switch (kind) {
    case 0b10101010000: // ORR
      if (base !== zero || other === zero) return false;
      code.put(operation.move, target, other, 0, 0, next);
      return true;
    case 0b10001010000: // AND
      if (base !== target) return false;
      code.put(operation.and, target, other, 0, 0, next);
      return true;
    case 0b10001011000: // ADD
      if (base !== target) return false;
      code.put(operation.add, target, other, 0, 0, next);
      return true;
    case 0b11001011000: // SUB
      if (base === zero && target === other) code.put(operation.negate, target, 0, 0, 0, next);
      else if (base === target) code.put(operation.subtract, target, other, 0, 0, next);
      else return false;
      return true;
    default:
      return false;
  }
}

/** Loads and stores at a register and an offset that it scales, or does not. */
function memory(code: Code, word: number, target: number, base: number, at: number): void {
  const size = word >>> 30;
  const scaled = (word & 0x0100_0000) !== 0;
  if (size === 1 || (word & 0x0080_0000) !== 0 || base === zero || target === zero) throw unknown(word, at);
  if (!scaled && ((word & 0x0020_0000) !== 0 || (word & 0xc00) !== 0)) throw unknown(word, at);
  const offset = scaled ? ((word >>> 10) & 0xfff) << size : (word << 11) >> 23;
  const loads = (word & 0x0040_0000) !== 0;
  const [byte, half, whole] = loads
    ? [operation.load1, operation.load4, operation.load8]
    : [operation.store1, operation.store4, operation.store8];
  code.put(size === 0 ? byte : size === 2 ? half : whole, target, base, offset, 0, at + 4);
}

function unknown(word: number, at: number): Fault {
  return new Fault(`an unknown instruction ${(word >>> 0).toString(16)} at ${at.toString(16)}`);
}
