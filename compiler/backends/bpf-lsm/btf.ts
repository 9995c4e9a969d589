import { joined, fields as littleEndian } from '../launcher/data.ts';
import { characters, embedded, type MemberType, structureLayout } from './kernel-types.ts';

/** Kinds of types: linux/btf.h, BTF_KIND_*. */
const kinds = { int: 1, ptr: 2, array: 3, struct: 4, func: 12, funcProto: 13, var: 14, datasec: 15 } as const;

/** The type without a name: `void`. */
const voidType = 0;

export interface BtfMember {
  readonly name: string;
  readonly type: number;
  /** In bytes. */
  readonly offset: number;
}

/** Texts that end with a NUL, each held once; the empty one is at 0. */
export class TextTable {
  readonly #offsets = new Map<string, number>([['', 0]]);
  readonly #parts: Uint8Array[] = [Uint8Array.of(0)];
  #size = 1;

  offset(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const bytes = new TextEncoder().encode(`${text}\0`);
    const offset = this.#size;
    this.#offsets.set(text, offset);
    this.#parts.push(bytes);
    this.#size += bytes.length;
    return offset;
  }

  bytes(): Uint8Array {
    return joined(this.#parts);
  }
}

/** The types of an object, in BTF (Documentation/bpf/btf.rst). A type that is asked for again is the same one. */
export class BtfWriter {
  readonly texts = new TextTable();
  readonly #types: Uint8Array[] = [];
  readonly #known = new Map<string, number>();

  int(name: string, bytes: 1 | 2 | 4 | 8, signed = false): number {
    return this.#once(`int ${name}`, () =>
      this.#add(name, kinds.int, 0, bytes, [[4, ((signed ? 1 : 0) << 24) | (bytes * 8)]]),
    );
  }

  pointer(to: number): number {
    return this.#once(`ptr ${to}`, () => this.#add('', kinds.ptr, 0, to, []));
  }

  array(of: number, count: number): number {
    const index = this.int('unsigned int', 4);
    return this.#once(`array ${of} ${count}`, () =>
      this.#add('', kinds.array, 0, 0, [
        [4, of],
        [4, index],
        [4, count],
      ]),
    );
  }

  /** A structure; one without a name is a new type each time. */
  struct(name: string, size: number, members: readonly BtfMember[]): number {
    return this.#add(
      name,
      kinds.struct,
      members.length,
      size,
      members.flatMap((member) => [
        [4, this.texts.offset(member.name)],
        [4, member.type],
        [4, member.offset * 8],
      ]),
    );
  }

  /** A structure of the kernel, as programs know it, with those that lie in it. */
  kernelStructure(name: string): number {
    const known = this.#known.get(`struct ${name}`);
    if (known !== undefined) return known;
    const { size, members } = structureLayout(name);
    const written = members.map((member) => ({ ...member, type: this.#member(member.type) }));
    return this.#once(`struct ${name}`, () => this.struct(name, size, written));
  }

  /** A function `int NAME(void *ctx)` that others can see. */
  program(name: string): number {
    const result = this.int('int', 4, true);
    const context = this.pointer(voidType);
    const prototype = this.#once('program', () =>
      this.#add('', kinds.funcProto, 1, result, [
        [4, this.texts.offset('ctx')],
        [4, context],
      ]),
    );
    return this.#add(name, kinds.func, 1, prototype, []);
  }

  /** A variable of the object that others can see. */
  variable(name: string, type: number): number {
    return this.#add(name, kinds.var, 0, type, [[4, 1]]);
  }

  section(name: string, size: number, variables: readonly { type: number; offset: number; size: number }[]): number {
    return this.#add(
      name,
      kinds.datasec,
      variables.length,
      size,
      variables.flatMap((variable) => [
        [4, variable.type],
        [4, variable.offset],
        [4, variable.size],
      ]),
    );
  }

  /** The section `.BTF`: header, types, texts. */
  bytes(): Uint8Array {
    const types = joined(this.#types);
    const texts = this.texts.bytes();
    return joined([
      // magic, version, flags, length of the header; where types and texts begin after it, and how long they are
      littleEndian([2, 0xeb9f], [1, 1], [1, 0], [4, 24]),
      littleEndian([4, 0], [4, types.length], [4, types.length], [4, texts.length]),
      types,
      texts,
    ]);
  }

  #member(type: MemberType): number {
    const name = embedded(type);
    if (name !== undefined) return this.kernelStructure(name);
    const length = characters(type);
    if (length !== undefined) return this.array(this.int('char', 1, true), length);
    switch (type) {
      case 'u8':
        return this.int('unsigned char', 1);
      case 'u16':
        return this.int('unsigned short', 2);
      case 'u32':
        return this.int('unsigned int', 4);
      case 'u64':
        return this.int('unsigned long', 8);
      default:
        return this.pointer(voidType);
    }
  }

  #once(key: string, make: () => number): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }

  /** `vlen` counts members; for a function it is its linkage. */
  #add(name: string, kind: number, vlen: number, sizeOrType: number, rest: readonly (readonly [4, number])[]): number {
    this.#types.push(
      littleEndian([4, this.texts.offset(name)], [4, ((kind << 24) | vlen) >>> 0], [4, sizeOrType], ...rest),
    );
    return this.#types.length;
  }
}
