import { Bytes } from './bytes.ts';
import {
  emptyBlock,
  type MemoryOperation,
  memoryOperations,
  type PlainOperation,
  plainOperations,
  structured,
  type ValueType,
  valueTypes,
} from './operations.ts';

/** A block, loop or if that is open: what a branch goes to, the end of the first and last, the beginning of a loop. */
export interface Label {
  readonly depth: number;
}

/** Ties the instructions from here on, up to the next mark, to what they were made of. */
export interface Mark {
  /** In bytes from the beginning of the body's instructions. */
  readonly at: number;
  readonly rule: string | undefined;
}

/** The body of a function while it is written. Nothing is checked here: binaryen and every engine do, in the tests. */
export class Code {
  readonly marks: Mark[] = [];
  readonly #bytes = new Bytes();
  readonly #locals: ValueType[] = [];
  readonly #parameters: number;
  #depth = 0;

  /** @param parameters how many there are: the first locals */
  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** Declares a local, which is zero at first, and gives its index. */
  local(type: ValueType): number {
    this.#locals.push(type);
    return this.#parameters + this.#locals.length - 1;
  }

  get(local: number): void {
    this.#indexed(structured['local.get'], local);
  }

  set(local: number): void {
    this.#indexed(structured['local.set'], local);
  }

  tee(local: number): void {
    this.#indexed(structured['local.tee'], local);
  }

  getGlobal(global: number): void {
    this.#indexed(structured['global.get'], global);
  }

  setGlobal(global: number): void {
    this.#indexed(structured['global.set'], global);
  }

  i32(value: number): void {
    this.#bytes.byte(structured['i32.const']);
    this.#bytes.signed(value);
  }

  i64(value: bigint): void {
    this.#bytes.byte(structured['i64.const']);
    this.#bytes.signedLong(value);
  }

  f64(value: number): void {
    this.#bytes.byte(structured['f64.const']);
    this.#bytes.float(value);
  }

  op(operation: PlainOperation): void {
    this.#bytes.byte(plainOperations[operation]);
  }

  /** A load or store at the address on the stack plus `offset`. Texts lie anywhere, so that no alignment is promised. */
  memory(operation: MemoryOperation, offset = 0): void {
    this.#bytes.byte(memoryOperations[operation][0]);
    this.#bytes.unsigned(0);
    this.#bytes.unsigned(offset);
  }

  /** The same where the address is a multiple of what is accessed. */
  aligned(operation: MemoryOperation, offset = 0): void {
    const [opcode, alignment] = memoryOperations[operation];
    this.#bytes.byte(opcode);
    this.#bytes.unsigned(alignment);
    this.#bytes.unsigned(offset);
  }

  block(result?: ValueType): Label {
    return this.#open(structured.block, result);
  }

  loop(): Label {
    return this.#open(structured.loop, undefined);
  }

  if(result?: ValueType): Label {
    return this.#open(structured.if, result);
  }

  else(): void {
    this.#bytes.byte(structured.else);
  }

  /** Closes the innermost block, loop or if. */
  end(): void {
    this.#bytes.byte(structured.end);
    this.#depth -= 1;
  }

  branch(label: Label): void {
    this.#indexed(structured.br, this.#depth - label.depth);
  }

  branchIf(label: Label): void {
    this.#indexed(structured.br_if, this.#depth - label.depth);
  }

  branchTable(labels: readonly Label[], otherwise: Label): void {
    this.#indexed(structured.br_table, labels.length);
    for (const label of labels) this.#bytes.unsigned(this.#depth - label.depth);
    this.#bytes.unsigned(this.#depth - otherwise.depth);
  }

  call(functionIndex: number): void {
    this.#indexed(structured.call, functionIndex);
  }

  return(): void {
    this.op('return');
  }

  mark(rule: string | undefined): void {
    this.marks.push({ at: this.#bytes.length, rule });
  }

  /** The function as the code section holds it; its instructions begin `prefix` bytes after its beginning. */
  finish(): { readonly bytes: Uint8Array; readonly prefix: number } {
    const all = new Bytes();
    const groups: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = groups.at(-1);
      if (last?.type === type) last.count += 1;
      else groups.push({ type, count: 1 });
    }
    all.unsigned(groups.length);
    for (const { type, count } of groups) {
      all.unsigned(count);
      all.byte(valueTypes[type]);
    }
    const prefix = all.length;
    all.all(this.#bytes.view());
    all.byte(structured.end);
    return { bytes: all.view(), prefix };
  }

  #open(opcode: number, result: ValueType | undefined): Label {
    this.#bytes.byte(opcode);
    this.#bytes.byte(result === undefined ? emptyBlock : valueTypes[result]);
    this.#depth += 1;
    return { depth: this.#depth };
  }

  #indexed(opcode: number, index: number): void {
    this.#bytes.byte(opcode);
    this.#bytes.unsigned(index);
  }
}
