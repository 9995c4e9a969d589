import * as assert from 'uvu/assert';
import type { SemanticTokens, SemanticTokensDelta } from 'vscode-languageserver';
import { tokenModifiers, tokenTypes } from '../../compiler/editor/semantic-legend.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';
import { lspCases } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-semantic-tokens');

const capabilities = {
  textDocument: {
    semanticTokens: { requests: { full: true, range: true }, tokenTypes: [], tokenModifiers: [], formats: [] },
  },
};

/** Each line with the words that have a token below it. */
function shown(text: string, { data }: SemanticTokens): string {
  const byLine = new Map<number, string[]>();
  const lines = text.split('\n');
  let line = 0;
  let character = 0;
  for (let at = 0; at < data.length; at += 5) {
    const [lineDelta, delta, length, type, bits] = data.slice(at, at + 5) as [number, number, number, number, number];
    character = lineDelta === 0 ? character + delta : delta;
    line += lineDelta;
    const word = lines[line]!.slice(character, character + length);
    assert.is(word.length, length, `a token goes over the end of line ${line + 1}`);
    const modifiers = tokenModifiers.filter((_, index) => (bits & (1 << index)) !== 0).map((each) => `.${each}`);
    byLine.set(line, [...(byLine.get(line) ?? []), `${word} ${tokenTypes[type]}${modifiers.join('')}`]);
  }
  return lines
    .map((each, index) => [each, ...(byLine.has(index) ? [`    ${byLine.get(index)!.join(' · ')}`] : [])].join('\n'))
    .join('\n');
}

for (const { fixture, marked } of lspCases('semantic-tokens')) {
  test(fixture.name, async () => {
    const path = `/nowhere/${fixture.name}.yaml`;
    const client = await clientInProcess({ capabilities });
    client.open(path, marked.text);
    const textDocument = { uri: uri(path) };
    const full = await client.request<SemanticTokens>('textDocument/semanticTokens/full', { textDocument });
    fixture.expectReviewed('shown.txt', shown(marked.text, full));
    await client.end();
  });
}

test('what is new since the tokens that were sent last gives the tokens of now', async () => {
  const { marked } = lspCases('semantic-tokens')[0]!;
  const path = '/nowhere/a.yaml';
  const textDocument = { uri: uri(path) };
  const delta = {
    semanticTokens: { ...capabilities.textDocument.semanticTokens, requests: { full: { delta: true } } },
  };
  const client = await clientInProcess({ capabilities: { textDocument: delta } });
  client.open(path, marked.text);
  let { resultId, data } = await client.request<SemanticTokens>('textDocument/semanticTokens/full', { textDocument });
  const lines = marked.text.split('\n');
  for (const at of [0, lines.length >> 1, lines.length - 1, 1]) {
    lines.splice(at, 0, '# a line more');
    client.change(path, lines.join('\n'));
    const params = { textDocument, previousResultId: resultId };
    const news = await client.request<SemanticTokensDelta>('textDocument/semanticTokens/full/delta', params);
    for (const { start, deleteCount, data: added = [] } of news.edits) {
      data = [...data.slice(0, start), ...added, ...data.slice(start + deleteCount)];
    }
    assert.ok(news.edits.length <= 1 && (news.edits[0]?.data?.length ?? 0) < data.length / 4);
    // Of what was sent before the last time nothing is known.
    const whole = await client.request<SemanticTokens>('textDocument/semanticTokens/full/delta', params);
    assert.equal(data, whole.data);
    resultId = whole.resultId;
  }
  await client.end();
});

test('a range gives the tokens that the whole gives there', async () => {
  const { marked } = lspCases('semantic-tokens')[0]!;
  const client = await clientInProcess({ capabilities });
  client.open('/nowhere/a.yaml', marked.text);
  const textDocument = { uri: uri('/nowhere/a.yaml') };
  const full = await client.request<SemanticTokens>('textDocument/semanticTokens/full', { textDocument });
  const lines = marked.text.split('\n').length;
  for (let line = 0; line < lines; line += 1) {
    const range = { start: { line, character: 0 }, end: { line, character: 1000 } };
    const part = await client.request<SemanticTokens>('textDocument/semanticTokens/range', { textDocument, range });
    const of = (tokens: SemanticTokens) =>
      shown(marked.text, tokens)
        .split('\n')
        .filter((each) => each !== '');
    const wanted = of({ data: [] }).length;
    assert.ok(of(part).length - wanted <= 1, `line ${line + 1} brings others`);
    for (const each of of(part)) assert.ok(of(full).includes(each), each);
  }
  await client.end();
});

run();
