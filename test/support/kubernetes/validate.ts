import { environmentOf } from '../../../compiler/expressions/cel/environment.ts';
import { interpreter } from '../../../compiler/expressions/cel/evaluate.ts';
import { standardLibrary } from '../../../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../../../compiler/expressions/cel/parse.ts';
import type { Program } from '../../../compiler/expressions/cel/running.ts';
import { dyn } from '../../../compiler/expressions/cel/types.ts';
import type { Value } from '../../../compiler/expressions/cel/value.ts';
import type { Cause } from './failure.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { fieldSchema, type Schema } from './schema.ts';
import { itemStep } from './typed-value.ts';

/** What the schema refuses in a value; rules in CEL are asked where it refuses nothing. */
export function violations(value: Json, schema: Schema, path: string): readonly Cause[] {
  const found: Cause[] = [];
  validate(value, schema, path, found);
  if (found.length === 0) askRules(value, schema, path, found);
  return found;
}

function validate(value: Json, schema: Schema, path: string, found: Cause[]): void {
  const add = (reason: string, message: string, field = path) => found.push({ reason, message, field });
  const wrong = (what: string) =>
    add('FieldValueInvalid', `Invalid value: ${JSON.stringify(value)}: ${path} in body ${what}`);
  if (schema.type !== undefined && !isOfType(value, schema.type)) {
    const message = `${path} in body must be of type ${schema.type}: ${JSON.stringify(typeName(value))}`;
    add('FieldValueTypeInvalid', `Invalid value: ${JSON.stringify(typeName(value))}: ${message}`);
    return;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const values = schema.enum.map((each) => JSON.stringify(each)).join(', ');
    add('FieldValueNotSupported', `Unsupported value: ${JSON.stringify(value)}: supported values: ${values}`);
  }
  if (typeof value === 'string') {
    const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
    if (pattern !== undefined && !new RegExp(pattern).test(value)) wrong(`should match '${pattern}'`);
    if ([...value].length < minLength) wrong(`should be at least ${minLength} chars long`);
    if ([...value].length > maxLength) add('FieldValueTooLong', `Too long: may not be more than ${maxLength} bytes`);
  } else if (typeof value === 'number') {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
    if (value < minimum) wrong(`should be greater than or equal to ${minimum}`);
    if (value > maximum) wrong(`should be less than or equal to ${maximum}`);
  } else if (Array.isArray(value)) {
    if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
      add('FieldValueTooMany', `Too many: ${value.length}: must have at most ${schema.maxItems} items`);
    }
    const seen = new Set<string>();
    value.forEach((item, index) => {
      const place = `${path}[${index}]`;
      if (schema.items !== undefined) validate(item, schema.items, place, found);
      if (schema.list === undefined) return;
      const step = itemStep(schema, item);
      if (seen.has(step)) add('FieldValueDuplicate', `Duplicate value: ${step.slice(2)}`, place);
      seen.add(step);
    });
  } else if (isObject(value)) {
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(value, name)) add('FieldValueRequired', 'Required value', join(path, name));
    }
    for (const [name, each] of Object.entries(value)) {
      const field = fieldSchema(schema, name);
      if (field !== undefined) validate(each, field, join(path, name), found);
    }
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isOfType(value: Json, type: NonNullable<Schema['type']>): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    default:
      // The names of the other types are those of JavaScript.
      return typeof value === type;
  }
}

const programs = new Map<string, Program>();
const environment = environmentOf({ libraries: [standardLibrary], variables: { self: dyn } });

function askRules(value: Json, schema: Schema, path: string, found: Cause[]): void {
  const { rules = [] } = schema;
  const self = rules.length === 0 ? null : celValue(value, schema);
  for (const { rule, message } of rules) {
    let program = programs.get(rule);
    if (program === undefined) {
      program = interpreter(parseCel(rule).expression, environment);
      programs.set(rule, program);
    }
    if (program({ self }) === true) continue;
    const shown = isObject(value) ? 'object' : typeName(value);
    found.push({ reason: 'FieldValueInvalid', message: `Invalid value: "${shown}": ${message}`, field: path });
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      if (schema.items !== undefined) askRules(item, schema.items, `${path}[${index}]`, found);
    });
  } else if (isObject(value)) {
    for (const [name, each] of Object.entries(value)) {
      const field = fieldSchema(schema, name);
      if (field !== undefined) askRules(each, field, join(path, name), found);
    }
  }
}

/** A number is an int where the schema says integer. */
function celValue(value: Json, schema: Schema | undefined): Value {
  if (typeof value === 'number') return schema?.type === 'integer' ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema?.items));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      celValue(each, schema === undefined ? undefined : fieldSchema(schema, name)),
    ]),
  );
}

/** Fields that the schema does not know, as paths. */
export function unknownFields(value: Json, schema: Schema, path = ''): readonly string[] {
  if (schema.type === undefined) return [];
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item, index) => unknownFields(item, items, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const field = fieldSchema(schema, name);
    if (field !== undefined) return unknownFields(each, field, join(path, name));
    return schema.open === true || schema.fields === undefined ? [] : [join(path, name)];
  });
}

/** The value without the fields that the schema does not know. */
export function prune(value: Json, schema: Schema): Json {
  if (schema.type === undefined) return value;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => prune(item, items));
  }
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [name, each] of Object.entries(value)) {
    const field = fieldSchema(schema, name);
    if (field !== undefined) result[name] = prune(each, field);
    else if (schema.open === true || schema.fields === undefined) result[name] = each;
  }
  return result;
}

/** The value with the defaults of fields that are absent, or null where null is no value of theirs. */
export function withDefaults(value: Json, schema: Schema): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => withDefaults(item, items));
  }
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [name, each] of Object.entries(value)) {
    const field = fieldSchema(schema, name);
    if (each === null && field?.default !== undefined) continue;
    result[name] = field === undefined ? each : withDefaults(each, field);
  }
  for (const [name, field] of Object.entries(schema.fields ?? {})) {
    if (field.default !== undefined && !Object.hasOwn(result, name)) {
      result[name] = withDefaults(structuredClone(field.default), field);
    }
  }
  return result;
}
