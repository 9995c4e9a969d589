/**
 * What of a value a JSON Schema refuses, as `path: reason`; empty where it is valid. Knows the keywords that polc's
 * schemas use, and throws on any other, so that nothing passes unlooked at.
 */
export function schemaErrors(schema: Readonly<Record<string, unknown>>, value: unknown, path = ''): readonly string[] {
  return Object.entries(schema).flatMap(([keyword, argument]) => keywordErrors(keyword, argument, value, path, schema));
}

const annotations = new Set(['$schema', 'title', 'description', 'examples']);

function keywordErrors(
  keyword: string,
  argument: unknown,
  value: unknown,
  path: string,
  schema: Readonly<Record<string, unknown>>,
): readonly string[] {
  if (annotations.has(keyword)) return [];
  const refuse = (holds: boolean) => (holds ? [] : [`${path}: ${keyword} ${JSON.stringify(argument)}`]);
  const alternatives = () => listOf(argument).filter((each) => schemaErrors(recordOf(each), value, path).length === 0);
  const record = isRecord(value) ? value : {};
  switch (keyword) {
    case 'type':
      return refuse([argument].flat().some((type) => hasType(value, type)));
    case 'const':
      return refuse(value === argument);
    case 'pattern':
      return refuse(typeof value !== 'string' || new RegExp(String(argument), 'u').test(value));
    case 'minimum':
      return refuse(typeof value !== 'number' || value >= Number(argument));
    case 'maximum':
      return refuse(typeof value !== 'number' || value <= Number(argument));
    case 'anyOf':
      return refuse(alternatives().length > 0);
    case 'allOf':
      return refuse(alternatives().length === listOf(argument).length);
    case 'oneOf':
      return refuse(alternatives().length === 1);
    case 'items':
      return (Array.isArray(value) ? value : []).flatMap((item, index) =>
        schemaErrors(recordOf(argument), item, `${path}/${index}`),
      );
    case 'required':
      return listOf(argument).flatMap((name) => refuse(!isRecord(value) || String(name) in value));
    case 'properties':
      return Object.entries(recordOf(argument)).flatMap(([name, each]) =>
        name in record ? schemaErrors(recordOf(each), record[name], `${path}/${name}`) : [],
      );
    case 'additionalProperties': {
      const known = isRecord(schema.properties) ? schema.properties : {};
      const others = Object.keys(record).filter((name) => !(name in known));
      if (argument === false) return others.map((name) => `${path}: unknown key ${name}`);
      return others.flatMap((name) => schemaErrors(recordOf(argument), record[name], `${path}/${name}`));
    }
    default:
      throw new Error(`the schema uses the keyword ${keyword}, which this checker does not know`);
  }
}

function hasType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'object':
      return isRecord(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`the schema uses the type ${String(type)}, which this checker does not know`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Error('a schema is an object');
  return value;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('a list was expected');
  return value;
}
