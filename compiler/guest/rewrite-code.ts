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
  /** The function that takes units, which stands between. */
  readonly charge: number;
  /** The function that stands for a bulk instruction, and charges for what it moves. */
  bulk(operation: number, first: number, second: number): number;
}

/** Every 256 instructions between two points where the meter is read cost one unit more. */
const instructionsPerUnit = 256;

/** Turns of loops are counted in a local, and charged for by so many units at once: a global lies in memory. */
const unitsAtOnce = 1023;

/** The content of the code section's entries: each body with its size, rewritten. */
export function rewriteBodies(
  module: GuestModule,
  start: number,
  end: number,
  rewriting: Rewriting,
  into: Bytes,
): void {
  const reader = new Reader(module.bytes, start, end);
  const count = reader.unsigned();
  for (let at = 0; at < count; at += 1) {
    const size = reader.unsigned();
    const body = new Reader(module.bytes, reader.at, reader.at + size);
    reader.skip(size);
    into.sized(rewriteBody(body, module.types[module.functions[at]!]!.parameters.length, rewriting));
  }
}

function rewriteBody(reader: Reader, parameters: number, { index, meter }: Rewriting): Uint8Array {
  const into = new Bytes();
  const { bytes, at: start } = reader;
  const groups = reader.unsigned();
  const afterCount = reader.at;
  let locals = parameters;
  for (let left = groups; left > 0; left -= 1) {
    locals += reader.unsigned();
    reader.skipNumber();
  }
  const first = reader.at;
  const charges = meter === undefined ? [] : chargesOf(new Reader(bytes, first, reader.end));
  let copied = start;
  let point = 1;
  const upTo = (at: number) => {
    into.all(bytes.subarray(copied, at));
    copied = reader.at;
  };
  const metered = charges.some((units) => units > 0);
  if (meter !== undefined && metered) {
    into.unsigned(groups + 1);
    into.all(bytes.subarray(afterCount, first));
    into.all([1, 0x7f]);
    copied = first;
    if (charges[0]! > 0) chargeAtStart(into, meter, locals, charges[0]!, charges.length > 1);
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
      countTurn(into, meter, locals, charges[point++]!);
    } else if (meter !== undefined && immediate.kind === 'bulk') {
      upTo(at);
      into.byte(0x10);
      into.unsigned(meter.bulk(immediate.operation, immediate.first, immediate.second));
    }
  }
  upTo(reader.end);
  return into.copy();
}

/**
 * The units of the function and of each of its loops, in the order in which they begin. One that calls nothing, has no
 * loop and is short costs nothing: whoever calls it is charged.
 */
function chargesOf(reader: Reader): readonly number[] {
  const counts = [0];
  /** The stretch that each open block counts for. */
  const open = [0];
  let calls = false;
  while (!reader.done) {
    const opcode = reader.bytes[reader.at]!;
    calls ||= opcode >= 0x10 && opcode <= 0x15;
    const { kind } = readInstruction(reader);
    const within = open.at(-1) ?? 0;
    counts[within] = counts[within]! + 1;
    if (kind === 'open') open.push(within);
    else if (kind === 'loop') open.push(counts.push(0) - 1);
    else if (kind === 'end') open.pop();
  }
  const units = counts.map((count) => 1 + Math.floor(count / instructionsPerUnit));
  return counts.length === 1 && !calls && units[0] === 1 ? [0] : units;
}

/** `fuel -= units; if (fuel < 0) refill()`; the local, which counts turns of loops, is 0 behind it. */
function chargeAtStart(into: Bytes, { fuel, refill }: MeterPoints, local: number, units: number, loops: boolean): void {
  into.byte(0x23);
  into.unsigned(fuel);
  into.byte(0x41);
  into.signed(units);
  into.byte(0x6b);
  into.byte(0x22);
  into.unsigned(local);
  into.byte(0x24);
  into.unsigned(fuel);
  into.byte(0x20);
  into.unsigned(local);
  into.all([0x41, 0x00, 0x48, 0x04, 0x40, 0x10]);
  into.unsigned(refill);
  into.byte(0x0b);
  if (!loops) return;
  into.all([0x41, 0x00, 0x21]);
  into.unsigned(local);
}

/** `local += units; if (local > unitsAtOnce) { charge(local); local = 0 }` */
function countTurn(into: Bytes, { charge }: MeterPoints, local: number, units: number): void {
  into.byte(0x20);
  into.unsigned(local);
  into.byte(0x41);
  into.signed(units);
  into.byte(0x6a);
  into.byte(0x22);
  into.unsigned(local);
  into.byte(0x41);
  into.signed(unitsAtOnce);
  into.all([0x4b, 0x04, 0x40, 0x20]);
  into.unsigned(local);
  into.byte(0x10);
  into.unsigned(charge);
  into.all([0x41, 0x00, 0x21]);
  into.unsigned(local);
  into.byte(0x0b);
}
