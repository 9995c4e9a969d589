import { UnsoundModule } from './module.ts';

/** What WebAssembly calls a trap: an access beyond the memory, a division by zero; and a run without an end. */
export class Trap extends Error {}

/** i32 are signed numbers, i64 unsigned bigints, f64 numbers. */
export type Value = number | bigint;

/** Whether an instruction takes one value; the others take two. */
export function isUnary(opcode: number): boolean {
  return (
    opcode === 0x45 ||
    opcode === 0x50 ||
    (opcode >= 0x67 && opcode <= 0x69) ||
    (opcode >= 0x79 && opcode <= 0x7b) ||
    (opcode >= 0x99 && opcode <= 0x9f) ||
    opcode >= 0xa7
  );
}

export function unary(opcode: number, value: Value): Value {
  const number = value as number;
  const long = value as bigint;
  switch (opcode) {
    case 0x45:
      return number === 0 ? 1 : 0;
    case 0x50:
      return long === 0n ? 1 : 0;
    case 0x67:
      return Math.clz32(number);
    case 0x68:
      return number === 0 ? 32 : 31 - Math.clz32(number & -number);
    case 0x69:
      return bits(BigInt.asUintN(32, BigInt(number)));
    case 0x79:
      return BigInt(long === 0n ? 64 : 64 - long.toString(2).length);
    case 0x7a:
      return BigInt(long === 0n ? 64 : (long & -long).toString(2).length - 1);
    case 0x7b:
      return BigInt(bits(long));
    case 0x99:
      return Math.abs(number);
    case 0x9a:
      return -number;
    case 0x9b:
      return Math.ceil(number);
    case 0x9c:
      return Math.floor(number);
    case 0x9d:
      return Math.trunc(number);
    case 0x9e:
      return nearest(number);
    case 0x9f:
      return Math.sqrt(number);
    case 0xa7:
      return Number(BigInt.asIntN(32, long));
    case 0xac:
      return BigInt.asUintN(64, BigInt(number));
    case 0xad:
      return BigInt(number >>> 0);
    case 0xb0:
      return truncated(number, -(2 ** 63), 2 ** 63);
    case 0xb1:
      return truncated(number, 0, 2 ** 64);
    case 0xb7:
      return number;
    case 0xb8:
      return number >>> 0;
    case 0xb9:
      return Number(BigInt.asIntN(64, long));
    case 0xba:
      return Number(long);
    case 0xbd:
      return new BigUint64Array(Float64Array.of(number).buffer)[0]!;
    case 0xbf:
      return new Float64Array(BigUint64Array.of(long).buffer)[0]!;
    default:
      throw new UnsoundModule(`the instruction 0x${opcode.toString(16)}`);
  }
}

export function binary(opcode: number, left: Value, right: Value): Value {
  if (opcode <= 0x4f || (opcode >= 0x6a && opcode <= 0x78)) return ofWords(opcode, left as number, right as number);
  if (opcode <= 0x5a || (opcode >= 0x7c && opcode <= 0x8a)) return ofLongs(opcode, left as bigint, right as bigint);
  return ofFloats(opcode, left as number, right as number);
}

function ofWords(opcode: number, left: number, right: number): number {
  switch (opcode) {
    case 0x46:
      return left === right ? 1 : 0;
    case 0x47:
      return left !== right ? 1 : 0;
    case 0x48:
      return left < right ? 1 : 0;
    case 0x49:
      return left >>> 0 < right >>> 0 ? 1 : 0;
    case 0x4a:
      return left > right ? 1 : 0;
    case 0x4b:
      return left >>> 0 > right >>> 0 ? 1 : 0;
    case 0x4c:
      return left <= right ? 1 : 0;
    case 0x4d:
      return left >>> 0 <= right >>> 0 ? 1 : 0;
    case 0x4e:
      return left >= right ? 1 : 0;
    case 0x4f:
      return left >>> 0 >= right >>> 0 ? 1 : 0;
    case 0x6a:
      return (left + right) | 0;
    case 0x6b:
      return (left - right) | 0;
    case 0x6c:
      return Math.imul(left, right);
    case 0x6d:
      if (right === 0 || (left === -0x8000_0000 && right === -1)) throw new Trap('a division');
      return (left / right) | 0;
    case 0x6e:
      if (right === 0) throw new Trap('a division');
      return ((left >>> 0) / (right >>> 0)) | 0;
    case 0x6f:
      if (right === 0) throw new Trap('a division');
      return (left % right) | 0;
    case 0x70:
      if (right === 0) throw new Trap('a division');
      return ((left >>> 0) % (right >>> 0)) | 0;
    case 0x71:
      return left & right;
    case 0x72:
      return left | right;
    case 0x73:
      return left ^ right;
    case 0x74:
      return left << right;
    case 0x75:
      return left >> right;
    case 0x76:
      return (left >>> right) | 0;
    case 0x77:
      return (left << (right & 31)) | (left >>> (-right & 31));
    case 0x78:
      return (left >>> (right & 31)) | (left << (-right & 31));
    default:
      throw new UnsoundModule(`the instruction 0x${opcode.toString(16)}`);
  }
}

function ofLongs(opcode: number, left: bigint, right: bigint): Value {
  const signed = (value: bigint) => BigInt.asIntN(64, value);
  const wrapped = (value: bigint) => BigInt.asUintN(64, value);
  const shift = right & 63n;
  switch (opcode) {
    case 0x51:
      return left === right ? 1 : 0;
    case 0x52:
      return left !== right ? 1 : 0;
    case 0x53:
      return signed(left) < signed(right) ? 1 : 0;
    case 0x54:
      return left < right ? 1 : 0;
    case 0x55:
      return signed(left) > signed(right) ? 1 : 0;
    case 0x56:
      return left > right ? 1 : 0;
    case 0x57:
      return signed(left) <= signed(right) ? 1 : 0;
    case 0x58:
      return left <= right ? 1 : 0;
    case 0x59:
      return signed(left) >= signed(right) ? 1 : 0;
    case 0x5a:
      return left >= right ? 1 : 0;
    case 0x7c:
      return wrapped(left + right);
    case 0x7d:
      return wrapped(left - right);
    case 0x7e:
      return wrapped(left * right);
    case 0x7f:
      if (right === 0n || (signed(left) === -(2n ** 63n) && signed(right) === -1n)) throw new Trap('a division');
      return wrapped(signed(left) / signed(right));
    case 0x80:
      if (right === 0n) throw new Trap('a division');
      return left / right;
    case 0x81:
      if (right === 0n) throw new Trap('a division');
      return wrapped(signed(left) % signed(right));
    case 0x82:
      if (right === 0n) throw new Trap('a division');
      return left % right;
    case 0x83:
      return left & right;
    case 0x84:
      return left | right;
    case 0x85:
      return left ^ right;
    case 0x86:
      return wrapped(left << shift);
    case 0x87:
      return wrapped(signed(left) >> shift);
    case 0x88:
      return left >> shift;
    case 0x89:
      return wrapped((left << shift) | (left >> (64n - shift)));
    case 0x8a:
      return wrapped((left >> shift) | (left << (64n - shift)));
    default:
      throw new UnsoundModule(`the instruction 0x${opcode.toString(16)}`);
  }
}

function ofFloats(opcode: number, left: number, right: number): number {
  switch (opcode) {
    case 0x61:
      return left === right ? 1 : 0;
    case 0x62:
      return left !== right ? 1 : 0;
    case 0x63:
      return left < right ? 1 : 0;
    case 0x64:
      return left > right ? 1 : 0;
    case 0x65:
      return left <= right ? 1 : 0;
    case 0x66:
      return left >= right ? 1 : 0;
    case 0xa0:
      return left + right;
    case 0xa1:
      return left - right;
    case 0xa2:
      return left * right;
    case 0xa3:
      return left / right;
    case 0xa4:
      return Math.min(left, right);
    case 0xa5:
      return Math.max(left, right);
    case 0xa6: {
      const negative = Object.is(Math.sign(right), -1) || Object.is(right, -0);
      return negative ? -Math.abs(left) : Math.abs(left);
    }
    default:
      throw new UnsoundModule(`the instruction 0x${opcode.toString(16)}`);
  }
}

function truncated(value: number, from: number, to: number): bigint {
  const whole = Math.trunc(value);
  if (!(whole >= from && whole < to)) throw new Trap('a number out of range');
  return BigInt.asUintN(64, BigInt(whole));
}

/** To the nearest whole number, of two to the even one. */
function nearest(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

function bits(value: bigint): number {
  let count = 0;
  for (let rest = value; rest !== 0n; rest &= rest - 1n) count += 1;
  return count;
}
