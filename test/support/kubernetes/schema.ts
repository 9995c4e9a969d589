import { isObject, type Json } from './json.ts';

/** A validation rule in CEL, over `self`. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
}

/** A structural schema, with what server-side apply must know of it. */
export interface Schema {
  /** Absent where any value may stand. */
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly fields?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Of a map whose keys are data. */
  readonly values?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly Json[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  /** Fields that are not described may stand in it. */
  readonly open?: boolean;
  /** An object with one owner. */
  readonly atomic?: boolean;
  /** A list whose items have owners: a set of scalars, or items told apart by keys. Absent: the list has one owner. */
  readonly list?: 'set' | readonly string[];
  readonly default?: Json;
  readonly rules?: readonly Rule[];
}

export const text: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer' };
export const flag: Schema = { type: 'boolean' };
/** Anything: objects in it have an owner for each field, lists one owner. */
export const anything: Schema = {};

export function record(fields: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', fields, ...(required.length === 0 ? {} : { required }) };
}

export function mapOf(values: Schema): Schema {
  return { type: 'object', values };
}

/** A list with one owner. */
export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

export function setOf(items: Schema): Schema {
  return { type: 'array', items, list: 'set' };
}

export function keyedBy(keys: readonly string[], items: Schema): Schema {
  return { type: 'array', items, list: keys };
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

/** The schema of a field of an object; undefined where none describes it. */
export function fieldSchema(schema: Schema, name: string): Schema | undefined {
  if (schema.fields !== undefined && Object.hasOwn(schema.fields, name)) return schema.fields[name];
  return schema.values;
}

/** A field of a struct, in contrast to a key of a map. */
export function isNamedField(schema: Schema, name: string): boolean {
  return schema.fields !== undefined && Object.hasOwn(schema.fields, name);
}

/** How the parts of a value are owned: as one, by field, by element, by the keys of items. */
export type Shape = 'leaf' | 'map' | 'set' | 'keyed';

export function shapeOf(schema: Schema, value: Json): Shape {
  if (isObject(value)) {
    return schema.atomic === true || (schema.type !== undefined && schema.type !== 'object') ? 'leaf' : 'map';
  }
  if (Array.isArray(value) && schema.list !== undefined) return schema.list === 'set' ? 'set' : 'keyed';
  return 'leaf';
}
