import type { PartialBytes } from './kernel-types-file.ts';

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

/** Words that follow a type's header for each of its members, and once, by its kind: Documentation/bpf/btf.rst. */
const perMember = wordsOf({ 4: 3, 5: 3, 6: 2, 13: 2, 15: 3, 19: 3 });
const once = wordsOf({ 1: 1, 3: 3, 14: 1, 17: 1 });

function wordsOf(known: Readonly<Record<number, number>>): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => known[index] ?? 0);
}

const headBytes = 24;
const headWords = 3;
/** How much is asked for at once. */
const pieceBytes = 1 << 18;
/** Of texts whose places have one remainder by this, one is told from the others by a look at it. */
const marks = 4096;

/**
 * Finds types in those of the running kernel (/sys/kernel/btf/vmlinux), some hundred thousand: the names first, which are
 * numbers from there on, then the types that have them, in one walk that ends where the last of them is.
 *
 * @returns undefined where the bytes are no types that this reader knows
 */
export function findTypes(file: PartialBytes, wanted: WantedTypes): FoundTypes | undefined {
  const sections = sectionsOf(file);
  if (sections === undefined) return undefined;
  const texts = new Texts(file, sections);
  const structures = [...new Set(wanted.fields.map(({ structure }) => structure))];
  const structureNames = texts.places(structures);
  const functionNames = texts.placesOfKin(wanted.functions);
  const types = new Types(file, sections, texts);
  const found = types.find(structureNames, functionNames);
  return {
    offsets: wanted.fields.map(({ structure, members }) => {
      const id = found.structures.get(structure);
      return id === undefined ? undefined : types.offset(id, members);
    }),
    functions: found.functions,
  };
}

/** Where types and texts lie, in bytes. */
interface Sections {
  readonly types: { readonly begin: number; readonly end: number };
  readonly texts: { readonly begin: number; readonly end: number };
}

function sectionsOf(file: PartialBytes): Sections | undefined {
  const { bytes } = file;
  file.need(0, headBytes);
  if (bytes.length < headBytes || bytes.readUInt16LE(0) !== 0xeb9f) return undefined;
  const header = bytes.readUInt32LE(4);
  const begin = header + bytes.readUInt32LE(8);
  const end = begin + bytes.readUInt32LE(12);
  const textsBegin = header + bytes.readUInt32LE(16);
  const textsEnd = textsBegin + bytes.readUInt32LE(20);
  if (end > bytes.length || textsEnd > bytes.length || begin % 4 !== 0 || end % 4 !== 0) return undefined;
  return { types: { begin, end }, texts: { begin: textsBegin, end: textsEnd } };
}

/** The texts, of which each is there once, so that a name is one number: where it stands among them. */
class Texts {
  readonly #file: PartialBytes;
  readonly #begin: number;
  readonly #end: number;

  constructor(file: PartialBytes, { texts }: Sections) {
    this.#file = file;
    this.#begin = texts.begin;
    this.#end = texts.end;
  }

  /** By its place each of the names that is there. */
  places(names: readonly string[]): Map<number, string> {
    const places = new Map<number, string>();
    for (const name of names) {
      for (const at of this.#occurrences(Buffer.from(`\0${name}\0`, 'latin1'))) {
        places.set(at + 1 - this.#begin, name);
        break;
      }
    }
    return places;
  }

  /** The same for names that begin alike, in one pass. */
  placesOfKin(names: readonly string[]): Map<number, string> {
    const places = new Map<number, string>();
    if (names.length === 0) return places;
    const missing = new Set(names);
    for (const at of this.#occurrences(Buffer.from(`\0${commonBeginning(names)}`, 'latin1'))) {
      const name = this.textAt(at + 1 - this.#begin);
      if (missing.delete(name)) places.set(at + 1 - this.#begin, name);
      if (missing.size === 0) break;
    }
    return places;
  }

  textAt(place: number): string {
    const at = this.#begin + place;
    for (let piece = 256; ; piece *= 4) {
      const until = Math.min(this.#end, at + piece);
      this.#file.need(at, until);
      const length = this.#file.bytes.subarray(at, until).indexOf(0);
      if (length !== -1 || until === this.#end) {
        return this.#file.bytes.toString('latin1', at, length === -1 ? until : at + length);
      }
    }
  }

  isAt(place: number, text: string): boolean {
    const at = this.#begin + place;
    this.#file.need(at, at + text.length + 1);
    const { bytes } = this.#file;
    return bytes[at + text.length] === 0 && bytes.toString('latin1', at, at + text.length) === text;
  }

  /** Where these bytes are, in the file, ascending. */
  *#occurrences(sought: Buffer): Generator<number> {
    for (let from = this.#begin; from < this.#end; ) {
      const until = Math.min(this.#end, from + pieceBytes);
      this.#file.need(from, until);
      const piece = this.#file.bytes.subarray(from, until);
      for (let at = piece.indexOf(sought); at !== -1; at = piece.indexOf(sought, at + 1)) yield from + at;
      // One that lies across the end of a piece is found in the next.
      from = until === this.#end ? until : until - sought.length + 1;
    }
  }
}

function commonBeginning([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}

/** Where a member lies, in bytes, and its type. */
interface Member {
  readonly offset: number;
  readonly type: number;
}

class Types {
  readonly #file: PartialBytes;
  readonly #texts: Texts;
  readonly #words: Uint32Array;
  readonly #end: number;
  /** Where each type begins, in words, of those that were walked over. */
  readonly #places: Uint32Array;
  /** By the remainder of a name's place, whether it may be one that is looked for; and the types for which that is so. */
  readonly #marks = new Uint8Array(marks);
  readonly #marked: number[] = [];
  #count = 1;
  /** Where the next type begins, in words. */
  #at: number;

  constructor(file: PartialBytes, { types }: Sections, texts: Texts) {
    const { bytes } = file;
    this.#file = file;
    this.#texts = texts;
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.#at = types.begin >>> 2;
    this.#end = types.end >>> 2;
    this.#places = new Uint32Array(Math.ceil((this.#end - this.#at) / headWords) + 1);
  }

  /**
   * The first structures and functions with these names, as the kernel itself finds them (btf_find_by_name_kind of
   * kernel/bpf/btf.c).
   */
  find(structures: ReadonlyMap<number, string>, functions: ReadonlyMap<number, string>) {
    const found = { structures: new Map<string, number>(), functions: new Map<string, number>() };
    for (const place of [...structures.keys(), ...functions.keys()]) this.#marks[place % marks] = 1;
    let missing = structures.size + functions.size;
    while (missing > 0 && this.#at < this.#end) {
      this.#walk();
      for (const id of this.#marked.splice(0)) {
        const place = this.#places[id]!;
        const its = this.#kind(place);
        if (its !== kind.struct && its !== kind.function) continue;
        const name = this.#words[place]!;
        const sought = its === kind.struct ? structures.get(name) : functions.get(name);
        const into = its === kind.struct ? found.structures : found.functions;
        if (sought === undefined || into.has(sought)) continue;
        into.set(sought, id);
        missing -= 1;
      }
    }
    this.#marks.fill(0);
    return found;
  }

  /** Where a field lies in a structure, by the names of the members on the way. */
  offset(structure: number, members: readonly string[]): number | undefined {
    let at = 0;
    let type: number | undefined = structure;
    for (const member of members) {
      const found: Member | undefined = type === undefined ? undefined : this.#member(type, member, 0);
      if (found === undefined) return undefined;
      at += found.offset;
      type = found.type;
    }
    return at;
  }

  /** Walks over a piece of the types. Its loop is short, for it runs a hundred thousand times before anything is compiled. */
  #walk(): void {
    const begin = this.#at;
    const until = Math.min(this.#end, begin + (pieceBytes >>> 2));
    // The headers of all that begin in the piece.
    this.#file.need(begin * 4, (until + headWords) * 4);
    const words = this.#words;
    const places = this.#places;
    const marked = this.#marks;
    let count = this.#count;
    let at = begin;
    while (at < until) {
      if (marked[words[at]! % marks] === 1) this.#marked.push(count);
      const information = words[at + 1]!;
      const its = (information >>> 24) & 31;
      places[count] = at;
      count += 1;
      at += headWords + once[its]! + perMember[its]! * (information & 0xffff);
    }
    this.#count = count;
    this.#at = at;
  }

  /** Where a type begins, in words; undefined where there is no such type. */
  #place(id: number): number | undefined {
    while (id >= this.#count && this.#at < this.#end) this.#walk();
    return id > 0 && id < this.#count ? this.#places[id]! : undefined;
  }

  #kind(place: number): number {
    return (this.#words[place + 1]! >>> 24) & 31;
  }

  /** A member, also of the nameless structures and unions in it. Bit fields have no place that a program could read. */
  #member(id: number, name: string, depth: number): Member | undefined {
    const at = this.#structure(id);
    if (at === undefined || depth > 8) return undefined;
    const words = this.#words;
    const information = words[at + 1]!;
    const sized = information >>> 31 === 1;
    const end = at + headWords + (information & 0xffff) * 3;
    this.#file.need(at * 4, end * 4);
    for (let place = at + headWords; place < end; place += 3) {
      const nameAt = words[place]!;
      const type = words[place + 1]!;
      const word = words[place + 2]!;
      const bits = sized ? word & 0xff_ffff : word;
      const isBitField = sized && word >>> 24 !== 0;
      if (nameAt === 0) {
        const within = this.#member(type, name, depth + 1);
        if (within !== undefined) return { offset: bits / 8 + within.offset, type: within.type };
      } else if (!isBitField && bits % 8 === 0 && this.#texts.isAt(nameAt, name)) {
        return { offset: bits / 8, type };
      }
    }
    return undefined;
  }

  /** A structure or union behind what only says how it may be used. */
  #structure(id: number): number | undefined {
    let at = this.#place(id);
    for (let step = 0; at !== undefined && step < 16; step += 1) {
      const its = this.#kind(at);
      if (its === kind.struct || its === kind.union) return at;
      const passes = [kind.typedef, kind.volatile, kind.const, kind.restrict].some((each) => each === its);
      if (!passes) return undefined;
      at = this.#place(this.#words[at + 2]!);
    }
    return undefined;
  }
}
