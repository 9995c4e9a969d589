import * as assert from 'uvu/assert';
import { ownTime } from '../../cli/own-time.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('own-time');

function work(milliseconds: number): void {
  const { user, system } = process.cpuUsage();
  for (;;) {
    const since = process.cpuUsage({ user, system });
    if ((since.user + since.system) / 1e3 >= milliseconds) return;
  }
}

test('time passes while the process works, and not while it waits', () => {
  const now = ownTime();
  const start = now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  const waited = now() - start;
  assert.ok(waited >= 0 && waited < 150, `${waited} ms while waiting`);
  const began = now();
  work(50);
  const worked = now() - began;
  assert.ok(worked >= 40, `${worked} ms of 50 at work`);
});

test('time never goes back', () => {
  const now = ownTime();
  let last = now();
  for (let count = 0; count < 1000; count++) {
    const next = now();
    assert.ok(next >= last);
    last = next;
  }
});

run();
