import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { clientOfProcess } from '../support/lsp-client.ts';

const { test, run } = suite('lsp-protocol');

const sound = `profile: web
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start"]
`;
const wrong = sound.replace('"@basic-start"', '"@basic-start", wirte');

test('a process: initialise, diagnostics, shutdown, exit', async () => {
  const client = await clientOfProcess();
  assert.is(client.initialized.serverInfo?.name, 'polc');
  client.open('/nowhere/web.yaml', wrong);
  const [first, ...others] = await client.diagnostics('/nowhere/web.yaml');
  assert.is(first?.code, 'POL3002');
  assert.equal(first?.range, { start: { line: 5, character: 28 }, end: { line: 5, character: 33 } });
  assert.equal(others, []);
  assert.is(await client.end(), 0);
});

test('a process whose client goes away ends, and with 1', async () => {
  const client = await clientOfProcess();
  const code = new Promise((resolve) => client.child.on('close', resolve));
  client.open('/nowhere/web.yaml', sound);
  assert.equal(await client.diagnostics('/nowhere/web.yaml'), []);
  client.child.stdin?.end();
  assert.is(await code, 1);
});

run();
