import type { Code } from '../binary/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../binary/module.ts';
import { advance } from './texts.ts';

const STAR = 42;
const QUESTION = 63;
const SLASH = 47;

/**
 * (start, end, pattern's start, pattern's end) -> 1 where the whole text matches, as `matchesGlob`: `*` stands for any
 * characters, `?` for one. A mismatch returns to the latest `*` only.
 */
export function matchGlob(module: ModuleBuilder): FunctionHandle {
  return module.library('match_glob', ['i32', 'i32', 'i32', 'i32'], 'i32', (code) => {
    const [at, end, wanted, patternEnd] = [0, 1, 2, 3];
    const afterStar = code.local('i32');
    const starTook = code.local('i32');
    const expected = code.local('i32');
    const mismatch = code.block();
    const matched = code.block();
    const rest = code.block();
    const again = code.loop();
    code.get(at);
    code.get(end);
    code.op('i32.ge_u');
    code.branchIf(rest);
    const back = code.block();
    code.get(wanted);
    code.get(patternEnd);
    code.op('i32.ge_u');
    code.branchIf(back);
    code.get(wanted);
    code.memory('i32.load8_u');
    code.tee(expected);
    code.i32(STAR);
    code.op('i32.eq');
    code.if();
    advance(code, wanted, 1);
    code.get(wanted);
    code.get(patternEnd);
    code.op('i32.eq');
    code.branchIf(matched);
    code.get(wanted);
    code.set(afterStar);
    code.get(at);
    code.set(starTook);
    code.branch(again);
    code.end();
    code.get(expected);
    code.i32(QUESTION);
    code.op('i32.eq');
    code.if();
    advance(code, wanted, 1);
    advanceCharacter(code, at, end);
    code.branch(again);
    code.end();
    code.get(expected);
    code.get(at);
    code.memory('i32.load8_u');
    code.op('i32.ne');
    code.branchIf(back);
    advance(code, wanted, 1);
    advance(code, at, 1);
    code.branch(again);
    code.end();
    code.get(afterStar);
    code.op('i32.eqz');
    code.branchIf(mismatch);
    advanceCharacter(code, starTook, end);
    code.get(starTook);
    code.set(at);
    code.get(afterStar);
    code.set(wanted);
    code.branch(again);
    code.end();
    code.end();
    // Only stars may be left of the pattern.
    const stars = code.loop();
    code.get(wanted);
    code.get(patternEnd);
    code.op('i32.eq');
    code.branchIf(matched);
    code.get(wanted);
    code.memory('i32.load8_u');
    code.i32(STAR);
    code.op('i32.ne');
    code.branchIf(mismatch);
    advance(code, wanted, 1);
    code.branch(stars);
    code.end();
    code.end();
    code.i32(1);
    code.return();
    code.end();
    code.i32(0);
  });
}

/** `at` moves over one character of UTF-8, and not beyond the end. */
function advanceCharacter(code: Code, at: number, end: number): void {
  const done = code.block();
  const again = code.loop();
  advance(code, at, 1);
  code.get(at);
  code.get(end);
  code.op('i32.ge_u');
  code.branchIf(done);
  code.get(at);
  code.memory('i32.load8_u');
  code.i32(0xc0);
  code.op('i32.and');
  code.i32(0x80);
  code.op('i32.eq');
  code.branchIf(again);
  code.end();
  code.end();
}

/**
 * (start, end, pattern's start, pattern's end) -> 1 where the path or one of its ancestors matches component by component,
 * as `isBeneath`. Both must begin with a slash.
 */
export function matchBeneath(module: ModuleBuilder): FunctionHandle {
  const glob = matchGlob(module);
  const next = componentEnd(module);
  return module.library('match_beneath', ['i32', 'i32', 'i32', 'i32'], 'i32', (code) => {
    const [path, pathEnd, pattern, patternEnd] = [0, 1, 2, 3];
    const component = code.local('i32');
    const wanted = code.local('i32');
    const mismatch = code.block();
    code.get(path);
    code.get(pathEnd);
    code.op('i32.ge_u');
    code.branchIf(mismatch);
    code.get(path);
    code.memory('i32.load8_u');
    code.i32(SLASH);
    code.op('i32.ne');
    code.branchIf(mismatch);
    const again = code.loop();
    code.get(path);
    code.get(pathEnd);
    code.op('i32.ge_u');
    code.branchIf(mismatch);
    advance(code, path, 1);
    advance(code, pattern, 1);
    code.get(path);
    code.get(pathEnd);
    code.call(next.index);
    code.set(component);
    code.get(pattern);
    code.get(patternEnd);
    code.call(next.index);
    code.set(wanted);
    // The root has no component.
    code.get(component);
    code.get(path);
    code.op('i32.eq');
    code.branchIf(mismatch);
    code.get(path);
    code.get(component);
    code.get(pattern);
    code.get(wanted);
    code.call(glob.index);
    code.op('i32.eqz');
    code.branchIf(mismatch);
    code.get(component);
    code.set(path);
    code.get(wanted);
    code.tee(pattern);
    code.get(patternEnd);
    code.op('i32.lt_u');
    code.branchIf(again);
    code.end();
    code.i32(1);
    code.return();
    code.end();
    code.i32(0);
  });
}

/** (start, end) -> where the next slash is, or the end. */
function componentEnd(module: ModuleBuilder): FunctionHandle {
  return module.library('component_end', ['i32', 'i32'], 'i32', (code) => {
    const [at, end] = [0, 1];
    const done = code.block();
    const again = code.loop();
    code.get(at);
    code.get(end);
    code.op('i32.ge_u');
    code.branchIf(done);
    code.get(at);
    code.memory('i32.load8_u');
    code.i32(SLASH);
    code.op('i32.eq');
    code.branchIf(done);
    advance(code, at, 1);
    code.branch(again);
    code.end();
    code.end();
    code.get(at);
  });
}
