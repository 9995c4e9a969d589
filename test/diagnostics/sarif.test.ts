import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { catalogue } from '../../compiler/diagnostics/catalogue/index.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { sarif, uriOf } from '../../compiler/diagnostics/render/sarif.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('sarif');
const folder = join(process.env.POLC_ROOT ?? '.', 'test/fixtures/render');

/**
 * What the SARIF 2.1.0 schema demands of the objects that we write: required properties, their types, and no property
 * outside the standard. `?` marks an optional one; an array names the shape of its items.
 */
type Shape =
  | 'string'
  | 'natural'
  | 'positive'
  | { readonly choices: readonly string[] }
  | readonly [Shape]
  | { readonly [name: string]: Shape };
const message: Shape = { 'text?': 'string', 'markdown?': 'string' };
const region: Shape = {
  'startLine?': 'positive',
  'startColumn?': 'positive',
  'endLine?': 'positive',
  'endColumn?': 'positive',
  'charOffset?': 'natural',
  'charLength?': 'natural',
};
const physicalLocation: Shape = { artifactLocation: { uri: 'string' }, 'region?': region };
const level = oneOf('none', 'note', 'warning', 'error');
const log: Shape = {
  '$schema?': 'string',
  version: oneOf('2.1.0'),
  runs: [
    {
      tool: {
        driver: {
          name: 'string',
          'version?': 'string',
          'rules?': [
            {
              id: 'string',
              'shortDescription?': message,
              'fullDescription?': message,
              'help?': message,
              'defaultConfiguration?': { 'level?': level },
            },
          ],
        },
      },
      'columnKind?': oneOf('utf16CodeUnits', 'unicodeCodePoints'),
      'results?': [
        {
          'ruleId?': 'string',
          'ruleIndex?': 'natural',
          'level?': level,
          message,
          'locations?': [{ 'physicalLocation?': physicalLocation }],
          'relatedLocations?': [{ 'id?': 'natural', 'physicalLocation?': physicalLocation, 'message?': message }],
          'fixes?': [
            {
              'description?': message,
              artifactChanges: [
                {
                  artifactLocation: { uri: 'string' },
                  replacements: [{ deletedRegion: region, 'insertedContent?': { 'text?': 'string' } }],
                },
              ],
            },
          ],
          'suppressions?': [{ kind: oneOf('inSource', 'external'), 'justification?': 'string' }],
        },
      ],
    },
  ],
};

test('every fixture fits the standard, and its rules are the catalogue’s', () => {
  for (const name of readdirSync(folder)) {
    const value: unknown = JSON.parse(readFileSync(join(folder, name, 'expected.sarif'), 'utf8'));
    assert.equal(mismatches(value, log, name), []);
    const rules = [
      ...JSON.stringify(value).matchAll(/"id":"(POL\d+)","shortDescription":\{"text":("(?:\\.|[^"\\])*")\}/g),
    ];
    assert.ok(rules.length > 0);
    for (const [, code, text] of rules) {
      const entry = Object.entries(catalogue).find(([each]) => each === code);
      assert.is(JSON.parse(text!), entry?.[1].message);
    }
  }
});

test('a suppressed finding is listed with its reason, and a region covers the span', () => {
  const source = sourceText('a.yaml', 'one\ntwo 😀 three\n');
  const span = { file: 'a.yaml', start: 11, end: 16 };
  const finding: Diagnostic = {
    code: 'POL5093',
    severity: 'hint',
    message: 'm',
    span,
    related: [],
    notes: [],
    help: 'h',
    fixes: [],
  };
  const text = sarif([], () => source, {
    version: '1.2.3',
    suppressed: [{ diagnostic: finding, reason: 'why', by: span }],
  });
  const value: unknown = JSON.parse(text);
  assert.equal(mismatches(value, log, 'suppressed'), []);
  assert.ok(text.includes('"justification": "why"'));
  assert.ok(text.includes('"level": "note"'));
  const compact = JSON.stringify(value);
  assert.ok(
    compact.includes(
      '"region":{"startLine":2,"startColumn":8,"endLine":2,"endColumn":13,"charOffset":11,"charLength":5}',
    ),
  );
});

test('paths become URI references that read back', () => {
  assert.is(uriOf('a b/ü#?.yaml'), 'a%20b/%C3%BC%23%3F.yaml');
  assert.is(uriOf('dir\\file.yaml'), 'dir/file.yaml');
  assert.is(new URL(uriOf('/tmp/a b.yaml')).pathname, '/tmp/a%20b.yaml');
  assert.is(uriOf('C:\\x\\y.yaml'), 'file:///C:/x/y.yaml');
  assert.is(uriOf('\ud800.yaml'), '%EF%BF%BD.yaml');
});

run();

function oneOf(...values: readonly string[]): Shape {
  return { choices: values };
}

function mismatches(value: unknown, shape: Shape, at: string): readonly string[] {
  if (shape === 'string') return typeof value === 'string' ? [] : [`${at} is no string`];
  if (shape === 'natural' || shape === 'positive') {
    const least = shape === 'natural' ? 0 : 1;
    return typeof value === 'number' && Number.isInteger(value) && value >= least ? [] : [`${at} is not ${shape}`];
  }
  if (isItems(shape)) {
    if (!Array.isArray(value)) return [`${at} is no array`];
    return value.flatMap((item, index) => mismatches(item, shape[0], `${at}/${index}`));
  }
  if (isChoice(shape)) {
    return typeof value === 'string' && shape.choices.includes(value) ? [] : [`${at} is not of ${shape.choices}`];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no object`];
  const wrong: string[] = [];
  const fields = new Map(Object.entries(value));
  for (const [key, inner] of Object.entries(shape)) {
    const name = key.replace('?', '');
    if (fields.has(name)) wrong.push(...mismatches(fields.get(name), inner, `${at}/${name}`));
    else if (!key.endsWith('?')) wrong.push(`${at}/${name} is missing`);
    fields.delete(name);
  }
  for (const name of fields.keys()) wrong.push(`${at}/${name} is unknown`);
  return wrong;
}

function isItems(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function isChoice(shape: Shape): shape is { readonly choices: readonly string[] } {
  return typeof shape === 'object' && 'choices' in shape && Array.isArray(shape.choices);
}
