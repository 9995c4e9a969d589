import * as assert from 'uvu/assert';
import { untilEnded } from '../../cli/sandbox/until-ended.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('waiting to be ended');

test('where there is nothing to wait for, no handler of signals is left', async () => {
  const before = process.listenerCount('SIGTERM');
  const needless = new AbortController();
  const ended = untilEnded(needless.signal);
  assert.is(process.listenerCount('SIGTERM'), before + 1);
  needless.abort();
  await ended;
  assert.is(process.listenerCount('SIGTERM'), before);
});

run();
