import { Fault } from './code.ts';
import type { Region } from './elf.ts';

interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly writable: boolean;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** What a process has mapped. Stores can be taken back, so that one process lives several futures, one after another. */
export class Memory {
  /** True while nothing may be stored. */
  protected frozen = false;
  /** How many futures are being lived that will be taken back. */
  private depth = 0;
  /** Address, width and former value of each store that will be taken back. */
  private readonly undo: number[] = [];
  private readonly mappings: readonly Mapping[];
  private last: Mapping;

  /** @param regions those that are writable are written to */
  constructor(regions: readonly Region[]) {
    this.mappings = regions.map(({ start, bytes, writable }) => ({
      start,
      end: start + bytes.length,
      writable,
      bytes,
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    }));
    this.last = this.mappings[0]!;
  }

  /** Where the stores that will be taken back begin. */
  protected begin(): number {
    this.depth += 1;
    return this.undo.length;
  }

  /** Takes back the stores since `begin`. */
  protected takeBack(mark: number): void {
    this.depth -= 1;
    const { undo } = this;
    for (let at = undo.length - 3; at >= mark; at -= 3) {
      const address = undo[at]!;
      const { start, bytes, view } = this.mapping(address, undo[at + 1]!);
      if (undo[at + 1] === 1) bytes[address - start] = undo[at + 2]!;
      else view.setUint32(address - start, undo[at + 2]!, true);
    }
    undo.length = mark;
  }

  byte(address: number): number {
    const { last } = this;
    const mapping = address >= last.start && address < last.end ? last : this.mapping(address, 1);
    return mapping.bytes[address - mapping.start]!;
  }

  /** The little-endian number of 4 bytes at an address. */
  word(address: number): number {
    const mapping = this.mapping(address, 4);
    return mapping.view.getUint32(address - mapping.start, true);
  }

  /** The little-endian number of 1, 2, 4 or 8 bytes at an address. */
  load(address: number, width: number): number {
    const mapping = this.mapping(address, width);
    const at = address - mapping.start;
    switch (width) {
      case 1:
        return mapping.bytes[at]!;
      case 2:
        return mapping.view.getUint16(at, true);
      case 4:
        return mapping.view.getUint32(at, true);
      default:
        return mapping.view.getUint32(at, true) + mapping.view.getUint32(at + 4, true) * 2 ** 32;
    }
  }

  loadWide(address: number): bigint {
    const mapping = this.mapping(address, 8);
    return mapping.view.getBigUint64(address - mapping.start, true);
  }

  /** Stores 1 or 4 bytes. */
  store(address: number, width: 1 | 4, value: number): void {
    const mapping = this.mapping(address, width);
    if (!mapping.writable) throw new Fault(`a store to read-only memory at ${address.toString(16)}`);
    if (this.frozen) throw new Fault('a store where none is expected');
    const at = address - mapping.start;
    if (width === 1) {
      if (this.depth > 0) this.undo.push(address, 1, mapping.bytes[at]!);
      mapping.bytes[at] = value;
    } else {
      if (this.depth > 0) this.undo.push(address, 4, mapping.view.getUint32(at, true));
      mapping.view.setUint32(at, value, true);
    }
  }

  /** Memory to read. */
  bytes(address: number, length: number): Uint8Array {
    const mapping = this.mapping(address, length);
    return mapping.bytes.subarray(address - mapping.start, address - mapping.start + length);
  }

  /** Whether a text that never changes could begin at an address. */
  hasConstant(address: number): boolean {
    return this.mappings.some(({ start, end, writable }) => !writable && address >= start && address < end);
  }

  text(address: number): string {
    const mapping = this.mapping(address, 1);
    const start = address - mapping.start;
    const end = mapping.bytes.indexOf(0, start);
    if (end < 0) throw new Fault('a text without an end');
    return textOf(mapping.bytes.subarray(start, end));
  }

  private mapping(address: number, length: number): Mapping {
    const { last } = this;
    if (address >= last.start && address + length <= last.end) return last;
    for (const mapping of this.mappings) {
      if (address >= mapping.start && address + length <= mapping.end) {
        this.last = mapping;
        return mapping;
      }
    }
    throw new Fault(`an access to ${address.toString(16)}, where nothing is mapped`);
  }
}

/** UTF-8 as text; what a launcher says and opens is mostly ASCII and short, which a decoder's start-up outweighs. */
export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte > 0x7f) return new TextDecoder().decode(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}
