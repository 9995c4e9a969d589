/** What the kernel would map of a launcher: elf(5), and fs/binfmt_elf.c for what it takes of the program headers. */
export interface LoadedFile {
  readonly machine: 'x86_64' | 'aarch64';
  readonly entry: number;
  readonly regions: readonly Region[];
}

export interface Region {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** More than the longest filter and the largest table of paths need. */
const mostMemory = 1 << 22;

const loadSegment = 1;
const interpreterSegment = 3;
const stackSegment = 0x6474_e551;

/** @returns a sentence where the file is no static executable of the kind that a launcher is to be. */
export function loadFile(file: Uint8Array): LoadedFile | string {
  if (file.length < 64) return 'it is shorter than an ELF header';
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const wide = (at: number) => Number(view.getBigUint64(at, true));
  const identity = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  if (identity.some((byte, at) => file[at] !== byte)) return 'it is no 64-bit little-endian ELF file';
  const machine = { 62: 'x86_64', 183: 'aarch64' }[view.getUint16(18, true)];
  if (machine !== 'x86_64' && machine !== 'aarch64') return 'it is for another machine';
  if (view.getUint16(16, true) !== 2 || view.getUint32(20, true) !== 1) return 'it is not of type ET_EXEC, version 1';
  if (wide(40) !== 0 || view.getUint16(60, true) !== 0) return 'it has section headers';
  const table = wide(32);
  const count = view.getUint16(56, true);
  if (view.getUint16(54, true) !== 56 || table + count * 56 > file.length) return 'its program headers are cut off';
  const largestPage = machine === 'x86_64' ? 0x1000 : 0x1_0000;
  const regions: Region[] = [];
  let stack = false;
  for (let index = 0; index < count; index++) {
    const at = table + index * 56;
    const type = view.getUint32(at, true);
    const flags = view.getUint32(at + 4, true);
    const executable = (flags & 1) !== 0;
    const writable = (flags & 2) !== 0;
    if (type === interpreterSegment) return 'it asks for an interpreter';
    if (type === stackSegment) {
      if (executable) return 'its stack is executable';
      stack = true;
    } else if (type === loadSegment) {
      const [offset, start, fileSize, size, align] = [8, 16, 32, 40, 48].map((field) => wide(at + field));
      if (writable) return 'a segment is writable';
      if (size! > mostMemory) return 'a segment is too large';
      if (offset! + fileSize! > file.length || size! < fileSize!) return 'a segment lies outside the file';
      if (align! < largestPage || offset! % align! !== start! % align!) return 'a segment is not aligned to pages';
      const bytes = new Uint8Array(size!);
      bytes.set(file.subarray(offset!, offset! + fileSize!));
      regions.push({ start: start!, bytes, writable, executable });
    } else return `it has a program header of type ${type}`;
  }
  if (!stack) return 'without PT_GNU_STACK its stack is executable';
  const page = (address: number) => Math.floor(address / largestPage);
  for (const [index, left] of regions.entries()) {
    for (const right of regions.slice(index + 1)) {
      const apart =
        page(left.start + left.bytes.length - 1) < page(right.start) ||
        page(right.start + right.bytes.length - 1) < page(left.start);
      if (!apart) return 'two segments share a page';
    }
  }
  return { machine, entry: wide(24), regions };
}
