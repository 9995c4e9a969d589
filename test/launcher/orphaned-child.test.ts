import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { launcherImage } from '../../compiler/backends/launcher/image.ts';
import { planOf, type Surroundings } from '../../compiler/backends/launcher/lower.ts';
import { jump, type Operation } from '../../compiler/backends/launcher/operation.ts';
import { machines } from '../../compiler/backends/launcher/plan.ts';
import { programmer } from '../../compiler/backends/launcher/program.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { validateLauncher } from '../../compiler/verify/launcher/index.ts';
import { unifiedMount } from '../../runtime/hook-programs/program-group.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { buildLauncher } from '../support/launcher.ts';
import { limitOf, policyOf } from '../support/policies.ts';
import { longPatience } from '../support/until.ts';

const { test, skip, run } = suite('launchers whose first process ends at the fork');

const timed = policyOf({ limits: [limitOf('timeout', 'milliseconds', 60_000)] });

/** Whether it is a call, by its name and first argument. */
function calls(operation: Operation, name: string, first?: number): boolean {
  if (operation.kind !== 'system-call' || operation.name !== name) return false;
  const [operand] = operation.arguments;
  return first === undefined || (operand?.kind === 'immediate' && operand.value === first);
}

type Mutation = (all: readonly Operation[]) => readonly Operation[];

/** From the fork to the end of the look at the parent. */
const look: Mutation = (all) => {
  const begin = all.findIndex((each) => each.kind === 'label' && each.name === 'child-0');
  const end = all.findIndex((each) => each.kind === 'label' && each.name === 'parent-lives');
  return all.slice(begin + 1, end + 1);
};

const without =
  (which: (each: Operation, at: number, all: readonly Operation[]) => boolean): Mutation =>
  (all) =>
    all.filter((each, at) => !which(each, at, all));

const mutations: Readonly<Record<string, readonly [RegExp, Mutation]>> = {
  'nobody looks': [
    /a child outlives its parent|look at the parent/,
    (all) => all.filter((each) => calls(each, 'prctl', 1) || !look(all).includes(each)),
  ],
  'the child keeps the writing end': [
    /a child outlives its parent|look at the parent/,
    without((each, _, all) => look(all).includes(each) && calls(each, 'close')),
  ],
  'it looks before it asks for the signal': [
    /a child outlives its parent|look at the parent/,
    (all) => {
      const [asks, ...others] = look(all);
      const begin = all.indexOf(asks!);
      return [...all.slice(0, begin), ...others, asks!, ...all.slice(begin + 1 + others.length)];
    },
  ],
  'it goes on whatever it sees': [
    /when read fails, the launcher goes on|a child outlives its parent/,
    (all) => all.map((each) => (each.kind === 'branch' && each.to === 'parent-lives' ? jump('parent-lives') : each)),
  ],
  'the pipe is made by the child': [
    /a child looks for another process|a child outlives its parent|look at the parent/,
    (all) => {
      const makes = all.find((each) => calls(each, 'pipe2'))!;
      return all.flatMap((each) => (each === makes ? [] : each === look(all)[0] ? [each, makes] : [each]));
    },
  ],
  'the parent gives up its end': [
    /a parent calls close/,
    (all) => {
      const closes = look(all).filter((each) => calls(each, 'close') || each === look(all)[1]);
      const at = all.findIndex((each) => each.kind === 'label' && each.name === 'parent');
      return [...all.slice(0, at + 1), ...closes, ...all.slice(at + 1)];
    },
  ],
};

const situations: Readonly<Record<string, readonly [Policy, Surroundings]>> = {
  'a deadline': [timed, {}],
  'a starter': [policyOf({}), { bound: true }],
  'a group to be born into': [policyOf({}), { cgroup: { version: 2, directory: '/unified/a' } }],
};

test('a child that does not look whether its parent lives, too early or at another process is refused', () => {
  for (const [situation, [policy, around]] of Object.entries(situations))
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
        for (const [name, [says, mutate]] of Object.entries(mutations)) {
          const changed = mutate(program.operations);
          assert.match(judged(changed, depth) ?? '', says, `${situation}, ${machine}, ${depth}: ${name}`);
        }
      }
    }
});

const unstarted = 'a child whose parent was killed before it ran starts nothing, and nobody is left';
const helper =
  process.platform === 'linux' && process.arch === 'x64'
    ? compileHelper('orphaned-child.c', [])
    : { reason: 'it is for Linux on x86_64' };
const group = process.getuid?.() === 0 ? unifiedMount() : undefined;
if (helper.path === undefined) skip(unstarted, helper.reason ?? '');
else {
  const { path } = helper;
  const started = (fate: 'killed' | 'spared', policy: Policy, around: Surroundings) => {
    const launcher = buildLauncher(policy, { surroundings: around });
    const words = [fate, around.bound === true ? 'bound' : 'free', launcher, 'sh', '-c', 'echo ran; exit 3'];
    const done = spawnSync(path, words, { encoding: 'utf8', timeout: longPatience, killSignal: 'SIGKILL' });
    return done.stdout.split('\n').sort().join('\n').trim() + done.stderr;
  };
  const expected = {
    killed: 'child: code 125\nparent: signal 9' + 'polc launcher: supervise: errno 32\n',
    spared: 'parent: code 3\nran',
  };
  test(unstarted, () => {
    for (const [situation, [policy, around]] of Object.entries(situations)) {
      if (around.cgroup !== undefined) continue;
      for (const fate of ['spared', 'killed'] as const)
        assert.is(started(fate, policy, around), expected[fate], `${situation}, ${fate}`);
    }
  });

  const inGroup = 'so does one that is born into a control group';
  if (group === undefined) skip(inGroup, 'it needs root and control groups of version 2');
  else {
    test(inGroup, () => {
      const directory = join(group, `polc-orphaned-${process.pid}`);
      mkdirSync(directory);
      try {
        for (const fate of ['spared', 'killed'] as const)
          assert.is(started(fate, policyOf({}), { cgroup: { version: 2, directory } }), expected[fate], fate);
      } finally {
        rmdirSync(directory);
      }
    });
  }
}

run();
