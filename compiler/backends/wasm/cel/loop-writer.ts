import type { Plan } from '../../../expressions/cel/plan-tree.ts';
import type { Code, Label } from '../binary/code.ts';
import { routineOf, truthRoutines } from './calls.ts';
import { cellSize, tags } from './cells.ts';
import type { ExpressionWriter } from './expression-writer.ts';
import { partsOf } from './paths.ts';

type Loop = Plan & { op: 'loop' };

/** Writes a comprehension, which leaves the address of its value on the stack. */
export function writeLoop(plan: Loop, writer: ExpressionWriter): void {
  const { code } = writer;
  const collects = plan.form === 'list' || plan.form === 'map';
  const local = () => code.local('i32');
  const [over, at, end, stride, result] = [local(), local(), local(), local(), local()];
  writer.push(plan.over);
  code.set(over);
  code.i32(plan.form === 'all' ? writer.truth : plan.form === 'exists' ? writer.falsity : writer.error);
  code.set(result);
  const done = code.block();
  writeRange(code, { over, at, end, stride, done, result }, writer.error);
  const collected = collects ? writeBuffer(plan, writer, over, done) : undefined;
  const kept = collects || !(plan.slots.length === 2 || makesCells(plan.body)) ? undefined : local();
  if (kept !== undefined) {
    code.getGlobal(writer.cel.global('heap'));
    code.set(kept);
  }
  const count = local();
  if (plan.form === 'existsOne') {
    code.i32(0);
    code.set(count);
  }
  const all = code.block();
  const again = code.loop();
  code.get(at);
  code.get(end);
  code.op('i32.eq');
  code.branchIf(all);
  // One that is in no other goes through no more than fits into the memory.
  if (writer.loops > 0) takeStep(writer, done);
  writer.loops += 1;
  if (kept !== undefined) {
    code.get(kept);
    code.setGlobal(writer.cel.global('heap'));
  }
  writeVariables(plan, writer, over, at);
  const next = code.block();
  if (plan.filter !== undefined) {
    const decided = local();
    writer.pushTruth(plan.filter);
    code.tee(decided);
    code.i32(writer.falsity);
    code.op('i32.eq');
    code.branchIf(next);
    code.get(decided);
    code.i32(writer.error);
    code.op('i32.eq');
    code.branchIf(done);
  }
  if (collected !== undefined) collect(plan, writer, collected, done);
  else test(plan, writer, { result, count, done });
  writer.loops -= 1;
  code.end();
  code.get(at);
  code.get(stride);
  code.op('i32.add');
  code.set(at);
  code.branch(again);
  code.end();
  code.end();
  if (plan.form === 'existsOne') {
    code.i32(writer.truth);
    code.i32(writer.falsity);
    code.get(count);
    code.i32(1);
    code.op('i32.eq');
    code.op('select');
    code.set(result);
  }
  if (collected !== undefined) {
    const { start, free, size } = collected;
    code.i32(plan.form === 'map' ? tags.MAP : tags.LIST);
    code.get(start);
    code.get(free);
    code.get(start);
    code.op('i32.sub');
    code.i32(size);
    code.op('i32.div_u');
    writer.call('textCell');
    code.set(result);
  }
  code.end();
  code.get(result);
}

/** Whether evaluating it takes memory, which is free again when the next element comes. */
function makesCells(plan: Plan): boolean {
  if (plan.op === 'list' || plan.op === 'map') return true;
  if (plan.op === 'loop' && (plan.form === 'list' || plan.form === 'map' || plan.slots.length === 2)) return true;
  if (plan.op === 'call' && plan.constant === undefined) {
    const routine = routineOf(plan.call, plan.operands.length) ?? '';
    if (!truthRoutines.has(routine) && routine !== 'elementAt' && routine !== 'identity') return true;
  }
  return partsOf(plan).some(makesCells);
}

/** Sets where the elements are; what is no list and no map is the error. */
function writeRange(
  code: Code,
  {
    over,
    at,
    end,
    stride,
    done,
    result,
  }: Record<'over' | 'at' | 'end' | 'stride' | 'result', number> & { done: Label },
  error: number,
): void {
  code.i32(2 * cellSize);
  code.set(stride);
  code.get(over);
  code.aligned('i32.load');
  code.i32(tags.LIST);
  code.op('i32.eq');
  code.if();
  code.i32(cellSize);
  code.set(stride);
  code.else();
  code.get(over);
  code.aligned('i32.load');
  code.i32(tags.MAP);
  code.op('i32.ne');
  code.if();
  code.i32(error);
  code.set(result);
  code.branch(done);
  code.end();
  code.end();
  code.get(over);
  code.aligned('i32.load', 8);
  code.tee(at);
  code.get(over);
  code.aligned('i32.load', 4);
  code.get(stride);
  code.op('i32.mul');
  code.op('i32.add');
  code.set(end);
}

function takeStep({ code, cel }: ExpressionWriter, done: Label): void {
  const steps = cel.global('steps');
  code.getGlobal(steps);
  code.i32(1);
  code.op('i32.sub');
  code.setGlobal(steps);
  code.getGlobal(steps);
  code.i32(0);
  code.op('i32.lt_s');
  code.branchIf(done);
}

/** One variable is the element or key; two are index and element, or key and value. */
function writeVariables({ slots: [first, second] }: Loop, writer: ExpressionWriter, over: number, at: number): void {
  const { code } = writer;
  if (second === undefined) {
    code.get(at);
    code.set(writer.local(first));
    return;
  }
  code.get(over);
  code.aligned('i32.load');
  code.i32(tags.LIST);
  code.op('i32.eq');
  code.if();
  code.get(at);
  code.get(over);
  code.aligned('i32.load', 8);
  code.op('i32.sub');
  code.i32(cellSize);
  code.op('i32.div_u');
  code.op('i64.extend_i32_u');
  writer.call('intCell');
  code.set(writer.local(first));
  code.get(at);
  code.set(writer.local(second));
  code.else();
  code.get(at);
  code.set(writer.local(first));
  code.get(at);
  code.i32(cellSize);
  code.op('i32.add');
  code.set(writer.local(second));
  code.end();
}

/** What elements are collected in. */
interface Collected {
  readonly start: number;
  readonly free: number;
  /** Of an element or entry. */
  readonly size: number;
}

/** As large as if every element were taken. */
function writeBuffer(plan: Loop, writer: ExpressionWriter, over: number, done: Label): Collected {
  const { code } = writer;
  const size = plan.form === 'map' ? 2 * cellSize : cellSize;
  const [start, free] = [code.local('i32'), code.local('i32')];
  code.get(over);
  code.aligned('i32.load', 4);
  code.i32(size);
  code.op('i32.mul');
  writer.call('alloc');
  code.tee(start);
  code.tee(free);
  code.op('i32.eqz');
  code.branchIf(done);
  return { start, free, size };
}

function collect(plan: Loop, writer: ExpressionWriter, { free, size }: Collected, done: Label): void {
  const { code } = writer;
  const value = code.local('i32');
  writer.push(plan.body);
  code.tee(value);
  code.aligned('i32.load');
  code.i32(tags.ERROR);
  code.op('i32.eq');
  code.branchIf(done);
  if (plan.form === 'map') {
    code.get(free);
    code.get(writer.local(plan.slots[0]));
    writer.call('copyCell');
  }
  code.get(free);
  if (plan.form === 'map') {
    code.i32(cellSize);
    code.op('i32.add');
  }
  code.get(value);
  writer.call('copyCell');
  code.get(free);
  code.i32(size);
  code.op('i32.add');
  code.set(free);
}

function test(
  plan: Loop,
  writer: ExpressionWriter,
  { result, count, done }: { readonly result: number; readonly count: number; readonly done: Label },
): void {
  const { code } = writer;
  const value = code.local('i32');
  writer.pushTruth(plan.body);
  code.set(value);
  if (plan.form === 'existsOne') {
    // The error is the result from the beginning.
    code.get(value);
    code.i32(writer.error);
    code.op('i32.eq');
    code.branchIf(done);
    code.get(count);
    code.get(value);
    code.i32(writer.truth);
    code.op('i32.eq');
    code.op('i32.add');
    code.set(count);
    return;
  }
  const decisive = plan.form === 'exists' ? writer.truth : writer.falsity;
  code.get(value);
  code.i32(decisive);
  code.op('i32.eq');
  code.if();
  code.get(value);
  code.set(result);
  code.branch(done);
  code.end();
  code.get(value);
  code.i32(writer.error);
  code.op('i32.eq');
  code.if();
  code.get(value);
  code.set(result);
  code.end();
}
