/**
 * A type of CEL, as the checker deduces it. Basic types have a name only.
 *
 * `object` is a map whose fields are known: what an environment says of `request`. `wrapper` is a basic type or null.
 * `opaque` is known by its name: `optional_type(int)`.
 */
export type CelType =
  | { readonly kind: BasicKind }
  | { readonly kind: 'wrapper'; readonly of: CelType }
  | { readonly kind: 'list'; readonly element: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | ObjectType
  | { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly CelType[] }
  /** The type of types; `of` absent in `type(type)`'s innermost. */
  | { readonly kind: 'type'; readonly of?: CelType }
  /** A parameter of an overload, or a variable of the checker. */
  | { readonly kind: 'parameter'; readonly name: string };

export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  readonly fields: Readonly<Record<string, CelType>>;
}

export type BasicKind =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'any';

export const dyn: CelType = { kind: 'dyn' };
export const wrong: CelType = { kind: 'error' };
export const nullType: CelType = { kind: 'null' };
export const bool: CelType = { kind: 'bool' };
export const int: CelType = { kind: 'int' };
export const uint: CelType = { kind: 'uint' };
export const double: CelType = { kind: 'double' };
export const string: CelType = { kind: 'string' };
export const bytes: CelType = { kind: 'bytes' };
export const timestamp: CelType = { kind: 'timestamp' };
export const duration: CelType = { kind: 'duration' };

export function listOf(element: CelType): CelType {
  return { kind: 'list', element };
}

export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: 'map', key, value };
}

export function wrapperOf(of: CelType): CelType {
  return { kind: 'wrapper', of };
}

export function optionalOf(value: CelType): CelType {
  return opaque('optional_type', value);
}

export function opaque(name: string, ...parameters: readonly CelType[]): CelType {
  return { kind: 'opaque', name, parameters };
}

export function typeOf(of?: CelType): CelType {
  return of === undefined ? { kind: 'type' } : { kind: 'type', of };
}

export function parameter(name: string): CelType {
  return { kind: 'parameter', name };
}

/** An object type; absent fields are unknown names to the checker. */
export function objectOf(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  return { kind: 'object', name, fields };
}

/** The type inside `optional_type(…)`, or undefined. */
export function optionalValue(type: CelType): CelType | undefined {
  return type.kind === 'opaque' && type.name === 'optional_type' ? (type.parameters[0] ?? dyn) : undefined;
}

/** Prints a type as cel-go does: `map(string, list(int))`. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'wrapper':
      return `wrapper(${formatType(type.of)})`;
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'object':
      return type.name;
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(', ')})`;
    case 'type':
      return type.of === undefined ? 'type' : `type(${formatType(type.of)})`;
    case 'parameter':
      return type.name;
    case 'error':
      return '!error!';
    default:
      return type.kind;
  }
}

/** The names that stand for types, `int` or `google.protobuf.Timestamp`, and the type that each one means. */
export const namedTypes: Readonly<Record<string, CelType>> = {
  bool,
  int,
  uint,
  double,
  string,
  bytes,
  list: listOf(dyn),
  map: mapOf(dyn, dyn),
  null_type: nullType,
  type: typeOf(),
  optional_type: optionalOf(dyn),
  'google.protobuf.Timestamp': timestamp,
  'google.protobuf.Duration': duration,
};
