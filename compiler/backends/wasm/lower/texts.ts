import { hasWildcard } from '../../../expressions/glob.ts';
import type { Code, Label } from '../binary/code.ts';
import { encodeText } from '../binary/text.ts';
import { matchBeneath, matchGlob } from '../library/globs.ts';
import { decideBy, goTo, type Outcome } from './jumps.ts';
import type { Operands } from './operands.ts';

const SLASH = 47;

/** The attribute is one of the texts. */
export function testMembership(operands: Operands, name: string, values: readonly string[], outcome: Outcome): void {
  const vocabulary = operands.context.vocabularies.get(name);
  if (values.length === 0) {
    goTo(operands.code, outcome, false);
  } else if (vocabulary === undefined) {
    testTexts(operands, name, values, outcome);
  } else {
    const numbers = values.map((value) => vocabulary.numbers.get(value)!).sort((left, right) => left - right);
    operands.pushNumber(name, vocabulary);
    pushAmong(operands, numbers, vocabulary.numbers.size);
    decideBy(operands.code, outcome);
  }
}

/** Replaces the number on the stack, from 0 to `largest`, by whether it is one of the sorted numbers from 1. */
function pushAmong({ code, context }: Operands, numbers: readonly number[], largest: number): void {
  const [first = 0] = numbers;
  const last = numbers.at(-1)!;
  if (last - first + 1 === numbers.length) {
    if (numbers.length === largest) {
      code.i32(0);
      code.op('i32.ne');
    } else if (first === last) {
      code.i32(first);
      code.op('i32.eq');
    } else {
      code.i32(first);
      code.op('i32.sub');
      code.i32(last - first);
      code.op('i32.le_u');
    }
    return;
  }
  const bits = new Uint8Array((largest >> 3) + 1);
  for (const number of numbers) bits[number >> 3]! |= 1 << (number & 7);
  const address = context.module.data.place(bits, 1);
  const number = code.local('i32');
  code.tee(number);
  code.i32(3);
  code.op('i32.shr_u');
  code.memory('i32.load8_u', address);
  code.get(number);
  code.i32(7);
  code.op('i32.and');
  code.op('i32.shr_u');
  code.i32(1);
  code.op('i32.and');
}

/** One comparison after the other, by length and then by as many bytes at once as there are. */
function testTexts(operands: Operands, name: string, values: readonly string[], outcome: Outcome): void {
  const { code } = operands;
  const texts = values.map(encodeText);
  const length = code.local('i32');
  const address = code.local('i32');
  operands.pushLength(name);
  code.set(length);
  operands.pushAddress(name);
  code.set(address);
  const lengths = [...new Set(texts.map((text) => text.length))];
  for (const [place, each] of lengths.entries()) {
    const same = texts.filter((text) => text.length === each);
    const isLast = place === lengths.length - 1;
    const other = isLast ? outcome.whenFalse : code.block();
    code.get(length);
    code.i32(each);
    code.op('i32.ne');
    code.branchIf(other);
    for (const [index, text] of same.entries()) {
      const last = index === same.length - 1;
      const different = last ? outcome.whenFalse : code.block();
      branchUnlessBytes(code, address, 0, text, different);
      if (!last || !isLast || outcome.next !== 'true') code.branch(outcome.whenTrue);
      if (!last) code.end();
    }
    if (!isLast) code.end();
  }
}

/** Leaves for `different` where the bytes at a local's address and the offset are others. */
export function branchUnlessBytes(code: Code, local: number, offset: number, text: Uint8Array, different: Label): void {
  const view = new DataView(text.buffer, text.byteOffset, text.byteLength);
  const { length } = text;
  let at = 0;
  const eight = (from: number) => {
    code.get(local);
    code.memory('i64.load', offset + from);
    code.i64(view.getBigUint64(from, true));
    code.op('i64.ne');
    code.branchIf(different);
  };
  const upToFour = (from: number, size: 1 | 2 | 4) => {
    code.get(local);
    code.memory(size === 4 ? 'i32.load' : size === 2 ? 'i32.load16_u' : 'i32.load8_u', offset + from);
    code.i32(size === 4 ? view.getInt32(from, true) : size === 2 ? view.getUint16(from, true) : view.getUint8(from));
    code.op('i32.ne');
    code.branchIf(different);
  };
  for (; length - at >= 8; at += 8) eight(at);
  const rest = length - at;
  if (rest === 0) return;
  // What is left is read together with bytes before it, rather than byte by byte.
  if (length >= 8 && rest > 4) eight(length - 8);
  else if (length >= 4) {
    if (rest > 4) upToFour(at, 4);
    upToFour(length - 4, 4);
  } else {
    if (rest > 1) upToFour(at, 2);
    if (rest !== 2) upToFour(length - 1, 1);
  }
}

/** The whole text matches a pattern of `*` and `?`. */
export function testGlob(operands: Operands, name: string, pattern: string, outcome: Outcome): void {
  const { code } = operands;
  if (!hasWildcard(pattern)) {
    testTexts(operands, name, [pattern], outcome);
    return;
  }
  const star = pattern.indexOf('*');
  if (pattern.includes('?') || pattern.indexOf('*', star + 1) !== -1) {
    testByFunction(operands, name, pattern, matchGlob(operands.context.module).index, outcome);
    return;
  }
  const [prefix, suffix] = [encodeText(pattern.slice(0, star)), encodeText(pattern.slice(star + 1))];
  const start = code.local('i32');
  const length = code.local('i32');
  operands.pushLength(name);
  code.tee(length);
  code.i32(prefix.length + suffix.length);
  code.op('i32.lt_u');
  code.branchIf(outcome.whenFalse);
  operands.pushAddress(name);
  code.set(start);
  branchUnlessBytes(code, start, 0, prefix, outcome.whenFalse);
  if (suffix.length > 0) {
    const tail = code.local('i32');
    code.get(start);
    code.get(length);
    code.op('i32.add');
    code.i32(suffix.length);
    code.op('i32.sub');
    code.set(tail);
    branchUnlessBytes(code, tail, 0, suffix, outcome.whenFalse);
  }
  goTo(code, outcome, true);
}

/** The path is the pattern or beneath it. */
export function testBeneath(operands: Operands, name: string, pattern: string, outcome: Outcome): void {
  const { code } = operands;
  if (pattern.charCodeAt(0) !== SLASH) {
    goTo(code, outcome, false);
    return;
  }
  if (pattern !== '/' && hasWildcard(pattern)) {
    testByFunction(operands, name, pattern, matchBeneath(operands.context.module).index, outcome);
    return;
  }
  const text = encodeText(pattern);
  const start = code.local('i32');
  const length = code.local('i32');
  operands.pushLength(name);
  code.tee(length);
  code.i32(text.length);
  code.op('i32.lt_u');
  code.branchIf(outcome.whenFalse);
  operands.pushAddress(name);
  code.set(start);
  branchUnlessBytes(code, start, 0, text, outcome.whenFalse);
  if (pattern === '/') {
    goTo(code, outcome, true);
    return;
  }
  code.get(length);
  code.i32(text.length);
  code.op('i32.eq');
  code.branchIf(outcome.whenTrue);
  code.get(start);
  code.memory('i32.load8_u', text.length);
  code.i32(SLASH);
  code.op('i32.eq');
  decideBy(code, outcome);
}

/** By a function that takes both texts from their beginning to their end. */
function testByFunction(operands: Operands, name: string, pattern: string, index: number, outcome: Outcome): void {
  const { code, context } = operands;
  const { address, length } = context.module.data.text(pattern);
  const start = code.local('i32');
  operands.pushAddress(name);
  code.tee(start);
  code.get(start);
  operands.pushLength(name);
  code.op('i32.add');
  code.i32(address);
  code.i32(address + length);
  code.call(index);
  decideBy(code, outcome);
}
