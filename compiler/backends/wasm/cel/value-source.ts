import { encodeText } from '../binary/text.ts';
import { utf8Source } from '../encoder/utf8-source.ts';
import type { Slot } from '../layout.ts';
import { tags } from './cells.ts';

/**
 * JavaScript that writes values as cells: what JSON has, and what a host says with `Uint`, `Timestamp` and `Duration`. It
 * gives back false where there is no more room. What is no value of CEL is a cell of an error.
 */
export const valueSource = `const isOwn = Object.hasOwn;
const words = new Int32Array(buffer);
function value(given, slot) {
  if (typeof given === 'string') return string(given, slot);
  switch (typeof given) {
    case 'boolean': return cell(slot, ${tags.BOOL}, 0, given ? 1 : 0);
    case 'number':
      view.setUint32(slot, ${tags.DOUBLE}, true);
      view.setFloat64(slot + 8, given, true);
      return true;
    case 'bigint':
      if (BigInt.asIntN(64, given) !== given) return cell(slot, ${tags.ERROR}, 0, 0);
      return long(slot, ${tags.INT}, 0, given);
    case 'object': break;
    default: return cell(slot, ${tags.ERROR}, 0, 0);
  }
  if (given === null) return cell(slot, ${tags.NULL}, 0, 0);
  if (Array.isArray(given)) return list(given, slot);
  if (given instanceof Uint) {
    if (BigInt.asUintN(64, given.value) !== given.value) return cell(slot, ${tags.ERROR}, 0, 0);
    return long(slot, ${tags.UINT}, 0, given.value);
  }
  if (given instanceof Timestamp) return long(slot, ${tags.TIME}, given.nanos, BigInt(given.seconds));
  if (given instanceof Duration) return long(slot, ${tags.SPAN}, 0, given.nanos);
  if (given instanceof Uint8Array) return octets(given, slot);
  return map(given, slot);
}
function cell(slot, tag, length, payload) {
  view.setUint32(slot, tag, true);
  view.setUint32(slot + 4, length, true);
  view.setUint32(slot + 8, payload, true);
  view.setUint32(slot + 12, 0, true);
  return true;
}
function long(slot, tag, length, payload) {
  view.setUint32(slot, tag, true);
  view.setUint32(slot + 4, length, true);
  view.setBigInt64(slot + 8, payload, true);
  return true;
}
function string(given, slot) {
${utf8Source('given', `cell(slot, ${tags.ERROR}, 0, 0)`)}
  view.setUint32(slot, ${tags.STRING}, true);
  view.setUint32(slot + 4, to - free, true);
  view.setUint32(slot + 8, free, true);
  view.setUint32(slot + 12, 0, true);
  free = to;
  return true;
}
function octets(given, slot) {
  if (free + given.length > end) return false;
  bytes.set(given, free);
  cell(slot, ${tags.BYTES}, given.length, free);
  free += given.length;
  return true;
}
function room(size) {
  const at = (free + 15) & -16;
  if (at + size > end || depth > 100) return 0;
  free = at + size;
  return at;
}
function list(given, slot) {
  const { length } = given;
  const first = room(16 * length);
  if (first === 0) return false;
  cell(slot, ${tags.LIST}, length, first);
  depth += 1;
  let fits = true;
  for (let index = 0; index < length && fits; index += 1) fits = value(given[index], first + 16 * index);
  depth -= 1;
  return fits;
}
function map(given, slot) {
  const entries = given instanceof Map ? [...given] : Object.entries(given);
  const first = room(32 * entries.length);
  if (first === 0) return false;
  cell(slot, ${tags.MAP}, entries.length, first);
  depth += 1;
  let fits = true;
  for (let index = 0; index < entries.length && fits; index += 1) {
    const [key, held] = entries[index];
    fits = value(key, first + 32 * index) && value(held, first + 32 * index + 16);
  }
  depth -= 1;
  return fits;
}
/** What lies under the key; undefined where it is no map, missing where the map has no such key. */
function under(from, key) {
  if (typeof from !== 'object' || from === null || Array.isArray(from) || from instanceof Uint8Array) return undefined;
  if (from instanceof Map) return from.has(key) ? from.get(key) : missing;
  if (from instanceof Uint || from instanceof Timestamp || from instanceof Duration) return undefined;
  return isOwn(from, key) && from[key] !== undefined ? from[key] : missing;
}
const missing = { missing: true };
let depth = 0;`;

/** The classes that `valueSource` knows. */
export const valueClasses = [
  '/** An unsigned integer of CEL, a bigint. */',
  "export class Uint { constructor(value) { this.value = required('Uint', 'bigint', value); } }",
  '/** Seconds since 1970, a whole number, and the nanoseconds that follow. */',
  'export class Timestamp {',
  '  constructor(seconds, nanos = 0) {',
  "    this.seconds = required('Timestamp', 'number', seconds);",
  "    this.nanos = required('Timestamp', 'number', nanos);",
  '  }',
  '}',
  '/** Nanoseconds, a bigint. */',
  "export class Duration { constructor(nanos) { this.nanos = required('Duration', 'bigint', nanos); } }",
  '',
  'function required(whose, type, value) {',
  "  if (typeof value === type && (type === 'bigint' || Number.isSafeInteger(value))) return value;",
  `  throw new TypeError(\`\${whose}: a \${type === 'bigint' ? type : 'whole number'} is expected, and \${came(value)} came\`);`,
  '}',
].join('\n');

/** As many comparisons are made instead of copying a text. */
const mostCompared = 8;

/** Texts that lie in the module's memory before the records, so that cells of equal ones need no copy. */
export class KnownTexts {
  readonly #places = new Map<string, { readonly offset: number; readonly length: number }>();
  #size = 0;

  constructor(slots: readonly Slot[]) {
    for (const { texts } of slots) {
      for (const text of [...(few(texts?.own) ?? []), ...(few(texts?.elements) ?? [])]) {
        if (this.#places.has(text)) continue;
        const { length } = encodeText(text);
        this.#places.set(text, { offset: this.#size, length });
        this.#size += length;
      }
    }
  }

  /** In bytes, a multiple of 16. */
  get size(): number {
    return (this.#size + 15) & -16;
  }

  /** A statement that writes them from the address `known` on. */
  get source(): string {
    return `bytes.set(new TextEncoder().encode(${JSON.stringify([...this.#places.keys()].join(''))}), known);`;
  }

  /** The same by words of four bytes. */
  words(texts: readonly string[], value: string, at: string): string {
    const longest = Math.max(...texts.map((text) => this.#places.get(text)!.length));
    const choose = (of: (place: { readonly offset: number; readonly length: number }) => string, other: string) =>
      texts.reduceRight(
        (rest, text) => `${value} === ${JSON.stringify(text)} ? ${of(this.#places.get(text)!)} : ${rest}`,
        other,
      );
    return [
      `const place = ${choose(({ offset }) => `${offset}`, '-1')};`,
      `words[${at}] = ${tags.STRING};`,
      `words[${at} + 1] = ${texts.length === 1 ? `place === -1 ? ${longest + 1} : ${longest}` : choose(({ length }) => `${length}`, `${longest + 1}`)};`,
      `words[${at} + 2] = place === -1 ? known : known + place;`,
      `words[${at} + 3] = 0;`,
    ].join(' ');
  }

  /** Statements that write the cell of a text: of the known one that it is, or of one that differs from all of them. */
  cell(texts: readonly string[], value: string, at: string): string {
    const longest = Math.max(...texts.map((text) => this.#places.get(text)!.length));
    const tests = texts.map((text) => {
      const { offset, length } = this.#places.get(text)!;
      return `if (${value} === ${JSON.stringify(text)}) cell(${at}, ${tags.STRING}, ${length}, known + ${offset});`;
    });
    return [...tests, `cell(${at}, ${tags.STRING}, ${longest + 1}, known);`].join(' else ');
  }
}

/** Texts that may be compared one by one, and have UTF-8; undefined for too many. */
function few(texts: readonly string[] | undefined): readonly string[] | undefined {
  return texts !== undefined &&
    texts.length > 0 &&
    texts.length <= mostCompared &&
    !texts.some((text) => /\p{Cs}/u.test(text))
    ? texts
    : undefined;
}

/**
 * The statements that write the slot of a path: the cell of the value, of nothing where the last map has no such key, or of
 * an error where one before has not.
 *
 * @param decision tells the functions of one decision from those of another
 */
export function valueSlotSource(
  { offset, present, name, path = [name], texts }: Slot,
  known: KnownTexts,
  decision: number,
): string {
  const [variable = name, ...keys] = path;
  const at = `start + ${offset}`;
  const lines = [`let value${present} = attributes[${JSON.stringify(variable)}];`];
  const local = `value${present}`;
  for (const [index, key] of keys.entries()) {
    const isLast = index === keys.length - 1;
    lines.push(`${local} = ${ownField(local, key)};`);
    if (!isLast) lines.push(`if (${local} === missing) ${local} = undefined;`);
  }
  const own = few(texts?.own);
  if (own !== undefined) lines.push(`if (typeof ${local} === 'string') ${known.cell(own, local, at)} else`);
  lines.push(
    `if (${local} === undefined) cell(${at}, ${tags.ERROR}, 0, 0);`,
    `else if (${local} === missing) view.setUint32(${at}, ${tags.ABSENT}, true);`,
  );
  const elements = few(texts?.elements);
  if (elements !== undefined) {
    lines.push(
      `else if (Array.isArray(${local})) { if (!elements${decision}_${present}(${local}, ${at})) cell(${at}, ${tags.ERROR}, 0, 0); }`,
    );
  }
  lines.push(
    `else if (!value(${local}, ${at})) cell(${at}, ${tags.ERROR}, 0, 0);`,
    `known${present >> 5} |= ${(1 << (present & 31)) | 0};`,
  );
  return `{\n${lines.join('\n')}\n}`;
}

/** Functions that `valueSlotSource` calls: they write lists of which the texts are only compared. */
export function elementsSource({ present, texts }: Slot, known: KnownTexts, decision: number): readonly string[] {
  const elements = few(texts?.elements);
  if (elements === undefined) return [];
  return [
    `function elements${decision}_${present}(given, slot) {`,
    '  const { length } = given;',
    '  const first = room(16 * length);',
    '  if (first === 0) return false;',
    `  cell(slot, ${tags.LIST}, length, first);`,
    '  for (let index = 0, at = first >> 2; index < length; index += 1, at += 4) {',
    '    const each = given[index];',
    "    if (typeof each === 'string') {",
    `      ${known.words(elements, 'each', 'at')}`,
    '    } else if (!value(each, 4 * at)) return false;',
    '  }',
    '  return true;',
    '}',
  ];
}

/** Of what JSON gave its own fields are all that a name outside Object.prototype can find. */
function ownField(from: string, key: string): string {
  const slow = `under(${from}, ${JSON.stringify(key)})`;
  if (key in Object.prototype) return slow;
  const field = `${from}[${JSON.stringify(key)}]`;
  return `typeof ${from} === 'object' && ${from} !== null && ${from}.constructor === Object && ${field} !== undefined ? ${field} : ${slow}`;
}
