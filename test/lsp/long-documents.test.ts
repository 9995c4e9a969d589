import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { DocumentDiagnosticReport, PublishDiagnosticsParams } from 'vscode-languageserver';
import { suite } from '../support/harness.ts';
import { type LongPolicy, longPolicies } from '../support/long-policies.ts';
import { clientInProcess, clientOfProcess, type LspClient, uri } from '../support/lsp-client.ts';

const { test, skip, run } = suite('lsp-long-documents');

const path = '/nowhere/long.yaml';

/** A digit in the middle of the text. */
function digit(text: string, typed: string) {
  const lines = text.split('\n');
  let line = lines.length >> 1;
  while (line < lines.length - 1 && !/\d:?$/.test(lines[line]!)) line += 1;
  const character = lines[line]!.replace(/:$/, '').length;
  return { range: { start: { line, character: character - 1 }, end: { line, character } }, text: typed };
}

for (const kind of Object.keys(longPolicies) as LongPolicy[]) {
  const lines = kind === 'sandbox' || kind === 'hook program' ? 20_000 : 50_000;
  test(`${lines / 1000} thousand lines of a ${kind} are read, and read again after an edit`, async () => {
    const path = `/nowhere/long.${kind === 'hook program' ? 'bpf' : 'yaml'}`;
    const text = longPolicies[kind](lines);
    const client = await clientInProcess();
    client.open(path, text);
    await client.diagnostics(path);
    client.change(path, [digit(text, 'xyz')]);
    await client.diagnostics(path);
    const { range } = digit(text, '');
    const textDocument = { uri: uri(path) };
    await client.request('textDocument/hover', { textDocument, position: range.start });
    client.change(path, [{ range: { start: range.end, end: range.end }, text: '\n    half' }]);
    const position = { line: range.end.line + 1, character: 8 };
    await client.request('textDocument/completion', { textDocument, position });
    client.change(path, `${text}nonsense: 1\n`);
    const codes = (await client.diagnostics(path)).map(({ code }) => code);
    assert.ok(codes.includes(kind === 'hook program' ? 'POL1140' : 'POL2001'), `${codes}`);
    await client.end();
  });
}

test('hundreds of kilobytes on one line are read, with tens of thousands of findings, of which a thousand are shown', async () => {
  const client = await clientInProcess({
    capabilities: { textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } } } },
  });
  const shown = async (text: string) => {
    client.change(path, text);
    return client.diagnostics(path);
  };
  const many = (each: (index: number) => string) =>
    Array.from({ length: 30_000 }, (_, index) => each(index)).join(', ');
  client.open(path, 'profile: web\nmode: sandbox\n');
  const keys = await shown(`profile: web\nmode: sandbox\nsecurity: { ${many((index) => `key${index}: 1`)} }\n`);
  assert.is(keys.length, 1000);
  const [last] = keys.slice(-1);
  assert.is(last?.code, 'POL8009');
  assert.match(String(last?.message), /^29,001 more findings are not shown/);
  // What is worse is shown first, wherever it stands.
  const calls = await shown(
    `profile: web\nmode: sandbox\nsecurity: { seccomp: { default: allow, deny: [${many(() => 'ptrace')}] }, nonsense: 1 }\n`,
  );
  assert.ok(calls.length <= 1000);
  assert.ok(calls.some(({ code }) => code === 'POL2001'));
  const range = { start: { line: 2, character: 200_000 }, end: { line: 2, character: 200_000 } };
  const textDocument = { uri: uri(path) };
  await client.request('textDocument/codeAction', { textDocument, range, context: { diagnostics: [] } });
  await client.request('textDocument/completion', { textDocument, position: range.start });
  await client.end();
});

/** What was pushed of each version, in its order. */
function pushed(client: LspClient): readonly (readonly [version: number, codes: readonly unknown[]])[] {
  return client.received.flatMap(({ method, params }) => {
    if (method !== 'textDocument/publishDiagnostics') return [];
    const { version, diagnostics } = params as PublishDiagnosticsParams;
    return [[version!, diagnostics.map(({ code }) => code)] as const];
  });
}

/** Waits until no more comes of the version that was sent last. */
async function settled(client: LspClient): Promise<void> {
  // Only of what is compiled to its end there is a status.
  await client.request('polc/status', { textDocument: { uri: uri(path) } });
  await new Promise((resolve) => setTimeout(resolve, 20));
}

test('what backends find of a long text comes after what the dialect finds, and stays while the text is edited', async () => {
  const client = await clientInProcess();
  const sandbox = longPolicies.sandbox(1_500);
  client.open(path, sandbox);
  await client.diagnostics(path);
  await settled(client);
  const early = pushed(client)[0]!;
  const full = pushed(client).at(-1)!;
  assert.equal(early, [1, ['POL5013']]);
  assert.ok(full[1].includes('POL6006'), `${full}`);

  // What was found late is still shown in the first answer, and nothing is sent twice.
  const line = '# a line more\n';
  client.change(path, `${line}${sandbox}`);
  await client.diagnostics(path);
  await settled(client);
  assert.equal(
    pushed(client).filter(([version]) => version === 2),
    [[2, full[1]]],
  );
  await client.end();
});

test('a client that pulls is given all findings of a long text at once', async () => {
  const client = await clientInProcess({ capabilities: { textDocument: { diagnostic: {} } } });
  client.open(path, longPolicies.sandbox(1_500));
  const report = await client.request<DocumentDiagnosticReport>('textDocument/diagnostic', {
    textDocument: { uri: uri(path) },
  });
  assert.ok(report.kind === 'full' && report.items.some(({ code }) => code === 'POL6006'));
  await client.end();
});

/** It is 130 to 165 MB, and 290 MB and more with a heap that nobody tidies. */
const mostMegabytes = 210;

if (process.platform === 'linux') {
  test('the server needs no more memory after many edits of a long text than after some', async () => {
    const client = await clientOfProcess();
    const megabytes = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${client.child.pid}/status`, 'utf8'))![1]) / 1000;
    const text = longPolicies.tenancy(20_000);
    try {
      client.open(path, text);
      await client.diagnostics(path);
      const used: number[] = [];
      for (let edit = 0; edit < 20; edit += 1) {
        client.change(path, [digit(text, String(edit % 10))]);
        await client.diagnostics(path);
        used.push(megabytes());
      }
      // When the heap is tidied depends on how busy the machine is; what is kept does not.
      const kept = Math.min(...used.slice(10));
      assert.ok(kept < mostMegabytes, `${used}`);
      assert.is(await client.end(), 0);
    } finally {
      client.child.kill();
    }
  });
} else skip('the server needs no more memory after many edits', 'there is no /proc');

run();
