import * as assert from 'uvu/assert';
import { Schedule } from '../../lsp/schedule.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('lsp-schedule');

/** A schedule whose turns are taken one by one, and what it did: `a1` is the first slice of `a`. */
function scheduleOf(slices: number) {
  const turns: (() => void)[] = [];
  const done: string[] = [];
  const schedule = new Schedule(
    (turn) => turns.push(turn),
    (path) => {
      let slice = 0;
      return () => {
        slice += 1;
        done.push(`${path}${slice}`);
        return slice === slices;
      };
    },
  );
  const take = (count = Number.POSITIVE_INFINITY) => {
    for (let at = 0; at < count && turns.length > 0; at += 1) turns.shift()!();
  };
  return { schedule, done, take };
}

test('what was touched last is first, slice by slice', () => {
  const { schedule, done, take } = scheduleOf(2);
  schedule.urgent('a');
  schedule.urgent('b');
  schedule.later('c');
  take();
  assert.equal(done, ['b1', 'b2', 'a1', 'a2', 'c1', 'c2']);
});

test('an edit gives up what was begun of the text before', () => {
  const { schedule, done, take } = scheduleOf(3);
  schedule.urgent('a');
  take(2);
  schedule.urgent('a');
  assert.ok(schedule.isWaiting('a'));
  take();
  assert.equal(done, ['a1', 'a2', 'a1', 'a2', 'a3']);
});

test('an edit comes before what is under way, which is begun again after it', () => {
  const { schedule, done, take } = scheduleOf(2);
  schedule.later('slow');
  take(1);
  schedule.urgent('a');
  take();
  assert.equal(done, ['slow1', 'a1', 'a2', 'slow1', 'slow2']);
});

test('a document whose base changes while it is compiled is compiled again', () => {
  const { schedule, done, take } = scheduleOf(2);
  schedule.urgent('a');
  take(1);
  schedule.later('a');
  take();
  assert.equal(done, ['a1', 'a1', 'a2']);
});

test('who waits is told when all is done, and of what is dropped', async () => {
  const { schedule, done, take } = scheduleOf(2);
  schedule.urgent('a');
  schedule.urgent('b');
  const told: string[] = [];
  for (const path of ['a', 'b']) void schedule.whenDone(path).then(() => told.push(path));
  void schedule.whenIdle().then(() => told.push('idle'));
  take(1);
  await Promise.resolve();
  assert.equal(told, []);
  schedule.drop('b');
  await Promise.resolve();
  assert.equal(told, ['b']);
  take();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(told, ['b', 'a', 'idle']);
  assert.equal(done, ['b1', 'a1', 'a2']);
  assert.not.ok(schedule.isWaiting('a'));
});

test('after the end nothing is compiled, and nobody waits', async () => {
  const { schedule, done, take } = scheduleOf(2);
  schedule.urgent('a');
  schedule.urgent('b');
  take(1);
  const all = Promise.all([schedule.whenDone('a'), schedule.whenDone('b'), schedule.whenIdle()]);
  schedule.end();
  take();
  await all;
  assert.equal(done, ['b1']);
});

run();
