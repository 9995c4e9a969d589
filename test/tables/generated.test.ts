import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';

const { test, run } = suite('generated-tables');

test('the committed tables are what their generators make', () => {
  const script = join(process.env.POLC_ROOT ?? process.cwd(), 'scripts', 'generate.js');
  const done = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  assert.is(done.status, 0, done.stdout + done.stderr);
  assert.match(done.stdout, /^(fresh|left out) +compiler\/tables\//);
});

run();
