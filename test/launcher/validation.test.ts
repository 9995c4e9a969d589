import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { launcherImage } from '../../compiler/backends/launcher/image.ts';
import { emitLauncher } from '../../compiler/backends/launcher/index.ts';
import { planOf, type Surroundings } from '../../compiler/backends/launcher/lower.ts';
import { type LaunchStep, machines } from '../../compiler/backends/launcher/plan.ts';
import type { Decision, Limit, Obligation, Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { validateLauncher } from '../../compiler/verify/launcher/index.ts';
import { suite } from '../support/harness.ts';
import { artifactsOf, keeping, launcherFolder, loopbackOnly, paths, reading, refusing } from '../support/launcher.ts';
import { decisionOf, deny, limitOf, policyOf } from '../support/policies.ts';

const { test, skip, run } = suite('launcher validation');

const origin = { span: { file: 'policy.yaml', start: 0, end: 0 } };
const layer = (path: string, bytes: number): Obligation => ({
  id: `private-layer/${path}`,
  topic: 'resources.tmpfs',
  origin,
  kind: 'private-layer',
  path,
  bytes,
});
const affinity = (value: string): Obligation => ({
  id: 'run-with/cpu-affinity',
  topic: 'performance.cpu_affinity',
  origin,
  kind: 'run-with',
  setting: 'cpu-affinity',
  value,
});

const killed = { kind: 'kill-process' } as const;
const nothingReachable: Decision = decisionOf('socket', 'deny-overrides', [], deny);
const signals: Decision = decisionOf('signal', 'deny-overrides', [], deny);

/** Everything that a launcher can be asked for at once. */
const fullPolicy: Policy = policyOf({
  decisions: [
    refusing(['execve', 'execveat', 'write', 'exit_group', 'ptrace'], killed),
    keeping(['net_bind_service', 'bpf']),
    paths(['/tmp', ['read_file', 'write_file']], ['/etc/hosts', reading]),
    loopbackOnly,
    signals,
  ],
  limits: [
    limitOf('timeout', 'milliseconds', 1500),
    limitOf('rlimit:nofile', 'count', 256),
    limitOf('rlimit:as', 'bytes', 6e9),
    limitOf('disk', 'bytes', 5e9),
    limitOf('pids', 'count', 12),
  ],
  obligations: [layer('/tmp', 4_000_000), affinity('0,3')],
});
const surroundings: Surroundings = { cgroup: { version: 1, directories: ['/cgroup/pids/a', '/cgroup/memory/a'] } };

/** What the validator has against the bytes; undefined where it agrees. */
function objection(bytes: Uint8Array, depth: 'quick' | 'thorough'): string | undefined {
  const artifacts: readonly Artifact[] = [{ path: 'launcher', content: bytes, sourceMap: [] }];
  return validateLauncher(fullPolicy, defaultTarget, artifacts, surroundings, depth).counterexample;
}

const decisions: readonly Decision[][] = [
  [
    refusing(['execve'], killed),
    refusing(['uname', 'write'], { kind: 'errno', errno: 38 }),
    refusing(['ptrace'], { kind: 'log' }),
  ],
  [keeping([]), keeping(['chown', 'checkpoint_restore', 'sys_admin'])],
  [paths(), paths(['/etc/passwd', ['read_file']], ['/', ['execute']]), paths(['/opt/*', reading])],
  [loopbackOnly, nothingReachable],
  [signals],
];

const limits: readonly Limit[] = [
  limitOf('timeout', 'milliseconds', 1),
  limitOf('timeout', 'milliseconds', 86_400_000),
  limitOf('rlimit:stack', 'bytes', Number.POSITIVE_INFINITY),
  limitOf('rlimit:nofile', 'count', 3),
  limitOf('rlimit:as', 'bytes', 2 ** 40),
  limitOf('disk', 'bytes', 5e9),
];

const groups: readonly Surroundings[] = [
  {},
  surroundings,
  { cgroup: { version: 2, directory: '/sys/fs/cgroup/a' } },
  { expansions: new Map([['/opt/*', ['/opt/one', '/opt/two']]]) },
  { processors: [1, 64, 200] },
  { cgroup: { version: 1, directories: ['/cgroup/pids/a'], born: '/cgroup/unified/a' }, bound: true },
  { cgroup: { version: 2, directory: '/sys/fs/cgroup/a' }, bound: true },
];

const anyPolicy = fc
  .tuple(
    fc.tuple(...decisions.map((choices) => fc.option(fc.constantFrom(...choices)))),
    fc.uniqueArray(fc.constantFrom(...limits), { selector: (limit) => limit.resource }),
    fc.subarray([layer('/tmp', 1000), layer('/var/tmp', 2 ** 33)]),
    fc.subarray([affinity('0'), affinity('2,63,64'), affinity('numa-aware')], { maxLength: 1 }),
  )
  .map(([chosen, ceilings, layers, affinities]) =>
    policyOf({
      decisions: chosen.filter((decision) => decision !== null),
      limits: ceilings,
      obligations: [...layers, ...affinities],
    }),
  );

test('launchers of random policies do what the policies say, and are the same each time', () => {
  fc.assert(
    fc.property(anyPolicy, fc.constantFrom(...groups), fc.integer({ min: 0, max: 7 }), (policy, around, landlock) => {
      const target = { ...defaultTarget, landlock };
      const { artifacts } = emitLauncher(policy, target, around);
      assert.is(artifacts.length, 4);
      for (const depth of ['quick', 'thorough'] as const)
        assert.is(validateLauncher(policy, target, artifacts, around, depth).counterexample, undefined);
      assert.equal(emitLauncher(policy, target, around).artifacts, artifacts);
    }),
    { numRuns: 40 },
  );
});

test('a launcher that is not bound to who starts it, or joins no group of version 2, is refused where it should', () => {
  const around: Surroundings = { cgroup: { version: 1, directories: [], born: '/unified/a' }, bound: true };
  const policy = policyOf({ limits: [limitOf('timeout', 'milliseconds', 7000)] });
  for (const each of [policy, policyOf({})]) {
    const judged = (made: Surroundings, wanted: Surroundings) =>
      validateLauncher(each, defaultTarget, emitLauncher(each, defaultTarget, made).artifacts, wanted).counterexample;
    assert.is(judged(around, around), undefined);
    assert.type(judged({ ...around, bound: false }, around), 'string');
    assert.type(judged(around, { ...around, bound: false }), 'string');
    assert.match(judged({ bound: true }, around) ?? '', /cgroup at birth/);
    assert.match(judged(around, { bound: true }) ?? '', /cgroup at birth/);
  }
});

test('a launcher of another policy is refused', () => {
  const outcomes = fc.sample(fc.tuple(anyPolicy, anyPolicy), { numRuns: 40, seed: 7 }).map(([one, other]) => {
    const { artifacts } = emitLauncher(one, defaultTarget);
    const same = JSON.stringify(plain(one)) === JSON.stringify(plain(other));
    return same || validateLauncher(other, defaultTarget, artifacts).status === 'refused';
  });
  assert.is(outcomes.filter((refused) => !refused).length, 0);
});

/** What a plan says, without where it comes from. */
function plain(policy: Policy): unknown {
  return planOf(policy, defaultTarget, 'x86_64').plan.steps.map((step) =>
    JSON.stringify(step, (key, value: unknown) =>
      key === 'rules' || key === 'rule' ? undefined : typeof value === 'bigint' ? `${value}` : value,
    ),
  );
}

/** Steps that may change places without a difference that anybody could see. */
const exchangeable: readonly (readonly [LaunchStep['kind'], LaunchStep['kind']])[] = [
  ['close-descriptors', 'join-cgroup'],
  ['join-cgroup', 'cpu-affinity'],
  ['cpu-affinity', 'namespaces'],
  ['loopback-up', 'private-layers'],
  ['private-layers', 'supervise'],
  ['supervise', 'supervise'],
  ['supervise', 'no-new-privileges'],
  ['no-new-privileges', 'landlock'], // root, or in a user namespace of its own
  ['landlock', 'capabilities'],
  ['capabilities', 'resource-limits'],
  ['resource-limits', 'find-command'],
  ['find-command', 'seccomp'], // the policy allows faccessat
];

test('a launcher with a step left out, exchanged or changed is refused', () => {
  for (const machine of machines) {
    const { plan } = planOf(fullPolicy, defaultTarget, machine, surroundings);
    const judge = (steps: readonly LaunchStep[]) =>
      validateLauncher(fullPolicy, defaultTarget, artifactsOf([{ ...plan, steps }]), surroundings).counterexample;
    assert.is(judge(plan.steps), undefined);
    for (const [index, step] of plan.steps.entries()) {
      const without = plan.steps.filter((_, at) => at !== index);
      assert.ok(judge(without), `${machine}: ${step.kind} left out`);
      const next = plan.steps[index + 1];
      if (next !== undefined && !exchangeable.some(([one, other]) => step.kind === one && next.kind === other)) {
        const exchanged = [...plan.steps.slice(0, index), next, step, ...plan.steps.slice(index + 2)];
        assert.ok(judge(exchanged), `${machine}: ${step.kind} after ${next.kind}`);
      }
      for (const changed of changes(step)) {
        const with_ = plan.steps.map((each, at) => (at === index ? changed : each));
        assert.ok(
          judge(with_),
          `${machine}: ${step.kind} changed to ${JSON.stringify(changed, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}`,
        );
      }
    }
  }
});

function changes(step: LaunchStep): readonly LaunchStep[] {
  switch (step.kind) {
    case 'join-cgroup':
      return [
        { ...step, directories: step.directories.slice(1) },
        { ...step, directories: ['/cgroup/pids', step.directories[1]!] },
      ];
    case 'cpu-affinity':
      return [
        { ...step, cpus: [0] },
        { ...step, cpus: [0, 4] },
      ];
    case 'namespaces':
      return step.kinds.map((kind) => ({ ...step, kinds: step.kinds.filter((each) => each !== kind) }));
    case 'private-layers':
      return [{ ...step, layers: step.layers.map((each) => ({ ...each, bytes: each.bytes + 1 })) }];
    case 'supervise':
      return step.deadline === undefined ? [{ ...step, deadline: 5 }] : [{ ...step, deadline: step.deadline + 1 }];
    case 'landlock':
      return [
        { ...step, handledPaths: step.handledPaths & ~1n },
        { ...step, scoped: 0n },
        { ...step, paths: step.paths.slice(1) },
        { ...step, paths: step.paths.map((path) => ({ ...path, access: path.access | 2n })) },
        { ...step, paths: [...step.paths, { ...step.paths[0]!, path: '/' }] },
        { ...step, ports: [{ port: 80, access: 1n, rule: '' }] },
      ];
    case 'capabilities':
      return [0n, step.keep | 1n, step.keep & ~(1n << 39n)].map((keep) => ({ ...step, keep }));
    case 'resource-limits':
      return [
        { ...step, limits: step.limits.slice(1) },
        { ...step, limits: step.limits.map((each) => ({ ...each, ceiling: each.ceiling * 2n })) },
        { ...step, limits: step.limits.map((each) => ({ ...each, resource: 'core' })) },
      ];
    case 'seccomp':
      return [
        { ...step, filter: Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f), relocations: [] },
        { ...step, relocations: step.relocations.slice(1) },
        { ...step, relocations: step.relocations.map((each) => ({ ...each, parameter: 'cookie0' })) },
      ];
    case 'close-descriptors':
    case 'loopback-up':
    case 'no-new-privileges':
    case 'find-command':
    case 'report':
    case 'exec':
      return [];
    default: {
      const unreachable: never = step;
      return unreachable;
    }
  }
}

test('a launcher with a bit turned over is refused, wherever the bit matters', () => {
  for (const machine of machines) {
    const { plan } = planOf(fullPolicy, defaultTarget, machine, surroundings);
    const image = launcherImage(plan);
    const code = { from: image.addresses[0]! - 0x40_0000, to: image.addresses.at(-1)! - 0x40_0000 };
    const samples = 600;
    let survivors = 0;
    let quickSurvivors = 0;
    for (let sample = 0; sample < samples; sample++) {
      const mutant = image.bytes.slice();
      const bit = code.from * 8 + ((sample * 2_654_435_761) % ((code.to - code.from) * 8));
      mutant[bit >> 3]! ^= 1 << (bit & 7);
      const quick = objection(mutant, 'quick') === undefined;
      const found = objection(mutant, 'thorough');
      const thorough = found === undefined;
      // What only the thorough validation sees is how a failure is said, not what the program is given.
      if (quick && !thorough)
        assert.not.match(found, /: .* in place of|Landlock|filter|capabilit|bounding|limit|open|it execs/);
      assert.ok(quick || !thorough, 'what the quick validation refuses, the thorough one does');
      if (quick) quickSurvivors += 1;
      if (thorough) survivors += 1;
    }
    // Prefix bits that the processor ignores, bits of arguments that the kernel does, answers to rare errors.
    assert.ok(survivors < samples * 0.2, `${machine}: ${survivors} of ${samples}`);
    // What the quick one lets through besides: the words and the exit codes of rare failures. No such launcher execs.
    const missed = quickSurvivors - survivors;
    assert.ok(missed <= samples * 0.03, `${machine}: ${missed} of ${samples}`);
  }
});

test('a parent that waits with other options is refused', () => {
  const { plan } = planOf(fullPolicy, defaultTarget, 'x86_64', surroundings);
  const { bytes } = launcherImage(plan);
  // wait4's options as an immediate operand: WNOHANG | __WALL.
  const at = Buffer.from(bytes).indexOf(Buffer.from([0x01, 0x00, 0x00, 0x40]));
  assert.ok(at > 0);
  for (const bit of [0, 1, 2, 3, 24, 29, 30, 31]) {
    const mutant = bytes.slice();
    mutant[at + (bit >> 3)]! ^= 1 << (bit & 7);
    assert.match(objection(mutant, 'quick') ?? '', 'a parent calls wait4 otherwise', `bit ${bit}`);
  }
});

const disassemblers = {
  x86_64: ['objdump', 'i386:x86-64'],
  aarch64: ['aarch64-linux-gnu-objdump', 'aarch64'],
} as const;

for (const machine of machines) {
  const [program, name] = disassemblers[machine];
  const title = `a disassembler reads the code of ${machine}`;
  if (spawnSync(program, ['--version']).status !== 0) skip(title, `${program} is not installed`);
  else {
    test(title, () => {
      const { plan } = planOf(fullPolicy, defaultTarget, machine, surroundings);
      const image = launcherImage(plan);
      const file = join(launcherFolder(), `code-${machine}`);
      writeFileSync(file, image.bytes);
      const base = 0x40_0000;
      const start = image.addresses[0]!;
      const done = spawnSync(
        program,
        [
          '-D',
          '-b',
          'binary',
          '-m',
          name,
          `--adjust-vma=${base}`,
          `--start-address=${start}`,
          `--stop-address=${image.addresses.at(-1)}`,
          file,
        ],
        { encoding: 'utf8' },
      );
      const lines = done.stdout.split('\n').flatMap((line) => /^\s+([0-9a-f]+):\t[0-9a-f ]+\t(\S+)/.exec(line) ?? []);
      assert.not.match(done.stdout, /\(bad\)|undefined|\.inst/);
      // Every operation starts where an instruction does, and there are as many system calls.
      const starts = new Set(
        [...done.stdout.matchAll(/^\s+([0-9a-f]+):/gm)].map((match) => Number.parseInt(match[1]!, 16)),
      );
      const apart = image.addresses.filter((address) => address !== image.addresses.at(-1) && !starts.has(address));
      assert.equal(apart, []);
      const calls = lines.filter((word) => word === (machine === 'x86_64' ? 'syscall' : 'svc')).length;
      // A checked call is made by the routine for them.
      const made = image.operations.filter(
        (each) => each.kind === 'enter-kernel' || (each.kind === 'system-call' && !each.checked),
      );
      assert.is(calls, made.length);
      const names = image.operations.flatMap((operation) => (operation.kind === 'label' ? [operation.name] : []));
      assert.is(new Set(names).size, names.length);
    });
  }
}

run();
