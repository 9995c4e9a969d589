import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('what to write instead');

function helps(lines: string): readonly string[] {
  const text = `profile: p\nmode: sandbox\nsecurity: { level: medium }\n${lines}\n`;
  return compile('p.yaml', text, hostOf('.'), { maximumMilliseconds: 0 })
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, help }) => `${code} ${help}`);
}

test('a map that is missing is shown, with the key that was written alone', () => {
  assert.equal(helps('adaptive: { auto_upgrade: hardened, triggers: [process_spawn] }'), [
    'POL2004 write a map here: `{ process_spawn: upgrade }`',
  ]);
  assert.equal(helps('adaptive: { auto_upgrade: hardened, triggers: [5] }'), [
    'POL2004 write a map here: `{ network_access: upgrade }`',
  ]);
  assert.equal(helps('resources: 5'), ['POL2004 write a map here']);
});

test('what is no file set may be an absolute path', () => {
  const path = 'POL3001 write `program`, `python` or `node`, or an absolute path, such as `/srv/model`';
  assert.equal(helps('performance: { prefetch: [nosuch.so, relative/x] }'), [path, path]);
  assert.equal(helps('performance: { prefetch: pyton }'), ['POL3001 did you mean `python`?']);
  assert.equal(helps('performance: { prefetch: [/srv/model, python] }'), []);
});

run();
