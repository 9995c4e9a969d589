import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { applyEdits } from '../../compiler/diagnostics/fixes.ts';
import { openDocument } from '../../compiler/editor/document.ts';
import { formatEdits } from '../../compiler/editor/format-edits.ts';
import { formatPolicy } from '../../compiler/format/format.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';
import { damagedDocument, yamlDocument } from '../support/yaml-text.ts';

const { test, run } = suite('format-edits');
const root = process.env.POLC_ROOT ?? '.';

const examples = readdirSync(join(root, 'examples'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({
    name,
    text: readFileSync(join(root, 'examples', name), 'utf8'),
  }));

function formatted(text: string, within?: { readonly start: number; readonly end: number }): string {
  const document = openDocument('p.yaml', text, 1);
  return applyEdits(text, formatEdits(document, within));
}

function notes(text: string): readonly string[] {
  return parseYamlDocuments(sourceText('p.yaml', text)).flatMap(({ comments }) => comments.map((each) => each.text));
}

function isSound(text: string): boolean {
  return parseYamlDocuments(sourceText('p.yaml', text)).every(({ diagnostics }) =>
    diagnostics.every(({ severity }) => severity !== 'error'),
  );
}

/** What a policy means, without where it says it. */
function meaning(name: string, text: string): string {
  const { lowered, ok } = compile(`examples/${name}`, text, nodeHost, { maximumMilliseconds: 0 });
  assert.ok(ok && lowered !== undefined, `${name} compiles`);
  return printPolicy(lowered);
}

/** Other indentation, blanks and line ends, as people leave them behind; the meaning is the same. */
function disturbed(text: string, random: readonly number[], lineEnd: string): string {
  const raw = /[|>][-+]?\s*$/;
  const factor = 1 + (random[0]! % 3);
  let isBlock = false;
  let blockIndent = 0;
  return text
    .split('\n')
    .map((line, index) => {
      const indent = line.search(/\S|$/);
      if (isBlock && line.trim() !== '' && indent <= blockIndent) isBlock = false;
      const choice = random[(index + 1) % random.length]!;
      const blanks = !isBlock && line.trim() !== '' && choice % 5 === 0 ? '  ' : '';
      const above = !isBlock && line.trim() !== '' && choice % 7 === 0 ? lineEnd.repeat(choice % 3) : '';
      if (raw.test(line)) {
        isBlock = true;
        blockIndent = indent;
      }
      // What stands behind a dash is in a column of its own.
      const content = line.slice(indent).replace(/^- (?=\S)/, `-${' '.repeat(2 * factor - 1)}`);
      return `${above}${' '.repeat(indent * factor)}${content}${isBlock ? '' : blanks}`;
    })
    .join(lineEnd);
}

test('edits make of every text what `polc fmt` makes of it', () => {
  assertFor(
    fc.property(fc.oneof(yamlDocument, damagedDocument), (text) => {
      const wanted = formatPolicy(sourceText('p.yaml', text)).text;
      // Of several carriage returns the last would be left, and make a line end of the other kind again.
      const lf = text.replace(/\r+\n/g, '\n');
      if (isSound(lf)) assert.is(formatted(lf), formatPolicy(sourceText('p.yaml', lf)).text);
      assert.is(formatted(text).replaceAll('\r\n', '\n'), wanted.replaceAll('\r\n', '\n'));
    }),
    { leastRuns: 100, milliseconds: 1000 },
  );
});

test('examples, however indented, are laid out once, keep every comment and mean the same', () => {
  for (const { name, text } of examples) {
    const wanted = meaning(name, text);
    assertFor(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 5, maxLength: 40 }),
        fc.constantFrom('\n', '\r\n'),
        (random, lineEnd) => {
          const before = disturbed(text, random, lineEnd);
          const after = formatted(before);
          assert.is(formatted(after), after, 'a second time changes nothing');
          assert.equal(notes(after), notes(text));
          assert.is(meaning(name, after), wanted);
          if (lineEnd === '\r\n') assert.not.match(after, /[^\r]\n/, 'line ends stay');
        },
      ),
      { leastRuns: 4, milliseconds: 300 },
    );
  }
});

test('a range changes only lines in it, unless the meaning needs more, and means the same', () => {
  let small = 0;
  let runs = 0;
  for (const { text } of examples) {
    assertFor(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 5, maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(200),
        (random, share, length) => {
          const before = disturbed(text, random, '\n');
          const start = Math.floor(share * before.length);
          const within = { start, end: Math.min(before.length, start + length) };
          const after = formatted(before, within);
          const values = (of: string) => JSON.stringify(parseYamlDocuments(sourceText('p.yaml', of)), plain);
          assert.is(values(after), values(before));
          assert.equal(notes(after), notes(before));
          runs += 1;
          if (after !== before && after !== formatted(before)) small += 1;
        },
      ),
      { leastRuns: 10, milliseconds: 300 },
    );
  }
  assert.ok(small > runs / 20, `only ${small} of ${runs} ranges were laid out by themselves`);
});

/** Without spans. */
function plain(key: string, value: unknown): unknown {
  if (key === 'span' || key === 'start' || key === 'indent') return undefined;
  return typeof value === 'bigint' ? String(value) : value;
}

test('edits are small: only what differs', () => {
  const text = 'profile:  web\nmode: sandbox\nresources:\n    memory: 1GiB\n\n\n    cpu: 1\n';
  const document = openDocument('p.yaml', text, 1);
  assert.equal(
    formatEdits(document).map(({ span, newText }) => [text.slice(span.start, span.end), newText]),
    [
      [' ', ''],
      ['  ', ''],
      ['\n', ''],
      ['  ', ''],
    ],
  );
});

test('what cannot be read is left alone', () => {
  assert.equal(formatEdits(openDocument('p.yaml', 'a:   [b\nc:  d\n', 1)), []);
});

run();
