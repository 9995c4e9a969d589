import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('findings alone');

const root = process.env.POLC_ROOT ?? '.';

const policies = ['examples', 'test/fixtures/template', 'test/fixtures/governance', 'test/fixtures/guardrail']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((path) => path.endsWith('.yaml'));

test('who wants findings alone gets those of a build, and no file', () => {
  let right = 0;
  for (const path of policies) {
    const content = readFileSync(join(root, path), 'utf8');
    const options = { maximumMilliseconds: 0, workspace: join(root, path, '..') };
    const whole = compile(join(root, path), content, nodeHost, options);
    const checked = compile(join(root, path), content, nodeHost, { ...options, findingsOnly: true });
    assert.equal(checked.diagnostics, whole.diagnostics, path);
    assert.equal(checked.coverage, whole.coverage, path);
    assert.is(checked.ok, whole.ok, path);
    assert.equal([checked.files.length, checked.hash], [0, '']);
    right += whole.ok && whole.files.length > 0 ? 1 : 0;
  }
  assert.ok(right > 20, String(right));
});

run();
