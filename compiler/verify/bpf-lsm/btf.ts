import { Texts } from './elf.ts';

/** A type in BTF (Documentation/bpf/btf.rst); what our validator has no use for is left out. */
export interface BtfType {
  readonly kind: number;
  readonly name: string;
  readonly sizeOrType: number;
  readonly members: readonly { readonly name: string; readonly type: number; readonly offset: number }[];
  /** Of an array. */
  readonly elements?: { readonly type: number; readonly count: number };
}

export interface Btf {
  /** By id; the first is `void`. */
  readonly types: readonly BtfType[];
  text(offset: number): string;
  /** Whether texts were asked for that have no end, and are not as they should be. */
  areTextsTooMany(): boolean;
}

/** A place in the code of a section that depends on where the running kernel has a field. */
export interface FieldRelocation {
  /** In bytes. */
  readonly offset: number;
  readonly structure: string;
  /** The names of the members on the way. */
  readonly members: readonly string[];
  /** Where the object itself has it. */
  readonly local: number;
}

export interface LineInfo {
  readonly offset: number;
  readonly file: string;
  readonly text: string;
  readonly line: number;
  /** As the kernel takes it, without the offset: where its file and its text stand in the types, and line and column. */
  readonly words: readonly [file: number, text: number, place: number];
}

export interface BtfExtension {
  /** By section. */
  readonly fields: ReadonlyMap<string, readonly FieldRelocation[]>;
  readonly lines: ReadonlyMap<string, readonly LineInfo[]>;
  /** By section: the type of the function that begins there. */
  readonly functions: ReadonlyMap<string, number>;
}

/** Bytes that follow a type's header, by its kind, for each of its members. */
const perMember: Readonly<Record<number, number>> = { 4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12 };
/** The same, once. */
const once: Readonly<Record<number, number>> = { 1: 4, 3: 12, 14: 4, 17: 4 };

const magic = 0xeb9f;

/** @returns what is wrong, in words that follow "its types" */
export function readBtf(bytes: Uint8Array): Btf | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 24 || view.getUint16(0, true) !== magic) return 'are not in BTF';
  const header = view.getUint32(4, true);
  const start = header + view.getUint32(8, true);
  const end = start + view.getUint32(12, true);
  const texts = bytes.subarray(header + view.getUint32(16, true));
  if (end > bytes.length) return 'are cut off';
  const read = new Texts();
  const types: BtfType[] = [{ kind: 0, name: '', sizeOrType: 0, members: [] }];
  for (let at = start; at < end; ) {
    if (at + 12 > end) return 'are cut off';
    const information = view.getUint32(at + 4, true);
    const kind = (information >>> 24) & 31;
    const count = information & 0xffff;
    const size = (once[kind] ?? 0) + (perMember[kind] ?? 0) * count;
    const body = at + 12;
    if (body + size > end) return 'are cut off';
    const members =
      kind === 4 || kind === 5
        ? Array.from({ length: count }, (_, index) => ({
            name: read.at(texts, view.getUint32(body + index * 12, true)),
            type: view.getUint32(body + index * 12 + 4, true),
            offset: view.getUint32(body + index * 12 + 8, true) / 8,
          }))
        : [];
    types.push({
      kind,
      name: read.at(texts, view.getUint32(at, true)),
      sizeOrType: view.getUint32(at + 8, true),
      members,
      ...(kind === 3 ? { elements: { type: view.getUint32(body, true), count: view.getUint32(body + 8, true) } } : {}),
    });
    at = body + size;
  }
  return { types, text: (offset) => read.at(texts, offset), areTextsTooMany: () => read.areTooMany };
}

/** @returns what is wrong, in words that follow "its types" */
export function readBtfExtension(bytes: Uint8Array, btf: Btf): BtfExtension | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 32 || view.getUint16(0, true) !== magic) return 'have no extension';
  const header = view.getUint32(4, true);
  const fields = new Map<string, FieldRelocation[]>();
  const lines = new Map<string, LineInfo[]>();
  const functions = new Map<string, number>();
  const part = (place: number, least: number, each: (section: string, at: number) => boolean): boolean => {
    const length = view.getUint32(place + 4, true);
    if (length === 0) return true;
    let at = header + view.getUint32(place, true);
    const end = at + length;
    if (end > bytes.length || length < 4) return false;
    const record = view.getUint32(at, true);
    // A record of no bytes would be there as often as it says.
    if (record < least) return false;
    at += 4;
    while (at + 8 <= end) {
      const section = btf.text(view.getUint32(at, true));
      const count = view.getUint32(at + 4, true);
      at += 8;
      for (let index = 0; index < count; index += 1, at += record) {
        if (at + record > end || !each(section, at)) return false;
      }
    }
    return true;
  };
  const readLine = (section: string, at: number) => {
    const list = lines.get(section) ?? [];
    lines.set(section, list);
    list.push({
      offset: view.getUint32(at, true),
      file: btf.text(view.getUint32(at + 4, true)),
      text: btf.text(view.getUint32(at + 8, true)),
      line: view.getUint32(at + 12, true) >>> 10,
      words: [view.getUint32(at + 4, true), view.getUint32(at + 8, true), view.getUint32(at + 12, true)],
    });
    return true;
  };
  const readField = (section: string, at: number) => {
    const list = fields.get(section) ?? [];
    fields.set(section, list);
    const way = fieldAt(btf, view.getUint32(at + 4, true), btf.text(view.getUint32(at + 8, true)));
    if (way === undefined || view.getUint32(at + 12, true) !== 0) return false;
    list.push({ offset: view.getUint32(at, true), ...way });
    return true;
  };
  const readFunction = (section: string, at: number) => {
    functions.set(section, view.getUint32(at + 4, true));
    return true;
  };
  // Of each the words that are read.
  const whole = part(8, 8, readFunction) && part(16, 16, readLine) && (header < 32 || part(24, 16, readField));
  if (btf.areTextsTooMany()) return 'have texts that have no end';
  return whole
    ? { fields, lines, functions }
    : 'have an extension that is cut off or asks for more than the place of a field';
}

function fieldAt(btf: Btf, type: number, access: string): Omit<FieldRelocation, 'offset'> | undefined {
  const [first, ...indexes] = access.split(':').map(Number);
  let at = btf.types[type];
  if (first !== 0 || at === undefined) return undefined;
  const structure = at.name;
  const members: string[] = [];
  let local = 0;
  for (const index of indexes) {
    const member: BtfType['members'][number] | undefined = at?.members[index];
    if (member === undefined) return undefined;
    members.push(member.name);
    local += member.offset;
    at = btf.types[member.type];
  }
  return { structure, members, local };
}
