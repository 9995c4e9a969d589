import { Bytes } from './bytes.ts';
import { Code } from './code.ts';
import { Data } from './data.ts';
import { structured, type ValueType, valueTypes } from './operations.ts';
import { encodeText } from './text.ts';

/** A function of the module, which may be called before its body is written. */
export interface FunctionHandle {
  readonly index: number;
  /** For who reads the text form. */
  readonly name: string;
  readonly code: Code;
}

/** Which bytes of the module come from which rule. */
export interface ModuleMark {
  readonly at: number;
  readonly rule: string | undefined;
}

export interface FinishedModule {
  readonly bytes: Uint8Array;
  /** In the order of the bytes: from each on, up to the next, the instructions are of this rule. */
  readonly marks: readonly ModuleMark[];
  /** By index. */
  readonly functionNames: readonly string[];
  /** The first address that is the host's. */
  readonly input: number;
}

interface DeclaredFunction extends FunctionHandle {
  readonly type: number;
  exported: boolean;
}

interface Global {
  readonly type: ValueType;
  readonly mutable: boolean;
  /** A number, or how far the address lies behind the constants. */
  readonly initial: number | { readonly behind: number };
}

const sections = { type: 1, function: 3, memory: 5, global: 6, export: 7, code: 10, data: 11 } as const;
const exported = { function: 0, memory: 2, global: 3 } as const;
const FUNCTION_TYPE = 0x60;
const PAGE = 65_536;

/** The memory behind the constants that a host has for what it asks, at least. */
const room = PAGE / 2;

/**
 * A WebAssembly module while it is made: one memory, no imports, no table, no start function. It is encoded here since a
 * library that does it takes longer to load than a policy to compile.
 */
export class ModuleBuilder {
  readonly data = new Data();
  readonly #types: { readonly key: string; readonly parameters: readonly ValueType[]; result?: ValueType }[] = [];
  readonly #functions: DeclaredFunction[] = [];
  readonly #globals: Global[] = [];
  readonly #library = new Map<string, FunctionHandle>();
  #reserved = 0;

  declare(name: string, parameters: readonly ValueType[], result?: ValueType): FunctionHandle {
    const code = new Code(parameters.length);
    const made = { index: this.#functions.length, name, code, type: this.#type(parameters, result), exported: false };
    this.#functions.push(made);
    return made;
  }

  /** The function of this name, made by `make` when it is first asked for. */
  library(
    name: string,
    parameters: readonly ValueType[],
    result: ValueType | undefined,
    make: (code: Code) => void,
  ): FunctionHandle {
    let known = this.#library.get(name);
    if (known === undefined) {
      known = this.declare(name, parameters, result);
      this.#library.set(name, known);
      make(known.code);
    }
    return known;
  }

  /** Makes the function known to the host, by its name. */
  export(handle: FunctionHandle): void {
    this.#functions[handle.index]!.exported = true;
  }

  /** A variable that all functions share. */
  variable(type: ValueType, initial = 0): number {
    return this.#global({ type, mutable: true, initial });
  }

  /**
   * Memory behind the constants, zero at first, of which no byte is in the module.
   *
   * @returns the global that holds its address, a multiple of 16
   */
  reserve(size: number): number {
    const behind = this.#reserved;
    this.#reserved = behind + Math.ceil(size / 16) * 16;
    return this.#global({ type: 'i32', mutable: false, initial: { behind } });
  }

  /** @param fingerprint of what whoever asks must know, which the host can read */
  finish(fingerprint = 0): FinishedModule {
    const constants = this.data.seal();
    const input = constants + this.#reserved;
    const bytes = new Bytes();
    bytes.all([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    section(bytes, sections.type, this.#types, (out, { parameters, result }) => {
      out.byte(FUNCTION_TYPE);
      out.sized(Uint8Array.from(parameters, (type) => valueTypes[type]));
      out.sized(Uint8Array.from(result === undefined ? [] : [valueTypes[result]]));
    });
    section(bytes, sections.function, this.#functions, (out, { type }) => out.unsigned(type));
    section(bytes, sections.memory, [Math.ceil((input + room) / PAGE)], (out, pages) => {
      out.byte(0);
      out.unsigned(pages);
    });
    const own: readonly Global[] = [
      ...this.#globals,
      { type: 'i32', mutable: false, initial: 1 },
      { type: 'i32', mutable: false, initial: input },
      { type: 'i32', mutable: false, initial: fingerprint },
    ];
    section(bytes, sections.global, own, (out, global) => writeGlobal(out, global, constants));
    const count = this.#globals.length;
    section(
      bytes,
      sections.export,
      [
        { name: 'memory', kind: exported.memory, index: 0 },
        { name: 'abi', kind: exported.global, index: count },
        { name: 'input', kind: exported.global, index: count + 1 },
        { name: 'fingerprint', kind: exported.global, index: count + 2 },
        ...this.#functions
          .filter((each) => each.exported)
          .map(({ name, index }) => ({ name, kind: exported.function, index })),
      ],
      (out, { name, kind, index }) => {
        out.sized(encodeText(name));
        out.byte(kind);
        out.unsigned(index);
      },
    );
    const marks = this.#code(bytes);
    if (this.data.bytes.length > 0) {
      section(bytes, sections.data, [this.data], (out, data) => {
        out.byte(0);
        out.byte(structured['i32.const']);
        out.signed(data.start);
        out.byte(structured.end);
        out.sized(data.bytes.view());
      });
    }
    return { bytes: bytes.copy(), marks, functionNames: this.#functions.map(({ name }) => name), input };
  }

  #code(bytes: Bytes): readonly ModuleMark[] {
    const bodies = new Bytes();
    bodies.unsigned(this.#functions.length);
    const marks: { at: number; rule: string | undefined }[] = [];
    for (const { code } of this.#functions) {
      const { bytes: body, prefix } = code.finish();
      bodies.unsigned(body.length);
      const start = bodies.length + prefix;
      bodies.all(body);
      marks.push({ at: start, rule: undefined });
      for (const { at, rule } of code.marks) marks.push({ at: start + at, rule });
    }
    bytes.byte(sections.code);
    bytes.unsigned(bodies.length);
    const start = bytes.length;
    bytes.all(bodies.view());
    return marks.map(({ at, rule }) => ({ at: start + at, rule }));
  }

  #global(global: Global): number {
    this.#globals.push(global);
    return this.#globals.length - 1;
  }

  #type(parameters: readonly ValueType[], result: ValueType | undefined): number {
    const key = `${parameters.join()}:${result ?? ''}`;
    const known = this.#types.findIndex((type) => type.key === key);
    if (known !== -1) return known;
    this.#types.push({ key, parameters, ...(result === undefined ? {} : { result }) });
    return this.#types.length - 1;
  }
}

function writeGlobal(out: Bytes, { type: kind, mutable, initial }: Global, constants: number): void {
  out.byte(valueTypes[kind]);
  out.byte(mutable ? 1 : 0);
  const value = typeof initial === 'number' ? initial : constants + initial.behind;
  switch (kind) {
    case 'i32':
      out.byte(structured['i32.const']);
      out.signed(value);
      break;
    case 'i64':
      out.byte(structured['i64.const']);
      out.signedLong(BigInt(value));
      break;
    case 'f64':
      out.byte(structured['f64.const']);
      out.float(value);
      break;
    default:
      kind satisfies never;
  }
  out.byte(structured.end);
}

function section<T>(bytes: Bytes, id: number, items: readonly T[], write: (out: Bytes, item: T) => void): void {
  const content = new Bytes();
  content.unsigned(items.length);
  for (const item of items) write(content, item);
  bytes.byte(id);
  bytes.sized(content.view());
}
