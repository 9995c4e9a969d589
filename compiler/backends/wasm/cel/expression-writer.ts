import type { Plan } from '../../../expressions/cel/plan-tree.ts';
import type { Code } from '../binary/code.ts';
import { type RecordLayout, slotOf } from '../layout.ts';
import { routineOf, truthRoutines } from './calls.ts';
import { cellSize, tags } from './cells.ts';
import { writeLoop } from './loop-writer.ts';
import type { CelModule } from './module-cel.ts';
import { pathOf, printPath } from './paths.ts';
import { writeMatch, writeMember, writeTextTest } from './text-test-writer.ts';

/** The record's address. */
const RECORD = 0;

/**
 * Writes an expression's instructions, which leave the address of the value's cell on the stack. What is true, false or an
 * error has one cell each, so that such values are told apart by their addresses once they are `truth`.
 */
export class ExpressionWriter {
  readonly code: Code;
  readonly cel: CelModule;
  /** How many loops are open. */
  loops = 0;
  readonly #layout: RecordLayout;
  readonly #locals = new Map<number, number>();

  constructor(code: Code, cel: CelModule, layout: RecordLayout) {
    this.code = code;
    this.cel = cel;
    this.#layout = layout;
  }

  get falsity(): number {
    return this.cel.cells.fixed;
  }

  get truth(): number {
    return this.cel.cells.fixed + cellSize;
  }

  get error(): number {
    return this.cel.cells.fixed + 2 * cellSize;
  }

  call(routine: string): void {
    this.code.call(this.cel.routines.get(routine).index);
  }

  /** The local that holds the address of a macro's variable. */
  local(slot: number): number {
    let local = this.#locals.get(slot);
    if (local === undefined) {
      local = this.code.local('i32');
      this.#locals.set(slot, local);
    }
    return local;
  }

  push(plan: Plan): void {
    const { code } = this;
    switch (plan.op) {
      case 'constant':
        code.i32(this.cel.cells.of(plan.value)!);
        return;
      case 'fail':
        code.i32(this.error);
        return;
      case 'local':
        code.get(this.local(plan.slot));
        return;
      case 'variable':
        this.#pushSlot(plan);
        return;
      case 'select':
        if (pathOf(plan) !== undefined) this.#pushSlot(plan);
        else {
          this.push(plan.operand);
          this.#pushText(plan.field);
          this.call('select');
        }
        return;
      case 'has':
        this.#has(plan);
        return;
      case 'call':
        this.#call(plan);
        return;
      case 'junction':
        this.#junction(plan);
        return;
      case 'conditional':
        this.#conditional(plan);
        return;
      case 'list':
        this.#list(plan);
        return;
      case 'map':
        this.#map(plan);
        return;
      case 'loop':
        writeLoop(plan, this);
        return;
      case 'bind':
        this.push(plan.value);
        code.set(this.local(plan.slot));
        this.push(plan.body);
        return;
      default:
        throw new Error(`${plan.op} has no instructions`);
    }
  }

  /** The cell of true, of false, or of the error, which what is no truth value becomes. */
  pushTruth(plan: Plan): void {
    this.push(plan);
    if (!isTruth(plan)) this.call('truth');
  }

  #pushText(text: string): void {
    const { address, length } = this.cel.module.data.text(text);
    this.code.i32(address);
    this.code.i32(length);
  }

  /** The cell of a path in the record: where the host has not written it, or there is no value, the error. */
  #pushSlot(plan: Plan): void {
    const { code } = this;
    const { offset, present } = slotOf(this.#layout, printPath(pathOf(plan)!), 'value')!;
    code.get(RECORD);
    code.i32(offset);
    code.op('i32.add');
    code.i32(this.error);
    code.get(RECORD);
    code.aligned('i32.load', 4 * (present >> 5));
    code.i32((1 << (present & 31)) | 0);
    code.op('i32.and');
    code.op('i32.eqz');
    code.op('i32.eqz');
    code.get(RECORD);
    code.aligned('i32.load', offset);
    code.op('i32.eqz');
    code.op('i32.gt_u');
    code.op('select');
  }

  #has(plan: Plan & { op: 'has' }): void {
    const { code } = this;
    const path = pathOf({ ...plan, op: 'select' });
    if (path === undefined) {
      this.push(plan.operand);
      this.#pushText(plan.field);
      this.call('has');
      return;
    }
    const { offset, present } = slotOf(this.#layout, printPath(path), 'value')!;
    const result = code.local('i32');
    code.i32(this.error);
    code.set(result);
    const done = code.block();
    code.get(RECORD);
    code.aligned('i32.load', 4 * (present >> 5));
    code.i32((1 << (present & 31)) | 0);
    code.op('i32.and');
    code.op('i32.eqz');
    code.branchIf(done);
    code.get(RECORD);
    code.aligned('i32.load', offset);
    code.i32(tags.ERROR);
    code.op('i32.eq');
    code.branchIf(done);
    code.i32(this.falsity);
    code.i32(this.truth);
    code.get(RECORD);
    code.aligned('i32.load', offset);
    code.op('i32.eqz');
    code.op('select');
    code.set(result);
    code.end();
    code.get(result);
  }

  #call(plan: Plan & { op: 'call' }): void {
    const { name, call, operands } = plan;
    if (name === 'matches constant') {
      writeMatch(plan, this);
      return;
    }
    if (name === 'in constant') {
      writeMember(plan, this);
      return;
    }
    if (pathOf(plan) !== undefined) {
      this.#pushSlot(plan);
      return;
    }
    if (writeTextTest(plan, this)) return;
    for (const operand of operands) this.push(operand);
    this.call(routineOf(call, operands.length)!);
  }

  #junction({ decisive, operands }: Plan & { op: 'junction' }): void {
    const { code } = this;
    const [wanted, other] = decisive ? [this.truth, this.falsity] : [this.falsity, this.truth];
    const result = code.local('i32');
    const value = code.local('i32');
    code.i32(other);
    code.set(result);
    const done = code.block();
    const decided = code.block();
    for (const operand of operands) {
      this.pushTruth(operand);
      code.tee(value);
      code.i32(wanted);
      code.op('i32.eq');
      code.branchIf(decided);
      // What is not the other either is an error, which a later operand can absorb.
      code.get(result);
      code.i32(this.error);
      code.get(value);
      code.i32(other);
      code.op('i32.eq');
      code.op('select');
      code.set(result);
    }
    code.branch(done);
    code.end();
    code.i32(wanted);
    code.set(result);
    code.end();
    code.get(result);
  }

  #conditional({ condition, positive, negative }: Plan & { op: 'conditional' }): void {
    const { code } = this;
    const decided = code.local('i32');
    this.pushTruth(condition);
    code.tee(decided);
    code.i32(this.truth);
    code.op('i32.eq');
    code.if('i32');
    this.push(positive);
    code.else();
    code.get(decided);
    code.i32(this.falsity);
    code.op('i32.eq');
    code.if('i32');
    this.push(negative);
    code.else();
    code.i32(this.error);
    code.end();
    code.end();
  }

  #list({ elements }: Plan & { op: 'list' }): void {
    this.#made(tags.LIST, elements.length, (put) => {
      for (const [index, { value }] of elements.entries()) put(index * cellSize, value);
    });
  }

  #map({ entries }: Plan & { op: 'map' }): void {
    this.#made(tags.MAP, entries.length, (put, at, failed) => {
      const { code } = this;
      entries.forEach(({ key, value }, index) => {
        const offset = 2 * index * cellSize;
        put(offset, key);
        code.get(at);
        code.i32(index);
        this.call('isNewKey');
        code.op('i32.eqz');
        code.branchIf(failed);
        put(offset + cellSize, value);
      });
    });
  }

  /** A list or map whose cells `write` puts one by one; an error in one of them is the result. */
  #made(
    tag: number,
    length: number,
    write: (put: (offset: number, plan: Plan) => void, at: number, failed: ReturnType<Code['block']>) => void,
  ): void {
    const { code } = this;
    const [at, value, result] = [code.local('i32'), code.local('i32'), code.local('i32')];
    const size = length * cellSize * (tag === tags.MAP ? 2 : 1);
    code.i32(this.error);
    code.set(result);
    const failed = code.block();
    code.i32(size);
    this.call('alloc');
    code.tee(at);
    code.op('i32.eqz');
    code.branchIf(failed);
    write(
      (offset, plan) => {
        this.push(plan);
        code.tee(value);
        code.aligned('i32.load');
        code.i32(tags.ERROR);
        code.op('i32.eq');
        code.branchIf(failed);
        code.get(at);
        code.i32(offset);
        code.op('i32.add');
        code.get(value);
        this.call('copyCell');
      },
      at,
      failed,
    );
    code.i32(tag);
    code.get(at);
    code.i32(length);
    this.call('textCell');
    code.set(result);
    code.end();
    code.get(result);
  }
}

/** Whether the value is one of the cells of true, false and the error. */
function isTruth(plan: Plan): boolean {
  switch (plan.op) {
    case 'constant':
      return typeof plan.value === 'boolean';
    case 'fail':
    case 'has':
    case 'junction':
      return true;
    case 'loop':
      return plan.form === 'all' || plan.form === 'exists' || plan.form === 'existsOne';
    case 'conditional':
      return isTruth(plan.positive) && isTruth(plan.negative);
    case 'call':
      if (plan.name === 'matches constant' || plan.name === 'in constant') return true;
      return truthRoutines.has(routineOf(plan.call, plan.operands.length) ?? '');
    default:
      return false;
  }
}
