import { fields, joined } from './data.ts';
import type { Machine } from './plan.ts';

/** Where the file is mapped; below 2 GiB, above the lowest address that a program may map. */
export const imageBase = 0x40_0000;

/** ELF header and two program headers: elf(5), Elf64_Ehdr and Elf64_Phdr. */
export const headersSize = 64 + 2 * 56;

/** The largest page that the machine's kernels use. */
const largestPage: Readonly<Record<Machine, number>> = { x86_64: 0x1000, aarch64: 0x1_0000 };

const machineNumber: Readonly<Record<Machine, number>> = { x86_64: 62, aarch64: 183 };

const readable = 4;
const writable = 2;
const executable = 1;

/**
 * A static executable of one loaded segment, readable and executable: headers, constants and code. All that is ever
 * written lies on the stack, which is readable and writable (PT_GNU_STACK); and there are no sections.
 *
 * @param text everything after the headers
 * @param entry address of the first instruction
 */
export function elfFile(machine: Machine, text: Uint8Array, entry: number): Uint8Array {
  const size = headersSize + text.length;
  return joined([
    // ELFMAG, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    // e_type ET_EXEC, e_machine, e_version, e_entry, e_phoff, e_shoff, e_flags
    fields([2, 2], [2, machineNumber[machine]], [4, 1], [8, entry], [8, 64], [8, 0], [4, 0]),
    // e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
    fields([2, 64], [2, 56], [2, 2], [2, 0], [2, 0], [2, 0]),
    // PT_LOAD: flags, offset, two addresses, two sizes, alignment
    fields([4, 1], [4, readable | executable], [8, 0], [8, imageBase], [8, imageBase]),
    fields([8, size], [8, size], [8, largestPage[machine]]),
    // PT_GNU_STACK: its flags are the stack's
    fields([4, 0x6474_e551], [4, readable | writable], [8, 0], [8, 0], [8, 0], [8, 0], [8, 0], [8, 16]),
    text,
  ]);
}
