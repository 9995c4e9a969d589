import { equal, match, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { gateFor } from '../../compiler/gate.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('gate');
const policy = 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n';

/** A clock on which each reading is `step` milliseconds after the last: emitting and validating are read for each of four backends. */
function slowHost(step: number) {
  let time = 0;
  return {
    ...nodeHost,
    now() {
      time += step;
      return time;
    },
  };
}

test('a compilation over the gate fails with the time of each phase and no file', () => {
  const result = compile('web.yaml', policy, slowHost(10), {});
  const slow = result.diagnostics.find(({ code }) => code === 'POL8100');
  equal(slow?.message, 'compilation too slow: 140 ms (target: <50 ms)');
  equal(slow?.notes.length, 8);
  match(slow?.notes[0] ?? '', /^parse +10\.0 ms$/);
  equal(result.ok, false);
  equal(result.files.length, 0);
});

test('a compilation under the gate passes', () => {
  const result = compile('web.yaml', policy, slowHost(1), {});
  equal(result.diagnostics, []);
  ok(result.files.length > 0);
});

test('a gate of 0 is none, and another gate is that one', () => {
  ok(compile('web.yaml', policy, slowHost(1000), { maximumMilliseconds: 0 }).ok);
  const result = compile('web.yaml', policy, slowHost(1), { maximumMilliseconds: 5 });
  equal(
    result.diagnostics.map(({ message }) => message),
    ['compilation too slow: 14 ms (target: <5 ms)'],
  );
});

test('the gate grows by 50 ms for each further thousand lines', () => {
  equal([1, 1000, 1001, 2000, 2001, 30_000].map(gateFor), [50, 50, 100, 100, 150, 1500]);
});

run();
