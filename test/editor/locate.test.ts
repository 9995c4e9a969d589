import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openDocument } from '../../compiler/editor/document.ts';
import { locate, pathOf } from '../../compiler/editor/locate.ts';
import type { YamlNode } from '../../compiler/source/tree.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('locate');
const root = process.env.POLC_ROOT ?? '.';

type Path = readonly (string | number)[];

interface Expected {
  readonly at: 'key' | 'value';
  readonly path: Path;
  readonly start: number;
  readonly end: number;
}

/** Every scalar on one line, with the way to it in the tree. */
function scalars(node: YamlNode, path: Path, text: string): readonly Expected[] {
  switch (node.kind) {
    case 'map':
      return node.entries.flatMap(({ key, value }) => [
        ...scalars(key, [...path, key.text], text).map((each) => ({ ...each, at: 'key' as const })),
        ...scalars(value, [...path, key.text], text),
      ]);
    case 'sequence':
      return node.items.flatMap((item, index) => scalars(item, [...path, index], text));
    case 'scalar': {
      const { start, end } = node.span;
      if (node.style === 'missing' || text.slice(start, end).includes('\n')) return [];
      return [{ at: 'value', path, start, end }];
    }
  }
}

const policies = [join(root, 'examples'), join(root, 'test/fixtures')].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join(folder, file)),
);

test('every scalar of every sound policy is found by the text as it stands in the tree', () => {
  let checked = 0;
  for (const file of policies) {
    const document = openDocument(file, readFileSync(file, 'utf8'), 1);
    const { text } = document.source;
    if (document.documents.some(({ diagnostics }) => diagnostics.length > 0)) continue;
    // An alias stands elsewhere than the tree says.
    if (/[*&]\w/.test(text) || text.length > 20_000) continue;
    for (const { root: node } of document.documents) {
      if (node === undefined || node.kind === 'scalar') continue;
      for (const { at, path, start, end } of scalars(node, [], text)) {
        for (const offset of new Set([start, (start + end) >> 1, end])) {
          const place = locate(document, offset);
          const found = { at: place.at, path: pathOf(place) };
          assert.equal(found, { at, path }, `${file}:${offset} ${JSON.stringify(text.slice(start, end))}`);
          if (at === 'value') assert.is(place.scalar?.span.start, start, `${file}:${offset}`);
          checked += 1;
        }
      }
    }
  }
  assert.ok(checked > 5000, `only ${checked} places were looked at`);
});

test('a place needs nothing of what is below it', () => {
  const texts = policies.map((file) => readFileSync(file, 'utf8')).filter((text) => text.length < 4_000);
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
      const offset = Math.floor(text.length * share);
      // To the end of the word: what follows in it decides whether it is a key.
      const rest = /^[^\n]*/.exec(text.slice(offset))![0].length;
      const whole = locate(openDocument('p.yaml', text, 1), offset);
      const cut = locate(openDocument('p.yaml', text.slice(0, offset + rest), 1), offset);
      assert.equal(pathOf(cut), pathOf(whole));
      assert.is(cut.at, whole.at);
    }),
    { numRuns: 1000 },
  );
});

test('every prefix of every example can be asked about, and stays of its dialect once it is', () => {
  for (const file of readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml'))) {
    const text = readFileSync(join(root, 'examples', file), 'utf8');
    let document = openDocument(file, '', 0);
    let dialect: string | undefined;
    for (let length = 0; length <= text.length; length += 1) {
      document = openDocument(file, text.slice(0, length), length, { before: document });
      const place = locate(document, length);
      assert.ok(place.span.start <= length && length <= place.span.end, `${file}:${length}`);
      if (dialect !== undefined) assert.ok(document.dialect !== undefined, `${file}:${length}`);
      dialect = document.dialect?.name;
    }
    assert.is(dialect, openDocument(file, text, 1).dialect?.name);
  }
});

/** A caret stands where the cursor is. */
function at(marked: string) {
  const offset = marked.indexOf('|');
  const document = openDocument('p.yaml', marked.replace('|', ''), 1, { dialect: 'sandbox' });
  const place = locate(document, offset);
  return { at: place.at, path: pathOf(place).join('.'), text: place.text, mayBeKey: place.mayBeKey };
}

test('lines that are half written', () => {
  const cases: readonly (readonly [string, ReturnType<typeof at>])[] = [
    ['|', { at: 'key', path: '', text: '', mayBeKey: true }],
    ['pro|', { at: 'key', path: '', text: 'pro', mayBeKey: true }],
    ['profile: web\nmo|', { at: 'key', path: '', text: 'mo', mayBeKey: false }],
    ['profile: web\n|\nmode: sandbox\n', { at: 'key', path: '', text: '', mayBeKey: false }],
    ['mode: |', { at: 'value', path: 'mode', text: '', mayBeKey: false }],
    ['mode: san|', { at: 'value', path: 'mode', text: 'san', mayBeKey: false }],
    ['security:\n  |', { at: 'value', path: 'security', text: '', mayBeKey: true }],
    ['security:\n  lev|', { at: 'value', path: 'security', text: 'lev', mayBeKey: true }],
    ['security:\n  level: low\n  |', { at: 'key', path: 'security', text: '', mayBeKey: false }],
    ['security:\n  level: low\n  se|\nmode: x', { at: 'key', path: 'security', text: 'se', mayBeKey: false }],
    [
      'security:\n  se|ccomp:\n    allow: [read]',
      { at: 'key', path: 'security.seccomp', text: 'seccomp', mayBeKey: false },
    ],
    [
      'security:\n  seccomp:\n    allow: [read, wri|',
      { at: 'value', path: 'security.seccomp.allow.1', text: 'wri', mayBeKey: false },
    ],
    [
      'security:\n  seccomp:\n    allow: [read, |\n    deny: [x]\n',
      { at: 'value', path: 'security.seccomp.allow.1', text: '', mayBeKey: false },
    ],
    // An open bracket or quote above is forgotten with the next key that is indented less.
    ['a:\n  b: [x, y\n  c: "z\nd|', { at: 'key', path: '', text: 'd', mayBeKey: false }],
    ['a:\n  - x\n  - |', { at: 'value', path: 'a.1', text: '', mayBeKey: true }],
    ['a:\n- x\n- y|', { at: 'value', path: 'a.1', text: 'y', mayBeKey: true }],
    ['a:\n  - b: 1\n    |', { at: 'key', path: 'a.0', text: '', mayBeKey: false }],
    ['a:\n  - { b: 1, | }', { at: 'key', path: 'a.0', text: '', mayBeKey: false }],
    ['a:\n  - { b: | }', { at: 'value', path: 'a.0.b', text: '', mayBeKey: false }],
    ['a: # not |here\n', { at: 'comment', path: 'a', text: '# not here', mayBeKey: false }],
    ['a: >-\n  x ==\n  y|\nb: 1', { at: 'value', path: 'a', text: '>-\n  x ==\n  y', mayBeKey: false }],
    ['a: "x\\n|y"', { at: 'value', path: 'a', text: 'x\\ny', mayBeKey: false }],
    ['a: 1\n---\nb: |', { at: 'value', path: 'b', text: '', mayBeKey: false }],
    ['a: 1\r\nb:\r\n  c: |\r\n', { at: 'value', path: 'b.c', text: '', mayBeKey: false }],
  ];
  for (const [marked, expected] of cases) assert.equal(at(marked), expected, JSON.stringify(marked));
});

test('what the dialect says of a place', () => {
  const document = openDocument(
    'p.yaml',
    'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    rules:\n      - act',
    1,
  );
  const place = locate(document, document.source.text.length);
  assert.is(document.dialect?.name, 'sandbox');
  assert.is(place.description?.kind, 'object');
  assert.ok(place.description?.kind === 'object' && 'when' in place.description.fields);
  const value = locate(document, document.source.text.indexOf('sandbox') + 2);
  assert.is(value.field?.example, 'sandbox');
  assert.is(value.description?.kind, 'enumeration');
});

run();
