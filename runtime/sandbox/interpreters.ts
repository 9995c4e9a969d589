import { closeSync, openSync, readSync } from 'node:fs';

/** Linux follows this many scripts whose interpreter is a script (fs/exec.c, bprm execution recursion). */
const deepest = 5;

/**
 * What the kernel opens besides when it executes a file: the interpreters of scripts and the dynamic linker of each.
 * Of a file that cannot be read, none.
 */
export function interpreters(path: string, depth = 0): readonly string[] {
  if (depth >= deepest) return [];
  const next = interpreterOf(path);
  return next === undefined ? [] : [next, ...interpreters(next, depth + 1)];
}

function interpreterOf(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const head = Buffer.alloc(256);
    const length = readSync(descriptor, head, 0, head.length, 0);
    if (head.toString('latin1', 0, 2) === '#!') {
      return /^#!\s*([^\s]+)/.exec(head.toString('utf8', 0, length))?.[1];
    }
    return head.readUInt32BE(0) === 0x7f454c46 && length >= 64 ? dynamicLinker(descriptor, head) : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** The path in the program header PT_INTERP of an ELF file (elf(5)), of either width, little endian. */
function dynamicLinker(descriptor: number, head: Buffer): string | undefined {
  const programInterpreter = 3;
  const wide = head[4] === 2;
  const offset = wide ? Number(head.readBigUInt64LE(32)) : head.readUInt32LE(28);
  const size = head.readUInt16LE(wide ? 54 : 42);
  const count = head.readUInt16LE(wide ? 56 : 44);
  const headers = Buffer.alloc(size * count);
  if (readSync(descriptor, headers, 0, headers.length, offset) < headers.length) return undefined;
  for (let at = 0; at < headers.length; at += size) {
    if (headers.readUInt32LE(at) !== programInterpreter) continue;
    const from = wide ? Number(headers.readBigUInt64LE(at + 8)) : headers.readUInt32LE(at + 4);
    const length = wide ? Number(headers.readBigUInt64LE(at + 32)) : headers.readUInt32LE(at + 16);
    const name = Buffer.alloc(Math.min(length, 4096));
    readSync(descriptor, name, 0, name.length, from);
    return name.toString('utf8').replace(/\0.*$/s, '');
  }
  return undefined;
}
