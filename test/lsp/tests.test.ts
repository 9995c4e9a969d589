import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type TestsFound, testsRequest } from '../../lsp/requests.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';

const { test, run } = suite('lsp-tests');

const policy = `profile: web
mode: sandbox
tests:
  - { syscall: socket, arguments: [AF_UNIX], expect: deny }
  - name: nobody is traced
    syscall: ptrace
    expect: deny
`;

const found = {
  tests: [
    { name: 'socket(AF_UNIX)', range: { start: { line: 3, character: 4 }, end: { line: 3, character: 59 } } },
    { name: 'nobody is traced', range: { start: { line: 4, character: 4 }, end: { line: 6, character: 16 } } },
  ],
};

test('a policy says which tests it has, as it is written and as it is saved', () =>
  withFolder(async (folder) => {
    const open = join(folder, 'open.yaml');
    const closed = join(folder, 'closed.yaml');
    writeFileSync(closed, policy);
    const client = await clientInProcess({ folders: [folder] });
    const ask = (path: string) => client.request<TestsFound | null>(testsRequest, { textDocument: { uri: uri(path) } });
    client.open(open, policy);
    assert.equal(await ask(open), found);
    assert.equal(await ask(closed), found);
    client.change(open, policy.replace('ptrace', 'ptrac'));
    assert.equal(
      (await ask(open))?.tests.map(({ name }) => name),
      ['socket(AF_UNIX)'],
      'what cannot be read is left out',
    );
    client.change(open, policy.slice(0, policy.indexOf('nobody')));
    assert.equal((await ask(open))?.tests.length, 1);
    const other = join(folder, 'other.yaml');
    client.open(other, 'name: something else\ntests: [{ syscall: read, expect: allow }]\n');
    assert.is(await ask(other), null);
    assert.is(await ask(join(folder, 'gone.yaml')), null);
    assert.is(await client.end(), 0);
  }));

run();
