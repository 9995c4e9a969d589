import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Range, RenameFile, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { type ClientOptions, clientInProcess, uri } from '../support/lsp-client.ts';
import { lspCases, positionIn } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-rename');

const capabilities = {
  workspace: {
    workspaceEdit: { documentChanges: true, resourceOperations: ['rename' as const] },
    fileOperations: { willRename: true },
  },
  textDocument: { rename: { prepareSupport: true } },
};

function edited(text: string, edits: readonly TextEdit[]): string {
  const lines = text.split('\n');
  const offset = ({ line, character }: Range['start']) =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  return [...edits]
    .sort((left, right) => offset(right.range.start) - offset(left.range.start))
    .reduce(
      (sum, { range, newText }) => sum.slice(0, offset(range.start)) + newText + sum.slice(offset(range.end)),
      text,
    );
}

/** The lines of each file that change, and the files that are renamed. */
function shown(edit: WorkspaceEdit, folder: string, texts: ReadonlyMap<string, string>): string {
  const changes = edit.documentChanges as readonly (TextDocumentEdit | RenameFile)[];
  const parts = changes.map((change) => {
    if ('kind' in change) {
      return `  ${change.oldUri.replace(`${uri(folder)}/`, '')} → ${change.newUri.replace(`${uri(folder)}/`, '')}`;
    }
    const name = change.textDocument.uri.replace(`${uri(folder)}/`, '');
    const before = texts.get(name)!.split('\n');
    const after = edited(texts.get(name)!, change.edits as TextEdit[]).split('\n');
    assert.is(after.length, before.length);
    return after
      .flatMap((line, index) => (line === before[index] ? [] : [`  ${name}:${index + 1}: ${line.trim()}`]))
      .join('\n');
  });
  return parts.length === 0 ? '  nothing' : parts.sort().join('\n');
}

for (const { fixture, path, marked, others } of lspCases('rename')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const texts = new Map([...others, [name, marked.text]]);
      for (const [each, text] of texts) {
        mkdirSync(dirname(join(folder, each)), { recursive: true });
        writeFileSync(join(folder, each), text);
      }
      const file = join(folder, name);
      const client = await clientInProcess({ folders: [folder], capabilities });
      client.open(file, marked.text);
      const lines: string[] = [];
      const said = (bug: unknown) => `  refused: ${bug instanceof Error ? bug.message : String(bug)}`;
      for (const caret of marked.carets) {
        const at = { textDocument: { uri: uri(file) }, position: positionIn(marked.text, caret) };
        const prepared = await client
          .request<{ placeholder: string }>('textDocument/prepareRename', at)
          .then(({ placeholder }) => `  ${placeholder}`, said);
        lines.push('prepare', prepared);
        for (const newName of (fixture.input('names.txt') ?? '').trimEnd().split('\n')) {
          const answer = await client
            .request<WorkspaceEdit>('textDocument/rename', { ...at, newName })
            .then((edit) => shown(edit, folder, texts), said);
          lines.push(`rename to ${newName}`, answer);
        }
      }
      fixture.expectReviewed('shown.txt', `${lines.join('\n').replaceAll(folder, '')}\n`);
      await client.end();
    }),
  );
}

test('an editor that renames or moves files is told which references change', () =>
  withFolder(async (folder) => {
    mkdirSync(join(folder, 'bases'));
    const texts = new Map([
      ['bases/base.yaml', 'profile: base\nmode: sandbox\nextends: deeper.yaml\n'],
      ['bases/deeper.yaml', 'profile: deeper\nmode: sandbox\nsecurity: { bpf_lsm: { file_open: ../open.bpf.o } }\n'],
      ['web.yaml', 'profile: web\nextends: [bases/base.yaml, "bases/deeper.yaml"]\n'],
      ['class.yaml', 'profile: { name: a, allowed_templates: [python] }\n'],
      ['python.yaml', 'name: Python\ndescription: p\nbase: ubuntu-22.04\n'],
    ]);
    for (const [name, text] of texts) writeFileSync(join(folder, name), text);
    const client = await clientInProcess({ folders: [folder], capabilities });
    const ask = async (...moves: readonly (readonly [string, string])[]) => {
      const files = moves.map(([from, to]) => ({ oldUri: uri(join(folder, from)), newUri: uri(join(folder, to)) }));
      return shown(await client.request<WorkspaceEdit>('workspace/willRenameFiles', { files }), folder, texts);
    };
    assert.is(
      await ask(['bases/base.yaml', 'bases/common.yaml']),
      '  web.yaml:2: extends: [bases/common.yaml, "bases/deeper.yaml"]',
    );
    assert.is(
      await ask(['bases/base.yaml', 'base.yaml']),
      [
        '  bases/base.yaml:3: extends: bases/deeper.yaml',
        '  web.yaml:2: extends: [base.yaml, "bases/deeper.yaml"]',
      ].join('\n'),
    );
    // A whole folder: what lies in it still lies beside what it names.
    assert.is(await ask(['bases', 'old']), '  web.yaml:2: extends: [old/base.yaml, "old/deeper.yaml"]');
    assert.is(
      await ask(['bases/deeper.yaml', 'web/deeper.yaml'], ['open.bpf.o', 'open2.bpf.o']),
      [
        '  bases/base.yaml:3: extends: ../web/deeper.yaml',
        '  bases/deeper.yaml:3: security: { bpf_lsm: { file_open: ../open2.bpf.o } }',
        '  web.yaml:2: extends: [bases/base.yaml, "web/deeper.yaml"]',
      ].join('\n'),
    );
    assert.is(
      await ask(['python.yaml', 'snake.yaml']),
      '  class.yaml:1: profile: { name: a, allowed_templates: [snake] }',
    );
    assert.is(await ask(['elsewhere.yaml', 'other.yaml']), '  nothing');
    await client.end();
  }));

test('what is edited while the files are read is not renamed', () =>
  withFolder(async (folder) => {
    for (const name of ['a', 'b', 'c'])
      writeFileSync(join(folder, `${name}.yaml`), `profile: ${name}\nmode: sandbox\n`);
    let time = 0;
    const world: ClientOptions['world'] = (machine) => ({
      ...machine,
      // Messages are read after each file.
      host: { ...machine.host, now: () => (time += 100) },
    });
    const client = await clientInProcess({ folders: [folder], world });
    const file = join(folder, 'web.yaml');
    client.open(file, 'profile: web\nmode: sandbox\n');
    const asked = client
      .request('textDocument/rename', {
        textDocument: { uri: uri(file) },
        position: { line: 0, character: 10 },
        newName: 'api',
      })
      .then(
        () => 0,
        (error: { readonly code: number }) => error.code,
      );
    client.change(file, '# first\nprofile: web\nmode: sandbox\n');
    assert.is(await asked, -32801);
    await client.end();
  }));

test('a client that can do nothing renames all the same, but no file', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'base.yaml'), 'profile: base\nmode: sandbox\n');
    const text = 'profile: web\nextends: base.yaml\n';
    const client = await clientInProcess({ folders: [folder] });
    client.open(join(folder, 'web.yaml'), text);
    const textDocument = { uri: uri(join(folder, 'web.yaml')) };
    const rename = (line: number, newName: string) =>
      client.request<WorkspaceEdit>('textDocument/rename', {
        textDocument,
        position: { line, character: 10 },
        newName,
      });
    const { changes } = await rename(0, 'front');
    assert.is(edited(text, changes![textDocument.uri]!), 'profile: front\nextends: base.yaml\n');
    const refused = await rename(1, 'other.yaml').then(
      () => '',
      (bug: Error) => bug.message,
    );
    assert.match(refused, /cannot rename a file/);
    await client.end();
  }));

test('a file that is deleted while it is open is still what the editor has of it', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'tiers.yaml'), 'tiers: { free: {} }\n');
    const text = 'platform: p\ninclude: [tiers.yaml]\nteams: { x: { tier: free } }\n';
    writeFileSync(join(folder, 'platform.yaml'), text);
    const client = await clientInProcess({ folders: [folder] });
    client.open(join(folder, 'platform.yaml'), text);
    rmSync(join(folder, 'platform.yaml'));
    rmSync(join(folder, 'tiers.yaml'));
    client.notify('workspace/didChangeWatchedFiles', {
      changes: ['platform.yaml', 'tiers.yaml'].map((name) => ({ uri: uri(join(folder, name)), type: 3 })),
    });
    const at = {
      textDocument: { uri: uri(join(folder, 'platform.yaml')) },
      position: { line: 2, character: 23 },
    };
    assert.equal(await client.request('textDocument/definition', at), []);
    const refused = await client.request('textDocument/rename', { ...at, newName: 'basic' }).then(
      () => '',
      (bug: Error) => bug.message,
    );
    assert.match(refused, /no file that is known here has a tier `free`/i);
    for (const method of ['documentSymbol', 'foldingRange', 'documentLink', 'codeLens', 'formatting']) {
      assert.not.equal(await client.request(`textDocument/${method}`, { ...at, options: {} }), null, method);
    }
    await client.end();
  }));

test('in the reason why nothing is renamed nothing can be clicked, whatever was written', () =>
  withFolder(async (folder) => {
    const client = await clientInProcess({ capabilities, folders: [folder] });
    const path = join(folder, 'web.yaml');
    client.open(path, 'profile: web\nmode: sandbox\n');
    const params = {
      textDocument: { uri: uri(path) },
      position: { line: 0, character: 10 },
      newName: '[web](command:workbench.action.closeWindow)\n',
    };
    const refused = await client.request('textDocument/rename', params).catch(({ message }: Error) => message);
    assert.match(String(refused), /\[web\] \(command:/);
    await client.end();
  }));

run();
