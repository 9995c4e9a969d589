import { isList, isMap } from '../json.ts';
import type { Json, JsonMap } from '../port.ts';

/** The part of JSON Schema that bodies are described in, for whoever reads the OpenAPI document and for the check. */
export type BodySchema =
  | {
      readonly type: 'string';
      readonly description: string;
      readonly pattern?: string;
      readonly maxLength?: number;
      readonly enum?: readonly string[];
    }
  | {
      readonly type: 'number' | 'integer';
      readonly description: string;
      readonly minimum: number;
      readonly maximum: number;
    }
  | {
      readonly type: 'object';
      readonly description: string;
      readonly properties?: Readonly<Record<string, BodySchema>>;
      readonly required?: readonly string[];
      /** Values of any other key; absent, there is no other key. `true`: the compiler says what may be there. */
      readonly additionalProperties?: BodySchema | true;
    };

/** Why a value is not what the schema says, with the path to where; undefined where it is. */
export function whyWrong(value: Json | undefined, schema: BodySchema, path = 'the body'): string | undefined {
  switch (schema.type) {
    case 'string': {
      if (typeof value !== 'string') return `${path} is no text`;
      const { pattern, maxLength = 256, enum: choices } = schema;
      if (value.length > maxLength) return `${path} has more than ${maxLength} characters`;
      if (choices !== undefined && !choices.includes(value)) {
        return `${path} is none of ${choices.map((each) => `\`${each}\``).join(', ')}`;
      }
      return pattern === undefined || new RegExp(`^(?:${pattern})$`).test(value)
        ? undefined
        : `${path} does not match \`${pattern}\``;
    }
    case 'number':
    case 'integer': {
      if (typeof value !== 'number' || (schema.type === 'integer' && !Number.isInteger(value))) {
        return `${path} is no ${schema.type === 'integer' ? 'whole ' : ''}number`;
      }
      const { minimum, maximum } = schema;
      return value < minimum || value > maximum ? `${path} is not from ${minimum} to ${maximum}` : undefined;
    }
    case 'object':
      return isMap(value) ? whyObjectWrong(value, schema, path) : `${path} is no object`;
    default: {
      const unreachable: never = schema;
      return unreachable;
    }
  }
}

function whyObjectWrong(
  value: JsonMap,
  { properties = {}, required = [], additionalProperties }: Extract<BodySchema, { readonly type: 'object' }>,
  path: string,
): string | undefined {
  const missing = required.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) return `${path} lacks \`${missing}\``;
  for (const [key, each] of Object.entries(value)) {
    const below = path === 'the body' ? `\`${key}\`` : `${path.slice(0, -1)}.${key}\``;
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (known === undefined) return `${below} is no key`;
    const why = known === true ? undefined : whyWrong(each, known, below);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Levels of lists and maps; YAML and JSON readers that are deeper are nobody's. */
export function isTooDeep(value: Json | undefined, left = 20): boolean {
  if (left === 0) return true;
  if (isList(value)) return value.some((each) => isTooDeep(each, left - 1));
  return isMap(value) && Object.values(value).some((each) => isTooDeep(each, left - 1));
}
