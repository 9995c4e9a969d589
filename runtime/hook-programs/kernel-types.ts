/** A structure or function of the kernel that is looked for. */
export interface WantedTypes {
  /** Structures, each with all that is asked of it: the names of members on the way. */
  readonly fields: readonly { readonly structure: string; readonly members: readonly string[] }[];
  readonly functions: readonly string[];
}

export interface FoundTypes {
  /** In bytes, in the order in which they were asked for; undefined where the kernel has no such field. */
  readonly offsets: readonly (number | undefined)[];
  /** By the name of a function its id. */
  readonly functions: ReadonlyMap<string, number>;
}

/** Kinds of BTF (linux/btf.h). */
const kind = { struct: 4, union: 5, typedef: 8, volatile: 9, const: 10, restrict: 11, function: 12 } as const;

/** Bytes that follow a type's header for each of its members, and once, by its kind: Documentation/bpf/btf.rst. */
const perMember = bytesOf({ 4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12 });
const once = bytesOf({ 1: 4, 3: 12, 14: 4, 17: 4 });

function bytesOf(known: Readonly<Record<number, number>>): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => known[index] ?? 0);
}

const headBytes = 12;

/**
 * Finds types in those of the running kernel (/sys/kernel/btf/vmlinux), some hundred thousand, in one walk over them that
 * makes nothing for those that nobody asked for.
 *
 * @returns undefined where the bytes are no types that this reader knows
 */
export function findTypes(bytes: Buffer, wanted: WantedTypes): FoundTypes | undefined {
  if (bytes.length < 24 || bytes.readUInt16LE(0) !== 0xeb9f) return undefined;
  const header = bytes.readUInt32LE(4);
  const begin = header + bytes.readUInt32LE(8);
  const end = begin + bytes.readUInt32LE(12);
  const textsAt = header + bytes.readUInt32LE(16);
  const textsEnd = textsAt + bytes.readUInt32LE(20);
  if (end > bytes.length || textsEnd > bytes.length || begin % 4 !== 0) return undefined;
  const texts = bytes.subarray(textsAt, textsEnd);
  const structures = [...new Set(wanted.fields.map(({ structure }) => structure))];
  // A text is held once, so that a name is one number.
  const structureNames = new Map(structures.map((name) => [placeOf(texts, name), name]));
  const functionNames = new Map(wanted.functions.map((name) => [placeOf(texts, name), name]));
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(bytes);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
  /** Where each type begins, in bytes; those of a kernel are some hundred thousand. */
  const places = new Uint32Array(Math.ceil((end - begin) / headBytes) + 1);
  let count = 1;
  const found = new Map<string, number>();
  const functions = new Map<string, number>();
  for (let at = begin; at < end; ) {
    const name = words[at >>> 2]!;
    const information = words[(at >>> 2) + 1]!;
    const its = (information >>> 24) & 31;
    if (its === kind.struct || its === kind.function) {
      const sought = its === kind.struct ? structureNames.get(name) : functionNames.get(name);
      if (sought !== undefined) {
        if (its === kind.struct) found.set(sought, count);
        else functions.set(sought, count);
      }
    }
    places[count] = at;
    count += 1;
    at += headBytes + once[its]! + perMember[its]! * (information & 0xffff);
  }
  const types = new Types(bytes, texts, places);
  return {
    offsets: wanted.fields.map(({ structure, members }) => {
      const id = found.get(structure);
      return id === undefined ? undefined : types.offset(id, members);
    }),
    functions,
  };
}

/** Where a text stands among the texts; -1 where it does not. */
function placeOf(texts: Buffer, text: string): number {
  const at = texts.indexOf(`\0${text}\0`, 0, 'latin1');
  return at === -1 ? -1 : at + 1;
}

/** Where a member lies, in bytes, and its type. */
interface Place {
  readonly offset: number;
  readonly type: number;
}

/** The types that something was found in. */
class Types {
  readonly #bytes: Buffer;
  readonly #texts: Buffer;
  readonly #places: Uint32Array;

  constructor(bytes: Buffer, texts: Buffer, places: Uint32Array) {
    this.#bytes = bytes;
    this.#texts = texts;
    this.#places = places;
  }

  /** Where a field lies in a structure, by the names of the members on the way. */
  offset(structure: number, members: readonly string[]): number | undefined {
    let at = 0;
    let type: number | undefined = structure;
    for (const member of members) {
      const found: Place | undefined = type === undefined ? undefined : this.#member(type, member, 0);
      if (found === undefined) return undefined;
      at += found.offset;
      type = found.type;
    }
    return at;
  }

  /** A member, also of the nameless structures and unions in it. Bit fields have no place that a program could read. */
  #member(id: number, name: string, depth: number): Place | undefined {
    const at = this.#structure(id);
    if (at === undefined || depth > 8) return undefined;
    const information = this.#bytes.readUInt32LE(at + 4);
    const sized = information >>> 31 === 1;
    for (let index = 0; index < (information & 0xffff); index += 1) {
      const place = at + headBytes + index * 12;
      const nameAt = this.#bytes.readUInt32LE(place);
      const type = this.#bytes.readUInt32LE(place + 4);
      const word = this.#bytes.readUInt32LE(place + 8);
      const bits = sized ? word & 0xff_ffff : word;
      const isBitField = sized && word >>> 24 !== 0;
      if (nameAt === 0) {
        const within = this.#member(type, name, depth + 1);
        if (within !== undefined) return { offset: bits / 8 + within.offset, type: within.type };
      } else if (!isBitField && bits % 8 === 0 && this.#isText(nameAt, name)) {
        return { offset: bits / 8, type };
      }
    }
    return undefined;
  }

  /** A structure or union behind what only says how it may be used. */
  #structure(id: number): number | undefined {
    let at = this.#places[id];
    for (let step = 0; at !== undefined && at !== 0 && step < 16; step += 1) {
      const its = (this.#bytes.readUInt32LE(at + 4) >>> 24) & 31;
      if (its === kind.struct || its === kind.union) return at;
      const passes = [kind.typedef, kind.volatile, kind.const, kind.restrict].some((each) => each === its);
      if (!passes) return undefined;
      at = this.#places[this.#bytes.readUInt32LE(at + 8)];
    }
    return undefined;
  }

  #isText(at: number, text: string): boolean {
    return this.#texts[at + text.length] === 0 && this.#texts.toString('latin1', at, at + text.length) === text;
  }
}
