import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { hold } from '../../runtime/tenancy/hold.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('tenancy-hold');

function written(folder: string, text: string, secondsAgo = 0): string {
  const journal = join(folder, 'platform.json');
  const lock = `${journal}.lock`;
  writeFileSync(lock, text);
  const time = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(lock, time, time);
  return journal;
}

test('one at a time, and the next when it has let go', () =>
  withFolder((folder) => {
    const journal = join(folder, 'platform.json');
    const release = hold(journal);
    assert.ok(release !== undefined);
    assert.is(hold(journal), undefined);
    release();
    const next = hold(journal);
    assert.ok(next !== undefined);
    next();
    assert.is(existsSync(`${journal}.lock`), false);
  }));

test('what a process of the same number left is free, as after a container started again', () =>
  withFolder((folder) => {
    const journal = written(folder, `${process.pid} ${hostname()} 0123456789abcdef`);
    const release = hold(journal);
    assert.ok(release !== undefined);
    release();
  }));

test('what another machine holds is free when it gave no sign for two minutes', () =>
  withFolder((folder) => {
    assert.is(hold(written(folder, '1 another-pod 0123456789abcdef', 100)), undefined);
    const release = hold(written(folder, '1 another-pod 0123456789abcdef', 130));
    assert.ok(release !== undefined);
    release();
  }));

test('who lost a lock does not take it from the next', () =>
  withFolder((folder) => {
    const journal = join(folder, 'platform.json');
    const release = hold(journal);
    written(folder, '1 another-pod 0123456789abcdef');
    release?.();
    assert.is(readFileSync(`${journal}.lock`, 'utf8'), '1 another-pod 0123456789abcdef');
  }));

run();
