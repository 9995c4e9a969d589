import type { Code } from '../binary/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../binary/module.ts';

/** (address, length, address, length) -> 1 where the texts are equal. */
export function equalTexts(module: ModuleBuilder): FunctionHandle {
  return module.library('equal_texts', ['i32', 'i32', 'i32', 'i32'], 'i32', (code) => {
    const [left, leftLength, right, rightLength] = [0, 1, 2, 3];
    const end = code.local('i32');
    const different = code.block();
    code.get(leftLength);
    code.get(rightLength);
    code.op('i32.ne');
    code.branchIf(different);
    code.get(left);
    code.get(leftLength);
    code.op('i32.add');
    code.set(end);
    // Eight bytes at once while there are so many, then one by one.
    const wide = code.block();
    const again = code.loop();
    code.get(left);
    code.i32(8);
    code.op('i32.add');
    code.get(end);
    code.op('i32.gt_u');
    code.branchIf(wide);
    code.get(left);
    code.memory('i64.load');
    code.get(right);
    code.memory('i64.load');
    code.op('i64.ne');
    code.branchIf(different);
    advance(code, left, 8);
    advance(code, right, 8);
    code.branch(again);
    code.end();
    code.end();
    const done = code.block();
    const single = code.loop();
    code.get(left);
    code.get(end);
    code.op('i32.ge_u');
    code.branchIf(done);
    code.get(left);
    code.memory('i32.load8_u');
    code.get(right);
    code.memory('i32.load8_u');
    code.op('i32.ne');
    code.branchIf(different);
    advance(code, left, 1);
    advance(code, right, 1);
    code.branch(single);
    code.end();
    code.end();
    code.i32(1);
    code.return();
    code.end();
    code.i32(0);
  });
}

/**
 * (address, length, address, length) -> less than 0, 0 or more than 0, in the order of UTF-16 code units, which is that of
 * the reference evaluator. It differs from the order of bytes only where a character beyond U+FFFF, whose first byte is
 * F0 or more, meets one from U+E000 on, whose first byte is EE or EF: these come last.
 */
export function orderTexts(module: ModuleBuilder): FunctionHandle {
  return module.library('order_texts', ['i32', 'i32', 'i32', 'i32'], 'i32', (code) => {
    const [left, leftLength, right, rightLength] = [0, 1, 2, 3];
    const end = code.local('i32');
    const one = code.local('i32');
    const other = code.local('i32');
    code.get(left);
    code.get(leftLength);
    code.get(rightLength);
    code.get(leftLength);
    code.get(rightLength);
    code.op('i32.lt_u');
    code.op('select');
    code.op('i32.add');
    code.set(end);
    const prefix = code.block();
    const again = code.loop();
    code.get(left);
    code.get(end);
    code.op('i32.ge_u');
    code.branchIf(prefix);
    code.get(left);
    code.memory('i32.load8_u');
    code.tee(one);
    code.get(right);
    code.memory('i32.load8_u');
    code.tee(other);
    code.op('i32.ne');
    code.if();
    pushRank(code, one);
    pushRank(code, other);
    code.op('i32.sub');
    code.return();
    code.end();
    advance(code, left, 1);
    advance(code, right, 1);
    code.branch(again);
    code.end();
    code.end();
    code.get(leftLength);
    code.get(rightLength);
    code.op('i32.gt_u');
    code.get(leftLength);
    code.get(rightLength);
    code.op('i32.lt_u');
    code.op('i32.sub');
  });
}

/** The byte, or where it is EE or EF one that comes after every other. */
function pushRank(code: Code, byte: number): void {
  code.get(byte);
  code.get(byte);
  code.i32(0xfe);
  code.op('i32.and');
  code.i32(0xee);
  code.op('i32.eq');
  code.i32(4);
  code.op('i32.shl');
  code.op('i32.add');
}

/** `local += by`. */
export function advance(code: Code, local: number, by: number): void {
  code.get(local);
  code.i32(by);
  code.op('i32.add');
  code.set(local);
}
