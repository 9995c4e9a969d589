import { NotStrictJson, parseStrictJson } from '../strict-json.ts';

/** Thrown and caught within the validator. */
export class PatternDifference extends Error {}

/** One field of a pattern: it matches where one of its tests does. */
export type FieldTest = (value: string | number | undefined) => boolean;

/** The fields of a pattern, all of which must match, by their path: `detail.impact.totalImpact`. */
export function readPattern(text: string): ReadonlyMap<string, FieldTest> {
  let pattern: unknown;
  try {
    pattern = parseStrictJson(text);
  } catch (problem) {
    throw new PatternDifference(problem instanceof NotStrictJson ? problem.message : 'not JSON');
  }
  const fields = new Map<string, FieldTest>();
  readObject(pattern, '', fields);
  return fields;
}

function readObject(value: unknown, path: string, fields: Map<string, FieldTest>): void {
  if (Array.isArray(value)) {
    if (value.length === 0) throw new PatternDifference(`${path} matches nothing`);
    const tests = value.map((each) => readTest(each, path));
    fields.set(path, (actual) => tests.some((matches) => matches(actual)));
    return;
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    throw new PatternDifference(`${path} is neither a list nor an object`);
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith('$')) throw new PatternDifference(`the operator ${key}`);
    readObject(inner, path === '' ? key : `${path}.${key}`, fields);
  }
}

function readTest(value: unknown, path: string): FieldTest {
  if (typeof value === 'string') return (actual) => actual === value;
  const [entry, ...others] = Object.entries(Object(value));
  if (entry === undefined || others.length > 0) throw new PatternDifference(`${path}: ${JSON.stringify(value)}`);
  const [operator, operand] = entry;
  if (operator === 'exists' && operand === false) return (actual) => actual === undefined;
  if (operator === 'numeric' && Array.isArray(operand)) return readNumeric(operand, path);
  throw new PatternDifference(`${path}: the operator ${operator}`);
}

/** `[">=", 200, "<", 300]`: one or two comparisons, each of which must hold. */
function readNumeric(words: readonly unknown[], path: string): FieldTest {
  const tests: ((actual: number) => boolean)[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const bound = words[at + 1];
    if (typeof bound !== 'number' || Math.abs(bound) > 5e9) throw new PatternDifference(`${path}: the bound ${bound}`);
    switch (words[at]) {
      case '>':
        tests.push((actual) => actual > bound);
        break;
      case '>=':
        tests.push((actual) => actual >= bound);
        break;
      case '<':
        tests.push((actual) => actual < bound);
        break;
      case '<=':
        tests.push((actual) => actual <= bound);
        break;
      default:
        throw new PatternDifference(`${path}: the comparison ${String(words[at])}`);
    }
  }
  if (tests.length === 0 || tests.length > 2) throw new PatternDifference(`${path}: ${tests.length} comparisons`);
  return (actual) => typeof actual === 'number' && tests.every((holds) => holds(actual));
}
