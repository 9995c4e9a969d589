/** A section of an object file. */
export interface ObjectSection {
  readonly name: string;
  readonly index: number;
  readonly type: number;
  /** What sh_info says: for relocations, the index of the section that they are for. */
  readonly information: number;
  readonly content: Uint8Array;
}

export interface ObjectSymbol {
  readonly name: string;
  /** The index of its section. */
  readonly section: number;
  readonly value: number;
  readonly size: number;
  /** 1 a variable, 2 a function, 3 a section. */
  readonly type: number;
}

/** An object file for eBPF, as it lies in a file. */
export interface ObjectFile {
  readonly sections: readonly ObjectSection[];
  readonly symbols: readonly ObjectSymbol[];
  /** By the index of a section: where in it the address of which symbol goes. */
  readonly relocations: ReadonlyMap<number, readonly { readonly offset: number; readonly symbol: number }[]>;
}

/** Bytes that an object may have: what a loader reads at once. */
const largestObject = 16 * 1024 * 1024;

/**
 * Reads an ELF object for eBPF: elf(5).
 *
 * @returns what is wrong with it, in words that follow its name, where it is none that a kernel of ours could load
 */
export function readObject(bytes: Uint8Array): ObjectFile | string {
  if (bytes.length > largestObject) return `has ${bytes.length} bytes, more than ${largestObject}`;
  if (bytes.length < 64 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
    return 'is no ELF file';
  }
  if (bytes[4] !== 2) return 'is of 32 bits; objects for eBPF are of 64';
  if (bytes[5] !== 1) return 'is big-endian; x86_64, aarch64 and riscv64 are little-endian';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(16, true) !== 1) return 'is no relocatable object';
  const machine = view.getUint16(18, true);
  if (machine !== 247) return `is for the machine ${machine}, not for eBPF (247)`;
  const start = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const names = view.getUint16(62, true);
  if (view.getUint16(58, true) !== 64 || start + count * 64 > bytes.length || names >= count) {
    return 'is cut off: its table of sections lies beyond its end';
  }
  const headers = Array.from({ length: count }, (_, index) => {
    const at = start + index * 64;
    return {
      name: view.getUint32(at, true),
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
      information: view.getUint32(at + 44, true),
    };
  });
  const contents: Uint8Array[] = [];
  let all = 0;
  for (const { type, offset, size } of headers) {
    const empty = type === 0 || type === 8;
    if (!empty && (offset > bytes.length || size > bytes.length - offset)) {
      return 'is cut off: a section lies beyond its end';
    }
    if (!empty) all += size;
    contents.push(empty ? new Uint8Array(0) : bytes.subarray(offset, offset + size));
  }
  if (all > bytes.length) return 'has sections that lie over each other';
  const texts = new Texts();
  const nameTable = contents[names]!;
  const sections = headers.map(
    ({ name, type, information }, index): ObjectSection => ({
      name: texts.at(nameTable, name),
      index,
      type,
      information,
      content: contents[index]!,
    }),
  );
  const symbols: ObjectSymbol[] = [];
  const relocations = new Map<number, { offset: number; symbol: number }[]>();
  for (const [index, { type, link, information }] of headers.entries()) {
    const content = contents[index]!;
    const own = new DataView(content.buffer, content.byteOffset, content.length);
    if (type === 2) {
      const table = contents[link] ?? new Uint8Array(0);
      for (let at = 0; at + 24 <= content.length; at += 24) {
        symbols.push({
          name: texts.at(table, own.getUint32(at, true)),
          type: content[at + 4]! & 15,
          section: own.getUint16(at + 6, true),
          value: Number(own.getBigUint64(at + 8, true)),
          size: Number(own.getBigUint64(at + 16, true)),
        });
      }
    } else if (type === 9) {
      const list = relocations.get(information) ?? [];
      relocations.set(information, list);
      for (let at = 0; at + 16 <= content.length; at += 16) {
        list.push({ offset: Number(own.getBigUint64(at, true)), symbol: own.getUint32(at + 12, true) });
      }
    }
  }
  return texts.areTooMany ? 'has texts that have no end' : { sections, symbols, relocations };
}

/** Bytes that the texts of an object may have in all: where they have no end, each is as long as the whole. */
const mostTextBytes = 4 * largestObject;

/** Reads texts that end with a NUL, up to so many bytes in all: from then on they are empty. */
export class Texts {
  readonly #decoder = new TextDecoder();
  #left = mostTextBytes;

  get areTooMany(): boolean {
    return this.#left < 0;
  }

  /** The text that begins there. */
  at(bytes: Uint8Array, start: number): string {
    if (this.#left < 0) return '';
    const found = bytes.indexOf(0, start);
    const end = found === -1 ? bytes.length : found;
    this.#left -= Math.max(0, end - start);
    return this.#decoder.decode(bytes.subarray(start, end));
  }
}
