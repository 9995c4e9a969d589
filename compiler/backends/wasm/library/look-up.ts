import { Bytes } from '../binary/bytes.ts';
import type { Code } from '../binary/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../binary/module.ts';
import { encodeText } from '../binary/text.ts';
import { equalTexts } from './texts.ts';

const FIRST = 0x9e37_79b1 | 0;
const SECOND = 0x85eb_ca77 | 0;
const THIRD = 0xc2b2_ae3d | 0;

/** The width in bytes of the numbers in a table: 2 where it is small enough. */
export type Width = 2 | 4;

/** Texts by which one asks for a number. */
export interface TextTable {
  readonly bytes: Uint8Array;
  readonly width: Width;
  /** The slots, a power of two, less one. */
  readonly mask: number;
}

/**
 * A hash table with open addressing: slots that hold where an entry begins, from the table's beginning, or 0; then the
 * entries: number, length, text. Text i has the number i + 1; 0 is for a text that is not there.
 */
export function textTable(texts: readonly string[]): TextTable {
  const encoded = texts.map(encodeText);
  let slots = 4;
  while (slots * 3 < texts.length * 4) slots *= 2;
  const total = encoded.reduce((sum, { length }) => sum + length + 4, 2 * slots);
  const width: Width = total < 0x1_0000 ? 2 : 4;
  const table = new Array<number>(slots).fill(0);
  const entries = new Bytes();
  const number = (out: Bytes, value: number) => {
    for (let at = 0; at < width; at += 1) out.byte((value >>> (8 * at)) & 0xff);
  };
  for (const [index, text] of encoded.entries()) {
    let slot = hash(text) & (slots - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (slots - 1);
    table[slot] = width * slots + entries.length;
    number(entries, index + 1);
    number(entries, text.length);
    entries.all(text);
  }
  const all = new Bytes();
  for (const entry of table) number(all, entry);
  all.all(entries.view());
  return { bytes: all.copy(), width, mask: slots - 1 };
}

/** Of four bytes from the beginning, the middle and the end, which are all that texts of up to twelve bytes have. */
function hash(text: Uint8Array): number {
  const { length } = text;
  let first = 0;
  let middle = 0;
  let last = 0;
  if (length >= 4) {
    first = word(text, 0);
    middle = word(text, (length >> 1) - 2);
    last = word(text, length - 4);
  } else if (length > 0) {
    first = text[0]!;
    middle = text[length >> 1]!;
    last = text[length - 1]!;
  }
  let mixed = (Math.imul(first, FIRST) + middle) | 0;
  mixed = (Math.imul(mixed ^ (mixed >>> 15), SECOND) + last) | 0;
  mixed = (Math.imul(mixed ^ (mixed >>> 13), THIRD) + length) | 0;
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function word(text: Uint8Array, at: number): number {
  return text[at]! | (text[at + 1]! << 8) | (text[at + 2]! << 16) | (text[at + 3]! << 24);
}

/** (address, length, table, mask) -> the number of the text, or 0. */
export function lookUp(module: ModuleBuilder, width: Width): FunctionHandle {
  const equal = equalTexts(module);
  const load = (code: Code, offset = 0) => code.memory(width === 2 ? 'i32.load16_u' : 'i32.load', offset);
  return module.library(`look_up_${8 * width}`, ['i32', 'i32', 'i32', 'i32'], 'i32', (code) => {
    const [text, length, table, mask] = [0, 1, 2, 3];
    const slot = code.local('i32');
    const entry = code.local('i32');
    pushHash(code, text, length, slot);
    code.set(slot);
    const missing = code.block();
    const again = code.loop();
    code.get(table);
    code.get(slot);
    code.get(mask);
    code.op('i32.and');
    code.i32(width === 2 ? 1 : 2);
    code.op('i32.shl');
    code.op('i32.add');
    load(code);
    code.tee(entry);
    code.op('i32.eqz');
    code.branchIf(missing);
    code.get(entry);
    code.get(table);
    code.op('i32.add');
    code.set(entry);
    code.get(text);
    code.get(length);
    code.get(entry);
    code.i32(2 * width);
    code.op('i32.add');
    code.get(entry);
    load(code, width);
    code.call(equal.index);
    code.if();
    code.get(entry);
    load(code);
    code.return();
    code.end();
    code.get(slot);
    code.i32(1);
    code.op('i32.add');
    code.set(slot);
    code.branch(again);
    code.end();
    code.end();
    code.i32(0);
  });
}

/** As `hash`. */
function pushHash(code: Code, text: number, length: number, mixed: number): void {
  const first = code.local('i32');
  const middle = code.local('i32');
  const last = code.local('i32');
  code.get(length);
  code.i32(4);
  code.op('i32.ge_u');
  code.if();
  code.get(text);
  code.memory('i32.load');
  code.set(first);
  pushMiddle(code, text, length);
  code.i32(2);
  code.op('i32.sub');
  code.memory('i32.load');
  code.set(middle);
  pushEnd(code, text, length);
  code.i32(4);
  code.op('i32.sub');
  code.memory('i32.load');
  code.set(last);
  code.else();
  code.get(length);
  code.if();
  code.get(text);
  code.memory('i32.load8_u');
  code.set(first);
  pushMiddle(code, text, length);
  code.memory('i32.load8_u');
  code.set(middle);
  pushEnd(code, text, length);
  code.i32(1);
  code.op('i32.sub');
  code.memory('i32.load8_u');
  code.set(last);
  code.end();
  code.end();
  code.get(first);
  code.i32(FIRST);
  code.op('i32.mul');
  code.get(middle);
  code.op('i32.add');
  mix(code, mixed, 15, SECOND);
  code.get(last);
  code.op('i32.add');
  mix(code, mixed, 13, THIRD);
  code.get(length);
  code.op('i32.add');
  code.tee(mixed);
  code.get(mixed);
  code.i32(16);
  code.op('i32.shr_u');
  code.op('i32.xor');
}

function pushMiddle(code: Code, text: number, length: number): void {
  code.get(text);
  code.get(length);
  code.i32(1);
  code.op('i32.shr_u');
  code.op('i32.add');
}

function pushEnd(code: Code, text: number, length: number): void {
  code.get(text);
  code.get(length);
  code.op('i32.add');
}

/** The value on the stack xor itself shifted, times a number. */
function mix(code: Code, local: number, shift: number, factor: number): void {
  code.tee(local);
  code.get(local);
  code.i32(shift);
  code.op('i32.shr_u');
  code.op('i32.xor');
  code.i32(factor);
  code.op('i32.mul');
}
