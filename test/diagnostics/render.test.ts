import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { github } from '../../compiler/diagnostics/render/github.ts';
import { json } from '../../compiler/diagnostics/render/json.ts';
import { junit } from '../../compiler/diagnostics/render/junit.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { sarif } from '../../compiler/diagnostics/render/sarif.ts';
import type { Sources } from '../../compiler/diagnostics/render/sources.ts';
import type { Span } from '../../compiler/source/span.ts';
import { type SourceText, sourceText } from '../../compiler/source/text.ts';
import { ends } from '../support/hang-guard.ts';
import { suite, updating } from '../support/harness.ts';

const { test, run } = suite('render');
const folder = join(process.env.POLC_ROOT ?? '.', 'test/fixtures/render');

/** A span named by the text it covers: from the first `from` to the end of the first `to` after it. */
interface Place {
  readonly file: string;
  readonly from?: string;
  readonly to?: string;
  /** The empty span behind `from`. */
  readonly after?: boolean;
}

type Written = Omit<Diagnostic, 'span' | 'related' | 'notes' | 'fixes'> & {
  readonly at: Place;
  readonly related?: readonly { readonly at: Place; readonly label: string }[];
  readonly notes?: readonly string[];
  readonly fixes?: readonly {
    readonly title: string;
    readonly certain: boolean;
    readonly edits: readonly { readonly at: Place; readonly newText: string }[];
  }[];
};

for (const name of readdirSync(folder)) {
  test(name, () => {
    const { diagnostics, sources, files } = readCase(join(folder, name));
    const outputs: Record<string, string> = {
      'expected.txt': pretty(diagnostics, sources, { width: 80 }),
      'expected.json': json(diagnostics, sources),
      'expected.sarif': sarif(diagnostics, sources, { version: '0.0.0' }),
      'expected.github': github(diagnostics, sources),
      'expected.junit.xml': junit(diagnostics, sources, { files }),
    };
    for (const [file, actual] of Object.entries(outputs)) {
      const path = join(folder, name, file);
      if (updating) writeFileSync(path, actual);
      assert.fixture(actual, existsSync(path) ? readFileSync(path, 'utf8') : '');
    }
  });
}

test('colour wraps the same text', () => {
  for (const name of readdirSync(folder)) {
    const { diagnostics, sources } = readCase(join(folder, name));
    const coloured = pretty(diagnostics, sources, { color: true, width: 80 });
    assert.ok(coloured.includes('\u001b['));
    assert.is(
      coloured
        .split('\u001b')
        .map((part, index) => (index === 0 ? part : part.slice(part.indexOf('m') + 1)))
        .join(''),
      pretty(diagnostics, sources, { width: 80 }),
    );
  }
});

test('one document or one line per diagnostic hold the same', () => {
  const { diagnostics, sources } = readCase(join(folder, 'several-lines'));
  const document: unknown = JSON.parse(json(diagnostics, sources));
  const lines = json(diagnostics, sources, { shape: 'lines' }).trimEnd().split('\n');
  assert.equal(document, { version: 1, diagnostics: lines.map((line): unknown => JSON.parse(line)) });
});

test('nothing throws and nothing is slow on a line of ten megabytes', () => {
  const source = sourceText('big.yaml', `a: ${'x'.repeat(10_000_000)}`);
  const diagnostics = [0, 5_000_000, 10_000_002].map((start) => plain({ file: 'big.yaml', start, end: start + 40 }));
  const text = ends(() => pretty(diagnostics, () => source));
  assert.ok(text.split('\n').every((line) => line.length <= 160));
});

test('spans beyond the file, reversed or within a surrogate pair are drawn all the same', () => {
  const source = sourceText('a.yaml', 'k: "\u{1f600}"\n');
  for (let start = 0; start < 12; start++) {
    for (let end = 0; end < 12; end++) {
      const text = pretty([plain({ file: 'a.yaml', start, end })], () => source);
      assert.ok(text.includes('^') && text.includes('--> a.yaml:'));
    }
  }
});

run();

function plain(span: Span): Diagnostic {
  return { code: 'POL5093', severity: 'error', message: 'm', span, related: [], notes: [], help: 'h', fixes: [] };
}

function readCase(path: string): { diagnostics: readonly Diagnostic[]; sources: Sources; files: readonly string[] } {
  const texts = new Map<string, SourceText>();
  for (const file of readdirSync(path).filter((each) => each.endsWith('.yaml'))) {
    texts.set(file, sourceText(file, readFileSync(join(path, file), 'utf8')));
  }
  const written: readonly Written[] = JSON.parse(readFileSync(join(path, 'diagnostics.json'), 'utf8'));
  const span = (place: Place) => spanOf(place, texts.get(place.file));
  const diagnostics = written.map(({ at, related = [], notes = [], fixes = [], ...rest }) => ({
    ...rest,
    span: span(at),
    related: related.map((each) => ({ span: span(each.at), label: each.label })),
    notes,
    fixes: fixes.map((fix) => ({
      ...fix,
      edits: fix.edits.map((edit) => ({ span: span(edit.at), newText: edit.newText })),
    })),
  }));
  return { diagnostics, sources: (file) => texts.get(file), files: [...texts.keys()] };
}

function spanOf(place: Place, source: SourceText | undefined): Span {
  if (source === undefined || place.from === undefined) return { file: place.file, start: 0, end: 0 };
  const start = source.text.indexOf(place.from);
  if (start === -1) throw new Error(`\`${place.from}\` is not in ${place.file}`);
  const last = place.to ?? place.from;
  const end = source.text.indexOf(last, start) + last.length;
  return place.after ? { file: place.file, start: end, end } : { file: place.file, start, end };
}
