import { type Btf, type BtfType, type FieldRelocation, type LineInfo, readBtf, readBtfExtension } from './btf.ts';
import { type ObjectSymbol, readObject } from './elf.ts';

/** A program of an object, before its fields are found. */
export interface DecodedProgram {
  readonly section: string;
  readonly name: string;
  readonly code: Uint8Array;
  readonly fields: readonly FieldRelocation[];
  readonly lines: readonly LineInfo[];
  /** Its type, by the id in the object's types. */
  readonly type: number;
  /** By slot: the map, or the place among the constants, whose address goes there. */
  readonly addresses: ReadonlyMap<number, { readonly map: string } | { readonly constant: number }>;
}

export interface DecodedMap {
  readonly name: string;
  readonly type: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly entries: number;
  readonly flags: number;
  /** The types of key and value, by their ids in the object's types; 0 where it names none. */
  readonly keyType: number;
  readonly valueType: number;
}

export interface DecodedObject {
  readonly programs: readonly DecodedProgram[];
  readonly maps: readonly DecodedMap[];
  readonly constants: Uint8Array;
  readonly licence: string;
  /** In BTF, for the kernel. */
  readonly types: Uint8Array;
}

/** SHT_PROGBITS. */
const bits = 1;

/**
 * Reads a whole object as a loader would.
 *
 * @returns what is wrong with it, in words that follow its name
 */
export function decodeObject(bytes: Uint8Array): DecodedObject | string {
  const file = readObject(bytes);
  if (typeof file === 'string') return file;
  const sectionOf = (name: string) => file.sections.find((section) => section.name === name);
  const typeSection = sectionOf('.BTF');
  if (typeSection === undefined) return 'has no types (`.BTF`), without which no kernel attaches a program to a hook';
  const btf = readBtf(typeSection.content);
  if (typeof btf === 'string') return `has types that ${btf}`;
  const extension = readBtfExtension(sectionOf('.BTF.ext')?.content ?? new Uint8Array(0), btf);
  if (typeof extension === 'string') return `has types that ${extension}`;
  const programs: DecodedProgram[] = [];
  const functions = new Map<number, ObjectSymbol>();
  for (const symbol of file.symbols) {
    if (symbol.type === 2 && !functions.has(symbol.section)) functions.set(symbol.section, symbol);
  }
  for (const section of file.sections) {
    const symbol = functions.get(section.index);
    if (symbol === undefined || section.type !== bits) continue;
    if (section.content.length % 8 !== 0)
      return `has code in \`${section.name}\` that is no whole number of instructions`;
    const addresses = new Map<number, { map: string } | { constant: number }>();
    const view = new DataView(section.content.buffer, section.content.byteOffset, section.content.length);
    for (const { offset, symbol: index } of file.relocations.get(section.index) ?? []) {
      const target = file.symbols[index];
      if (target === undefined || offset % 8 !== 0 || offset + 16 > section.content.length) {
        return `has an address in \`${section.name}\` that leads nowhere`;
      }
      const inConstants = file.sections[target.section]?.name === '.rodata';
      addresses.set(
        offset / 8,
        inConstants ? { constant: target.value + view.getInt32(offset + 4, true) } : { map: target.name },
      );
    }
    programs.push({
      section: section.name,
      name: symbol.name,
      code: section.content,
      fields: extension.fields.get(section.name) ?? [],
      lines: extension.lines.get(section.name) ?? [],
      type: extension.functions.get(section.name) ?? 0,
      addresses,
    });
  }
  if (programs.length === 0) return 'holds no program';
  const licence = new TextDecoder().decode(sectionOf('license')?.content ?? new Uint8Array(0)).replaceAll('\0', '');
  const constants = sectionOf('.rodata')?.content ?? new Uint8Array(0);
  return { programs, maps: readMaps(btf), constants, licence, types: typeSection.content };
}

/** The variables of the section `.maps`: structures whose fields are pointers to arrays of so many, or to a type. */
function readMaps(btf: Btf): readonly DecodedMap[] {
  const known = new Map<BtfType, ReadonlyMap<string, number>>();
  const membersOf = (definition: BtfType) => {
    let members = known.get(definition);
    if (members === undefined) {
      // Of a name that comes twice the first counts.
      members = new Map(definition.members.toReversed().map(({ name, type }) => [name, type]));
      known.set(definition, members);
    }
    return members;
  };
  return btf.types.flatMap((type) => {
    if (type.kind !== 14) return [];
    const definition = btf.types[type.sizeOrType];
    if (definition?.kind !== 4) return [];
    const memberType = membersOf(definition);
    const number = (name: string): number => pointee(btf, memberType.get(name))?.elements?.count ?? 0;
    const typeOf = (name: string): number => {
      const member = memberType.get(name);
      return member === undefined ? 0 : (btf.types[member]?.sizeOrType ?? 0);
    };
    const size = (name: string): number => {
      const own = typeOf(name);
      return own === 0 ? number(`${name}_size`) : sizeOf(btf, own);
    };
    return [
      {
        name: type.name,
        type: number('type'),
        keyBytes: size('key'),
        valueBytes: size('value'),
        entries: number('max_entries'),
        flags: number('map_flags'),
        keyType: typeOf('key'),
        valueType: typeOf('value'),
      },
    ];
  });
}

function pointee(btf: Btf, type: number | undefined) {
  return type === undefined ? undefined : btf.types[btf.types[type]?.sizeOrType ?? 0];
}

/** How deep arrays are of arrays; one that is of itself has no size. */
const mostArrays = 32;

function sizeOf(btf: Btf, id: number, depth = 0): number {
  const type = btf.types[id];
  if (type?.elements === undefined) return type?.sizeOrType ?? 0;
  return depth === mostArrays ? 0 : type.elements.count * sizeOf(btf, type.elements.type, depth + 1);
}
