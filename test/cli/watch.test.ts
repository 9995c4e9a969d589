import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, smallPolicy, withProject } from '../support/polc-process.ts';
import { until } from '../support/until.ts';

const { test, run } = suite('build --watch');

test('it builds again on every change, also of what is pulled in, and ends on SIGINT', () =>
  withProject(async ({ folder, write, read, start }) => {
    const base = (pids: number) => `profile: base\nmode: sandbox\nresources: { pids: ${pids} }\n`;
    write({ 'policies/a.yaml': 'profile: a\nmode: sandbox\nextends: ../base.yaml\n', 'base.yaml': base(5) });
    const child = start(['build', 'policies', '--watch', ...calm]);
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    child.stdout?.resume();
    const ended = new Promise((resolve) => child.on('close', resolve));
    try {
      const limit = join(folder, 'dist/a/cgroup/v2/pids.max');
      const pids = () => (existsSync(limit) ? read('dist/a/cgroup/v2/pids.max').trim() : '');
      await until(() => errors.includes('watching for changes'), 'it watches');
      assert.is(pids(), '5');
      write({ 'base.yaml': base(6) });
      await until(() => pids() === '6', 'the change of the base is built');

      write({ 'policies/a.yaml': smallPolicy('a').replace('sandbox', 'sandbx') });
      await until(() => errors.includes('error[POL3001]'), 'the mistake is said');
      assert.is(pids(), '6');
      write({ 'policies/a.yaml': base(7).replace('base', 'a') });
      await until(() => pids() === '7', 'the correction is built');

      write({ 'policies/b.yaml': base(8).replace('base', 'b') });
      await until(() => existsSync(join(folder, 'dist/b/manifest.json')), 'the new file is built');
    } finally {
      child.kill('SIGINT');
    }
    assert.is(await ended, 0);
  }));

run();
