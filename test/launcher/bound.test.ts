import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { launcherImage } from '../../compiler/backends/launcher/image.ts';
import type { Surroundings } from '../../compiler/backends/launcher/lower.ts';
import { planOf } from '../../compiler/backends/launcher/lower.ts';
import { branch, checked, jump, type Operation, set, systemCall } from '../../compiler/backends/launcher/operation.ts';
import { type LaunchStep, machines } from '../../compiler/backends/launcher/plan.ts';
import { programmer } from '../../compiler/backends/launcher/program.ts';
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

/** Whether it is a call, by its name and first arguments. */
function calls(operation: Operation, name: string, ...first: readonly number[]): boolean {
  if (operation.kind !== 'system-call' || operation.name !== name) return false;
  return first.every((wanted, at) => {
    const operand = operation.arguments[at];
    return operand?.kind === 'immediate' && operand.value === wanted;
  });
}

function sets(operation: Operation, value: number): boolean {
  return (
    operation.kind === 'set' &&
    operation.to === 'r1' &&
    operation.value.kind === 'immediate' &&
    operation.value.value === value
  );
}

test('an init that ends before its namespace is empty, or a parent that takes itself for init, is refused', () => {
  const policy = policyOf({ limits: [limitOf('timeout', 'milliseconds', 7000)] });
  const killsAll = (each: Operation) => calls(each, 'kill', -1);
  const awaitsAll = (each: Operation) => calls(each, 'wait4', -1, 0);
  const asks = (each: Operation) => calls(each, 'prctl', 1, 30);
  const without = (which: (each: Operation) => boolean) => (all: readonly Operation[]) =>
    all.filter((each) => !which(each));
  const replaced = (which: (each: Operation) => boolean, by: Operation) => (all: readonly Operation[]) =>
    all.map((each) => (which(each) ? by : each));
  type Mutation = (all: readonly Operation[]) => readonly Operation[];
  const mutations: Readonly<Record<string, readonly [RegExp, Mutation]>> = {
    'init is killed with its parent': [
      /a child outlives its parent/,
      (all) =>
        all.map((each, at) => (asks(each) && all.findLastIndex(asks) === at ? checked('prctl', 1, 9)[0]! : each)),
    ],
    'everybody is init': [/a parent kills another process/, replaced((each) => sets(each, 0), set('r1', 1))],
    'nobody is init': [/init ends before its namespace is empty/, replaced((each) => sets(each, 1), set('r1', 0))],
    'a program that is traced keeps init': [
      /a parent waits too long/,
      without((each) => each.kind === 'branch' && each.when === 'not-equal' && each.to === 'leave'),
    ],
    'nobody is killed': [/a parent calls wait4 otherwise/, without(killsAll)],
    'one is killed': [/a parent kills another process/, replaced(killsAll, systemCall('kill', 2, 9))],
    'they are asked to end': [/a parent kills another process/, replaced(killsAll, systemCall('kill', -1, 15))],
    'nobody is waited for': [/it does not end/, without(awaitsAll)],
    'who is a thread is not waited for': [
      /a parent calls wait4 otherwise/,
      replaced(awaitsAll, systemCall('wait4', -1, 0, 0, 0)),
    ],
    'one is waited for': [
      /init ends before its namespace is empty/,
      without((each) => each.kind === 'branch' && each.to === 'await-all'),
    ],
    'an interruption ends the wait': [
      /init ends before its namespace is empty/,
      replaced((each) => each.kind === 'branch' && each.to === 'await-all', {
        kind: 'branch',
        when: 'not-below',
        left: 'r1',
        right: { kind: 'immediate', value: 1 << 30 },
        to: 'await-all',
      }),
    ],
    'the starter is not compared': [
      /it does not end with/,
      replaced((each) => each.kind === 'branch' && each.to === 'starter-lives', jump('starter-lives')),
    ],
    'the starter is compared with a number': [
      /it exits with 125/,
      replaced(
        (each) => each.kind === 'branch' && each.to === 'starter-lives',
        branch('result', 'equal', 4711, 'starter-lives'),
      ),
    ],
    'the starter is looked at first': [
      /look at the starter/,
      (all) => {
        const first = all.findIndex(asks);
        const look = all.findIndex((each) => each.kind === 'label' && each.name === 'starter-lives');
        return [...all.slice(0, first), ...all.slice(first + 1, look + 1), all[first]!, ...all.slice(look + 1)];
      },
    ],
  };
  const around: Surroundings = { bound: true };
  for (const machine of machines) {
    const { plan } = planOf(policy, defaultTarget, machine, around);
    const program = programmer()(plan);
    const judged = (operations: readonly Operation[], depth: 'quick' | 'thorough') => {
      const content = launcherImage(plan, { ...program, operations }).bytes;
      const artifacts = [{ path: `launcher.${machine}`, content, sourceMap: [] }];
      return validateLauncher(policy, defaultTarget, artifacts, around, depth).counterexample;
    };
    for (const depth of ['quick', 'thorough'] as const) {
      assert.is(judged(program.operations, depth), undefined);
      for (const [name, [says, mutate]] of Object.entries(mutations))
        assert.match(judged(mutate(program.operations), depth) ?? '', says, `${machine}, ${depth}: ${name}`);
    }
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
    assert.equal([refused.status, refused.stderr], [125, 'polc launcher: supervise: errno 88\n']); // ENOTSOCK
    const nothing = launch(policyOf({}), ['true'], { surroundings: bound, stdio: ['ignore', 'pipe', 'pipe'] });
    assert.equal([nothing.status, nothing.stderr], [125, 'polc launcher: supervise: errno 9 (EBADF)\n']);
    // The socket is another's than the parent's.
    const launcher = buildLauncher(policyOf({}), { surroundings: bound });
    const stranger = spawnSync('sh', ['-c', `${launcher} echo started; echo $?`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    assert.equal([stranger.stdout, stranger.stderr], ['125\n', 'polc launcher: supervise: errno 32\n']);

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
