import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { completeAt } from '../../compiler/editor/completion/complete.ts';
import type { Completions } from '../../compiler/editor/completion/offer.ts';
import { usual, usualFirst } from '../../compiler/editor/completion/usual-constants.ts';
import { type EditorDocument, openDocument } from '../../compiler/editor/document.ts';
import { hoverAt } from '../../compiler/editor/hover/hover.ts';
import { inlaysIn } from '../../compiler/editor/inlay.ts';
import { alternativesOf } from '../../compiler/editor/narrow.ts';
import { signaturesAt } from '../../compiler/editor/signature.ts';
import { walkDescribed } from '../../compiler/editor/walk-described.ts';
import type { Workspace } from '../../compiler/editor/workspace.ts';
import type { FieldDescription } from '../../compiler/schema/shape.ts';
import type { ScalarNode } from '../../compiler/source/tree.ts';
import { constantNames } from '../../compiler/tables/constants.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('completion');
const root = process.env.POLC_ROOT ?? '.';

/** A document alone in its folder. */
const alone: Workspace = {
  files: () => [],
  file: () => undefined,
  document: () => undefined,
  folderOf: () => '',
};
const writing = { severalLines: true };

function policiesIn(folder: string): readonly (readonly [name: string, text: string])[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => [file, readFileSync(join(root, folder, file), 'utf8')]);
}

const examples = policiesIn('examples');
const fixtures = policiesIn('test/fixtures').filter(([name, text]) => text.length < 6_000 && !name.startsWith('lsp-'));

/** Everything that an editor asks at a place, and what must hold of any answer. */
function askEverything(document: EditorDocument, offset: number): Completions | undefined {
  const { text } = document.source;
  const completions = completeAt(document, offset, alone, writing);
  if (completions !== undefined) {
    const { span, offers } = completions;
    assert.ok(span.start <= offset && offset <= span.end, `${span.start} <= ${offset} <= ${span.end}`);
    assert.not.match(text.slice(span.start, span.end), /\n/, 'an editor replaces within a line');
    assert.ok(offers.length > 0 && offers.length <= 250);
    const written = offers.map(({ label, newText }) => `${label}\n${newText}`);
    assert.is(new Set(written).size, written.length, 'each offer stands once');
    for (const { explain } of [offers[0]!, offers.at(-1)!]) assert.type(explain?.() ?? '', 'string');
  }
  const hover = hoverAt(document, offset, alone);
  if (hover !== undefined) {
    assert.ok(hover.span.start <= offset && offset <= hover.span.end, `${JSON.stringify(hover.span)} of ${offset}`);
    assert.ok(hover.paragraphs.length > 0);
  }
  for (const { label, parameters } of signaturesAt(document, offset)?.signatures ?? []) {
    for (const [start, end] of parameters) assert.ok(0 <= start && start < end && end <= label.length);
  }
  return completions;
}

test('at every prefix of every example there is an answer', () => {
  for (const [name, text] of examples) {
    let before: EditorDocument | undefined;
    for (let offset = 0; offset <= text.length; offset += 1) {
      const document = openDocument(name, text.slice(0, offset), offset, {
        ...(before === undefined ? {} : { before }),
      });
      before = document;
      askEverything(document, offset);
      if (offset % 50 === 0) inlaysIn(document, { start: 0, end: offset });
    }
  }
});

test('at any place of any text made of policies there is an answer', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...fixtures, ...examples),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(
        '',
        'x',
        ': ',
        '- ',
        '"',
        "'",
        '[',
        '{',
        '\n',
        '\t',
        '\r\n',
        '# é',
        '𝔘',
        '|',
        '@',
        '&a',
        '*a',
        '!!',
      ),
      ([name, text], from, to, inserted) => {
        const at = Math.floor(text.length * from);
        const broken = text.slice(0, at) + inserted + text.slice(at);
        const document = openDocument(name, broken, 1, { isPolicy: true });
        askEverything(document, Math.min(broken.length, at + inserted.length));
        askEverything(document, Math.floor(broken.length * to));
        inlaysIn(document, { start: 0, end: broken.length });
      },
    ),
    { numRuns: 700 },
  );
});

/** Whether `text` with the words of the offers for `written` put in its place is offered. */
function isOffered(
  text: string,
  name: string,
  { start, end }: ScalarNode['span'],
  written: string,
  typed: string,
): boolean {
  const shorter = text.slice(0, start) + typed + text.slice(end);
  const before = openDocument(name, text, 1, { isPolicy: true });
  const document = openDocument(name, shorter, 2, { isPolicy: true, before });
  // Without the key that tells the dialect, it is another policy.
  if (document.dialect !== before.dialect) return true;
  const found = askEverything(document, start + typed.length);
  return found?.offers.some(({ label, newText }) => label === written || newText === written) === true;
}

function* soundPolicies() {
  for (const [name, text] of [...examples, ...fixtures]) {
    const document = openDocument(name, text, 1);
    const isSound = document.documents.every(({ diagnostics }) => diagnostics.length === 0);
    // An alias repeats what is written elsewhere.
    if (isSound && document.dialect !== undefined && !/[*&]\w/.test(text)) yield { name, text, document };
  }
}

test('every key that a policy has is offered where it stands', () => {
  let checked = 0;
  // Of each key of the schema a few places are enough.
  const seen = new Map<FieldDescription, number>();
  for (const { name, text, document } of soundPolicies()) {
    walkDescribed(document, {
      key({ entry: { key }, field }) {
        if (field === undefined || key.style !== 'plain' || timesSeen(seen, field) > 3) return;
        const isThere = isOffered(text, name, key.span, key.text, key.text.slice(0, 1));
        assert.ok(isThere, `${name}: ${key.text} at ${key.span.start}`);
        checked += 1;
      },
    });
  }
  assert.ok(checked > 500, `only ${checked} keys`);
});

test('every value of an enumeration that a policy has is offered where it stands', () => {
  let checked = 0;
  const seen = new Map<string, number>();
  for (const { name, text, document } of soundPolicies()) {
    walkDescribed(document, {
      scalar(scalar, description) {
        const { style, span, text: written } = scalar;
        if (style !== 'plain' && style !== 'double') return;
        // What a list has already is not offered again.
        if (timesSeen(seen, written) > 2 || text.split(written).length > 2) return;
        const known = alternativesOf(description).some(
          (each) =>
            (each.kind === 'boolean' && (written === 'true' || written === 'false')) ||
            (each.kind === 'enumeration' && isListed(each.values(), written)),
        );
        if (!known || text.slice(span.start, span.end).includes('\n')) return;
        // With a wildcard it is a pattern, and stands for several.
        const typed = written.includes(':') ? written.slice(0, written.indexOf(':') + 2) : written.slice(0, 2);
        const isThere = isOffered(
          text,
          name,
          span,
          written,
          style === 'double' ? JSON.stringify(typed).slice(0, -1) : typed,
        );
        assert.ok(isThere, `${name}: ${written} at ${span.start}`);
        checked += 1;
      },
    });
  }
  assert.ok(checked > 200, `only ${checked} values`);
});

function timesSeen<Key>(seen: Map<Key, number>, key: Key): number {
  const times = (seen.get(key) ?? 0) + 1;
  seen.set(key, times);
  return times;
}

function isListed(values: readonly { readonly name: string }[], written: string): boolean {
  return values.some(({ name }) => name === written);
}

test('line endings and letters beyond ASCII before the cursor change no answer', () => {
  for (const [name, text] of examples) {
    // In a comment on each line, and with the other line ending.
    const other = text
      .split('\n')
      .map((line) => (/^[a-z_]+:$/.test(line) ? `${line} # é𝔘` : line))
      .join('\r\n');
    const plain = openDocument(name, text, 1);
    const strange = openDocument(name, other, 1);
    const lines = text.split('\n');
    const otherLines = other.split('\r\n');
    let offset = 0;
    let otherOffset = 0;
    for (const [index, line] of lines.entries()) {
      if (line === otherLines[index]) {
        for (const column of [line.length, line.length >> 1]) {
          const labels = (found: Completions | undefined) => found?.offers.map(({ label }) => label);
          const expected = labels(completeAt(plain, offset + column, alone, writing));
          const actual = labels(completeAt(strange, otherOffset + column, alone, writing));
          assert.equal(actual, expected, `${name}:${index + 1}:${column + 1}`);
        }
      }
      offset += line.length + 1;
      otherOffset += otherLines[index]!.length + 2;
    }
  }
});

test('of constants the usual ones come first, and none is lost', () => {
  const known = new Set(constantNames());
  for (const names of Object.values(usual)) {
    assert.equal(
      names.split(' ').filter((name) => !known.has(name)),
      [],
    );
  }
  assert.equal([...usualFirst(constantNames())].sort(), [...constantNames()].sort());
  const offered = (typed: string) => {
    const head =
      'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    rules:\n      - syscalls: [socket]\n        when: ';
    const document = openDocument('/web.yaml', `${head}${typed}\n`, 1);
    return completeAt(document, head.length + typed.length, alone, writing)?.offers.map(({ label }) => label) ?? [];
  };
  const families = offered('arg0 == AF_I').filter((label) => label.startsWith('AF_I'));
  assert.equal(families.slice(0, 3), ['AF_INET', 'AF_INET6', 'AF_IB']);
  assert.is(
    offered('arg1 == SOCK_').find((label) => label.startsWith('SOCK_')),
    'SOCK_STREAM',
  );
});

run();
