import type { DecisionEntry, SlotEntry } from '../../compiler/backends/wasm/format.ts';
import { parseAddress } from '../../compiler/expressions/network.ts';
import type { Bindings } from '../../compiler/verify/wasm/expressions.ts';
import { valueAt, writeCell } from '../../compiler/verify/wasm/write-cell.ts';
import type { Given } from './decisions.ts';

/**
 * Writes a record slot by slot, for processes that may make no code from texts; the generated encoder is many times as
 * fast. Values that are none of a slot's type, and texts for which there is no room, are unknown.
 */
export function encodeRecord(memory: ArrayBuffer, start: number, entry: DecisionEntry, attributes: Given): void {
  const view = new DataView(memory);
  const bytes = new Uint8Array(memory);
  bytes.fill(0, start, start + 8 * Math.ceil(entry.slots.length / 64));
  const room = { memory: bytes, view, free: start + entry.size };
  for (const slot of entry.slots) {
    const word = start + 4 * (slot.known >> 5);
    if (slot.type === 'value') {
      writeCell(room, start + slot.offset, valueAt(attributes as Bindings, slot.path ?? [slot.attribute]));
      view.setUint32(word, view.getUint32(word, true) | (1 << (slot.known & 31)), true);
      continue;
    }
    const value = attributes[slot.attribute];
    if (value === undefined) continue;
    if (slot.type === 'text') {
      if (typeof value !== 'string' || !isWellFormed(value)) continue;
      const { read, written } = new TextEncoder().encodeInto(value, bytes.subarray(room.free));
      if (read < value.length) continue;
      view.setUint32(start + slot.offset, room.free, true);
      view.setUint32(start + slot.offset + 4, written, true);
      room.free += written;
    } else if (!writeScalar(view, start + slot.offset, slot, value)) continue;
    view.setUint32(word, view.getUint32(word, true) | (1 << (slot.known & 31)), true);
  }
}

function writeScalar(view: DataView, at: number, { type }: SlotEntry, value: unknown): boolean {
  switch (type) {
    case 'integer': {
      const whole = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
      if (typeof whole !== 'bigint' || whole < 0n || whole !== BigInt.asUintN(64, whole)) return false;
      view.setBigUint64(at, whole, true);
      return true;
    }
    case 'number':
      if (typeof value !== 'number') return false;
      view.setFloat64(at, value, true);
      return true;
    case 'boolean':
      if (typeof value !== 'boolean') return false;
      view.setUint32(at, value ? 1 : 0, true);
      return true;
    case 'address': {
      const address = typeof value === 'string' ? parseAddress(value) : undefined;
      if (address === undefined) return false;
      const bits = address.family === 4 ? (0xffffn << 32n) | address.bits : address.bits;
      view.setBigUint64(at, bits >> 64n);
      view.setBigUint64(at + 8, BigInt.asUintN(64, bits));
      return true;
    }
    case 'text':
    case 'value':
      return false;
    default: {
      const unreachable: never = type;
      return unreachable;
    }
  }
}

/** Whether a text has no half of a surrogate pair, for which UTF-8 has no bytes. */
function isWellFormed(text: string): boolean {
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point >= 0xd800 && point <= 0xdfff) return false;
  }
  return true;
}
