import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@bufbuild/cel';
import { parse } from 'yaml';

/**
 * The API server's validation of a resource, written as plainly as may be over the CustomResourceDefinitions themselves:
 * structural schema, strict about unknown fields, and the validation rules evaluated by @bufbuild/cel.
 */

const folder = join(process.env.POLC_ROOT ?? '.', '..', 'shared', 'data', 'kuadrant-crds');

const files: Readonly<Record<string, string>> = {
  AuthPolicy: 'kuadrant.io_authpolicies.yaml',
  RateLimitPolicy: 'kuadrant.io_ratelimitpolicies.yaml',
  TokenRateLimitPolicy: 'kuadrant.io_tokenratelimitpolicies.yaml',
  PlanPolicy: 'extensions.kuadrant.io_planpolicies.yaml',
};

/** Why the oracle cannot be asked here; undefined where it can. */
export const missingDefinitions = existsSync(join(folder, files.AuthPolicy!))
  ? undefined
  : 'the CustomResourceDefinitions of Kuadrant are not on this machine';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string }[];
}

export interface Violation {
  /** Keys and indices from the root of the resource. */
  readonly path: readonly (string | number)[];
  readonly what: string;
}

const schemas = new Map<string, Schema>();

function schemaOf(kind: string): Schema {
  const known = schemas.get(kind);
  if (known !== undefined) return known;
  const { spec } = parse(readFileSync(join(folder, files[kind]!), 'utf8'));
  const schema: Schema = spec.versions[0].schema.openAPIV3Schema.properties.spec;
  schemas.set(kind, schema);
  return schema;
}

export function isPolicyKind(kind: unknown): kind is string {
  return typeof kind === 'string' && Object.hasOwn(files, kind);
}

/** Everything that the API server would refuse in `spec`. */
export function violations(kind: string, spec: unknown): readonly Violation[] {
  const found: Violation[] = [];
  validate(spec, schemaOf(kind), ['spec'], found);
  return found;
}

function validate(value: unknown, schema: Schema, path: Violation['path'], found: Violation[]): void {
  const add = (what: string) => found.push({ path, what });
  if (schema.type !== undefined && !isOfType(value, schema.type)) {
    add(`no ${schema.type}`);
    return;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) add('not of the enumeration');
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) add('not of the pattern');
    if (value.length < (schema.minLength ?? 0)) add('too short');
    if (value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) add('too long');
  }
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity)) add('out of range');
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      if (schema.items !== undefined) validate(item, schema.items, [...path, index], found);
    });
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      const field = schema.properties?.[name] ?? schema.additionalProperties;
      if (field !== undefined) validate(each, field, [...path, name], found);
      else if (schema.properties !== undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true)
        found.push({ path: [...path, name], what: 'unknown field' });
    }
    for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) add(`${name} is missing`);
  }
  for (const { rule } of schema['x-kubernetes-validations'] ?? []) if (!holds(rule, value)) add(rule);
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value);
  return type === 'string' ? typeof value === 'string' : typeof value === 'boolean';
}

/** The API server evaluates a rule only where the value is valid otherwise; an error of evaluation refuses too. */
function holds(rule: string, self: unknown): boolean {
  try {
    return run(rule, { self: JSON.parse(JSON.stringify(self)) }) === true;
  } catch {
    return false;
  }
}
