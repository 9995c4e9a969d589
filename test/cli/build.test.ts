import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { backendsOf } from '../../compiler/backends/index.ts';
import { suite } from '../support/harness.ts';
import { calm, smallPolicy, withProject } from '../support/polc-process.ts';

const { test, run } = suite('build as a process');

interface Manifest {
  readonly policy: string;
  readonly artifacts: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  readonly sources: readonly { readonly path: string; readonly sha256: string }[];
}

const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

const pidsAccepted = 'accept: [{ loss: pids, because: the program does not stay root }]\n';

test('the output is DIR/<policy>/<backend>/<file>, and the manifest says what is there', () =>
  withProject(({ folder, write, read, contents, polc }) => {
    write({
      'web.yaml': smallPolicy('web', `resources: { pids: 16 }\n${pidsAccepted}`),
      'below/api.yml': smallPolicy('api'),
    });
    const built = polc(['build', '--out', 'out', ...calm]);
    assert.is(built.status, 0, built.stderr);
    assert.is(built.stderr, '');
    assert.match(built.stdout, /^\npolc build \. → out\n\n {2}policy {2}dialect {2}emits .* coverage .* time\n/);
    assert.match(built.stdout, /\n {2}web +sandbox +seccomp \d+ \+ \d+ insns · cgroup v2 · oci · launcher .* ms\n/);
    assert.match(built.stdout, /\n2 policies built, every artifact validated against its policy\n$/);
    for (const [policy, source] of [
      ['web', 'web.yaml'],
      ['api', 'below/api.yml'],
    ] as const) {
      const manifest: Manifest = JSON.parse(read(`out/${policy}/manifest.json`));
      assert.is(manifest.policy, policy);
      assert.equal(manifest.sources, [{ path: source, sha256: sha256(read(source)) }]);
      const listed = manifest.artifacts.map(({ path }) => path);
      assert.equal([...listed, 'manifest.json'].sort(), Object.keys(contents(`out/${policy}`)).sort());
      for (const { path, bytes, sha256: digest } of manifest.artifacts) {
        assert.match(path, /^((ir|seccomp|landlock|cgroup|oci|launcher)\/|source-map\.json$)/);
        const content = readFileSync(join(folder, 'out', policy, path));
        assert.equal([content.length, sha256(content)], [bytes, digest], path);
      }
    }
    assert.ok(statSync(join(folder, 'out/web/launcher/launcher.x86_64')).mode & 0o100);
    const report = JSON.parse(read('out/build-report.json'));
    assert.ok(Math.abs(Date.parse(report.compiledAt) - Date.now()) < 60_000);
    assert.equal(
      report.policies.map((each: { policy: string; cached: boolean }) => [each.policy, each.cached]),
      [
        ['api', false],
        ['web', false],
      ],
    );
    const { phases } = report.policies[0];
    for (const phase of ['parse', 'lower', 'emit', 'validate']) assert.ok(phases[phase] > 0, phase);
    assert.not.match(read('out/web/manifest.json'), /compiledAt|milliseconds/);
  }));

test('one wrong policy, and nothing is written; the last good output stays byte for byte', () =>
  withProject(({ write, contents, polc, folder }) => {
    write({ 'a.yaml': smallPolicy('a'), 'b.yaml': smallPolicy('b') });
    assert.is(polc(['build', ...calm]).status, 0);
    const before = contents('dist');
    write({
      'a.yaml': smallPolicy('a', `resources: { pids: 3 }\n${pidsAccepted}`),
      'b.yaml': smallPolicy('b').replace('mode', 'mdoe'),
    });
    const failed = polc(['build', ...calm]);
    assert.is(failed.status, 1);
    assert.match(failed.stderr, /error\[POL2001\]: unknown key `mdoe`\n {2}--> b\.yaml:2:1/);
    assert.match(failed.stdout, /\nnothing was written: 1 of 2 policies is wrong · \d errors?\n/);
    assert.equal(contents('dist'), before);
    const elsewhere = polc(['build', '--out', 'other', ...calm]);
    assert.is(elsewhere.status, 1);
    assert.not.ok(existsSync(join(folder, 'other')));
  }));

test('what several policies inherit from one file is found in it once', () =>
  withProject(({ write, polc }) => {
    write({
      'base.yaml': smallPolicy('base', 'resources: { pids: 16 }\n'),
      'one.yaml': 'profile: one\nextends: base.yaml\n',
      'two.yaml': 'profile: two\nextends: base.yaml\n',
    });
    for (const words of [['check'], ['build', '--out', 'out']]) {
      const told = polc([...words, ...calm]);
      const places = told.stderr.match(/POL60\d\d\]/g) ?? [];
      assert.is(places.length, 1, told.stderr);
      const { stdout } = polc([...words, ...calm, '--format', 'json']);
      const { diagnostics } = JSON.parse(stdout.slice(stdout.indexOf('{')));
      assert.is(diagnostics.filter(({ code }: { code: string }) => code.startsWith('POL60')).length, 1);
    }
  }));

test('two policies of one name are an error at both', () =>
  withProject(({ write, polc, folder }) => {
    write({ 'a.yaml': smallPolicy('web'), 'b.yaml': smallPolicy('web', '# another\n') });
    const failed = polc(['build', ...calm]);
    assert.is(failed.status, 1);
    assert.match(failed.stderr, /error\[POL5021\][\s\S]*b\.yaml:1:10\n[\s\S]*a\.yaml:1:10\n/);
    assert.match(failed.stdout, /\nnothing was written · 1 error\n/);
    assert.not.ok(existsSync(join(folder, 'dist')));
  }));

test('an output that cannot be written ends with 3 and names the reason', () =>
  withProject(({ write, read, polc }) => {
    write({ 'a.yaml': smallPolicy('a'), taken: 'a file\n' });
    for (const out of ['taken', 'taken/below']) {
      const refused = polc(['build', '--out', out, ...calm]);
      assert.is(refused.status, 3);
      assert.match(
        refused.stderr,
        /error\[POL8003\]: cannot write `taken.*`: a file has the place of a folder \(ENOTDIR\)/,
      );
      assert.match(refused.stdout, /\nnothing was written · 1 error\n/);
    }
    assert.is(read('taken'), 'a file\n');
    // No folder can be made there, whoever asks; Node's own recursive mkdir would never return.
    if (process.platform === 'linux') {
      const refused = polc(['build', '--out', '/proc/polc-test', ...calm]);
      assert.is(refused.status, 3, refused.stderr);
      assert.match(refused.stderr, /no such file or folder \(ENOENT\)/);
      assert.is(polc(['build', ...calm], { env: { XDG_CACHE_HOME: '/proc/polc-test' } }).status, 0);
    }
  }));

test('--emit writes the chosen backends only', () =>
  withProject(({ write, contents, polc }) => {
    write({ 'a.yaml': smallPolicy('a') });
    assert.is(polc(['build', '--emit', 'seccomp,ir', ...calm]).status, 0);
    const folders = new Set(Object.keys(contents('dist/a')).map((path) => path.split('/')[0]));
    assert.equal([...folders].filter((name) => !name?.endsWith('.json')).sort(), ['ir', 'seccomp']);
    const wrong = polc(['build', '--emit', 'secomp']);
    assert.is(wrong.status, 2);
    assert.match(wrong.stderr, /`--emit` cannot be `secomp`\n {2}= help: did you mean `seccomp`\?/);
  }));

test('--emit names every backend that there is', () =>
  withProject(({ polc, write }) => {
    const every = backendsOf(['linux', 'aws', 'kubernetes']).map(({ name }) => name);
    const { stderr } = polc(['build', '--emit', 'nothing-like-it']);
    assert.equal(
      [...stderr.matchAll(/`([a-z-]+)`/g)]
        .map(([, name]) => name)
        .slice(2)
        .sort(),
      [...every, 'lambda'].sort(),
    );
    write({
      'own.yaml':
        'name: Own\nbase: ubuntu-22.04\npolicy_metadata: { resource_limits: { max_instance_types: [t3.small] } }\n',
    });
    const built = polc(['build', 'own.yaml', '--emit', 'ami,launch-iam', ...calm]);
    assert.is(built.status, 0, built.stderr);
    assert.match(built.stdout, /launch-iam \d+ characters/);
  }));

test('--target changes the output; what is no target ends with 2 and a suggestion', () =>
  withProject(({ write, contents, read, polc }) => {
    write({ 'a.yaml': smallPolicy('a') });
    const target = ['--target', 'architectures=riscv64', '-t', 'kernel=6.1', '--target=seccomp=combined'];
    assert.is(polc(['build', ...target, ...calm]).status, 0);
    assert.equal(JSON.parse(read('dist/a/manifest.json')).target, {
      architectures: 'riscv64',
      kernel: '6.1',
      landlock: 2,
      cgroup: 'v2',
      seccomp: 'combined',
      weights: 'frequency',
    });
    assert.ok('seccomp/combined.bpf' in contents('dist/a'));
    for (const [word, help] of [
      ['kernal=6.1', 'did you mean `kernel`?'],
      ['architectures=x86_46', 'did you mean `x86_64`?'],
      ['kernel=six', 'write MAJOR.MINOR, such as 6.12'],
      ['cgroup', ''],
    ] as const) {
      const wrong = polc(['build', '--target', word]);
      assert.is(wrong.status, 2, word);
      assert.ok(wrong.stderr.includes(help), wrong.stderr);
      assert.match(wrong.stderr, /= help: ./);
    }
  }));

test('the gate fails a build that is too slow, with its phases; --max-ms 0 turns it off', () =>
  withProject(({ write, polc, folder }) => {
    write({ 'a.yaml': smallPolicy('a') });
    const slow = polc(['build', '--max-ms', '0.001', '--no-cache']);
    assert.is(slow.status, 1);
    assert.match(slow.stderr, /error\[POL8100\]: compilation too slow: \d+ ms \(target: <0\.001 ms\)/);
    for (const phase of ['parse', 'resolve', 'lower', 'optimise', 'emit', 'validate', 'bundle'])
      assert.match(slow.stderr, new RegExp(`= note: ${phase} +\\d+\\.\\d ms`));
    assert.not.ok(existsSync(join(folder, 'dist')));
    assert.is(polc(['build', '--max-ms', '0']).status, 0);
  }));

test('nothing to build is a mistake on the command line; an absent file is the environment', () =>
  withProject(({ write, polc, folder }) => {
    const empty = polc(['build']);
    assert.equal([empty.status, empty.stdout], [2, '']);
    assert.match(empty.stderr, /there is no policy in `\.`\n {2}= help: .*`polc init`/);
    const absent = polc(['build', 'nowhere.yaml']);
    assert.is(absent.status, 3);
    assert.match(absent.stderr, /cannot read `nowhere\.yaml`: no such file or folder \(ENOENT\)/);
    write({ 'compose.yaml': 'services: {}\n' });
    assert.is(polc(['build', ...calm]).status, 2);
    rmSync(join(folder, 'compose.yaml'));
  }));

run();
