import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { launcherImage } from '../../compiler/backends/launcher/image.ts';
import { emitLauncher } from '../../compiler/backends/launcher/index.ts';
import { planOf, type Surroundings } from '../../compiler/backends/launcher/lower.ts';
import { type LaunchStep, machines } from '../../compiler/backends/launcher/plan.ts';
import { compile } from '../../compiler/compile.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { validateLauncher } from '../../compiler/verify/launcher/index.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('launchers for a supervisor');

const text = `profile: p
mode: sandbox
security:
  level: low
  seccomp: { default: errno(EPERM), allow: ["@basic-start", personality, socket, clone, write] }
resources: { timeout: 5s }
adaptive:
  auto_upgrade: hardened
  triggers: [{ network_access: upgrade }, { process_spawn: upgrade }]
`;
const surroundings = { supervised: true } as const;

function adaptive(): Policy {
  const { policy } = compile('p.yaml', text, hostOf('.'), { bundled: false });
  assert.ok(policy?.adaptive !== undefined);
  return policy;
}

const { artifacts: emitted } = emitLauncher(adaptive(), defaultTarget, surroundings);
const judged = (artifacts: readonly Artifact[]) =>
  validateLauncher(adaptive(), defaultTarget, artifacts, surroundings).counterexample;

test('it is right as it is written, and needs every program of its supervisor', () => {
  assert.is(judged(emitted), undefined);
  for (const { path } of emitted.filter((each) => each.path.endsWith('.bpf'))) {
    assert.is(judged(emitted.filter((each) => each.path !== path)), `${path} is missing`);
    const otherwise = { path, content: Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f), sourceMap: [] };
    assert.match(judged(emitted.map((each) => (each.path === path ? otherwise : each))) ?? '', path);
  }
});

test('a step that is left out or done otherwise is refused', () => {
  for (const machine of machines) {
    const { plan } = planOf(adaptive(), defaultTarget, machine, surroundings);
    const withSteps = (steps: readonly LaunchStep[]) => {
      const content = launcherImage({ ...plan, steps }).bytes;
      return judged(emitted.map((each) => (each.path === `launcher.${machine}` ? { ...each, content } : each)));
    };
    assert.is(withSteps(plan.steps), undefined);
    const changed = (change: (step: LaunchStep) => readonly LaunchStep[]) => withSteps(plan.steps.flatMap(change));
    assert.match(changed((step) => (step.kind === 'report' ? [] : [step])) ?? '', 'listener is descriptor');
    const alone = changed((step) => (step.kind === 'seccomp' ? [{ ...step, flags: 0 }] : [step]));
    assert.match(alone ?? '', /execve|listener/);
    const closing = changed((step) => (step.kind === 'close-descriptors' ? [{ ...step, handed: 0 }] : [step]));
    assert.type(closing, 'string');
    const usual = planOf(adaptive(), defaultTarget, machine).plan.steps.find(({ kind }) => kind === 'seccomp')!;
    const asked = changed((step) =>
      step.kind === 'seccomp' && usual.kind === 'seccomp' ? [{ ...usual, flags: step.flags }] : [step],
    );
    assert.match(asked ?? '', 'the filter');
  }
});

test('one that is bound to its starter as well has the starter’s socket behind the supervisor’s', () => {
  const around = { supervised: true, bound: true } as const;
  const { artifacts } = emitLauncher(adaptive(), defaultTarget, around);
  const validated = (surroundings: Surroundings) =>
    validateLauncher(adaptive(), defaultTarget, artifacts, surroundings, 'thorough').counterexample;
  assert.is(validated(around), undefined);
  assert.type(validated({ bound: true }), 'string');
  assert.type(validated(surroundings), 'string');
});

test('refusals of Landlock are told where somebody waits for them, and nowhere else', () => {
  const policyOf = (trigger: string) => {
    const paths = '[{ path: /usr, access: [read_file, execute] }]';
    const written = `profile: p\nmode: sandbox\nsecurity: { seccomp: { default: allow, deny: [acct] }, landlock: { paths: ${paths} } }\nadaptive:\n  auto_upgrade: hardened\n  triggers: [{ ${trigger}: upgrade }]\n`;
    const { policy } = compile('p.yaml', written, hostOf('.'), { bundled: false });
    assert.ok(policy !== undefined);
    return policy;
  };
  const told = (policy: Policy, landlock: number, around: Surroundings = surroundings) => {
    const target = { ...defaultTarget, landlock };
    const step = planOf(policy, target, 'x86_64', around).plan.steps.find(({ kind }) => kind === 'landlock');
    assert.ok(step?.kind === 'landlock');
    const { artifacts } = emitLauncher(policy, target, around);
    assert.is(validateLauncher(policy, target, artifacts, around).counterexample, undefined);
    for (const machine of machines) {
      const { plan } = planOf(policy, target, machine, around);
      const steps = plan.steps.map((each): LaunchStep => {
        if (each.kind !== 'landlock') return each;
        const { logged, ...rest } = each;
        return logged === true ? rest : { ...rest, logged: true };
      });
      const content = launcherImage({ ...plan, steps }).bytes;
      const otherwise = artifacts.map((each) => (each.path === `launcher.${machine}` ? { ...each, content } : each));
      assert.match(validateLauncher(policy, target, otherwise, around).counterexample ?? '', 'refusals of Landlock');
    }
    return step.logged === true;
  };
  const waiting = policyOf('policy_violation');
  assert.equal(
    [6, 7, 8].map((abi) => told(waiting, abi)),
    [false, true, true],
  );
  assert.is(told(waiting, 7, {}), false);
  assert.is(told(policyOf('network_access'), 7), false);
});

test('nobody takes such a launcher for one that a built bundle could hold', () => {
  const { counterexample } = validateLauncher(adaptive(), defaultTarget, emitted);
  assert.type(counterexample, 'string');
});

run();
