import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type { ClientCapabilities, CompletionItem, CompletionList, TextEdit } from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, type LspClient, uri } from '../support/lsp-client.ts';
import { lspCases, positionIn } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-completion');

const capabilities: ClientCapabilities = {
  textDocument: {
    completion: {
      completionItem: {
        snippetSupport: true,
        documentationFormat: ['markdown'],
        insertTextModeSupport: { valueSet: [1, 2] },
      },
    },
  },
};

/** More offers than these are counted. */
const most = 14;

async function ask(client: LspClient, path: string, text: string, caret: number): Promise<CompletionList | null> {
  const position = positionIn(text, caret);
  return client.request('textDocument/completion', { textDocument: { uri: uri(path) }, position });
}

/** A line of the text with its cursor, what would be replaced there, and what is offered. */
function shown(text: string, caret: number, list: CompletionList | null): string {
  const start = text.lastIndexOf('\n', caret - 1) + 1;
  const end = text.indexOf('\n', caret);
  const line = `${text.slice(start, caret)}|${text.slice(caret, end === -1 ? text.length : end)}`.replace(/\r$/, '');
  const items = list?.items ?? [];
  const [first] = items;
  const range = first === undefined ? undefined : (first.textEdit as TextEdit).range;
  const replaced = range === undefined ? '' : line.replace('|', '').slice(range.start.character, range.end.character);
  const labels = items.slice(0, most).map(({ label }) => label.length);
  const width = Math.min(32, Math.max(0, ...labels));
  return [
    line.trimStart(),
    `  ${items.length === 0 ? 'nothing' : `${items.length}${list?.isIncomplete === true ? ' and more' : ''}`}${replaced === '' ? '' : ` instead of ${JSON.stringify(replaced)}`}`,
    ...items.slice(0, most).map((item) => {
      const { newText } = item.textEdit as TextEdit;
      const written = newText === item.label ? '' : `  → ${JSON.stringify(newText)}`;
      const compared = item.filterText === undefined ? '' : `  by ${JSON.stringify(item.filterText)}`;
      return `  ${item.label.padEnd(width)}  ${item.detail ?? ''}${written}${compared}`.trimEnd();
    }),
    ...(items.length > most ? ['  …'] : []),
    '',
  ].join('\n');
}

/** A case whose name begins so is asked by a client without any capability. */
const plain = 'plain-client';

for (const { fixture, path, marked, others } of lspCases('completion')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      for (const [name, text] of others) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      const file = join(folder, path.slice(path.lastIndexOf('/') + 1));
      const isPlain = fixture.name.startsWith(plain);
      const client = await clientInProcess({ folders: [folder], ...(isPlain ? {} : { capabilities }) });
      client.open(file, marked.text);
      await client.diagnostics(file);
      const parts: string[] = [];
      for (const caret of marked.carets) {
        parts.push(shown(marked.text, caret, await ask(client, file, marked.text, caret)));
      }
      fixture.expectReviewed('shown.txt', parts.join('\n').replaceAll(`${folder}/`, ''));
      await client.end();
    }),
  );
}

test('what an offer is, is said when it is looked at, as long as its list is among the last', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'web.yaml');
    const text = 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    allow: [sock]\n';
    const client = await clientInProcess({ folders: [folder], capabilities });
    client.open(file, text);
    const caret = text.indexOf(']');
    const list = await ask(client, file, text, caret);
    const socket = list?.items.find(({ label }) => label === 'socket');
    assert.is(socket?.documentation, undefined);
    const resolved = await client.request<CompletionItem>('completionItem/resolve', socket);
    const { value } = resolved.documentation as { value: string };
    assert.match(value, /`socket\(family, type, protocol\)`/);
    assert.match(value, /numbers: x86_64 41/);
    for (let times = 0; times < 5; times += 1) await ask(client, file, text, caret);
    const forgotten = await client.request<CompletionItem>('completionItem/resolve', socket);
    assert.is(forgotten.documentation, undefined);
    assert.is(forgotten.label, 'socket');
    await client.end();
  }));

test('offers are of the text as it is now, whether or not it has been compiled', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'web.yaml');
    const client = await clientInProcess({ folders: [folder], capabilities });
    client.open(file, 'profile: web\nmode: sandbox\n');
    const text = 'profile: web\nmode: sandbox\nsecurity:\n  lev';
    client.change(file, text);
    const list = await ask(client, file, text, text.length);
    assert.ok(list?.items.some(({ label }) => label === 'level'));
    await client.end();
  }));

test('files that are no policies are offered where one is named', () =>
  withFolder(async (folder) => {
    for (const name of ['hooks', 'events', '.git', 'deep/er']) mkdirSync(join(folder, name), { recursive: true });
    const files = ['files.bpf', 'hooks/files.bpf.o', 'notes.txt', '.git/x.bpf', 'deep/er/x.bpf', 'events/breach.json'];
    for (const name of files) writeFileSync(join(folder, name), '');
    const client = await clientInProcess({ folders: [folder], capabilities });
    const offered = async (name: string, text: string) => {
      const file = join(folder, name);
      client.open(file, text.replace('‖', ''));
      const list = await ask(client, file, text.replace('‖', ''), text.indexOf('‖'));
      return list?.items.map(({ label }) => label);
    };
    const sandbox = 'profile: web\nmode: sandbox\nsecurity:\n  bpf_lsm: { file_open: ‖ }\n';
    assert.equal(await offered('web.yaml', sandbox), ['files.bpf', 'hooks/files.bpf.o']);
    const guardrail = 'policy_id: night\nmode: dry_run\ntests:\n  - { event: ‖, expect: match }\n';
    assert.equal(await offered('night.yaml', guardrail), ['events/breach.json']);
    await client.end();
  }));

run();
