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

run();
