import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type EditorDocument, openDocument } from '../../compiler/editor/document.ts';
import { foldsOf } from '../../compiler/editor/folding.ts';
import { linksOf } from '../../compiler/editor/links.ts';
import { selectionsAt } from '../../compiler/editor/selection.ts';
import { semanticTokens } from '../../compiler/editor/semantic-tokens.ts';
import { type DocumentSymbol, documentSymbols } from '../../compiler/editor/symbols.ts';
import { inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('structure');
const root = process.env.POLC_ROOT ?? '.';

const examples = readdirSync(join(root, 'examples'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({
    name,
    text: readFileSync(join(root, 'examples', name), 'utf8'),
  }));

const fixtures = readdirSync(join(root, 'test/fixtures'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((name) => ({ name, text: readFileSync(join(root, 'test/fixtures', name), 'utf8') }))
  .filter(({ text }) => text.length < 20_000);

/** What a client may rely on, whatever the text. */
function checkAll(document: EditorDocument, where: string): void {
  const { text } = document.source;
  let end = 0;
  for (const token of semanticTokens(document)) {
    assert.ok(token.start >= end && token.end > token.start && token.end <= text.length, `${where}: tokens in order`);
    assert.not.match(text.slice(token.start, token.end), /[\r\n]/, `${where}: a token is of one line`);
    end = token.end;
  }
  const lines = text.split('\n').length;
  let before = -1;
  const open: number[] = [];
  for (const { first, last } of foldsOf(document)) {
    assert.ok(first < last && last < lines, `${where}: a fold has two lines`);
    assert.ok(before < first, `${where}: one fold begins on a line`);
    while (open.length > 0 && open.at(-1)! < first) open.pop();
    assert.ok(open.length === 0 || last <= open.at(-1)!, `${where}: the fold ${first}-${last} crosses another`);
    open.push(last);
    before = first;
  }
  checkSymbols(documentSymbols(document), 0, text.length, where);
  for (const { span } of linksOf(document)) assert.ok(span.start < span.end && span.end <= text.length, where);
}

function checkSymbols(symbols: readonly DocumentSymbol[], start: number, end: number, where: string): void {
  for (const { span, selection, children, name } of symbols) {
    assert.ok(start <= span.start && span.end <= end, `${where}: ${name} is inside what it is of`);
    assert.ok(span.start <= selection.start && selection.end <= span.end, `${where}: ${name} is where it is shown`);
    assert.not.equal(name, '');
    checkSymbols(children, span.start, span.end, where);
  }
}

function checkSelections(document: EditorDocument, offset: number, where: string): void {
  const ranges = selectionsAt(document, offset);
  assert.equal(ranges[0], { start: 0, end: document.source.text.length }, where);
  for (const [index, { start, end }] of ranges.entries()) {
    assert.ok(start <= offset && offset <= end, `${where}: the cursor is inside`);
    const outer = ranges[index - 1];
    if (outer === undefined) continue;
    assert.ok(outer.start <= start && end <= outer.end, `${where}: it lies in the one before`);
    assert.ok(outer.start < start || end < outer.end, `${where}: it is smaller`);
  }
}

test('every prefix of every example has an outline, folds, tokens and selections that nest', () => {
  for (const { name, text } of examples) {
    let document = openDocument(name, '', 0);
    for (let length = 0; length <= text.length; length += 5) {
      document = openDocument(name, text.slice(0, length), length, { before: document });
      checkAll(document, `${name}:${length}`);
      checkSelections(document, length, `${name}:${length}`);
      checkSelections(document, length >> 1, `${name}:${length >> 1} of ${length}`);
    }
  }
});

test('so has every fixture, with CRLF and characters of two code units too', () => {
  for (const { name, text } of fixtures) {
    const plain = openDocument(name, text, 1);
    checkAll(plain, name);
    for (let offset = 0; offset <= text.length; offset += 41) checkSelections(plain, offset, `${name}:${offset}`);
    const strange = openDocument(name, `# 😀\n${text}`.replaceAll('\r', '').replaceAll('\n', '\r\n'), 1);
    checkAll(strange, `${name} with CRLF`);
  }
});

test('line ends change no token, fold or symbol', () => {
  const names = (symbols: readonly DocumentSymbol[]): unknown =>
    symbols.map(({ name, detail, children }) => [name, detail, names(children)]);
  for (const { name, text } of [...examples, ...fixtures]) {
    if (text.includes('\r')) continue;
    const plain = openDocument(name, text, 1);
    const other = openDocument(name, text.replaceAll('\n', '\r\n'), 1);
    const words = (document: EditorDocument) =>
      semanticTokens(document).map(({ start, end, type }) => `${document.source.text.slice(start, end)} ${type}`);
    assert.equal(words(other), words(plain), name);
    assert.equal(foldsOf(other), foldsOf(plain), name);
    assert.equal(names(documentSymbols(other)), names(documentSymbols(plain)), name);
  }
});

test('the tokens of a range are those of the whole that touch it', () => {
  for (const { name, text } of examples) {
    const document = openDocument(name, text, 1);
    const all = semanticTokens(document);
    for (let start = 0; start < text.length; start += 97) {
      const within = { start, end: start + 150 };
      const wanted = all.filter((each) => each.start <= within.end && each.end >= within.start);
      assert.equal(semanticTokens(document, within), wanted, `${name}:${start}`);
    }
  }
});

test('twenty thousand lines', () => {
  const measured: readonly ((document: EditorDocument) => readonly unknown[])[] = [
    semanticTokens,
    foldsOf,
    documentSymbols,
    (document) => selectionsAt(document, document.source.text.lastIndexOf('team-')),
  ];
  for (const found of measured) {
    const prepared = (teams: number) => {
      const lines = Array.from({ length: teams }, (_, index) => `  team-${index}:\n    tier: premium\n`);
      const text = `platform: big\ntiers:\n  premium: {}\nteams:\n${lines.join('')}`;
      const document = openDocument('big.yaml', text, 1);
      return () => assert.ok(found(document).length > 0);
    };
    inProportion(prepared, 10_000 / times, found.name);
  }
});

run();
