import { Bytes } from '../backends/wasm/binary/bytes.ts';
import { type GuestModule, type Limits, type Section, skipConstantExpression } from './module.ts';
import { Malformed, Reader } from './reader.ts';

type Index = (old: number) => number;

/** The export section with the functions' new indices. */
export function rewriteExports(module: GuestModule, section: Section, index: Index): Uint8Array {
  const reader = new Reader(module.bytes, section.start, section.end);
  const into = new Bytes();
  const count = reader.unsigned();
  into.unsigned(count);
  for (let left = count; left > 0; left -= 1) {
    into.sized(reader.sized());
    const kind = reader.byte();
    const old = reader.unsigned();
    into.byte(kind);
    into.unsigned(kind === 0 ? index(old) : old);
  }
  return into.copy();
}

/** The element section: its vectors of functions and its references in expressions. */
export function rewriteElements(module: GuestModule, section: Section, index: Index): Uint8Array {
  const reader = new Reader(module.bytes, section.start, section.end);
  const into = new Bytes();
  const count = reader.unsigned();
  into.unsigned(count);
  for (let left = count; left > 0; left -= 1) {
    const flags = reader.unsigned();
    if (flags > 7) throw new Malformed('an element segment of an unknown kind', reader.at);
    into.unsigned(flags);
    const passive = (flags & 1) !== 0;
    if (!passive) {
      if ((flags & 2) !== 0) into.unsigned(reader.unsigned());
      rewriteExpression(reader, into, index);
    }
    if ((flags & 3) !== 0) into.byte(reader.byte());
    const items = reader.unsigned();
    into.unsigned(items);
    for (let at = 0; at < items; at += 1) {
      if ((flags & 4) === 0) into.unsigned(index(reader.unsigned()));
      else rewriteExpression(reader, into, index);
    }
  }
  return into.copy();
}

/** The globals as they are, with those of the guard behind them. */
export function rewriteGlobals(
  module: GuestModule,
  section: Section | undefined,
  index: Index,
  added: readonly (readonly [type: 'i32' | 'i64', value: bigint])[],
): Uint8Array {
  const into = new Bytes();
  const reader = section === undefined ? undefined : new Reader(module.bytes, section.start, section.end);
  const count = reader?.unsigned() ?? 0;
  into.unsigned(count + added.length);
  for (let left = count; left > 0 && reader !== undefined; left -= 1) {
    into.byte(reader.byte());
    into.byte(reader.byte());
    rewriteExpression(reader, into, index);
  }
  for (const [type, value] of added) {
    into.byte(type === 'i32' ? 0x7f : 0x7e);
    into.byte(1);
    into.byte(type === 'i32' ? 0x41 : 0x42);
    into.signedLong(value);
    into.byte(0x0b);
  }
  return into.copy();
}

/** A constant expression, in which `ref.func` alone names a function. */
function rewriteExpression(reader: Reader, into: Bytes, index: Index): void {
  const start = reader.at;
  if (reader.bytes[start] === 0xd2) {
    reader.byte();
    into.byte(0xd2);
    into.unsigned(index(reader.unsigned()));
    into.byte(reader.byte());
    return;
  }
  skipConstantExpression(reader);
  into.all(reader.bytes.subarray(start, reader.at));
}

/** The section of tables or of the memory, with no limit above `most`. */
export function limited(
  tables: readonly { readonly element?: number; readonly limits: Limits }[],
  most: number,
): Uint8Array {
  const into = new Bytes();
  into.unsigned(tables.length);
  for (const { element, limits } of tables) {
    if (element !== undefined) into.byte(element);
    into.byte(1);
    into.unsigned(limits.minimum);
    into.unsigned(Math.max(limits.minimum, Math.min(limits.maximum ?? most, most)));
  }
  return into.copy();
}

/**
 * Names of functions with their new indices, and those that are added; names of locals and the rest, which help nobody who
 * reads a trace, go.
 *
 * @param content of the guest's own section behind its name; undefined where it has none
 * @param isOwn whether a function is one that the guest defines
 */
export function rewriteNames(
  content: Reader | undefined,
  index: Index,
  isOwn: (old: number) => boolean,
  added: readonly (readonly [index: number, name: string])[],
): Uint8Array {
  const encoder = new TextEncoder();
  const names: (readonly [number, Uint8Array])[] = added.map(([at, name]) => [at, encoder.encode(name)]);
  for (const [old, name] of content === undefined ? [] : namesOfFunctions(content)) {
    if (isOwn(old)) names.push([index(old), name]);
  }
  const inside = new Bytes();
  inside.unsigned(names.length);
  for (const [at, name] of names.sort(([left], [right]) => left - right)) {
    inside.unsigned(at);
    inside.sized(name);
  }
  const into = new Bytes();
  into.sized(encoder.encode('name'));
  into.byte(1);
  into.sized(inside.view());
  return into.copy();
}

/** None where they cannot be read: engines leave such a section alone (core specification 2.0, section 5.5.3). */
function namesOfFunctions(content: Reader): readonly (readonly [index: number, name: Uint8Array])[] {
  const names: (readonly [number, Uint8Array])[] = [];
  try {
    while (!content.done) {
      const id = content.byte();
      const part = content.sized();
      if (id !== 1) continue;
      const reader = new Reader(part);
      for (let left = reader.unsigned(); left > 0; left -= 1) names.push([reader.unsigned(), reader.sized()]);
    }
    return names;
  } catch (error) {
    if (error instanceof Malformed) return [];
    throw error;
  }
}
