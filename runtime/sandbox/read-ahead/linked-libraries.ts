import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Tables of more bytes, or programs of more libraries, are not followed: a file may say of itself what it likes. */
const largestTable = 1 << 20;
const mostLibraries = 200;
/** PATH_MAX. */
const longestName = 4096;

/**
 * The libraries that the dynamic linker loads with an ELF file, found where distributions have them and where the file itself
 * says (DT_RUNPATH, DT_RPATH), without asking the dynamic linker, which a file could name itself. What is not found is left out.
 *
 * @param folders where libraries lie
 */
export async function linkedLibraries(file: string, folders: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  const names = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    const { needed, own } = await dynamicNames(path);
    for (const name of needed) {
      if (names.has(name) || names.size >= mostLibraries) continue;
      names.add(name);
      for (const folder of [...own, ...folders]) {
        const library = await realpath(name.includes('/') ? name : join(folder, name)).catch(() => undefined);
        if (library === undefined) continue;
        found.add(library);
        await visit(library);
        break;
      }
    }
  };
  await visit(file);
  return [...found];
}

/** What elf(5) has in the segment PT_DYNAMIC of a 64-bit, little-endian file. Of anything else, nothing. */
async function dynamicNames(path: string): Promise<{ needed: readonly string[]; own: readonly string[] }> {
  const handle = await open(path, 'r').catch(() => undefined);
  try {
    return handle === undefined ? nothing : await namesIn(handle, dirname(path));
  } catch {
    return nothing; // cut short, or with tables that lie
  } finally {
    await handle?.close();
  }
}

const nothing = { needed: [], own: [] };

async function namesIn(handle: FileHandle, folder: string) {
  const part = async (offset: number, length: number) => {
    if (length > largestTable) return Buffer.alloc(0);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  const word = (from: Buffer, at: number) => Number(from.readBigUInt64LE(at));
  const head = await part(0, 64);
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2 || head[5] !== 1) return nothing;
  const size = head.readUInt16LE(54);
  const headers = await part(word(head, 32), size * head.readUInt16LE(56));
  const segments: { kind: number; offset: number; address: number; length: number }[] = [];
  for (let at = 0; size >= 56 && at + size <= headers.length; at += size) {
    const [offset, address, length] = [word(headers, at + 8), word(headers, at + 16), word(headers, at + 32)];
    segments.push({ kind: headers.readUInt32LE(at), offset, address, length });
  }
  const dynamic = segments.find(({ kind }) => kind === 2);
  if (dynamic === undefined) return nothing;
  const entries = await part(dynamic.offset, dynamic.length);
  const values = (tag: number) => {
    const all: number[] = [];
    for (let at = 0; at + 16 <= entries.length; at += 16)
      if (word(entries, at) === tag) all.push(word(entries, at + 8));
    return all;
  };
  // DT_STRTAB is an address: where the segment lies that is loaded there.
  const [strings = 0] = values(5);
  const load = segments.find(
    ({ kind, address, length }) => kind === 1 && strings >= address && strings < address + length,
  );
  if (load === undefined) return nothing;
  const text = async (at: number) => {
    const from = await part(strings - load.address + load.offset + at, longestName);
    return from.toString('utf8', 0, Math.max(0, from.indexOf(0)));
  };
  const texts = (tag: number) => Promise.all(values(tag).slice(0, mostLibraries).map(text));
  const own = [...(await texts(29)), ...(await texts(15))]
    .flatMap((each) => each.split(':'))
    .filter((each) => each !== '')
    .map((each) => each.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, folder));
  return { needed: (await texts(1)).filter((name) => name !== ''), own };
}
