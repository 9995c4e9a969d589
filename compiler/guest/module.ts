import { Malformed, Reader } from './reader.ts';

/** Value types as their bytes: 0x7f i32, 0x7e i64, 0x7d f32, 0x7c f64, 0x7b v128, 0x70 funcref, 0x6f externref. */
export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export type ImportKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ImportKind;
  /** Of a function: the index of its type. */
  readonly type: number;
}

/** Limits of a table or memory, in elements or pages of 64 KiB. */
export interface Limits {
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  /** True where it is addressed with 64 bits. */
  readonly wide: boolean;
}

export interface Table {
  readonly element: number;
  readonly limits: Limits;
}

export interface Section {
  readonly id: number;
  /** Its content, without the header. */
  readonly start: number;
  readonly end: number;
}

/** A core module, as far as hardening has to know it; what it does not look into stays bytes. */
export interface GuestModule {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  /** Of each function that the module defines, the index of its type. */
  readonly functions: readonly number[];
  readonly tables: readonly Table[];
  readonly memories: readonly Limits[];
  readonly globals: number;
}

export const sectionIds = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

const importKinds: readonly ImportKind[] = ['function', 'table', 'memory', 'global', 'tag'];

/** Reads a core module that an engine has found valid. Throws `Malformed` for what it does not know. */
export function readModule(bytes: Uint8Array): GuestModule {
  const reader = new Reader(bytes, 8);
  const sections: Section[] = [];
  while (!reader.done) {
    const id = reader.byte();
    const length = reader.unsigned();
    const start = reader.at;
    reader.skip(length);
    sections.push({ id, start, end: reader.at });
  }
  const content = (id: number) => {
    const found = sections.find((section) => section.id === id);
    return found === undefined ? undefined : new Reader(bytes, found.start, found.end);
  };
  const vector = <T>(id: number, read: (reader: Reader) => T): readonly T[] => {
    const section = content(id);
    return section === undefined ? [] : Array.from({ length: section.unsigned() }, () => read(section));
  };
  const imports = vector(sectionIds.import, readImport);
  return {
    bytes,
    sections,
    types: vector(sectionIds.type, readFunctionType),
    imports,
    functions: vector(sectionIds.function, (section) => section.unsigned()),
    tables: vector(sectionIds.table, readTable),
    memories: vector(sectionIds.memory, readLimits),
    globals: (content(sectionIds.global)?.unsigned() ?? 0) + imports.filter(({ kind }) => kind === 'global').length,
  };
}

function readFunctionType(reader: Reader): FunctionType {
  const at = reader.at;
  if (reader.byte() !== 0x60) throw new Malformed('a type that is no function type: garbage collection', at);
  const types = () => Array.from({ length: reader.unsigned() }, () => readValueType(reader));
  return { parameters: types(), results: types() };
}

function readValueType(reader: Reader): number {
  const at = reader.at;
  const type = reader.byte();
  if ((type >= 0x7b && type <= 0x7f) || type === 0x70 || type === 0x6f) return type;
  throw new Malformed('a typed reference: garbage collection or typed function references', at);
}

function readImport(reader: Reader): Import {
  const module = reader.name();
  const name = reader.name();
  const at = reader.at;
  const kind = importKinds[reader.byte()];
  switch (kind) {
    case 'function':
      return { module, name, kind, type: reader.unsigned() };
    case 'table':
      readTable(reader);
      break;
    case 'memory':
      readLimits(reader);
      break;
    case 'global':
      readValueType(reader);
      reader.byte();
      break;
    case 'tag':
      reader.byte();
      reader.unsigned();
      break;
    default:
      throw new Malformed('an import of a kind that is not known', at);
  }
  return { module, name, kind, type: 0 };
}

function readTable(reader: Reader): Table {
  return { element: readValueType(reader), limits: readLimits(reader) };
}

function readLimits(reader: Reader): Limits {
  const at = reader.at;
  const flags = reader.byte();
  if (flags > 7) throw new Malformed('limits of a kind that is not known: custom page sizes', at);
  const wide = (flags & 4) !== 0;
  if (wide) {
    reader.skipNumber();
    if ((flags & 1) !== 0) reader.skipNumber();
    return { minimum: 0, maximum: undefined, shared: (flags & 2) !== 0, wide };
  }
  const minimum = reader.unsigned();
  return { minimum, maximum: (flags & 1) === 0 ? undefined : reader.unsigned(), shared: (flags & 2) !== 0, wide };
}

/** Passes over a constant expression (section 3.3.8): constants, globals, references and sums, and then `end`. */
export function skipConstantExpression(reader: Reader): void {
  for (;;) {
    const at = reader.at;
    const opcode = reader.byte();
    switch (opcode) {
      case 0x0b:
        return;
      case 0x23: // global.get
      case 0x41: // i32.const
      case 0x42: // i64.const
      case 0xd2: // ref.func
        reader.skipNumber();
        break;
      case 0x43:
        reader.skip(4);
        break;
      case 0x44:
        reader.skip(8);
        break;
      case 0xd0: // ref.null
        reader.byte();
        break;
      case 0x6a: // add, sub and mul of i32 and i64: extended constant expressions
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      case 0xfd: // v128.const
        if (reader.unsigned() !== 12) throw new Malformed('a constant expression of an unknown kind', at);
        reader.skip(16);
        break;
      default:
        throw new Malformed('a constant expression of an unknown kind', at);
    }
  }
}
