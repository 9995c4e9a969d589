import type { Predicate, Term, Value } from '../../expressions/predicate.ts';

/** Thrown and caught within the validator: the artifact is malformed, or means something else than the policy. */
export class GuardrailDifference extends Error {}

/** Reads a predicate from its JSON; refuses every form that the language does not have. */
export function readPredicate(value: unknown): Predicate {
  const node = fields(value);
  switch (node.kind) {
    case 'constant':
      only(node, ['kind', 'value']);
      if (typeof node.value !== 'boolean') break;
      return { kind: 'constant', value: node.value };
    case 'and':
    case 'or':
      only(node, ['kind', 'of']);
      return { kind: node.kind, of: items(node.of).map(readPredicate) };
    case 'not':
      only(node, ['kind', 'of']);
      return { kind: 'not', of: readPredicate(node.of) };
    case 'compare': {
      only(node, ['kind', 'operator', 'left', 'right']);
      const operator = operators.find((each) => each === node.operator);
      if (operator === undefined) break;
      return { kind: 'compare', operator, left: readTerm(node.left), right: readTerm(node.right) };
    }
    case 'in-set':
      only(node, ['kind', 'term', 'values']);
      return { kind: 'in-set', term: readTerm(node.term), values: items(node.values).map(readText) };
    case 'in-ranges':
      only(node, ['kind', 'term', 'ranges']);
      return { kind: 'in-ranges', term: readTerm(node.term), ranges: items(node.ranges).map(readRange) };
    case 'beneath':
    case 'glob':
      only(node, ['kind', 'term', 'pattern']);
      return { kind: node.kind, term: readTerm(node.term), pattern: readText(node.pattern) };
    case 'in-network':
      only(node, ['kind', 'term', 'network']);
      return { kind: 'in-network', term: readTerm(node.term), network: readText(node.network) };
    default:
  }
  throw new GuardrailDifference(`no predicate: ${JSON.stringify(value)}`);
}

const operators = ['==', '!=', '<', '<=', '>', '>='] as const;

function readTerm(value: unknown): Term {
  const node = fields(value);
  switch (node.kind) {
    case 'literal':
      only(node, ['kind', 'value']);
      return { kind: 'literal', value: readValue(node.value) };
    case 'attribute':
    case 'parameter':
      only(node, ['kind', 'name']);
      return { kind: node.kind, name: readText(node.name) };
    case 'mask':
      only(node, ['kind', 'term', 'mask']);
      return { kind: 'mask', term: readTerm(node.term), mask: readInteger(node.mask) };
    default:
      throw new GuardrailDifference(`no term: ${JSON.stringify(value)}`);
  }
}

function readValue(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  return readInteger(value);
}

function readRange(value: unknown) {
  const node = fields(value);
  only(node, ['low', 'high']);
  return { low: readInteger(node.low), high: readInteger(node.high) };
}

function readInteger(value: unknown): bigint {
  const { integer, ...others } = fields(value);
  if (typeof integer !== 'string' || !/^(0|[1-9]\d{0,19})$/.test(integer) || Object.keys(others).length > 0) {
    throw new GuardrailDifference(`no integer: ${JSON.stringify(value)}`);
  }
  return BigInt(integer);
}

export function readText(value: unknown): string {
  if (typeof value !== 'string') throw new GuardrailDifference(`no text: ${JSON.stringify(value)}`);
  return value;
}

export function items(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new GuardrailDifference(`no list: ${JSON.stringify(value)}`);
  return value;
}

export function fields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GuardrailDifference(`no object: ${JSON.stringify(value)}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** Refuses keys that are not listed: whoever reads the file might act on them. */
export function only(node: Readonly<Record<string, unknown>>, keys: readonly string[]): void {
  for (const key of Object.keys(node)) {
    if (!keys.includes(key)) throw new GuardrailDifference(`the key \`${key}\` has no meaning here`);
  }
}
