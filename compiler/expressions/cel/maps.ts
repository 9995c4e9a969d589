import { CelError, CelMap, isRecord, type MapKey, type Result, Uint, type Value } from './value.ts';

/** The key under which a map holds `value`; undefined where no map can have it. */
export function mapKey(value: Value): MapKey | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value;
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : undefined;
    default:
      return value instanceof Uint ? value.value : undefined;
  }
}

/** A property of its own that a plain object has, whatever its prototype has. */
export function ownField(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The value under `key`, or undefined. */
export function mapValue(map: CelMap | Readonly<Record<string, Value>>, key: MapKey): Value | undefined {
  if (map instanceof CelMap) return map.entries.get(key);
  return typeof key === 'string' ? ownField(map, key) : undefined;
}

export function isMap(value: Result): value is CelMap | Readonly<Record<string, Value>> {
  return value instanceof CelMap || (!(value instanceof CelError) && isRecord(value));
}

export function mapSize(map: CelMap | Readonly<Record<string, Value>>): number {
  return map instanceof CelMap ? map.entries.size : Object.keys(map).length;
}

/** The keys as they were written: `1u` is a `uint`. */
export function mapKeys(map: CelMap | Readonly<Record<string, Value>>): readonly Value[] {
  if (!(map instanceof CelMap)) return Object.keys(map);
  const keys = [...map.entries.keys()];
  if (map.unsigned.size === 0) return keys;
  return keys.map((key) => (typeof key === 'bigint' && map.unsigned.has(key) ? new Uint(key) : key));
}

/** Makes a map entry by entry. */
export class MapBuilder {
  readonly #entries = new Map<MapKey, Value>();
  #unsigned: Set<bigint> | undefined;

  /** @returns an error for a key of a type that no map has, or one that is there already */
  set(key: Value, value: Value): CelError | undefined {
    if (typeof key === 'number') return new CelError('unsupported key type: double');
    const held = mapKey(key);
    if (held === undefined) return new CelError('unsupported key type');
    if (this.#entries.has(held)) return new CelError('Failed with repeated key');
    if (key instanceof Uint) {
      this.#unsigned ??= new Set();
      this.#unsigned.add(key.value);
    }
    this.#entries.set(held, value);
    return undefined;
  }

  get size(): number {
    return this.#entries.size;
  }

  build(): CelMap {
    return this.#unsigned === undefined ? new CelMap(this.#entries) : new CelMap(this.#entries, this.#unsigned);
  }
}
