import assert from 'node:assert/strict';

// That work does not cost the square of its input, or worse, is shown here in two ways. Neither measures speed, which
// bench/ does against others: both hold on a machine that is busy with much else.

/** Milliseconds. Not how long anything may take: what takes longer than a minute here would take hours where it is wrong. */
const patience = 60_000;

/** Does what ends in moments, and would not end within minutes, however fast the machine, where the cost of its input explodes. */
export function ends<Result>(work: () => Result, what = 'it'): Result {
  const started = performance.now();
  const result = work();
  const took = performance.now() - started;
  assert.ok(took < patience, `${what} took ${(took / 1000).toFixed(0)} s`);
  return result;
}

/** How many times as large the larger input is. */
export const times = 16;

/**
 * So much costs 16 times as much, and some times that where it no longer lies in the processor's caches or memory is
 * collected meanwhile; the square is 256 times as much.
 */
const most = 96;

/** Of so many tries one has to show it: what else the machine does falls on some of them. */
const tries = 6;

/**
 * Fails where work costs processor time out of proportion to its input, in every one of several tries.
 *
 * @param prepare makes an input of so many pieces; what it returns is the work, which is done once with each input
 * @param pieces how many the smaller input has; the larger one has `times` as many
 */
export function inProportion(prepare: (pieces: number) => () => unknown, pieces: number, what = 'it'): void {
  const ratios: number[] = [];
  // What is compiled meanwhile falls on the first call.
  prepare(pieces)();
  do {
    const few = cost(() => prepare(pieces));
    const many = cost(() => prepare(pieces * times));
    ratios.push(many / few);
    if (many < few * most) return;
  } while (ratios.length < tries);
  const found = ratios.map((ratio) => ratio.toFixed(0)).join(', ');
  assert.fail(`${times} times as much of ${what} costs ${found} times as much`);
}

/** Milliseconds of processor time of the work; of what is done quickly the mean of doing it often. */
function cost(prepare: () => () => unknown): number {
  let spent = 0;
  for (let calls = 1; ; calls += 1) {
    const work = prepare();
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    spent += (user + system) / 1000;
    if (spent >= 10 || calls === 1000) return spent / calls;
  }
}
