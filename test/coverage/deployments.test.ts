import * as assert from 'uvu/assert';
import type { BackendName } from '../../compiler/backends/backend.ts';
import { compile } from '../../compiler/compile.ts';
import { type BackendAnswer, joinCoverage, joinDeployment } from '../../compiler/coverage.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { Host } from '../../compiler/host.ts';
import { compileText, coverageFindings, coverageOf } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny, limitOf, pathRule, policyOf } from '../support/policies.ts';

const { test, run } = suite('deployments');

function hostWith(files: Readonly<Record<string, string>>): Host {
  return { read: (path) => files[path], now: () => 0, sha256: () => '0'.repeat(64) };
}

const paths = 'security: { landlock: { paths: [{ path: /usr, access: execute }] } }\n';

test('what only the launcher holds is enforced, and a hint names it for OCI', () => {
  const result = compileText(`${paths}resources: { timeout: 300s }\n`);
  assert.ok(result.ok);
  const [timeout] = coverageOf(result, 'resources.timeout');
  assert.is(timeout!.status, 'full');
  assert.equal(timeout!.deployments, [
    { name: 'launcher', status: 'full' },
    { name: 'oci', status: 'none' },
  ]);
  assert.equal(coverageFindings(result), [
    'POL6006 hint an OCI runtime does not enforce `security.landlock.paths`, `resources.timeout`, as the launcher does',
  ]);
  const manifest = JSON.parse(String(result.files.find(({ path }) => path === 'manifest.json')!.content));
  const listed = manifest.coverage.find((entry: { topic: string }) => entry.topic === 'resources.timeout');
  assert.equal(listed.deployments, { launcher: 'full', oci: 'none' });
});

test('programs of the control group hold what a container does, and it is said who loads them', () => {
  const text =
    'profile: web\nmode: sandbox\nsecurity: { level: medium, capabilities: [], seccomp: { default: allow }, bpf_lsm: { file_open: files.bpf } }\n';
  // By which a process would get rid of them: a container restricts no paths.
  const leaving = 'filesystem in ["cgroup", "cgroup2", "proc", "sysfs", "debugfs", "tracefs", "binfmt_misc"]';
  const written = `deny when flags & O_ACCMODE != O_RDONLY && ${leaving}`;
  const host = hostWith({ 'files.bpf': `hook file_open\n  ${written}\n  deny when path beneath "/root"\n` });
  const built = (emit?: readonly BackendName[]) =>
    compile('policy.yaml', text, host, { maximumMilliseconds: 0, ...(emit === undefined ? {} : { emit }) });
  const result = built(['launcher', 'seccomp', 'oci', 'bpf-lsm']);
  assert.ok(result.ok);
  assert.equal(result.diagnostics, []);
  const hooks = result.coverage.filter(({ topic }) => topic.startsWith('security.bpf_lsm'));
  assert.is(hooks.length, 3);
  for (const { status, deployments, answers } of hooks) {
    assert.is(status, 'full');
    assert.equal(deployments, [
      { name: 'launcher', status: 'full' },
      { name: 'oci', status: 'full' },
    ]);
    assert.match(answers[0]!.enforced ?? '', /which `polc run` and `polc sandbox load` load/);
  }
  assert.equal(
    built().coverage.map(({ topic, status }) => `${topic} ${status}`),
    result.coverage.map(({ topic, status }) => `${topic} ${status}`),
  );
  const lost = built(['launcher', 'seccomp', 'oci']);
  assert.not(lost.ok);
  for (const { code, help } of lost.diagnostics)
    assert.match(`${code} ${help}`, /^POL6001 .*`--emit [a-z,-]*\bbpf-lsm/);
});

test('a policy for WebAssembly is judged by its guest, though containers hold more of it', () => {
  const result = compileText('runtime: wasm\nresources: { cpu: 50%, pids: 4, disk: 1MiB }\n');
  assert.equal(
    result.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [
      '`resources.cpu` is enforced by no backend on this target',
      '`resources.disk` is enforced by no backend on this target',
    ],
  );
  for (const { code, help } of result.diagnostics) if (code === 'POL6006') assert.match(help, /polc wasm harden/);
});

test('a hook program alone is lost where its backend is left out', () => {
  const { ok, diagnostics } = compile('files.bpf', 'hook file_open\n  deny\n', hostWith({}), {
    maximumMilliseconds: 0,
    emit: ['seccomp'],
  });
  assert.not(ok);
  for (const { code, help } of diagnostics) assert.match(`${code} ${help}`, /^POL6001 .*`--emit seccomp,bpf-lsm`/);
});

test('without OCI artifacts there is no hint, and without the launcher the losses of OCI are errors', () => {
  assert.equal(coverageFindings(compileText(paths, { emit: ['launcher', 'landlock'] })), []);
  const oci = compileText(paths, { emit: ['oci'] });
  assert.not(oci.ok);
  assert.ok(coverageFindings(oci).every((finding) => finding.startsWith('POL6001 error')));
});

test('an acceptance of what OCI lacks silences the hint and is used', () => {
  const result = compileText(
    `resources: { timeout: 300s }\naccept: [{ loss: timeout, because: the container engine ends it }]\n`,
  );
  assert.equal(coverageFindings(result), []);
});

test('two deployments that each lose something do not make one that loses nothing', () => {
  const policy = policyOf({
    decisions: [decisionOf('path', 'union-of-allows', [pathRule('/usr', ['execute'])], deny)],
    limits: [limitOf('memory', 'bytes', 1 << 20)],
  });
  const full = (backend: BackendAnswer['backend'], rule: string): BackendAnswer => ({ backend, rule, status: 'full' });
  const answers = [full('landlock', 'path/0'), full('landlock', 'path/otherwise'), full('oci', 'limit/memory')];
  const diagnostics: Diagnostic[] = [];
  const joined = joinCoverage(policy, answers, [], diagnostics);
  assert.equal(
    joined.map(({ rule, status }) => `${rule} ${status}`),
    ['path/0 full', 'path/otherwise full', 'limit/memory none'],
  );
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['POL6001', 'POL6006'],
  );
  assert.equal(
    joinDeployment(policy, answers.slice(2)).map(({ status }) => status),
    ['none', 'none', 'full'],
  );
});

test('one field gives one finding, partial where some of it is enforced', () => {
  const result = compileText(
    'security: { landlock: { connect: [443] } }\nnetwork: { mode: host, outbound: ["10.0.0.0/8:443"] }\n',
  );
  const outbound = coverageOf(result, 'network.outbound[0]');
  assert.equal(new Set(outbound.map(({ status }) => status)), new Set(['partial', 'none']));
  const findings = coverageFindings(result).filter((finding) => finding.includes('network.outbound[0]`'));
  assert.equal(findings, ['POL6004 warning `network.outbound[0]` is only partly enforced on this target']);
});

test('a refusal that is lost is an error though the same field also lets something through', () => {
  const decision = decisionOf('socket', 'deny-overrides', [[{ kind: 'constant', value: false }, allow]], deny);
  const rule = decision.rules[0]!;
  const policy = policyOf({
    decisions: [{ ...decision, rules: [{ ...rule, topic: decision.otherwise.topic }] }],
  });
  const diagnostics: Diagnostic[] = [];
  joinCoverage(policy, [{ backend: 'landlock', rule: rule.id, status: 'full' }], [], diagnostics);
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['POL6001'],
  );
});

test('a whole section cannot be accepted', () => {
  for (const loss of ['security', 'resources', 'network']) {
    const result = compileText(`resources: { disk: 1GiB }\naccept: [{ loss: ${loss}, because: whatever }]\n`);
    assert.not(result.ok);
    assert.ok(coverageFindings(result).includes(`POL6007 error \`${loss}\` is a whole section`));
    assert.ok(coverageFindings(result).some((finding) => finding.includes('`resources.disk` is only partly')));
  }
  const named = compileText('resources: { disk: 1GiB }\naccept: [{ loss: resources.disk, because: a quota }]\n');
  assert.ok(named.ok);
  assert.equal(coverageFindings(named), []);
});

run();
