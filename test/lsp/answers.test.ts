import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Explained, Migrated } from '../../lsp/requests.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('lsp-answers');

const sandbox = `profile: web
mode: sandbox
security:
  level: medium
  seccomp:
    default: errno(EPERM)
    allow: ["@default", "@basic-io", "@basic-start", socket]
`;
const old = `# of last year
apiVersion: kuadrant.io/v1beta2
kind: AuthPolicy
metadata: { name: keys }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: HTTPRoute, name: models }
  rules:
    authentication:
      keys:
        apiKey: { selector: { matchLabels: { app: models } } }
`;

test('what is explained is what `polc explain` prints', async () => {
  const texts: Readonly<Record<string, string>> = {
    'web.yaml': sandbox,
    'guardrail.yaml': readFileSync('examples/sandbox-auto-quarantine.yaml', 'utf8'),
  };
  await withProject(async (project) => {
    project.write(texts);
    const path = (name: string) => join(project.folder, name);
    const client = await clientInProcess({ folders: [project.folder] });
    const explain = (name: string, asked: string) =>
      client.request<Explained>('polc/explain', { textDocument: { uri: uri(path(name)) }, asked });
    for (const [name, text] of Object.entries(texts)) client.open(path(name), text, 'polc');
    const questions = [
      ['web.yaml', '', []],
      ['web.yaml', 'socket', ['--syscall', 'socket']],
      ['web.yaml', '/etc/passwd', ['--path', '/etc/passwd']],
      ['guardrail.yaml', 'ec2:RunInstances', ['--action', 'ec2:RunInstances']],
    ] as const;
    for (const [name, asked, words] of questions)
      assert.is(
        (await explain(name, asked)).text,
        project.polc(['explain', name, ...words]).stdout,
        `${name} ${asked}`,
      );
    assert.match((await explain('web.yaml', 'sokcet')).text, 'did you mean `socket`?');
    client.change(path('web.yaml'), 'profile: web\nmode: sandbx\n');
    assert.is(await explain('web.yaml', ''), null);
    await client.end();
  });
});

test('what is migrated is what `polc migrate` writes', async () => {
  const client = await clientInProcess();
  const path = '/nowhere/old.yaml';
  client.open(path, old);
  const textDocument = { uri: uri(path) };
  const migrated = await client.request<Migrated>('polc/migrate', { textDocument });
  await withProject((project) => {
    project.write({ 'old.yaml': old });
    project.polc(['migrate', 'old.yaml']);
    assert.is(migrated.text, project.read('old.yaml'));
  });
  assert.match(migrated.text, /^apiVersion: kuadrant\.io\/v1$/m);
  assert.ok(migrated.changes > 0);
  assert.equal(migrated.left, []);
  await client.end();
});

run();
