import type { Term } from '../../../expressions/predicate.ts';
import type { Point } from '../../../ir/policy.ts';
import type { Code, Label } from '../binary/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../binary/module.ts';
import type { ExpressionLowering } from '../extension.ts';
import { type RecordLayout, type Slot, type SlotType, slotOf } from '../layout.ts';
import { lookUp } from '../library/look-up.ts';
import type { Vocabularies, Vocabulary } from './vocabulary.ts';

/** What the functions of one module share while they are written. */
export interface ModuleContext {
  readonly module: ModuleBuilder;
  readonly point: Point;
  readonly layout: RecordLayout;
  readonly vocabularies: Vocabularies;
  readonly extension: ExpressionLowering | undefined;
  /** The functions of expressions, by attribute. */
  readonly expressions: Map<string, FunctionHandle>;
}

/** The record's address: the first parameter of every function that decides. */
export const RECORD = 0;

/** The name of the slot of an attribute or parameter. */
export function nameOf(term: Term): string {
  if (term.kind === 'attribute') return term.name;
  if (term.kind === 'parameter') return `$${term.name}`;
  throw new Error(`a test of ${term.kind}`);
}

/** Reads the attributes of the record within one function. */
export class Operands {
  readonly context: ModuleContext;
  readonly code: Code;
  readonly #words: number[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #values = new Map<string, { readonly value: number; readonly done: number }>();

  constructor(context: ModuleContext, code: Code) {
    this.context = context;
    this.code = code;
  }

  /** Reads the bits that say what is known; first of all. */
  begin(): void {
    const { code } = this;
    for (let word = 0; 32 * word < this.context.layout.slots.length; word += 1) {
      const local = code.local('i32');
      this.#words.push(local);
      code.get(RECORD);
      code.aligned('i32.load', 4 * word);
      code.set(local);
    }
  }

  /** Leaves for `unknown` where the attribute is unknown. */
  requireKnown(name: string, type: SlotType, unknown: Label): void {
    const { code } = this;
    if (this.#isExpression(name)) {
      this.#pushExpression(name);
      if (type === 'text') {
        code.i64(-1n);
        code.op('i64.eq');
      } else {
        code.i32(2);
        code.op('i32.eq');
      }
      code.branchIf(unknown);
      return;
    }
    const { present } = this.#slot(name, type);
    code.get(this.#words[present >> 5]!);
    code.i32((1 << (present & 31)) | 0);
    code.op('i32.and');
    code.op('i32.eqz');
    code.branchIf(unknown);
  }

  /** Pushes the value of an integer, number or truth value, which is 0 or 1. */
  push(name: string, type: 'integer' | 'number' | 'boolean'): void {
    const { code } = this;
    if (this.#isExpression(name)) {
      this.#pushExpression(name);
      return;
    }
    code.get(RECORD);
    const { offset } = this.#slot(name, type);
    if (type === 'integer') code.aligned('i64.load', offset);
    else if (type === 'number') code.aligned('f64.load', offset);
    else {
      code.aligned('i32.load', offset);
      code.i32(0);
      code.op('i32.ne');
    }
  }

  pushAddress(name: string): void {
    const { code } = this;
    if (this.#isExpression(name)) {
      this.#pushExpression(name);
      code.op('i32.wrap_i64');
      return;
    }
    code.get(RECORD);
    code.aligned('i32.load', this.#slot(name, 'text').offset);
  }

  pushLength(name: string): void {
    const { code } = this;
    if (this.#isExpression(name)) {
      this.#pushExpression(name);
      code.i64(32n);
      code.op('i64.shr_u');
      code.op('i32.wrap_i64');
      return;
    }
    code.get(RECORD);
    code.aligned('i32.load', this.#slot(name, 'text').offset + 4);
  }

  /** Where the sixteen bytes of a network address lie in the record. */
  addressOffset(name: string): number {
    return this.#slot(name, 'address').offset;
  }

  /** Pushes the number of a text in the vocabulary of its attribute, 0 for one that is not there. */
  pushNumber(name: string, vocabulary: Vocabulary): void {
    const { code } = this;
    if (vocabulary.shared !== undefined) {
      code.getGlobal(vocabulary.shared);
      return;
    }
    let local = this.#numbers.get(name);
    if (local === undefined) {
      local = code.local('i32');
      this.#numbers.set(name, local);
    }
    // It holds the number plus one once it is known.
    code.get(local);
    code.op('i32.eqz');
    code.if();
    this.pushLookUp(name, vocabulary);
    code.i32(1);
    code.op('i32.add');
    code.set(local);
    code.end();
    code.get(local);
    code.i32(1);
    code.op('i32.sub');
  }

  pushLookUp(name: string, vocabulary: Vocabulary): void {
    const { code } = this;
    this.pushAddress(name);
    this.pushLength(name);
    code.i32(vocabulary.address);
    code.i32(vocabulary.mask);
    code.call(lookUp(this.context.module, vocabulary.width).index);
  }

  #isExpression(name: string): boolean {
    return this.context.extension?.of(name, this.context.point) !== undefined;
  }

  /** The value of an expression, which is computed once in a function. */
  #pushExpression(name: string): void {
    const { code, context } = this;
    const lowered = context.extension!.of(name, context.point)!;
    let handle = context.expressions.get(name);
    if (handle === undefined) {
      handle = lowered.emit(context.module, context.layout);
      context.expressions.set(name, handle);
    }
    let known = this.#values.get(name);
    if (known === undefined) {
      known = { value: code.local(name.startsWith('value:') ? 'i64' : 'i32'), done: code.local('i32') };
      this.#values.set(name, known);
    }
    code.get(known.done);
    code.op('i32.eqz');
    code.if();
    code.get(RECORD);
    code.call(handle.index);
    code.set(known.value);
    code.i32(1);
    code.set(known.done);
    code.end();
    code.get(known.value);
  }

  #slot(name: string, type: SlotType): Slot {
    return slotOf(this.context.layout, name, type)!;
  }
}
