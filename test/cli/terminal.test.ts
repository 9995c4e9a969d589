import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { wantsColor } from '../../cli/terminal.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('terminal');

test('colour: FORCE_COLOR, then NO_COLOR, then the terminal', () => {
  for (const [env, isTerminal, expected] of [
    [{}, true, true],
    [{}, false, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false],
  ] as const) {
    assert.is(wantsColor(env, isTerminal), expected, JSON.stringify([env, isTerminal]));
  }
});

test('a result that cannot be written is no success, and a reader that goes away is none of polc’s business', () => {
  const polc = join(process.env.POLC_ROOT ?? '.', 'bin/polc.js');
  const ended = (output: string) => {
    const words = ['-c', `exec "$0" "$1" docs POL8002 ${output}`, process.execPath, polc];
    return spawnSync('/bin/sh', words, { encoding: 'utf8' });
  };
  if (existsSync('/dev/full')) {
    const full = ended('> /dev/full');
    assert.is(full.status, 3, full.stderr);
    assert.is(full.stderr, 'polc: cannot write all of the output: no space left on the device (ENOSPC)\n');
  }
  const closed = ended('>&-');
  assert.is(closed.status, 0, closed.stderr);
});

run();
