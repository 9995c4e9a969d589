import type { Description, FieldDescription } from './shape.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Longer enumerations (all syscalls) are given as a pattern of names: editors choke on hundreds of values per key. */
const longEnumeration = 200;

/** The JSON Schema (draft 2020-12) of a dialect's documents, for editors with a generic YAML server. */
export function jsonSchema(description: Description, dialect: string): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `polc ${dialect} policy`,
    ...schemaOf(description),
  };
}

function schemaOf(description: Description): { readonly [key: string]: Json } {
  switch (description.kind) {
    case 'string':
      return {
        type: 'string',
        ...(description.pattern === undefined ? {} : { pattern: `^(?:${description.pattern})$` }),
      };
    case 'enumeration': {
      const values = description.values();
      if (values.length > longEnumeration) return { type: 'string', description: description.noun };
      return {
        oneOf: values.map(({ name, doc }) => ({ const: name, ...(doc === '' ? {} : { description: doc }) })),
      };
    }
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return {
        type: description.integer ? 'integer' : 'number',
        ...(description.minimum === undefined ? {} : { minimum: description.minimum }),
        ...(description.maximum === undefined ? {} : { maximum: description.maximum }),
      };
    case 'quantity':
      // Written without quotes, some quantities (`1.0`) are numbers to a YAML reader.
      return { type: ['string', 'number'], pattern: `^(?:${description.pattern})$`, examples: [description.example] };
    case 'list':
      return { type: 'array', items: schemaOf(description.item) };
    case 'mapping':
      return { type: 'object', additionalProperties: schemaOf(description.values) };
    case 'object': {
      const fields = Object.entries(description.fields);
      return {
        type: 'object',
        additionalProperties: false,
        required: fields.filter(([, { required, unless }]) => required && unless === undefined).map(([name]) => name),
        ...eitherOf(fields),
        properties: Object.fromEntries(
          fields.map(([name, field]) => [name, { ...fieldSchema(field), description: field.doc }]),
        ),
      };
    }
    case 'one-of':
      return { anyOf: description.alternatives.map(schemaOf) };
    default: {
      const unreachable: never = description;
      return unreachable;
    }
  }
}

function fieldSchema({ description, nullable }: FieldDescription): { readonly [key: string]: Json } {
  return nullable === true ? { anyOf: [schemaOf(description), { type: 'null' }] } : schemaOf(description);
}

/** The keys of which one of two must be there. */
function eitherOf(fields: readonly (readonly [string, FieldDescription])[]): object {
  const either = fields.flatMap(([name, { unless }]) =>
    unless === undefined ? [] : [{ anyOf: [{ required: [name] }, { required: [unless] }] }],
  );
  return either.length === 0 ? {} : { allOf: either };
}
