import { closeSync, openSync, readSync } from 'node:fs';
import type { Machine } from '../../compiler/backends/launcher/plan.ts';

/** e_machine of elf(5). */
const machineNumber: Readonly<Record<Machine, number>> = { x86_64: 62, aarch64: 183 };

/**
 * Why a file is no library that programs of the machine could load: the reason completes "it ...". Undefined where its
 * header is that of a 64-bit, little-endian ELF shared object (elf(5), ElfN_Ehdr).
 */
export function sharedObjectFault(path: string, machine: Machine): string | undefined {
  const head = Buffer.alloc(64);
  let length = 0;
  try {
    const descriptor = openSync(path, 'r');
    try {
      length = readSync(descriptor, head, 0, head.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  const sharedObject = 3;
  if (length < head.length || head.readUInt32BE(0) !== 0x7f454c46) return 'is no ELF file';
  if (head[4] !== 2) return 'is of 32 bits';
  if (head[5] !== 1) return 'is big-endian';
  if (head.readUInt16LE(18) !== machineNumber[machine]) return `is not for ${machine}`;
  return head.readUInt16LE(16) === sharedObject ? undefined : 'is no shared object';
}
