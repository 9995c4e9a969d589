import type { Range } from '../../../grammars/cel/syntax-tree.ts';

/**
 * A value of CEL. `int` is a bigint, `double` a number, a list an array. A map is a `CelMap`, or, where all keys are
 * strings, a plain object: what a host has from JSON needs no conversion.
 *
 * A plain object has its own properties only, whatever its prototype.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint
  | Uint8Array
  | Timestamp
  | Duration
  | TypeValue
  | Optional
  | CelMap
  | readonly Value[]
  | PlainRecord;

export interface PlainRecord {
  readonly [key: string]: Value;
}

export type Result = Value | CelError;

/** An error is a value: `&&`, `||`, `all` and `exists` can absorb it. */
export class CelError {
  readonly message: string;
  /** Of the smallest expression that fails; absent until the evaluator has put it there. */
  readonly range: Range | undefined;

  constructor(message: string, range?: Range) {
    this.message = message;
    this.range = range;
  }
}

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** `nanos` counts up from `seconds`, also before 1970: 0 to 999,999,999. */
export class Timestamp {
  readonly seconds: number;
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }
}

/** Signed nanoseconds, within the 64 bits that cel-go has for them. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** The run-time type: without parameters, so that `type([1]) == type(['a'])`. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class Optional {
  /** undefined is `optional.none()`. */
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export const none = new Optional(undefined);

/** `1`, `1u` and `1.0` are one key: it is held as a bigint. */
export type MapKey = string | boolean | bigint;

export class CelMap {
  readonly entries: ReadonlyMap<MapKey, Value>;
  /** Which of the bigint keys were written as `uint`. */
  readonly unsigned: ReadonlySet<bigint>;

  constructor(entries: ReadonlyMap<MapKey, Value>, unsigned: ReadonlySet<bigint> = noKeys) {
    this.entries = entries;
    this.unsigned = unsigned;
  }
}

const noKeys: ReadonlySet<bigint> = new Set();

export type Kind =
  | 'null_type'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'list'
  | 'map'
  | 'google.protobuf.Timestamp'
  | 'google.protobuf.Duration'
  | 'type'
  | 'optional_type';

/** The name of the value's type at run time, as `type(value)` prints it. */
export function kindOf(value: Value): Kind {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
      if (value === null) return 'null_type';
      if (Array.isArray(value)) return 'list';
      if (value instanceof CelMap) return 'map';
      if (value instanceof Uint) return 'uint';
      if (value instanceof Uint8Array) return 'bytes';
      if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
      if (value instanceof Duration) return 'google.protobuf.Duration';
      if (value instanceof TypeValue) return 'type';
      if (value instanceof Optional) return 'optional_type';
      return 'map';
  }
}

export function isList(value: Result): value is readonly Value[] {
  return Array.isArray(value);
}

/** True of a map that is a plain object of the host's. */
export function isRecord(value: Value): value is PlainRecord {
  return typeof value === 'object' && value !== null && kindOf(value) === 'map' && !(value instanceof CelMap);
}

/** The error for arguments that no overload takes. */
export function noSuchOverload(name: string, ...operands: readonly Result[]): CelError {
  for (const operand of operands) if (operand instanceof CelError) return operand;
  const kinds = operands.map((operand) => (operand instanceof CelError ? 'error' : kindOf(operand)));
  return new CelError(`no such overload: ${name}(${kinds.join(', ')})`);
}

/** The error with the place of the expression that fails, unless a smaller one is known. */
export function located(result: Result, range: Range): Result {
  return result instanceof CelError && result.range === undefined ? new CelError(result.message, range) : result;
}
