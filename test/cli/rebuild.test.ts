import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, type ProjectFolder, smallPolicy, withProject } from '../support/polc-process.ts';

const { test, run } = suite('building again');

const cachedRow = /\n {2}a +sandbox .* cached\n/;

/** The output without the report, which names its time. */
function artifacts({ contents }: ProjectFolder) {
  const { 'build-report.json': _report, ...rest } = contents('dist');
  return rest;
}

function changeMarks({ read, write }: ProjectFolder, change: (marks: readonly unknown[]) => unknown): void {
  const report = JSON.parse(read('dist/build-report.json'));
  report.policies[0].files = change(report.policies[0].files);
  write({ 'dist/build-report.json': JSON.stringify(report) });
}

function cacheEntries(cache: string): readonly string[] {
  const entries = readdirSync(join(cache, 'polc'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test('an unchanged policy comes from the cache, and its files stay untouched', () =>
  withProject((project) => {
    const { folder, write, polc } = project;
    write({ 'a.yaml': smallPolicy('a') });
    assert.not.match(polc(['build', ...calm]).stdout, cachedRow);
    const file = join(folder, 'dist/a/seccomp/x86_64.bpf');
    const changed = statSync(file).mtimeMs;
    const again = polc(['build', ...calm]);
    assert.is(again.status, 0);
    assert.match(again.stdout, cachedRow);
    assert.is(statSync(file).mtimeMs, changed);
    assert.not.match(polc(['build', '--no-cache', ...calm]).stdout, cachedRow);
  }));

test('a check leaves its findings, which no build takes for files, and takes those of a build', () =>
  withProject((project) => {
    project.write({ 'a.yaml': smallPolicy('a') });
    const checked = project.polc(['check', ...calm]);
    assert.is(checked.status, 0);
    const left = cacheEntries(project.cache);
    assert.is(left.length, 1);
    const built = project.polc(['build', ...calm]);
    assert.is(built.status, 0);
    assert.not.match(built.stdout, cachedRow);
    assert.ok(Object.keys(artifacts(project)).includes('a/ir/policy.ir'));
    const entries = cacheEntries(project.cache);
    assert.is(entries.length, 2);
    const times = entries.map((file) => statSync(file).mtimeMs);
    assert.is(project.polc(['check', ...calm]).stdout, checked.stdout);
    assert.equal(
      cacheEntries(project.cache).map((file) => statSync(file).mtimeMs),
      times,
    );
    assert.match(project.polc(['build', ...calm]).stdout, cachedRow);
  }));

test('a file that was changed or deleted is written again, from the cache', () =>
  withProject((project) => {
    const { folder, write, polc } = project;
    write({ 'a.yaml': smallPolicy('a') });
    assert.is(polc(['build', ...calm]).status, 0);
    const good = artifacts(project);
    const bpf = join(folder, 'dist/a/seccomp/x86_64.bpf');
    for (const damage of [
      () => writeFileSync(bpf, readFileSync(bpf).fill(0, 0, 8)),
      () => rmSync(bpf),
      () => rmSync(join(folder, 'dist/a'), { recursive: true }),
      () => writeFileSync(join(folder, 'dist/build-report.json'), '{"policies": [{}]}'),
      () => writeFileSync(join(folder, 'dist/build-report.json'), '{"policies": [null]}'),
      () => changeMarks(project, (marks) => marks.slice(0, -1)),
      () => changeMarks(project, () => []),
      () => changeMarks(project, (marks) => ['a\0b', ...marks.slice(1)]),
      () => changeMarks(project, (marks) => [null, ...marks.slice(1)]),
      // As an earlier polc wrote them.
      () => changeMarks(project, (marks) => ({ [`${marks[0]}`]: marks.slice(1, 3) })),
    ]) {
      damage();
      const again = polc(['build', ...calm]);
      assert.is(again.status, 0, again.stderr);
      assert.match(again.stdout, cachedRow);
      assert.equal(artifacts(project), good);
      const [{ files }] = JSON.parse(project.read('dist/build-report.json')).policies;
      assert.is(files.length, 3 * Object.keys(good).length);
    }
  }));

test('a damaged entry of the cache is built anew', () =>
  withProject((project) => {
    const { cache, write, polc } = project;
    write({ 'a.yaml': smallPolicy('a') });
    assert.is(polc(['build', ...calm]).status, 0);
    const good = artifacts(project);
    for (const damage of [
      (bytes: Buffer) => bytes.fill(bytes[bytes.length - 9]! ^ 1, bytes.length - 9, bytes.length - 8),
      (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
      () => Buffer.alloc(0),
    ]) {
      const entries = cacheEntries(cache);
      assert.ok(entries.length > 0);
      for (const entry of entries) writeFileSync(entry, damage(readFileSync(entry)));
      const again = polc(['build', ...calm]);
      assert.is(again.status, 0, again.stderr);
      assert.not.match(again.stdout, cachedRow);
      assert.equal(artifacts(project), good);
    }
    assert.match(polc(['build', ...calm]).stdout, cachedRow);
  }));

test('one damaged entry of two is no reason to write less', () =>
  withProject((project) => {
    const { cache, folder, write, polc } = project;
    write({ 'a.yaml': smallPolicy('a') });
    assert.is(polc(['build', ...calm]).status, 0);
    const good = artifacts(project);
    for (const entry of cacheEntries(cache)) {
      const bytes = readFileSync(entry);
      writeFileSync(entry, bytes.subarray(0, bytes.length - 1));
      rmSync(join(folder, 'dist'), { recursive: true });
      const again = polc(['build', ...calm]);
      assert.is(again.status, 0, again.stderr);
      assert.equal(artifacts(project), good);
    }
  }));

test('another target, backend or policy text is another build', () =>
  withProject(({ write, polc }) => {
    write({ 'a.yaml': smallPolicy('a') });
    assert.is(polc(['build', ...calm]).status, 0);
    assert.not.match(polc(['build', '--target', 'kernel=6.1', ...calm]).stdout, cachedRow);
    assert.not.match(polc(['build', '--emit', 'ir', ...calm]).stdout, cachedRow);
    write({ 'a.yaml': smallPolicy('a', '# a remark\n') });
    assert.not.match(polc(['build', ...calm]).stdout, cachedRow);
  }));

test('people read a hint that unchanged policies share once, machines read each', () =>
  withProject(({ write, polc }) => {
    const hinted = (name: string) => smallPolicy(name, '  landlock: { paths: [{ path: /usr, access: execute }] }\n');
    write({ 'a.yaml': hinted('a'), 'b.yaml': hinted('b'), 'c.yaml': hinted('c') });
    const hints = (text: string) => text.match(/^hint\[POL6006\]/gm)?.length ?? 0;
    const first = polc(['build', ...calm]);
    assert.is(hints(first.stderr), 3, first.stderr);
    const again = polc(['build', ...calm]);
    assert.is(hints(again.stderr), 1, again.stderr);
    assert.match(again.stderr, / = also: 2 more times in unchanged policies; `--format json` shows each\n/);
    assert.match(again.stdout, / · 3 hints\n/);
    assert.is(JSON.parse(polc(['build', '--format', 'json', ...calm]).stdout).diagnostics.length, 3);
    write({ 'b.yaml': `${hinted('b')}# changed\n` });
    const changed = polc(['build', ...calm]);
    assert.is(hints(changed.stderr), 2, changed.stderr);
    assert.match(changed.stderr, /--> b\.yaml/);
  }));

test('a change in what a policy extends is seen', () =>
  withProject(({ write, read, polc }) => {
    const own = 'profile: a\nmode: sandbox\nextends: base.yaml\n';
    write({ 'a.yaml': own, 'base.yaml': smallPolicy('base', 'resources: { pids: 5 }\n') });
    const first = polc(['build', 'a.yaml', ...calm]);
    assert.is(first.status, 0, first.stderr);
    assert.is(read('dist/a/cgroup/v2/pids.max').trim(), '5');
    write({ 'base.yaml': smallPolicy('base', 'resources: { pids: 6 }\n') });
    const second = polc(['build', 'a.yaml', ...calm]);
    assert.not.match(second.stdout, cachedRow);
    assert.is(read('dist/a/cgroup/v2/pids.max').trim(), '6');
  }));

test('a cache that cannot be written is a warning, not a failure', () =>
  withProject(({ write, polc }) => {
    write({ 'a.yaml': smallPolicy('a'), 'not-a-folder': '' });
    const built = polc(['build', ...calm], { env: { XDG_CACHE_HOME: '/dev/null' } });
    assert.is(built.status, 0, built.stderr);
    assert.match(built.stderr, /warning\[POL8005\]: the cache cannot be used: .*\(ENOTDIR\)/);
  }));

run();
