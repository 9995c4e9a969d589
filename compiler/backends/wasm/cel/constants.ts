import { isMap, mapKey, mapKeys, mapValue } from '../../../expressions/cel/maps.ts';
import { Duration, Timestamp, TypeValue, Uint, type Value } from '../../../expressions/cel/value.ts';
import type { ModuleBuilder } from '../binary/module.ts';
import { cellSize, fixedCells, tags } from './cells.ts';

type Tag = (typeof tags)[keyof typeof tags];

/** The cells of constants in a module, each placed when it is first asked for. */
export class ConstantCells {
  readonly #module: ModuleBuilder;
  readonly #texts = new Map<string, number>();
  /** Where false, true, the error and null lie, one after the other. */
  readonly fixed: number;
  #types: number | undefined;

  constructor(module: ModuleBuilder) {
    this.#module = module;
    this.fixed = this.#place([
      cell(tags.BOOL, 0, 0n),
      cell(tags.BOOL, 0, 1n),
      cell(tags.ERROR, 0, 0n),
      cell(tags.NULL, 0, 0n),
    ]);
  }

  /** The address of a constant's cell; undefined for what has none: optional values. */
  of(value: Value): number | undefined {
    if (typeof value === 'boolean') return this.fixed + (value ? cellSize : 0);
    if (value === null) return this.fixed + 3 * cellSize;
    if (typeof value === 'string') {
      let known = this.#texts.get(value);
      if (known === undefined) {
        known = this.#place([this.#text(tags.STRING, value)]);
        this.#texts.set(value, known);
      }
      return known;
    }
    const made = this.#cell(value);
    return made && this.#place([made]);
  }

  /** The cells of the types, by the tags of their values. */
  get types(): number {
    this.#types ??= this.#place(typeNames.map((name) => this.#text(tags.TYPE, name)));
    return this.#types;
  }

  #place(cells: readonly Uint8Array[]): number {
    const all = new Uint8Array(cells.length * cellSize);
    for (const [index, each] of cells.entries()) all.set(each, index * cellSize);
    return this.#module.data.place(all, cellSize);
  }

  #text(tag: Tag, text: string): Uint8Array {
    const { address, length } = this.#module.data.text(text);
    return cell(tag, length, BigInt(address));
  }

  #cell(value: Value): Uint8Array | undefined {
    switch (typeof value) {
      case 'string':
        return this.#text(tags.STRING, value);
      case 'boolean':
        return cell(tags.BOOL, 0, value ? 1n : 0n);
      case 'bigint':
        return cell(tags.INT, 0, value);
      case 'number': {
        const made = cell(tags.DOUBLE, 0, 0n);
        new DataView(made.buffer).setFloat64(8, value, true);
        return made;
      }
      default:
    }
    if (value === null) return cell(tags.NULL, 0, 0n);
    if (value instanceof Uint) return cell(tags.UINT, 0, value.value);
    if (value instanceof Timestamp) return cell(tags.TIME, value.nanos, BigInt(value.seconds));
    if (value instanceof Duration) return cell(tags.SPAN, 0, value.nanos);
    if (value instanceof TypeValue) return this.#text(tags.TYPE, value.name);
    if (value instanceof Uint8Array) {
      return cell(tags.BYTES, value.length, BigInt(this.#module.data.place(value, 1)));
    }
    const parts: (Uint8Array | undefined)[] = [];
    let length = 0;
    if (Array.isArray(value)) {
      length = value.length;
      for (const each of value) parts.push(this.#cell(each));
    } else if (isMap(value)) {
      for (const key of mapKeys(value)) {
        length += 1;
        parts.push(this.#cell(key), this.#cell(mapValue(value, mapKey(key)!)!));
      }
    } else return undefined;
    const known = parts.filter((each) => each !== undefined);
    if (known.length < parts.length) return undefined;
    return cell(Array.isArray(value) ? tags.LIST : tags.MAP, length, BigInt(this.#place(known)));
  }
}

function cell(tag: Tag, length: number, payload: bigint): Uint8Array {
  const bytes = new Uint8Array(cellSize);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, tag, true);
  view.setUint32(4, length, true);
  view.setBigUint64(8, BigInt.asUintN(64, payload), true);
  return bytes;
}

/** By tag. */
const typeNames = [
  '',
  'null_type',
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'map',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
  'type',
];

/** Constants of the routines that are texts or lists of texts. */
const named: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['EMPTY_TEXT', ''],
  ['TRUE_TEXT', 'true'],
  ['FALSE_TEXT', 'false'],
  ['NAN_TEXT', 'NaN'],
  ['INFINITY_TEXT', '+Inf'],
  ['NEGATIVE_INFINITY_TEXT', '-Inf'],
  ['SECONDS_TEXT', 's'],
  ['NAN_WORD', 'nan'],
  ['INFINITY_WORDS', ['inf', 'infinity']],
  ['TRUE_WORDS', ['1', 't', 'T', 'true', 'TRUE', 'True']],
  ['FALSE_WORDS', ['0', 'f', 'F', 'false', 'FALSE', 'False']],
]);

/** The number that routines mean by a name in capitals. */
export function namedConstant(cells: ConstantCells, name: string): number | undefined {
  if (name === 'TYPES') return cells.types;
  const fixed = fixedCells.indexOf(name);
  if (fixed !== -1) return cells.fixed + fixed * cellSize;
  if (Object.hasOwn(tags, name)) return tags[name as keyof typeof tags];
  const value = named.get(name);
  return value === undefined ? undefined : cells.of(value);
}
