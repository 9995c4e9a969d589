import { parseAddress } from '../../expressions/network.ts';
import type { Value } from '../../expressions/predicate.ts';
import type { Bindings } from './expressions.ts';
import type { Known } from './inputs.ts';
import type { ReadDecision, ReadSlot } from './read-layout.ts';
import { valueAt, writeCell } from './write-cell.ts';

/** Writes records as docs/webassembly.md says into the memory of a module. */
export class RecordWriter {
  readonly #memory: Uint8Array;
  readonly #view: DataView;
  readonly #encoder = new TextEncoder();
  /** Inputs have the same texts again and again. */
  readonly #texts = new Map<string, Uint8Array>();

  constructor({ memory, view }: { readonly memory: Uint8Array; readonly view: DataView }) {
    this.#memory = memory;
    this.#view = view;
  }

  /** What was there before stays where nothing is known. */
  write({ slots, size }: ReadDecision, known: Known, bindings: Bindings, record: number): void {
    const view = this.#view;
    const words = new Uint32Array(2 * Math.ceil(slots.length / 64));
    const room = { memory: this.#memory, view, free: record + size };
    for (const slot of slots) {
      if (slot.type === 'value') {
        writeCell(room, record + slot.offset, valueAt(bindings, slot.path ?? [slot.attribute]));
        words[slot.known >> 5]! |= 1 << (slot.known & 31);
        continue;
      }
      const value = known.get(slot.attribute);
      if (value === undefined) continue;
      if (typeof value === 'string' && slot.type === 'text') {
        const text = this.#encoded(value);
        this.#memory.set(text, room.free);
        view.setUint32(record + slot.offset, room.free, true);
        view.setUint32(record + slot.offset + 4, text.length, true);
        room.free += text.length;
      } else if (!writeScalar(view, slot, value, record)) continue;
      words[slot.known >> 5]! |= 1 << (slot.known & 31);
    }
    for (let index = 0; index < words.length; index += 1) view.setUint32(record + 4 * index, words[index]!, true);
  }

  #encoded(text: string): Uint8Array {
    let bytes = this.#texts.get(text);
    if (bytes === undefined) {
      bytes = this.#encoder.encode(text);
      this.#texts.set(text, bytes);
    }
    return bytes;
  }
}

/** @returns false where the value is none of the slot's type, which is then unknown */
function writeScalar(view: DataView, { type, offset }: ReadSlot, value: Value, record: number): boolean {
  const at = record + offset;
  if (type === 'integer' && typeof value === 'bigint') view.setBigUint64(at, value, true);
  else if (type === 'number' && typeof value === 'number') view.setFloat64(at, value, true);
  else if (type === 'boolean' && typeof value === 'boolean') view.setUint32(at, value ? 1 : 0, true);
  else {
    const address = type === 'address' && typeof value === 'string' ? parseAddress(value) : undefined;
    if (address === undefined) return false;
    const bits = address.family === 4 ? (0xffffn << 32n) | address.bits : address.bits;
    view.setBigUint64(at, bits >> 64n);
    view.setBigUint64(at + 8, bits & 0xffff_ffff_ffff_ffffn);
  }
  return true;
}
