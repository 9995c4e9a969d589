import { fields, joined } from './data.ts';
import type { Machine } from './plan.ts';

/** Where the read-execute segment is mapped; below 2 GiB, above the lowest address that a program may map. */
export const imageBase = 0x40_0000;

/** ELF header and three program headers: elf(5), Elf64_Ehdr and Elf64_Phdr. */
export const headersSize = 64 + 3 * 56;

/** The largest page that the machine's kernels use; segments of different rights must not share one. */
const largestPage: Readonly<Record<Machine, number>> = { x86_64: 0x1000, aarch64: 0x1_0000 };

const machineNumber: Readonly<Record<Machine, number>> = { x86_64: 62, aarch64: 183 };

const readable = 4;
const writable = 2;
const executable = 1;

/** The address of the writable segment, whose bytes follow `textSize` bytes of the file: congruent to their offset. */
export function dataAddress(machine: Machine, textSize: number): number {
  const page = largestPage[machine];
  return Math.ceil((imageBase + textSize) / page) * page + (textSize % page);
}

/**
 * A static executable of two loaded segments: headers, constants and code, readable and executable; what is patched and
 * the variables, readable and writable. Nothing is writable and executable, the stack neither, and there are no sections.
 *
 * @param text everything after the headers that is not writable
 * @param entry address of the first instruction
 * @param zeroes bytes of zero-filled memory after `data`
 */
export function elfFile(
  machine: Machine,
  text: Uint8Array,
  entry: number,
  data: Uint8Array,
  zeroes: number,
): Uint8Array {
  const textSize = headersSize + text.length;
  const page = largestPage[machine];
  const header = joined([
    // ELFMAG, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    // e_type ET_EXEC, e_machine, e_version, e_entry, e_phoff, e_shoff, e_flags
    fields([2, 2], [2, machineNumber[machine]], [4, 1], [8, entry], [8, 64], [8, 0], [4, 0]),
    // e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
    fields([2, 64], [2, 56], [2, 3], [2, 0], [2, 0], [2, 0]),
  ]);
  const segment = (flags: number, offset: number, at: number, size: number, memory: number) =>
    fields([4, 1], [4, flags], [8, offset], [8, at], [8, at], [8, size], [8, memory], [8, page]);
  return joined([
    header,
    segment(readable | executable, 0, imageBase, textSize, textSize),
    segment(readable | writable, textSize, dataAddress(machine, textSize), data.length, data.length + zeroes),
    // PT_GNU_STACK: its flags are the stack's
    fields([4, 0x6474_e551], [4, readable | writable], [8, 0], [8, 0], [8, 0], [8, 0], [8, 0], [8, 16]),
    text,
    data,
  ]);
}
