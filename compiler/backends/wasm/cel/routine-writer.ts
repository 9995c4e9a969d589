import type { Code, Label } from '../binary/code.ts';
import type { FunctionHandle } from '../binary/module.ts';
import type { MemoryOperation, PlainOperation, ValueType } from '../binary/operations.ts';
import type { Routine, RoutineNames } from './routines.ts';

type Called = FunctionHandle & { readonly result: ValueType | undefined };

/** Operators by how closely they bind, loosest first; `&&` and `||` are looser still. */
const levels: readonly Readonly<Record<string, string>>[] = [
  { '|': 'or' },
  { '^': 'xor' },
  { '&': 'and' },
  { '==': 'eq', '!=': 'ne' },
  { '<': 'lt_s', '<u': 'lt_u', '>': 'gt_s', '>u': 'gt_u', '<=': 'le_s', '<=u': 'le_u', '>=': 'ge_s', '>=u': 'ge_u' },
  { '<<': 'shl', '>>': 'shr_s', '>>>': 'shr_u' },
  { '+': 'add', '-': 'sub' },
  { '*': 'mul', '/': 'div_s', '/u': 'div_u', '%': 'rem_s', '%u': 'rem_u' },
];
const comparisons = new Set(['eq', 'ne', 'lt', 'gt', 'le', 'ge']);

/** `load32(address, offset)`; the offset is a number. */
const loads: ReadonlyMap<string, readonly [MemoryOperation, ValueType]> = new Map([
  ['load8', ['i32.load8_u', 'i32']],
  ['load16', ['i32.load16_u', 'i32']],
  ['load32', ['i32.load', 'i32']],
  ['load64', ['i64.load', 'i64']],
  ['loadFloat', ['f64.load', 'f64']],
]);
/** `store32(address, offset, value)`. */
const stores: ReadonlyMap<string, MemoryOperation> = new Map([
  ['store8', 'i32.store8'],
  ['store32', 'i32.store'],
  ['store64', 'i64.store'],
  ['storeFloat', 'f64.store'],
]);
const conversions: ReadonlyMap<string, readonly [PlainOperation, ValueType]> = new Map([
  ['wrap', ['i32.wrap_i64', 'i32']],
  ['extend', ['i64.extend_i32_u', 'i64']],
  ['extendSigned', ['i64.extend_i32_s', 'i64']],
  ['float', ['f64.convert_i64_s', 'f64']],
  ['floatUnsigned', ['f64.convert_i64_u', 'f64']],
  ['truncate', ['i64.trunc_f64_s', 'i64']],
  ['truncateUnsigned', ['i64.trunc_f64_u', 'i64']],
  ['bits', ['i64.reinterpret_f64', 'i64']],
  ['floor', ['f64.floor', 'f64']],
  ['nearest', ['f64.nearest', 'f64']],
  ['absolute', ['f64.abs', 'f64']],
]);

/** Writes the instructions of a routine while it reads it. What is wrong in one is a mistake of ours, and throws. */
export class RoutineWriter {
  readonly #code: Code;
  readonly #routine: Routine;
  readonly #names: RoutineNames;
  readonly #call: (name: string) => Called;
  readonly #locals = new Map<string, { readonly index: number; readonly type: ValueType }>();
  readonly #loops: { readonly again: Label; readonly done: Label }[] = [];
  #at = 0;

  constructor(code: Code, routine: Routine, names: RoutineNames, call: (name: string) => Called) {
    this.#code = code;
    this.#routine = routine;
    this.#names = names;
    this.#call = call;
    for (const [index, { name, type }] of routine.parameters.entries()) this.#locals.set(name, { index, type });
  }

  write(): void {
    while (this.#at < this.#routine.body.length) this.#statement();
    // What returns on every way needs something that leaves a value behind all the same.
    if (this.#routine.result !== undefined) this.#code.op('unreachable');
  }

  get #next(): string {
    return this.#routine.body[this.#at] ?? '';
  }

  #take(): string {
    const taken = this.#next;
    this.#at += 1;
    return taken;
  }

  #takes(wanted: string): boolean {
    if (this.#next !== wanted) return false;
    this.#at += 1;
    return true;
  }

  #expect(wanted: string): void {
    const taken = this.#take();
    if (taken !== wanted) throw this.#wrong(`${taken} for ${wanted}`);
  }

  #wrong(what: string): Error {
    return new Error(
      `${this.#routine.name}: ${what} before ${this.#routine.body.slice(this.#at, this.#at + 6).join(' ')}`,
    );
  }

  #block(): void {
    this.#expect('{');
    while (this.#next !== '}') this.#statement();
    this.#take();
  }

  #statement(): void {
    const code = this.#code;
    const word = this.#take();
    switch (word) {
      case 'let': {
        const name = this.#take();
        this.#expect('=');
        const type = this.#expression();
        const index = code.local(type);
        this.#locals.set(name, { index, type });
        code.set(index);
        break;
      }
      case 'if':
        this.#if();
        return;
      case 'while': {
        const done = code.block();
        const again = code.loop();
        this.#loops.push({ again, done });
        this.#parenthesised();
        code.op('i32.eqz');
        code.branchIf(done);
        this.#block();
        code.branch(again);
        code.end();
        code.end();
        this.#loops.pop();
        return;
      }
      case 'continue':
        code.branch(this.#loops.at(-1)!.again);
        break;
      case 'break':
        code.branch(this.#loops.at(-1)!.done);
        break;
      case 'return':
        if (this.#next !== ';') this.#expression();
        code.return();
        break;
      default:
        if (this.#next === '=') {
          this.#take();
          this.#expression();
          this.#assign(word);
        } else {
          this.#at -= 1;
          if (this.#value() !== undefined) code.op('drop');
        }
    }
    this.#expect(';');
  }

  #if(): void {
    this.#parenthesised();
    this.#code.if();
    this.#block();
    if (this.#takes('else')) {
      this.#code.else();
      if (this.#takes('if')) this.#if();
      else this.#block();
    }
    this.#code.end();
  }

  #parenthesised(): void {
    this.#expect('(');
    this.#expression();
    this.#expect(')');
  }

  #assign(name: string): void {
    if (name.startsWith('$')) this.#code.setGlobal(this.#names.global(name.slice(1)).index);
    else {
      const local = this.#locals.get(name);
      if (local === undefined) throw this.#wrong(`no variable ${name}`);
      this.#code.set(local.index);
    }
  }

  #expression(): ValueType {
    const type = this.#junction('||');
    return type;
  }

  /** The second operand is evaluated only where the first leaves the result open; the result is 0 or 1 as the operands are. */
  #junction(operator: '||' | '&&'): ValueType {
    const code = this.#code;
    const type = operator === '||' ? this.#junction('&&') : this.#binary(0);
    if (this.#next !== operator) return type;
    this.#take();
    code.if('i32');
    if (operator === '||') {
      code.i32(1);
      code.else();
      this.#junction(operator);
    } else {
      this.#junction(operator);
      code.else();
      code.i32(0);
    }
    code.end();
    return 'i32';
  }

  #binary(level: number): ValueType {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let type = this.#binary(level + 1);
    for (let name = operators[this.#next]; name !== undefined; name = operators[this.#next]) {
      this.#take();
      const right = this.#binary(level + 1);
      if (right !== type) throw this.#wrong(`${type} and ${right}`);
      const operation = type === 'f64' ? name.replace(/_[su]$/, '') : name;
      this.#code.op(`${type}.${operation}` as PlainOperation);
      if (comparisons.has(name.slice(0, 2))) type = 'i32';
    }
    return type;
  }

  #unary(): ValueType {
    if (this.#next === '!') {
      this.#take();
      const type = this.#unary();
      this.#code.op(type === 'i64' ? 'i64.eqz' : 'i32.eqz');
      return 'i32';
    }
    if (this.#next === '-') {
      this.#take();
      const type = this.#value();
      if (type === 'f64') this.#code.op('f64.neg');
      else if (type === 'i64') {
        this.#code.i64(-1n);
        this.#code.op('i64.mul');
      } else {
        this.#code.i32(-1);
        this.#code.op('i32.mul');
      }
      return type!;
    }
    const type = this.#value();
    if (type === undefined) throw this.#wrong('a value');
    return type;
  }

  #value(): ValueType | undefined {
    const code = this.#code;
    const word = this.#take();
    if (word === '(') {
      const type = this.#expression();
      this.#expect(')');
      return type;
    }
    const first = word[0]!;
    if (first === "'") {
      code.i32(word[1] === '\\' ? { n: 10, t: 9, '\\': 92, "'": 39 }[word[2]!]! : word.charCodeAt(1));
      return 'i32';
    }
    if (first >= '0' && first <= '9') return this.#number(word);
    if (this.#next === '(') return this.#called(word);
    if (first === '$') {
      const { index, type } = this.#names.global(word.slice(1));
      code.getGlobal(index);
      return type;
    }
    const local = this.#locals.get(word);
    if (local !== undefined) {
      code.get(local.index);
      return local.type;
    }
    const constant = this.#names.constant(word);
    if (constant === undefined) throw this.#wrong(`no name ${word}`);
    code.i32(constant);
    return 'i32';
  }

  #number(word: string): ValueType {
    if (word.endsWith('L')) {
      this.#code.i64(BigInt.asIntN(64, BigInt(word.slice(0, -1))));
      return 'i64';
    }
    if (word.includes('.')) {
      this.#code.f64(Number(word));
      return 'f64';
    }
    this.#code.i32(Number(word) | 0);
    return 'i32';
  }

  #called(name: string): ValueType | undefined {
    const code = this.#code;
    this.#expect('(');
    const load = loads.get(name);
    if (load !== undefined) {
      this.#expression();
      const offset = this.#next === ',' ? this.#offset() : 0;
      this.#expect(')');
      code.memory(load[0], offset);
      return load[1];
    }
    const store = stores.get(name);
    if (store !== undefined) {
      this.#expression();
      const offset = this.#offset();
      this.#expect(',');
      this.#expression();
      this.#expect(')');
      code.memory(store, offset);
      return undefined;
    }
    if (this.#next !== ')') {
      this.#expression();
      while (this.#next === ',') {
        this.#take();
        this.#expression();
      }
    }
    this.#expect(')');
    const conversion = conversions.get(name);
    if (conversion !== undefined) {
      code.op(conversion[0]);
      return conversion[1];
    }
    const { index, result } = this.#call(name);
    code.call(index);
    return result;
  }

  #offset(): number {
    this.#expect(',');
    return Number(this.#take());
  }
}
