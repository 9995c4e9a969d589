import { Bytes } from '../backends/wasm/binary/bytes.ts';
import { readInstruction } from './instructions.ts';
import type { GuestModule } from './module.ts';
import { Reader } from './reader.ts';

/** How the bodies of a guest's functions are rewritten. */
export interface Rewriting {
  /** The new index of each function. */
  index(old: number): number;
  /** Undefined where the guest's time is not held. */
  readonly meter: MeterPoints | undefined;
}

export interface MeterPoints {
  /** The global that holds the units left, and the function that is called when it falls below 0. */
  readonly fuel: number;
  readonly refill: number;
  /** The function that stands for a bulk instruction, and charges for what it moves. */
  bulk(operation: number, first: number, second: number): number;
}

/** Every 256 instructions between two points where the meter is read cost one unit more. */
const instructionsPerUnit = 256;

/** The content of the code section's entries: each body with its size, rewritten. */
export function rewriteBodies(
  module: GuestModule,
  start: number,
  end: number,
  rewriting: Rewriting,
  into: Bytes,
): void {
  const reader = new Reader(module.bytes, start, end);
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    const size = reader.unsigned();
    const body = new Reader(module.bytes, reader.at, reader.at + size);
    reader.skip(size);
    into.sized(rewriteBody(body, rewriting));
  }
}

function rewriteBody(reader: Reader, { index, meter }: Rewriting): Uint8Array {
  const into = new Bytes();
  const { bytes, at: start } = reader;
  for (let groups = reader.unsigned(); groups > 0; groups -= 1) {
    reader.unsigned();
    reader.skipNumber();
  }
  const first = reader.at;
  const charges = meter === undefined ? [] : chargesOf(new Reader(bytes, first, reader.end));
  let copied = start;
  let point = 0;
  const upTo = (at: number) => {
    into.all(bytes.subarray(copied, at));
    copied = reader.at;
  };
  if (meter !== undefined) {
    upTo(first);
    charge(into, meter, charges[point++]!);
  }
  while (!reader.done) {
    const at = reader.at;
    const immediate = readInstruction(reader);
    if (immediate.kind === 'function') {
      upTo(at);
      into.byte(bytes[at]!);
      into.unsigned(index(immediate.index));
    } else if (meter !== undefined && immediate.kind === 'loop') {
      upTo(reader.at);
      charge(into, meter, charges[point++]!);
    } else if (meter !== undefined && immediate.kind === 'bulk') {
      upTo(at);
      into.byte(0x10);
      into.unsigned(meter.bulk(immediate.operation, immediate.first, immediate.second));
    }
  }
  upTo(reader.end);
  return into.copy();
}

/** The units of the function and of each of its loops, in the order in which they begin. */
function chargesOf(reader: Reader): readonly number[] {
  const counts = [0];
  /** The stretch that each open block counts for. */
  const open = [0];
  while (!reader.done) {
    const { kind } = readInstruction(reader);
    const within = open.at(-1) ?? 0;
    counts[within] = counts[within]! + 1;
    if (kind === 'open') open.push(within);
    else if (kind === 'loop') open.push(counts.push(0) - 1);
    else if (kind === 'end') open.pop();
  }
  return counts.map((count) => 1 + Math.floor(count / instructionsPerUnit));
}

/** `fuel -= units; if (fuel < 0) refill()` */
function charge(into: Bytes, { fuel, refill }: MeterPoints, units: number): void {
  into.byte(0x23);
  into.unsigned(fuel);
  into.byte(0x41);
  into.signed(units);
  into.byte(0x6b);
  into.byte(0x24);
  into.unsigned(fuel);
  into.byte(0x23);
  into.unsigned(fuel);
  into.all([0x41, 0x00, 0x48, 0x04, 0x40, 0x10]);
  into.unsigned(refill);
  into.byte(0x0b);
}
