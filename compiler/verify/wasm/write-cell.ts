import { isMap, mapKey, mapKeys, mapValue } from '../../expressions/cel/maps.ts';
import { Duration, kindOf, Timestamp, Uint, type Value } from '../../expressions/cel/value.ts';

/** Where there is memory to write to, and how far it is taken. */
export interface Room {
  readonly memory: Uint8Array;
  readonly view: DataView;
  free: number;
}

/** The tags of docs/webassembly.md by the kinds of values. */
const tags: ReadonlyMap<string, number> = new Map(
  ['null_type', 'bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map'].map((kind, index) => [
    kind,
    index + 1,
  ]),
);
const absent = 0;
const timestamp = 10;
const duration = 11;
const error = 13;

/** Deeper values and larger ones become errors. */
const deepest = 100;

/** Writes the cell of what a path leads to. A text with half of a surrogate pair has no UTF-8, and is an error. */
export function writeCell(room: Room, at: number, found: Found): void {
  if (found.kind === 'value') writePart(room, at, found.value, 0);
  else header(room, at, found.kind === 'absent' ? absent : error, 0, 0n);
}

function writePart(room: Room, at: number, value: Value, depth: number): void {
  if (!writeKnown(room, at, value, depth)) header(room, at, error, 0, 0n);
}

function header({ view }: Room, at: number, tag: number, length: number, payload: bigint): void {
  view.setUint32(at, tag, true);
  view.setUint32(at + 4, length, true);
  view.setBigUint64(at + 8, BigInt.asUintN(64, payload), true);
}

function writeKnown(room: Room, at: number, value: Value, depth: number): boolean {
  const tag = tags.get(kindOf(value)) ?? 0;
  if (depth > deepest) return false;
  if (value === null || typeof value === 'boolean') header(room, at, tag, 0, value === true ? 1n : 0n);
  else if (typeof value === 'bigint') header(room, at, tag, 0, value);
  else if (typeof value === 'number') {
    header(room, at, tag, 0, 0n);
    room.view.setFloat64(at + 8, value, true);
  } else if (value instanceof Uint) header(room, at, tag, 0, value.value);
  else if (value instanceof Timestamp) header(room, at, timestamp, value.nanos, BigInt(value.seconds));
  else if (value instanceof Duration) header(room, at, duration, 0, value.nanos);
  else if (typeof value === 'string') {
    return !/\p{Cs}/u.test(value) && writeBytes(room, at, tag, new TextEncoder().encode(value));
  } else if (value instanceof Uint8Array) return writeBytes(room, at, tag, value);
  else if (Array.isArray(value)) return writeParts(room, at, tag, value.length, value, depth);
  else if (isMap(value)) {
    const keys = mapKeys(value);
    const parts = keys.flatMap((key) => [key, mapValue(value, mapKey(key)!)!]);
    return writeParts(room, at, tag, keys.length, parts, depth);
  } else return false;
  return true;
}

function writeBytes(room: Room, at: number, tag: number, bytes: Uint8Array): boolean {
  if (room.free + bytes.length > room.memory.length) return false;
  room.memory.set(bytes, room.free);
  header(room, at, tag, bytes.length, BigInt(room.free));
  room.free += bytes.length;
  return true;
}

function writeParts(
  room: Room,
  at: number,
  tag: number,
  length: number,
  parts: readonly Value[],
  depth: number,
): boolean {
  const first = Math.ceil(room.free / 16) * 16;
  if (first + 16 * parts.length > room.memory.length) return false;
  room.free = first + 16 * parts.length;
  header(room, at, tag, length, BigInt(first));
  for (const [index, part] of parts.entries()) writePart(room, first + 16 * index, part, depth + 1);
  return true;
}

/** What a path leads to: a value, `absent` where the last map has no such key, undefined where there is no such map. */
export function valueAt(bindings: Readonly<Record<string, Value | undefined>>, path: readonly string[]): Found {
  const [variable = '', ...keys] = path;
  let value = Object.hasOwn(bindings, variable) ? bindings[variable] : undefined;
  for (const [index, key] of keys.entries()) {
    if (value === undefined || !isMap(value)) return { kind: 'error' };
    value = mapValue(value, key);
    if (value === undefined) return { kind: index === keys.length - 1 ? 'absent' : 'error' };
  }
  return value === undefined ? { kind: 'error' } : { kind: 'value', value };
}

export type Found = { readonly kind: 'error' | 'absent' } | { readonly kind: 'value'; readonly value: Value };
