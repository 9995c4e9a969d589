import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import type { Artifact, PlacedBackend, Surroundings } from '../../compiler/backends/backend.ts';
import { buildPrograms } from '../../compiler/backends/bpf-lsm/build.ts';
import { type HookPlan, planHook } from '../../compiler/backends/bpf-lsm/hook/plan.ts';
import { recordedBefore } from '../../compiler/backends/bpf-lsm/hook/recorded-before.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { levelCoverage } from '../../compiler/backends/bpf-lsm/level-coverage.ts';
import { levelParts } from '../../compiler/backends/bpf-lsm/levels.ts';
import { bpfObject } from '../../compiler/backends/bpf-lsm/object.ts';
import { launcher } from '../../compiler/backends/launcher/index.ts';
import { compile } from '../../compiler/compile.ts';
import { always } from '../../compiler/expressions/predicate.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { fileSystemRights } from '../../compiler/tables/landlock.ts';
import { defaultTarget, type KernelVersion } from '../../compiler/target.ts';
import { validateBpf } from '../../compiler/verify/bpf-lsm/index.ts';
import { decodeObject } from '../../compiler/verify/bpf-lsm/object.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('bpf-lsm levels');

const kernels: readonly KernelVersion[] = [
  { major: 5, minor: 15 },
  { major: 6, minor: 12 },
];
const surroundings: Surroundings = { sha256: () => '', position: () => undefined };

const onNetwork = 'adaptive: { auto_upgrade: sandbox, triggers: [{ network_access: upgrade }] }\n';
const start = (rest: string, more = onNetwork) => `profile: p\nmode: direct\n${rest}${more}`;

function compiled(text: string, hooks = '', kernel = kernels[1]!, backends: readonly PlacedBackend[] = [bpfLsm]) {
  const { realpath: _anywhere, ...withoutLinks } = nodeHost;
  const host = { ...withoutLinks, read: (path: string) => (path === 'h.bpf' ? hooks : undefined), now: () => 0 };
  const target = { ...defaultTarget, kernel };
  const compilation = compile('p.yaml', text, host, { target, backends, maximumMilliseconds: 0, bundled: false });
  const { policy } = compilation;
  assert.ok(policy !== undefined, compilation.diagnostics.map(({ message }) => message).join('\n'));
  return { policy, target, compilation, artifacts: bpfLsm.emit(policy, target, surroundings).artifacts };
}

function sectionsOf(artifacts: readonly Artifact[], path: string): readonly string[] {
  const content = artifacts.find((each) => each.path === path)?.content;
  assert.ok(content instanceof Uint8Array, `${path} of ${artifacts.map((each) => each.path)}`);
  const object = decodeObject(content);
  assert.ok(typeof object !== 'string');
  return object.programs.map(({ section }) => section);
}

const hooked = `security:
  bpf_lsm: { file_open: h.bpf, task_kill: h.bpf, path_rename: h.bpf }
`;
const hooks = `hook file_open
  counter opens by uid per 10s when path beneath "/tmp"
  audit deny when path beneath ["/root", "/home/*/.ssh"]
  deny when opens > 3
  audit when flags & O_ACCMODE != O_RDONLY
hook task_kill
  errno EIO when sig == 9
hook path_rename
  deny when new_name like "*.so"
`;
const mixed = `${hooked}  landlock:
    paths:
      - { path: /usr, access: execute }
      - { path: /tmp, access: read-write }
      - { path: /tmp/secret, access: none }
network: { outbound: ["10.0.0.0/8:443"] }
`;

test('programs of a level let everything pass until its word is set, and decide as the reference from then on', () => {
  for (const kernel of kernels) {
    const { policy, target, artifacts } = compiled(start(mixed), hooks, kernel);
    assert.equal(
      artifacts.map(({ path }) => path),
      ['level-sandbox.bpf.o', 'level-sandbox.bpf.txt', 'level-sandbox.bpf.json'],
    );
    const { status, compared, counterexample } = validateBpf(policy, target, artifacts, 120);
    assert.is(status, 'tested', counterexample);
    assert.ok(compared > 2000);
  }
});

const pattern = fc.constantFrom('/a', '/a/b', '/a/b/c', '/a/*', '/b', '/b/*.d');
const rights = fc.uniqueArray(fc.constantFrom(...fileSystemRights().map(({ name }) => name)), { minLength: 1 });
const entry = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(pattern, rights) },
  { weight: 1, arbitrary: fc.tuple(pattern, fc.constant(['none'])) },
);

test('on random lists of paths programs alone refuse as the decision does, right by right', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), fc.constantFrom(...kernels), (entries, kernel) => {
      // `execute` names the preset, which reads too; a list by itself names rights.
      const list = entries.map(([path, own]) =>
        own[0] === 'none'
          ? `      - { path: "${path}", access: none }\n`
          : `      - { path: "${path}", access: [${own.join(', ')}] }\n`,
      );
      const text = start(`security:\n  landlock:\n    paths:\n${list.join('')}`);
      const { policy, target, artifacts } = compiled(text, '', kernel);
      const { status, counterexample } = validateBpf(policy, target, artifacts, 24);
      assert.is(status, 'tested', `${counterexample}\n${text}`);
    }),
    { numRuns: 25 },
  );
});

/** The artifacts with another object for the level. */
function withObject(
  policy: Policy,
  artifacts: readonly Artifact[],
  change: (part: Policy) => { part: Policy; later: boolean },
) {
  const target = { ...defaultTarget, kernel: kernels[1]! };
  const { part, later } = change(levelParts(policy, target)[0]!.policy);
  const built = buildPrograms(part, target, () => undefined, { attach: 'lsm', later });
  return artifacts.map((each) => (each.path.endsWith('.o') ? { ...each, content: bpfObject(built) } : each));
}

test('an object that decides before the move, or otherwise than the level, is refused', () => {
  const { policy, target, artifacts } = compiled(start(mixed), hooks);
  const answer = (changed: readonly Artifact[]) => validateBpf(policy, target, changed, 60);
  assert.is(answer(withObject(policy, artifacts, (part) => ({ part, later: true }))).status, 'tested');
  const eager = answer(withObject(policy, artifacts, (part) => ({ part, later: false })));
  assert.match(`${eager.status} ${eager.counterexample}`, /^refused level-sandbox: /);
  const without = (point: string) => (part: Policy) => ({
    part: { ...part, decisions: part.decisions.filter((decision) => decision.point !== point) },
    later: true,
  });
  for (const point of ['hook', 'path', 'socket']) {
    assert.is(answer(withObject(policy, artifacts, without(point))).status, 'refused', point);
  }
  assert.is(answer(artifacts.filter(({ path }) => path.endsWith('.txt'))).status, 'refused');
  assert.is(answer([]).status, 'refused');
});

const twice =
  'adaptive: { auto_upgrade: sandbox, auto_downgrade: hardened, triggers: [{ network_access: upgrade }, { process_spawn: downgrade }] }\n';
const recording = `hook file_open
  allow when name == "good"
  audit deny when path beneath "/root"
  audit allow when uid == 9
  counter opens by uid per 10s
  deny when opens > 3
  audit errno EROFS when uid == 5
`;

test('what a lesser level has refused and recorded its successor records no more, and what it has not it does', () => {
  const text = start('security: { bpf_lsm: { file_open: h.bpf } }\n', twice);
  const { policy, target, artifacts } = compiled(text, recording);
  const listing = (level: string) =>
    String(artifacts.find(({ path }) => path === `level-${level}.bpf.txt`)?.content).match(/get_retval/g) ?? [];
  // Once where it holds, and once where that is not known; what comes behind the counter is decided apart.
  assert.equal([listing('sandbox').length, listing('hardened').length], [0, 2]);
  assert.is(validateBpf(policy, target, artifacts, 400).status, 'tested');
  const [sandbox] = levelParts(policy, target);
  assert.ok(sandbox);
  const form = { attach: 'lsm-cgroup', later: true } as const;
  const built = buildPrograms(sandbox.policy, target, () => undefined, form);
  const before = [{ policy: sandbox.policy, later: true, built }];
  const silent = bpfObject(buildPrograms(sandbox.policy, target, () => undefined, { ...form, before }));
  const changed = artifacts.map((each) => (each.path === 'level-sandbox.bpf.o' ? { ...each, content: silent } : each));
  // Nobody has recorded it before: the start refuses nothing.
  assert.is(validateBpf(policy, target, changed, 400).status, 'refused');
  const older = compiled(text, recording, kernels[0]).artifacts;
  assert.not.match(String(older.find(({ path }) => path === 'level-hardened.bpf.txt')?.content), 'get_retval');
});

test('only what is decided alike from the first rule on counts as recorded before', () => {
  const { policy, target } = compiled(start('security: { bpf_lsm: { file_open: h.bpf } }\n'), recording);
  const plan = planHook(levelParts(policy, target)[0]!.policy, 'file_open');
  const marked = (...lesser: readonly HookPlan[]) =>
    recordedBefore(plan, lesser)
      .rules.map((rule) => (rule.recordedBefore === true ? 'r' : '-'))
      .join('');
  const changed = (at: number, rule: Partial<HookPlan['rules'][number]>): HookPlan => ({
    ...plan,
    rules: plan.rules.map((each, index) => (index === at ? { ...each, ...rule } : each)),
  });
  // The fourth asks the counter.
  assert.equal([marked(), marked(plan)], ['------', 'rrr---']);
  // A refusal that nobody records takes no record away, and what stands before a rule may decide in its place.
  assert.is(marked(changed(1, { effect: { kind: 'deny' } })), 'r-----');
  assert.is(marked(changed(1, { effect: { kind: 'errno', errno: 5, audit: true } })), 'r-----');
  assert.is(marked(changed(0, { when: always })), '------');
  assert.is(marked({ ...plan, rules: plan.rules.slice(0, 2) }), 'rr----');
  assert.is(marked(changed(1, { effect: { kind: 'deny' } }), plan), 'rrr---');
});

test('hooks of all levels share the ten places of control groups, or all programs ask for the group themselves', () => {
  const few = compiled(start(hooked), hooks).artifacts;
  assert.equal(sectionsOf(few, 'level-sandbox.bpf.o'), [
    'lsm_cgroup/file_open',
    'lsm_cgroup/path_rename',
    'lsm_cgroup/task_kill',
  ]);
  const all = compiled(start(mixed), hooks).artifacts;
  const sections = sectionsOf(all, 'level-sandbox.bpf.o');
  assert.ok(sections.some((section) => section === 'lsm/path_unlink'));
  assert.not.ok(sections.some((section) => section.startsWith('lsm_cgroup/')));
  // The start has a program of its own, which is attached alike.
  const trigger = onNetwork.replace('network_access', 'file_write_outside_tmp');
  const recorded = compiled(start(mixed, trigger), hooks).artifacts;
  assert.equal(sectionsOf(recorded, 'policy.bpf.o'), ['lsm/file_open']);
  const both = compiled(
    start(
      hooked,
      'adaptive: { auto_upgrade: sandbox, auto_downgrade: hardened, triggers: [{ network_access: upgrade }, { process_spawn: downgrade }] }\n',
    ),
    hooks,
  ).artifacts;
  assert.equal(
    both.filter(({ path }) => path.endsWith('.o')).map(({ path }) => path),
    ['level-sandbox.bpf.o', 'level-hardened.bpf.o'],
  );
});

test('levels that say the same at hooks need no programs, and what none can hold stays an error', () => {
  const same = compiled(
    start(hooked).replace('direct', 'sandbox').replace('upgrade: sandbox', 'upgrade: hardened'),
    hooks,
  );
  assert.equal(
    same.artifacts.map(({ path }) => path).filter((path) => path.startsWith('level')),
    [],
  );
  const { compilation } = compiled(
    start(`${mixed}resources: { rlimits: { nofile: 9 }, timeout: 5s }\n`),
    hooks,
    kernels[1],
    [launcher, bpfLsm],
  );
  const status = new Map(compilation.coverage.map((each) => [each.topic, each.status]));
  const expected = [
    ['security.bpf_lsm.file_open', 'partial'],
    ['security.landlock.paths[0]', 'partial'],
    ['security.landlock.paths[2]', 'partial'],
    ['network.outbound', 'partial'],
    ['network.outbound[0]', 'full'],
    ['resources.rlimits.nofile', 'none'],
    ['resources.timeout', 'none'],
  ] as const;
  assert.equal(
    expected.map(([topic]) => [topic, status.get(`adaptive.sandbox.${topic}`)]),
    expected,
  );
  const lost = compilation.coverage.flatMap(({ answers }) => answers.map((each) => each.lost ?? ''));
  assert.ok(lost.some((each) => each.includes('files that are open at the move stay')));
  assert.ok(lost.some((each) => each.includes('can leave its control group')));
});

test('a way out that a hook of the start closes is open until the move where the start has no program there', () => {
  const closing = 'hook file_open\n  deny when flags & O_ACCMODE != O_RDONLY && filesystem in ["cgroup", "cgroup2"]\n';
  const closed = compiled('profile: p\nmode: sandbox\nsecurity: { bpf_lsm: { file_open: h.bpf } }\n', closing).policy;
  const { policy, target } = compiled(start(mixed), hooks);
  const whole = { ...policy, decisions: closed.decisions.filter(({ point }) => point === 'hook') };
  const [part] = levelParts(policy, target);
  assert.ok(part !== undefined);
  const built = buildPrograms(part.policy, target, () => undefined, { attach: 'lsm', later: true });
  const lostWhere = (without: ReadonlyMap<string, string>) =>
    levelCoverage(whole, part, target, built, { without }).filter(({ lost }) => lost?.includes('cgroup.procs')).length;
  assert.is(lostWhere(new Map()), 0);
  assert.ok(lostWhere(new Map([['file_open', 'its rules read too much']])) > 0);
});

run();
