import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { nearest } from '../../../diagnostics/suggest.ts';
import { meantName } from '../../../schema/meant-name.ts';
import { kindOf } from '../../../schema/node-kind.ts';
import { replaceWith, shorten } from '../../../schema/scalars.ts';
import type { SourceText } from '../../../source/text.ts';
import type { MapNode, ScalarNode, YamlNode } from '../../../source/tree.ts';
import { type SchemaNode, schemaNode } from '../../../tables/kuadrant-schemas.ts';
import { expressionOf, yamlScalar } from '../migrate/condition.ts';
import { isTemplated } from '../resource.ts';
import { celFields } from './cel-fields.ts';
import { checkFacts } from './facts.ts';
import { reportMisplaced } from './misplaced.ts';
import { checkWindow, windowPattern } from './window.ts';

/** Where the walk is: the keys that lead from `spec` to the value, list items left out. */
export type FieldPath = readonly string[];

/** What the schema walk tells of: every expression in CEL that the resource holds. */
export interface Expression {
  readonly scalar: ScalarNode;
  readonly path: FieldPath;
}

export interface SchemaRun {
  readonly source: SourceText;
  readonly diagnostics: Diagnostic[];
  readonly expressions: Expression[];
}

/**
 * Compares a value with the schema that the API server validates it by, and reports each difference at its place.
 *
 * @param index the schema's number in the table
 */
export function checkValue(node: YamlNode, index: number, path: FieldPath, run: SchemaRun): void {
  const schema = schemaNode(index);
  if (node.kind === 'scalar' && node.value === null && schema.type !== undefined) {
    run.diagnostics.push(
      node.style === 'missing'
        ? report('POL2005', node.span, { expected: nounOf(schema) })
        : report('POL2004', node.span, { expected: nounOf(schema), found: kindOf(node) }),
    );
    return;
  }
  switch (schema.type) {
    case undefined:
      return;
    case 'object':
      if (node.kind === 'map') checkObject(node, schema, path, run);
      else reportKind(node, schema, run);
      return;
    case 'array':
      if (node.kind !== 'sequence' || schema.items === undefined) reportKind(node, schema, run);
      else for (const item of node.items) checkItem(item, schema.items, node.flow, path, run);
      return;
    case 'string':
    case 'integer':
    case 'boolean':
      if (node.kind === 'scalar') checkScalar(node, schema, path, run);
      else reportKind(node, schema, run);
      return;
    default: {
      const unreachable: never = schema.type;
      throw new Error(`a schema of type ${unreachable}`);
    }
  }
}

/** An item; a bare text where a map with one key is wanted, as older versions had counters, gets that key. */
function checkItem(item: YamlNode, index: number, flow: boolean, path: FieldPath, run: SchemaRun): void {
  const { type, required } = schemaNode(index);
  const [only, second] = required ?? [];
  const bare = item.kind === 'scalar' && typeof item.value === 'string' && type === 'object' && second === undefined;
  if (!bare || only === undefined) {
    checkValue(item, index, path, run);
    return;
  }
  const { span } = item;
  // Older versions took selectors for counters.
  const better = only === 'expression' ? expressionOf(item.text) : undefined;
  const rewritten =
    better === undefined || better === item.text
      ? undefined
      : { span, newText: flow ? `{ ${only}: ${JSON.stringify(better)} }` : `${only}: ${yamlScalar(better)}` };
  const open = { span: { ...span, end: span.start }, newText: flow ? `{ ${only}: ` : `${only}: ` };
  const close = { span: { ...span, start: span.end }, newText: ' }' };
  run.diagnostics.push(
    report(
      'POL2080',
      span,
      { key: only },
      {
        fixes: [
          {
            title: `put it under \`${only}\``,
            certain: true,
            edits: rewritten !== undefined ? [rewritten] : flow ? [open, close] : [open],
          },
        ],
      },
    ),
  );
}

function checkObject(map: MapNode, schema: SchemaNode, path: FieldPath, run: SchemaRun): void {
  const { fields, values } = schema;
  const present = new Set<string>();
  let written: ReadonlySet<string> | undefined;
  for (const { key, value } of map.entries) {
    const name = key.text;
    const field = fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : values;
    if (field !== undefined) {
      present.add(name);
      checkValue(value, field, [...path, name], run);
    } else if (fields !== undefined && schema.open !== true) {
      written ??= new Set(map.entries.map((entry) => entry.key.text));
      present.add(reportUnknown(map, key, value, fields, written, path, run) ?? name);
    }
  }
  for (const name of schema.required ?? []) {
    if (!present.has(name)) reportMissing(map, name, path, run);
  }
  checkFacts(map, schema, present, run.diagnostics);
}

/** Gives the field that was meant, which is then not missing. */
function reportUnknown(
  map: MapNode,
  key: ScalarNode,
  value: YamlNode,
  fields: Readonly<Record<string, number>>,
  written: ReadonlySet<string>,
  path: FieldPath,
  run: SchemaRun,
): string | undefined {
  const misplaced = reportMisplaced(map, key, value, path, fields, run.source);
  if (misplaced !== undefined) {
    if (misplaced.diagnostic !== undefined) run.diagnostics.push(misplaced.diagnostic);
    return misplaced.meant;
  }
  const known = Object.keys(fields);
  const suggestion = nearest(
    key.text,
    known.filter((name) => !written.has(name)),
  );
  run.diagnostics.push(
    report(
      'POL2001',
      key.span,
      { key: shorten(key.text), known: known.map((name) => `\`${name}\``).join(', ') },
      suggestion === undefined
        ? { help: 'remove it: the API server would drop it without a word, or refuse the object' }
        : replaceWith(key, suggestion),
    ),
  );
  return suggestion;
}

const examples: Readonly<Record<string, string>> = {
  targetRef: '{ group: gateway.networking.k8s.io, kind: Gateway, name: gateway }',
  group: 'gateway.networking.k8s.io',
  kind: 'HTTPRoute',
  name: 'web',
  limit: '100',
  window: '1m',
  predicate: "request.method == 'GET'",
  expression: 'auth.identity.userid',
};

function reportMissing(map: MapNode, name: string, path: FieldPath, run: SchemaRun): void {
  const at = map.entries[0]?.key.span ?? map.span;
  const example = `${name}: ${examples[name] ?? '…'}`;
  const place = path.length === 0 ? 'spec' : path.at(-1)!;
  run.diagnostics.push(report('POL2070', at, { key: name, place, example: shorten(example) }));
}

function checkScalar(scalar: ScalarNode, schema: SchemaNode, path: FieldPath, run: SchemaRun): void {
  const { value, text } = scalar;
  const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  const fits =
    schema.type === 'string'
      ? typeof value === 'string'
      : schema.type === 'boolean'
        ? typeof value === 'boolean'
        : whole;
  if (!fits) {
    if (!(isTemplated(text) && scalar.style === 'plain')) reportKind(scalar, schema, run);
    return;
  }
  if (schema.type === 'integer') checkRange(scalar, schema, run);
  else if (schema.type === 'string' && !isTemplated(text)) checkText(scalar, schema, run);
  const field = path.at(-1) ?? '';
  if (schema.type === 'string' && celFields.has(field) && text !== '') run.expressions.push({ scalar, path });
}

/** What people write for the operators of patterns; `incl` asks whether a list has a value. */
const operatorSynonyms: Readonly<Record<string, string>> = {
  '=': 'eq',
  '==': 'eq',
  equal: 'eq',
  equals: 'eq',
  is: 'eq',
  '!=': 'neq',
  ne: 'neq',
  'not-equal': 'neq',
  'not-equals': 'neq',
  contains: 'incl',
  has: 'incl',
  'not-contains': 'excl',
  '=~': 'matches',
  regex: 'matches',
};

function checkText(scalar: ScalarNode, schema: SchemaNode, run: SchemaRun): void {
  const { text, span } = scalar;
  if (schema.enum !== undefined) {
    if (schema.enum.includes(text)) return;
    const expected = schema.enum.map((name) => `\`${name}\``).join(', ');
    const meant = meantName(text, schema.enum, schema.enum.includes('incl') ? operatorSynonyms : {});
    run.diagnostics.push(
      report(
        'POL3001',
        span,
        { value: shorten(text), noun: 'a value of this field', expected },
        replaceWith(scalar, meant?.name, meant?.certain),
      ),
    );
  } else if (schema.pattern === windowPattern) {
    checkWindow(scalar, run.diagnostics);
  } else if (text.length < (schema.minLength ?? 0)) {
    run.diagnostics.push(report('POL2071', span, {}));
  } else if (
    text.length > (schema.maxLength ?? Number.POSITIVE_INFINITY) ||
    (schema.pattern !== undefined && !new RegExp(schema.pattern).test(text))
  ) {
    const bound = schema.maxLength === undefined ? '' : ` of at most ${schema.maxLength} characters`;
    const expected = `a name${bound} as Kubernetes has it: small letters, digits, \`-\` and \`.\``;
    run.diagnostics.push(report('POL2006', span, { value: shorten(text), noun: 'a name', expected }));
  }
}

function checkRange(scalar: ScalarNode, { minimum, maximum }: SchemaNode, run: SchemaRun): void {
  const amount = Number(scalar.value);
  if (amount >= (minimum ?? Number.NEGATIVE_INFINITY) && amount <= (maximum ?? Number.POSITIVE_INFINITY)) return;
  const expected = `from ${minimum ?? '-2^63'} to ${maximum ?? '2^63 - 1'}`;
  run.diagnostics.push(report('POL7101', scalar.span, { value: scalar.text, expected }));
}

function reportKind(node: YamlNode, schema: SchemaNode, run: SchemaRun): void {
  const values = { expected: nounOf(schema), found: kindOf(node) };
  if (node.kind !== 'scalar' || node.style !== 'plain') {
    run.diagnostics.push(report('POL2004', node.span, values));
  } else if (schema.type === 'string') {
    const quoted = JSON.stringify(node.text);
    const fixes = [{ title: 'add quotes', certain: true, edits: [{ span: node.span, newText: quoted }] }];
    run.diagnostics.push(
      report('POL2004', node.span, values, { help: `quote it to make it text: \`${quoted}\``, fixes }),
    );
  } else {
    run.diagnostics.push(report('POL2004', node.span, values));
  }
}

function nounOf({ type }: SchemaNode): string {
  switch (type) {
    case 'object':
      return 'a map';
    case 'array':
      return 'a list';
    case 'integer':
      return 'a whole number';
    case 'boolean':
      return '`true` or `false`';
    default:
      return 'text';
  }
}
