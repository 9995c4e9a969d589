import type { Region } from './elf.ts';

/** A decoded instruction. It moves the counter on, and says whether it was a system call, which the caller performs. */
export type Instruction = (process: Process) => boolean;

/** An instruction or an access that a launcher has no business with. */
export class Fault extends Error {}

/**
 * A process as the emulators see it: registers of 64 bits in two halves, memory, and the outcome of the last comparison.
 * Register 31 of aarch64 is the zero register; x86_64 uses the first 16.
 */
export class Process {
  readonly low = new Uint32Array(32);
  readonly high = new Uint32Array(32);
  /** aarch64's stack pointer, which no register number names in most instructions. */
  stackPointer = 0;
  counter = 0;
  /** Undefined after an instruction that leaves other flags: nothing may branch on them. */
  comparison: { readonly equal: boolean; readonly below: boolean; readonly less: boolean } | undefined;
  readonly #regions: readonly Region[];
  #last: Region;

  constructor(regions: readonly Region[]) {
    this.#regions = regions;
    this.#last = regions[0]!;
  }

  /** Another process with the same state: what fork(2) leaves. */
  fork(): Process {
    const child = new Process(
      this.#regions.map((region) => (region.writable ? { ...region, bytes: region.bytes.slice() } : region)),
    );
    child.low.set(this.low);
    child.high.set(this.high);
    child.stackPointer = this.stackPointer;
    child.counter = this.counter;
    child.comparison = this.comparison;
    return child;
  }

  set(register: number, low: number, high: number): void {
    this.low[register] = low;
    this.high[register] = high;
  }

  /** A register that holds an address. */
  pointer(register: number): number {
    return this.low[register]! + this.high[register]! * 2 ** 32;
  }

  wide(register: number): bigint {
    return (BigInt(this.high[register]!) << 32n) | BigInt(this.low[register]!);
  }

  compare(left: number, rightLow: number, rightHigh: number): void {
    const low = this.low[left]!;
    const high = this.high[left]!;
    const below = high < rightHigh || (high === rightHigh && low < rightLow);
    const less = high === rightHigh ? below : (high | 0) < (rightHigh | 0);
    this.comparison = { equal: low === rightLow && high === rightHigh, below, less };
  }

  add(register: number, low: number, high: number): void {
    const sum = this.low[register]! + low;
    this.high[register] = this.high[register]! + high + (sum > 0xffff_ffff ? 1 : 0);
    this.low[register] = sum;
    this.comparison = undefined;
  }

  subtract(register: number, low: number, high: number): void {
    const borrow = this.low[register]! < low ? 1 : 0;
    this.low[register] = this.low[register]! - low;
    this.high[register] = this.high[register]! - high - borrow;
    this.comparison = undefined;
  }

  and(register: number, low: number, high: number): void {
    this.low[register] = this.low[register]! & low;
    this.high[register] = this.high[register]! & high;
    this.comparison = undefined;
  }

  negate(register: number): void {
    const low = this.low[register]!;
    const high = this.high[register]!;
    this.set(register, 0, 0);
    this.subtract(register, low, high);
  }

  shiftRight(register: number, bits: number): void {
    if (bits === 0 || bits > 31) throw new Fault(`a shift by ${bits}`);
    this.low[register] = (this.low[register]! >>> bits) | (this.high[register]! << (32 - bits));
    this.high[register] = this.high[register]! >>> bits;
    this.comparison = undefined;
  }

  /** Whether the branch on a condition is taken. */
  holds(condition: 'equal' | 'not-equal' | 'below' | 'not-below' | 'less' | 'not-less'): boolean {
    const { comparison } = this;
    if (comparison === undefined) throw new Fault('a branch without a comparison');
    switch (condition) {
      case 'equal':
        return comparison.equal;
      case 'not-equal':
        return !comparison.equal;
      case 'below':
        return comparison.below;
      case 'not-below':
        return !comparison.below;
      case 'less':
        return comparison.less;
      case 'not-less':
        return !comparison.less;
      default: {
        const unreachable: never = condition;
        return unreachable;
      }
    }
  }

  load(address: number, width: number): number {
    const region = this.#regionOf(address, width);
    const at = address - region.start;
    let value = 0;
    for (let index = width - 1; index >= 0; index--) value = value * 256 + region.bytes[at + index]!;
    return value;
  }

  loadTo(register: number, address: number, width: number): void {
    this.low[register] = this.load(address, Math.min(width, 4));
    this.high[register] = width === 8 ? this.load(address + 4, 4) : 0;
  }

  storeFrom(register: number, address: number, width: number): void {
    this.store(address, Math.min(width, 4), this.low[register]!);
    if (width === 8) this.store(address + 4, 4, this.high[register]!);
  }

  store(address: number, width: number, value: number): void {
    const region = this.#regionOf(address, width);
    if (!region.writable) throw new Fault(`a store to read-only memory at ${address.toString(16)}`);
    for (let index = 0; index < width; index++) region.bytes[address - region.start + index] = value >>> (index * 8);
  }

  bytes(address: number, length: number): Uint8Array {
    const region = this.#regionOf(address, length);
    return region.bytes.subarray(address - region.start, address - region.start + length);
  }

  text(address: number): string {
    const region = this.#regionOf(address, 1);
    const start = address - region.start;
    const end = region.bytes.indexOf(0, start);
    if (end < 0) throw new Fault('a text without an end');
    return new TextDecoder().decode(region.bytes.subarray(start, end));
  }

  codeByte(address: number): number {
    const region = this.#regionOf(address, 1);
    if (!region.executable) throw new Fault(`a jump to ${address.toString(16)}, which is not executable`);
    return region.bytes[address - region.start]!;
  }

  #regionOf(address: number, length: number): Region {
    if (holdsRange(this.#last, address, length)) return this.#last;
    const region = this.#regions.find((candidate) => holdsRange(candidate, address, length));
    if (region === undefined) throw new Fault(`an access to ${address.toString(16)}, where nothing is mapped`);
    this.#last = region;
    return region;
  }
}

function holdsRange(region: Region, address: number, length: number): boolean {
  return address >= region.start && address + length <= region.start + region.bytes.length;
}
