import { readFileSync } from 'node:fs';
import type { SystemCalls } from './system-calls.ts';

/** Records that programs leave in a map of the type BPF_MAP_TYPE_RINGBUF. */
export interface RingBuffer {
  /**
   * Gives each record that lies there at the call, in order, and makes room again: who writes all the while keeps nobody
   * here. The view is good during the call of `each` alone.
   */
  read(each: (record: DataView) => void): number;
  close(): void;
}

const readOnly = 1;
const readWrite = 3;
const shared = 1;
/** BPF_RINGBUF_BUSY_BIT: still being written; BPF_RINGBUF_DISCARD_BIT: given up by who wrote it. */
const busy = 0x8000_0000;
const discarded = 0x4000_0000;
const headBytes = 8;

/**
 * Maps a ring buffer as kernel/bpf/ringbuf.c lays it out: a page with the reader's position, one with the writer's, and
 * the data twice over, so that no record is broken at the end.
 *
 * @param bytes its size, which is the map's `max_entries`
 * @throws KernelRefusal
 */
export function openRingBuffer(calls: SystemCalls, map: number, bytes: number): RingBuffer {
  const page = pageBytes();
  const readerAt = calls.call('mmap', 0, page, readWrite, shared, map, 0);
  let writerAt: number;
  try {
    writerAt = calls.call('mmap', 0, page + 2 * bytes, readOnly, shared, map, page);
  } catch (error) {
    calls.call('munmap', readerAt, page);
    throw error;
  }
  const reader = new BigUint64Array(calls.memory(readerAt, page), 0, 1);
  const memory = calls.memory(writerAt, page + 2 * bytes);
  const writer = new BigUint64Array(memory, 0, 1);
  const heads = new Uint32Array(memory, page);
  let open = true;
  return {
    read(each) {
      let count = 0;
      // Atomics: what was written before the position must be seen after it, on arm64 too.
      const end = Atomics.load(writer, 0);
      for (let at = Atomics.load(reader, 0); open && at < end; ) {
        const place = Number(at % BigInt(bytes));
        const head = Atomics.load(heads, place / 4);
        if ((head & busy) !== 0) break;
        const length = head & ~(busy | discarded);
        if ((head & discarded) === 0) {
          each(new DataView(memory, page + place + headBytes, length));
          count += 1;
        }
        at += BigInt(Math.ceil((length + headBytes) / 8) * 8);
        Atomics.store(reader, 0, at);
      }
      return count;
    },
    close() {
      if (!open) return;
      open = false;
      calls.call('munmap', readerAt, page);
      calls.call('munmap', writerAt, page + 2 * bytes);
    },
  };
}

/** AT_PAGESZ of the auxiliary vector: arm64 has kernels with pages of 4, 16 and 64 KiB (proc(5), getauxval(3)). */
function pageBytes(): number {
  const vector = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === 6n) return Number(vector.readBigUInt64LE(at + 8));
  }
  return 4096;
}
