import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Surroundings } from '../../compiler/backends/launcher/lower.ts';
import { planOf } from '../../compiler/backends/launcher/lower.ts';
import { type LaunchStep, machines } from '../../compiler/backends/launcher/plan.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { validateLauncher } from '../../compiler/verify/launcher/index.ts';
import { suite } from '../support/harness.ts';
import { artifactsOf, buildLauncher, launch, launcherFolder } from '../support/launcher.ts';
import { limitOf, policyOf } from '../support/policies.ts';

const { test, skip, run } = suite('launchers that are bound to who starts them');

test('a launcher that does not keep the starter’s socket, gives it to the program or does not look at it is refused', () => {
  const policy = policyOf({ limits: [limitOf('timeout', 'milliseconds', 7000)] });
  const around: Surroundings = { cgroup: { version: 2, directory: '/unified/a' }, bound: true };
  for (const machine of machines) {
    const { plan } = planOf(policy, defaultTarget, machine, around);
    const judged = (change: (step: LaunchStep) => LaunchStep) =>
      validateLauncher(policy, defaultTarget, artifactsOf([{ ...plan, steps: plan.steps.map(change) }]), around)
        .counterexample;
    assert.is(
      judged((step) => step),
      undefined,
    );
    const closes = judged((step) => (step.kind === 'close-descriptors' ? { ...step, handed: 0 } : step));
    assert.type(closes, 'string');
    const leaks = judged((step) => {
      if (step.kind !== 'supervise') return step;
      const { givesUp: _, ...kept } = step;
      return kept;
    });
    assert.match(leaks ?? '', /descriptor 3 \(starter\) stays open/);
    const early = judged((step) => (step.kind === 'supervise' ? { ...step, givesUp: 3 } : step));
    assert.type(early, 'string');
    const other = judged((step) =>
      step.kind === 'supervise' && step.bound !== undefined ? { ...step, bound: 4 } : step,
    );
    assert.type(other, 'string');
  }
});

const bound: Surroundings = { bound: true };
const dies = 'the program ends with its starter, which it sees nothing of, and without one it is not started';

if (process.platform !== 'linux' || process.arch !== 'x64') skip(dies, 'it is for Linux on x86_64');
else {
  test(dies, async () => {
    const listed = launch(policyOf({}), ['ls', '/proc/self/fd'], {
      surroundings: bound,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    // The listing itself is descriptor 3.
    assert.equal(listed.stdout.trim().split('\n'), ['0', '1', '2', '3']);
    // The end of a pipe whose other end nobody has.
    const path = join(launcherFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const gone = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    closeSync(openSync(path, constants.O_WRONLY));
    const refused = launch(policyOf({}), ['true'], { surroundings: bound, stdio: ['ignore', 'pipe', 'pipe', gone] });
    closeSync(gone);
    assert.equal([refused.status, refused.stderr], [125, 'polc launcher: supervise: errno 32\n']);
    const nothing = launch(policyOf({}), ['true'], { surroundings: bound, stdio: ['ignore', 'pipe', 'pipe'] });
    assert.equal([nothing.status, nothing.stderr], [125, 'polc launcher: supervise: errno 32\n']);

    const script = `require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] })`;
    const words = ['-e', script, buildLauncher(policyOf({}), { surroundings: bound })];
    const starter = spawn(process.execPath, [...words, 'sh', '-c', '(echo up; exec sleep 1000) & sleep 1000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => starter.stdout.on('close', resolve));
    await new Promise((resolve) => starter.stdout.once('data', resolve));
    starter.kill('SIGKILL');
    // Every process that the program has started has it as its output.
    await ended;
  });
}

run();
