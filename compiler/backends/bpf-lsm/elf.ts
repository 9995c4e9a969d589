import { joined, fields as littleEndian } from '../launcher/data.ts';
import { TextTable } from './btf.ts';

/** A section of a relocatable object, elf(5). */
export interface Section {
  readonly name: string;
  readonly content: Uint8Array;
  readonly kind: 'code' | 'constants' | 'data' | 'debug';
}

/** A name that others can see: a program, a map, the licence. */
export interface ElfSymbol {
  readonly name: string;
  /** The name of its section. */
  readonly section: string;
  readonly offset: number;
  readonly size: number;
  readonly type: 'function' | 'object';
}

/** The 64 bits in a section that hold the address of a symbol, or of the beginning of the section with that name. */
export interface ElfRelocation {
  readonly section: string;
  readonly offset: number;
  readonly symbol: string;
}

/** SHT_PROGBITS; SHF_WRITE 1, SHF_ALLOC 2, SHF_EXECINSTR 4. */
const sectionFlags: Readonly<Record<Section['kind'], number>> = { code: 6, constants: 2, data: 3, debug: 0 };

const sectionTypes = { bits: 1, symbols: 2, texts: 3, relocations: 9 } as const;

/** EM_BPF. */
const machine = 247;

/** R_BPF_64_64: the address of a symbol in a load of 64 bits. */
const relocationType = 1;

const headerBytes = 64;
const symbolBytes = 24;

/** A relocatable object for eBPF, little-endian. Symbols of sections come first, since they are local. */
export function elfObject(
  sections: readonly Section[],
  symbols: readonly ElfSymbol[],
  relocations: readonly ElfRelocation[],
): Uint8Array {
  const texts = new TextTable();
  const indexOf = new Map(sections.map(({ name }, index) => [name, index + 1]));
  const pointedAt = sections.filter(({ name }) => relocations.some(({ symbol }) => symbol === name));
  const symbolIndex = new Map<string, number>();
  // st_name, st_info (binding << 4 | type), st_other, st_shndx, st_value, st_size
  const table: Uint8Array[] = [new Uint8Array(symbolBytes)];
  for (const { name } of pointedAt) {
    symbolIndex.set(name, table.length);
    table.push(littleEndian([4, 0], [1, 3], [1, 0], [2, indexOf.get(name)!], [8, 0], [8, 0]));
  }
  const locals = table.length;
  for (const { name, section, offset, size, type } of symbols) {
    symbolIndex.set(name, table.length);
    const information = (1 << 4) | (type === 'function' ? 2 : 1);
    table.push(
      littleEndian(
        [4, texts.offset(name)],
        [1, information],
        [1, 0],
        [2, indexOf.get(section)!],
        [8, offset],
        [8, size],
      ),
    );
  }

  const relocated = sections.flatMap(({ name }) => {
    const own = relocations.filter((relocation) => relocation.section === name);
    if (own.length === 0) return [];
    const content = joined(
      own.map(({ offset, symbol }) => littleEndian([8, offset], [4, relocationType], [4, symbolIndex.get(symbol)!])),
    );
    return [{ name: `.rel${name}`, content, of: indexOf.get(name)! }];
  });

  const symbolSection = sections.length + relocated.length + 1;
  const textSection = symbolSection + 1;
  // name, type, flags, link, info, alignment, bytes of an entry
  type Header = readonly [string, number, number, number, number, number, number, Uint8Array];
  const all: Header[] = [
    ...sections.map(
      ({ name, content, kind }): Header => [
        name,
        sectionTypes.bits,
        sectionFlags[kind],
        0,
        0,
        alignmentOf(kind),
        0,
        content,
      ],
    ),
    ...relocated.map(
      ({ name, content, of }): Header => [name, sectionTypes.relocations, 0x40, symbolSection, of, 8, 16, content],
    ),
    ['.symtab', sectionTypes.symbols, 0, textSection, locals, 8, symbolBytes, joined(table)],
  ];
  for (const [name] of all) texts.offset(name);
  texts.offset('.strtab');
  all.push(['.strtab', sectionTypes.texts, 0, 0, 0, 1, 0, texts.bytes()]);

  const bodies: Uint8Array[] = [];
  let at = headerBytes;
  const headers: Uint8Array[] = [new Uint8Array(headerBytes)];
  for (const [name, type, flags, link, information, alignment, entry, content] of all) {
    const padding = (alignment - (at % alignment)) % alignment;
    bodies.push(new Uint8Array(padding), content);
    at += padding;
    headers.push(
      littleEndian([4, texts.offset(name)], [4, type], [8, flags], [8, 0], [8, at], [8, content.length]),
      littleEndian([4, link], [4, information], [8, alignment], [8, entry]),
    );
    at += content.length;
  }
  const padding = (8 - (at % 8)) % 8;
  return joined([
    // ELFMAG, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    // e_type ET_REL, e_machine, e_version, e_entry, e_phoff, e_shoff, e_flags
    littleEndian([2, 1], [2, machine], [4, 1], [8, 0], [8, 0], [8, at + padding], [4, 0]),
    // e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
    littleEndian([2, headerBytes], [2, 0], [2, 0], [2, 64], [2, all.length + 1], [2, textSection]),
    ...bodies,
    new Uint8Array(padding),
    ...headers,
  ]);
}

function alignmentOf(kind: Section['kind']): number {
  return kind === 'debug' ? 4 : 8;
}
