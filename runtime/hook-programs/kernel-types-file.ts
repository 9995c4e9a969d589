import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { KernelRefusal, type SystemCalls } from '../kernel/system-calls.ts';

/** Bytes of which only those are there that were asked for. */
export interface PartialBytes {
  readonly bytes: Buffer;
  /** Sees to it that the bytes from `begin` up to `end`, or to the end of all, are there. */
  need(begin: number, end: number): void;
}

const pageBytes = 4096;
const readOnly = 1;
const privately = 2;

/**
 * Lends a file that does not change, such as the types of the kernel, some megabytes: mapped where the kernel maps it
 * (/sys/kernel/btf/vmlinux since Linux 6.16), which takes no time, and otherwise read so far as it is asked for. A read of
 * sysfs gives a page at most, so that a whole file takes more than a thousand calls.
 *
 * @param use must keep no reference to the bytes: they are gone afterwards
 * @throws where the file cannot be opened or read, as node:fs does
 */
export function withFileBytes<Result>(
  path: string,
  calls: SystemCalls | undefined,
  use: (file: PartialBytes) => Result,
): Result {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const address = calls === undefined || size === 0 ? undefined : mapped(calls, descriptor, size);
    if (calls === undefined || address === undefined) return use(readInPages(descriptor, size));
    try {
      return use({ bytes: Buffer.from(calls.memory(address, size)), need() {} });
    } finally {
      calls.call('munmap', address, size);
    }
  } finally {
    closeSync(descriptor);
  }
}

function mapped(calls: SystemCalls, descriptor: number, size: number): number | undefined {
  try {
    return calls.call('mmap', 0, size, readOnly, privately, descriptor, 0);
  } catch (error) {
    if (error instanceof KernelRefusal) return undefined;
    throw error;
  }
}

function readInPages(descriptor: number, size: number): PartialBytes {
  const bytes = Buffer.allocUnsafeSlow(size);
  const isThere = new Uint8Array(Math.ceil(size / pageBytes));
  return {
    bytes,
    need(begin, end) {
      const last = Math.ceil(Math.min(end, size) / pageBytes);
      for (let page = Math.floor(begin / pageBytes); page < last; ) {
        const from = page;
        while (page < last && isThere[page] === 0) page += 1;
        if (page > from) readInto(bytes, from * pageBytes, Math.min(size, page * pageBytes), descriptor);
        isThere.fill(1, from, page);
        while (page < last && isThere[page] === 1) page += 1;
      }
    },
  };
}

/** Reads these bytes of a file; what it has become too short for is zeros. */
function readInto(bytes: Buffer, begin: number, end: number, descriptor: number): void {
  for (let at = begin; at < end; ) {
    const count = readSync(descriptor, bytes, at, end - at, at);
    if (count === 0) bytes.fill(0, at, end);
    at = count === 0 ? end : at + count;
  }
}
