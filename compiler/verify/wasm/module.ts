/** What is wrong with the bytes of a module; nothing of it is run. */
export class UnsoundModule extends Error {}

/**
 * Whether an exception says that the artifacts are no sound ones. Code that no engine takes is interpreted up to where its
 * operands are of types that JavaScript does not calculate with.
 */
export function isUnsound(problem: unknown): problem is Error {
  return [UnsoundModule, SyntaxError, TypeError, RangeError].some((kind) => problem instanceof kind);
}

export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface DecodedFunction {
  readonly type: FunctionType;
  /** Of the locals behind the parameters. */
  readonly locals: readonly number[];
  /** Where the instructions lie in the module's bytes: the first, and behind the last. */
  readonly start: number;
  readonly end: number;
}

export interface DecodedGlobal {
  readonly type: number;
  readonly mutable: boolean;
  readonly initial: number | bigint;
}

export interface DecodedModule {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly functions: readonly DecodedFunction[];
  readonly globals: readonly DecodedGlobal[];
  /** In pages of 64 KiB. */
  readonly memory: number;
  readonly exports: ReadonlyMap<string, { readonly kind: number; readonly index: number }>;
  readonly data: readonly { readonly address: number; readonly bytes: Uint8Array }[];
}

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;

/** A cursor over the bytes, which refuses what the format does not have. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  byte(): number {
    if (this.at >= this.end) throw new UnsoundModule(`the bytes end at ${this.at}`);
    this.at += 1;
    return this.bytes[this.at - 1]!;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new UnsoundModule(`a number of more than 32 bits at ${this.at}`);
  }

  s64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(Number(shift) + 7, value);
    }
    throw new UnsoundModule(`a number of more than 64 bits at ${this.at}`);
  }

  s32(): number {
    const value = this.s64();
    if (value !== BigInt.asIntN(32, value)) throw new UnsoundModule(`a number of more than 32 bits at ${this.at}`);
    return Number(value);
  }

  f64(): number {
    if (this.end - this.at < 8) throw new UnsoundModule(`the bytes end at ${this.at}`);
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  slice(): Uint8Array {
    const length = this.u32();
    if (length > this.end - this.at) throw new UnsoundModule(`the bytes end at ${this.end}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  many<T>(read: () => T): T[] {
    const count = this.u32();
    if (count > this.end - this.at) throw new UnsoundModule(`${count} entries at ${this.at}`);
    return Array.from({ length: count }, read);
  }
}

/**
 * Decodes a module of decisions, from the core specification 1.0, section 5.5. What such a module has no business to have,
 * imports, tables, a start function, several memories, is refused, and so is every section that 1.0 has not.
 */
export function decodeModule(bytes: Uint8Array): DecodedModule {
  const cursor = new Cursor(bytes, 0, bytes.length);
  for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) {
    if (cursor.byte() !== byte) throw new UnsoundModule('no module of WebAssembly 1.0');
  }
  let types: FunctionType[] = [];
  let typeOf: number[] = [];
  let pages: number[] = [];
  let globals: DecodedGlobal[] = [];
  const exports = new Map<string, { kind: number; index: number }>();
  let functions: DecodedFunction[] = [];
  let data: { address: number; bytes: Uint8Array }[] = [];
  let previous = 0;
  while (cursor.at < bytes.length) {
    const id = cursor.byte();
    const { length } = cursor.slice();
    const inside = new Cursor(bytes, cursor.at - length, cursor.at);
    if (id <= previous) throw new UnsoundModule(`section ${id} behind section ${previous}`);
    previous = id;
    switch (id) {
      case 1:
        types = inside.many(() => functionType(inside));
        break;
      case 3:
        typeOf = inside.many(() => inside.u32());
        break;
      case 5:
        pages = inside.many(() => {
          if (inside.byte() !== 0) throw new UnsoundModule('a memory with a maximum or of a later version');
          return inside.u32();
        });
        break;
      case 6:
        globals = inside.many(() => global(inside));
        break;
      case 7:
        inside.many(() => {
          const name = new TextDecoder('utf-8', { fatal: true }).decode(inside.slice());
          if (exports.has(name)) throw new UnsoundModule(`two exports ${name}`);
          exports.set(name, { kind: inside.byte(), index: inside.u32() });
        });
        break;
      case 10:
        functions = bodies(inside, types, typeOf);
        break;
      case 11:
        data = inside.many(() => {
          if (inside.u32() !== 0) throw new UnsoundModule('data for another memory');
          const address = constant(inside, I32);
          return { address: Number(address), bytes: inside.slice() };
        });
        break;
      default:
        throw new UnsoundModule(`a section ${id}`);
    }
    if (inside.at !== inside.end) throw new UnsoundModule(`bytes are left in section ${id}`);
  }
  if (functions.length !== typeOf.length) throw new UnsoundModule('functions without a body');
  const [memory] = pages;
  if (memory === undefined || pages.length !== 1) throw new UnsoundModule(`${pages.length} memories`);
  for (const { address, bytes: content } of data) {
    if (address < 0 || address + content.length > memory * 65_536) throw new UnsoundModule('data beyond the memory');
  }
  return { bytes, types, functions, globals, memory, exports, data };
}

function functionType(cursor: Cursor): FunctionType {
  if (cursor.byte() !== 0x60) throw new UnsoundModule('a type that is not of a function');
  const parameters = cursor.many(() => valueType(cursor));
  const results = cursor.many(() => valueType(cursor));
  if (results.length > 1) throw new UnsoundModule('a function with several results');
  return { parameters, results };
}

function valueType(cursor: Cursor): number {
  const type = cursor.byte();
  if (type !== I32 && type !== I64 && type !== F64) throw new UnsoundModule(`the type ${type}`);
  return type;
}

function global(cursor: Cursor): DecodedGlobal {
  const type = valueType(cursor);
  const mutable = cursor.byte() === 1;
  return { type, mutable, initial: constant(cursor, type) };
}

function constant(cursor: Cursor, type: number): number | bigint {
  const opcode = cursor.byte();
  let value: number | bigint;
  if (opcode === 0x41 && type === I32) value = cursor.s32();
  else if (opcode === 0x42 && type === I64) value = BigInt.asUintN(64, cursor.s64());
  else if (opcode === 0x44 && type === F64) value = cursor.f64();
  else throw new UnsoundModule(`the instruction ${opcode} in a constant`);
  if (cursor.byte() !== 0x0b) throw new UnsoundModule('a constant of several instructions');
  return value;
}

function bodies(cursor: Cursor, types: readonly FunctionType[], typeOf: readonly number[]): DecodedFunction[] {
  let index = 0;
  return cursor.many(() => {
    const type = types[typeOf[index] ?? -1];
    if (type === undefined) throw new UnsoundModule(`the function ${index} has no type`);
    index += 1;
    const size = cursor.u32();
    const end = cursor.at + size;
    if (end > cursor.end) throw new UnsoundModule('a function beyond its section');
    const locals = cursor
      .many(() => {
        const count = cursor.u32();
        if (count > 50_000) throw new UnsoundModule(`${count} locals`);
        return new Array<number>(count).fill(valueType(cursor));
      })
      .flat();
    const start = cursor.at;
    cursor.at = end;
    return { type, locals, start, end };
  });
}
