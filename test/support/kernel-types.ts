import { readFileSync } from 'node:fs';

/** A type of BTF (Documentation/bpf/btf.rst), as far as tests ask for it. */
interface KernelType {
  readonly kind: number;
  readonly name: string;
  /** The size of an integer or a structure; else the type that it is of. */
  readonly value: number;
  /** Of a structure, a union or a prototype. */
  readonly members: readonly { readonly name: string; readonly type: number }[];
}

const INTEGER = 1;
const POINTER = 2;
const ARRAY = 3;
const FUNCTION = 12;
const transparent = new Set([8, 9, 10, 11, 18]);
/** Bytes behind the header of a type, and bytes for each of its parts. */
const sizes: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  1: [4, 0],
  3: [12, 0],
  4: [0, 12],
  5: [0, 12],
  6: [0, 8],
  13: [0, 8],
  14: [4, 0],
  15: [0, 12],
  17: [4, 0],
  19: [0, 12],
};

/** What a kernel says of its types; written here anew, since the compiler reads none. */
export class KernelTypes {
  readonly #types: readonly KernelType[];
  readonly #functions: ReadonlyMap<string, KernelType>;

  constructor(path: string) {
    const bytes = readFileSync(path);
    const word = (at: number) => bytes.readUInt32LE(at);
    const base = word(4);
    const strings = base + word(16);
    const text = (offset: number) => bytes.toString('latin1', strings + offset, bytes.indexOf(0, strings + offset));
    const types: KernelType[] = [{ kind: 0, name: 'void', value: 0, members: [] }];
    const end = base + word(8) + word(12);
    for (let at = base + word(8); at < end; ) {
      const kind = (word(at + 4) >>> 24) & 31;
      const count = word(at + 4) & 0xffff;
      const [fixed, each] = sizes[kind] ?? [0, 0];
      const start = at + 12;
      const members =
        kind === 4 || kind === 5 || kind === 13
          ? Array.from({ length: count }, (_, index) => ({
              name: text(word(start + index * each)),
              type: word(start + index * each + 4),
            }))
          : [];
      // Of an array the type of its items stands behind the header.
      types.push({ kind, name: text(word(at)), value: kind === ARRAY ? word(start) : word(at + 8), members });
      at = start + fixed + count * each;
    }
    this.#types = types;
    this.#functions = new Map(types.filter(({ kind }) => kind === FUNCTION).map((type) => [type.name, type]));
  }

  /** The arguments of a function; undefined where the kernel has none of the name. */
  argumentsOf(name: string): readonly { readonly name: string; readonly type: number }[] | undefined {
    const found = this.#functions.get(name);
    return found === undefined ? undefined : this.#types[found.value]!.members;
  }

  /** The type that members lead to, through pointers and embedded structures; undefined where there is none. */
  follow(from: number, members: readonly string[]): number | undefined {
    let current = from;
    for (const name of members) {
      const next = this.#member(this.#pointed(current), name);
      if (next === undefined) return undefined;
      current = next;
    }
    return current;
  }

  /** `struct path`, `char *`, `char[]`, `4` for an integer of four bytes. */
  describe(id: number): string {
    const type = this.#plain(id);
    if (type.kind === POINTER) return `${this.describe(type.value)} *`;
    if (type.kind === ARRAY) return `${this.describe(type.value)}[]`;
    if (type.kind === INTEGER) return type.name.includes('char') && type.value === 1 ? 'char' : String(type.value);
    if (type.kind === 6 || type.kind === 19) return String(type.value);
    return `${type.kind === 5 ? 'union' : 'struct'} ${type.name}`;
  }

  #plain(id: number): KernelType {
    let type = this.#types[id]!;
    while (transparent.has(type.kind)) type = this.#types[type.value]!;
    return type;
  }

  #pointed(id: number): KernelType {
    const type = this.#plain(id);
    return type.kind === POINTER ? this.#plain(type.value) : type;
  }

  /** A member, also one of a structure without a name. */
  #member(type: KernelType, name: string): number | undefined {
    for (const member of type.members) {
      if (member.name === name) return member.type;
      if (member.name !== '') continue;
      const inner = this.#member(this.#plain(member.type), name);
      if (inner !== undefined) return inner;
    }
    return undefined;
  }
}
