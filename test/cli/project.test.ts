import { chownSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, smallPolicy, withProject } from '../support/polc-process.ts';

const { test, skip, run } = suite('projects');
const root = process.env.POLC_ROOT ?? '.';

const lossy = smallPolicy('a', 'performance: { io_mode: uring }\n');

test('the configuration sets the target, and --target changes it further', () =>
  withProject(({ write, read, polc }) => {
    write({
      'a.yaml': smallPolicy('a'),
      'polc.config.yaml': 'target: { architectures: [riscv64], kernel: 6.1 }\n',
    });
    const target = () => JSON.parse(read('dist/a/manifest.json')).target;
    assert.is(polc(['build', ...calm]).status, 0);
    assert.equal([target().architectures, target().kernel, target().landlock], ['riscv64', '6.1', 2]);
    assert.is(polc(['build', '-t', 'kernel=5.13', ...calm]).status, 0);
    assert.equal([target().architectures, target().kernel, target().landlock], ['riscv64', '5.13', 1]);
    assert.match(polc(['explain', 'a.yaml', '--syscall', 'read']).stdout, /^ {2}riscv64 +instructions/m);
  }));

if (process.platform === 'linux' && process.getuid?.() === 0) {
  test('a configuration above that belongs to another user is ignored', () =>
    withProject(({ folder, write, polc }) => {
      write({ 'below/a.yaml': lossy, 'polc.config.yaml': 'accept: [{ loss: io_mode, because: mine }]\n' });
      assert.is(polc(['check', 'a.yaml', ...calm], { cwd: 'below' }).status, 0);
      chownSync(join(folder, 'polc.config.yaml'), 12_345, 12_345);
      const ignored = polc(['check', 'a.yaml', ...calm], { cwd: 'below' });
      assert.is(ignored.status, 1);
      assert.match(ignored.stderr, /warning\[POL8007\]: `\.\.\/polc\.config\.yaml` belongs to another user/);
      const own = polc(['check', 'below/a.yaml', ...calm]);
      assert.is(own.status, 0, own.stderr);
    }));
} else skip('a configuration of another user', 'it needs root on Linux');

test('a reference over a link that leads out of the workspace is refused', () =>
  withProject(({ folder, write, polc }) => {
    write({ 'inside.yaml': smallPolicy('base'), 'below/a.yaml': smallPolicy('a', 'extends: link.yaml\n') });
    symlinkSync('../inside.yaml', join(folder, 'below/link.yaml'));
    const refused = polc(['check', 'a.yaml', ...calm], { cwd: 'below' });
    assert.match(refused.stderr, /error\[POL3021\]: `link\.yaml` lies outside the workspace/);
    const allowed = polc(['check', 'below/a.yaml', ...calm]);
    assert.not.match(allowed.stderr, 'POL3021');
  }));

test('accepted losses and severities count, and no result of another configuration does', () =>
  withProject(({ write, polc }) => {
    write({ 'a.yaml': lossy });
    assert.match(polc(['build', ...calm]).stderr, /error\[POL6001\]: `performance\.io_mode`/);
    write({ 'polc.config.yaml': 'accept: [{ loss: io_mode, because: the runtime has its own }]\n' });
    const accepted = polc(['build', ...calm]);
    assert.is(accepted.status, 0, accepted.stderr);
    assert.match(accepted.stdout, /\(1 accepted\)/);
    assert.match(polc(['explain', 'a.yaml']).stdout, /accepted +the runtime has its own/);
    assert.match(polc(['build', ...calm]).stdout, / cached\n/);
    write({ 'polc.config.yaml': '# nothing\n' });
    assert.is(polc(['build', ...calm]).status, 1);

    write({ 'a.yaml': smallPolicy('a').replace('"@file-system"', 'read') });
    const warned = polc(['build', ...calm]);
    assert.equal([warned.status, /^warning\[POL5003\]/.test(warned.stderr)], [0, true], warned.stderr);
    write({ 'polc.config.yaml': 'severities: { POL5003: error }\n' });
    const refused = polc(['build', ...calm]);
    assert.equal([refused.status, /^error\[POL5003\]/.test(refused.stderr)], [1, true], refused.stderr);
    write({ 'polc.config.yaml': 'severities: { POL5003: hint }\n' });
    assert.match(polc(['build', ...calm]).stdout, / · 1 hint\n/);
  }));

test('a wrong configuration ends with 1 before anything is written', () =>
  withProject(({ folder, write, polc }) => {
    write({ 'a.yaml': smallPolicy('a'), 'polc.config.yaml': 'targget: { kernel: 6.1 }\n' });
    for (const verb of ['build', 'check', 'explain']) {
      const refused = polc([verb, 'a.yaml']);
      assert.is(refused.status, 1);
      assert.match(refused.stderr, /error\[POL2001\]: unknown key `targget`\n {2}--> polc\.config\.yaml:1:1/);
    }
    assert.not.ok(existsSync(join(folder, 'dist')));
    const json = polc(['check', '--format', 'json']);
    assert.is(JSON.parse(json.stdout).diagnostics[0].span.file, 'polc.config.yaml');
    assert.is(polc(['run', 'a.yaml', '--', 'true']).status, 125);
  }));

test('the folder of the configuration is the workspace, from wherever polc is started', () =>
  withProject(({ folder, write, read, polc }) => {
    write({
      'polc.config.yaml': 'dialects: { sandbox: ["teams/**/*.yaml"] }\n',
      'base.yaml': smallPolicy('base'),
      'teams/one/a.yaml': 'profile: a\nmode: sandbox\nextends: ../../base.yaml\n',
      'teams/one/b.yaml': 'profile: b\nmode: sandbox\nextends: ../../../outside.yaml\n',
      '../outside.yaml': smallPolicy('outside'),
    });
    for (const [cwd, path] of [
      ['.', 'teams/one/a.yaml'],
      ['teams/one', 'a.yaml'],
      ['teams', join(folder, 'teams/one/a.yaml')],
    ] as const) {
      const built = polc(['build', path, '--out', join(folder, 'out'), ...calm], { cwd });
      assert.is(built.status, 0, built.stderr);
    }
    assert.is(JSON.parse(read('out/a/manifest.json')).sources.length, 2);
    for (const [cwd, path] of [
      ['.', 'teams/one/b.yaml'],
      ['teams/one', 'b.yaml'],
    ] as const) {
      const outside = polc(['build', path, ...calm], { cwd });
      assert.is(outside.status, 1);
      assert.match(outside.stderr, /error\[POL3021\]/);
    }
  }));

test('files of other tools are left out of a walk, and an error where they are named', () =>
  withProject(({ folder, write, polc }) => {
    write({
      'a.yaml': 'profile: a\nmode: sandbox\nextends: base.yaml\n',
      'base.yaml': smallPolicy('base'),
      'compose.yaml': 'services: {}\n',
      'ci/build.yml': 'on: push\n',
    });
    const built = polc(['build', ...calm]);
    assert.is(built.status, 0, built.stderr);
    assert.match(built.stdout, /\n2 policies built, .* · 2 warnings · 2 files left out\n/);
    assert.not.match(built.stdout, /compose/);
    assert.match(built.stderr, /warning\[POL2010\][\s\S]*--> ci\/build\.yml:1:1[\s\S]*--> compose\.yaml:1:1/);
    assert.ok(existsSync(join(folder, 'dist/base')));
    const checked = polc(['check', ...calm]);
    assert.equal([checked.status, checked.stdout], [0, '2 policies checked · 2 warnings · 2 files left out\n']);
    const named = polc(['build', '.', 'compose.yaml', ...calm]);
    assert.is(named.status, 1);
    assert.match(named.stderr, /error\[POL2010\][\s\S]*--> compose\.yaml:1:1/);
    write(Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`more/${index}.yaml`, 'x: 1\n'])));
    const many = polc(['check', ...calm]);
    assert.match(many.stdout, / · 8 files left out, the first 3 below\n/);
    assert.is(many.stderr.match(/POL2010/g)?.length, 3);
    const all = JSON.parse(polc(['check', '--format', 'json', ...calm]).stdout).diagnostics;
    assert.is(all.length, 8);
  }));

test('docs explains groups, dialects and the configuration', () =>
  withProject(({ polc }) => {
    const groups = polc(['docs', 'groups']);
    assert.is(groups.status, 0);
    assert.match(groups.stdout, /^ {2}@file-system +\d+ {2}open, create/m);
    assert.is(groups.stdout.match(/^ {2}@/gm)?.length, 31);
    const members = polc(['docs', '@basic-io']).stdout;
    assert.match(members, /^@basic-io: .*\n\n[\s\S]* preadv2 /);
    assert.match(polc(['docs', '@basic-start']).stdout, / execve | mmap /);
    assert.match(polc(['docs', 'sandbox']).stdout, /^# The sandbox dialect\n[\s\S]*\n### `security\.seccomp`\n/);
    assert.match(polc(['docs', 'configuration']).stdout, /\n## `severities`\n/);
    for (const [word, near] of [
      ['@file-sytem', '@file-system'],
      ['goups', 'groups'],
      ['sandbx', 'sandbox'],
    ] as const) {
      const wrong = polc(['docs', word]);
      assert.is(wrong.status, 2);
      assert.ok(wrong.stderr.includes(`similar name exists: \`${near}\``), wrong.stderr);
    }
  }));

test('docs shows the pages about how policies are held, with links that one can follow', () =>
  withProject(({ polc }) => {
    const completed = polc(['completion', 'bash']).stdout;
    for (const topic of ['adaptive', 'bpf-lsm', 'webassembly', 'zygote']) {
      const { status, stdout } = polc(['docs', topic]);
      assert.is(status, 0);
      const written = readFileSync(join(root, `docs/${topic}.md`), 'utf8');
      assert.ok(stdout.startsWith(written.slice(0, written.indexOf('\n'))));
      assert.is(stdout.split('\n').length, written.split('\n').length);
      assert.not.match(stdout, /\]\((?:[\w./-]*\.md)?#?[\w-]*\)/);
      assert.match(completed, new RegExp(`"[^"]* ${topic}[ "]`));
      const named = new Set([...stdout.matchAll(/`polc docs ([^`]+)`/g)].map(([, word]) => word!));
      const linked = new Set([...written.matchAll(/\]\(([-\w]+)\.md/g)].map(([, page]) => page!));
      assert.ok(named.size >= linked.size, [...named].join());
      assert.is(polc(['docs', ...named]).status, 0);
    }
    assert.is(polc(['docs', 'wasm']).stdout, polc(['docs', 'webassembly']).stdout);
    assert.is(polc(['docs', 'hook-programs']).stdout, polc(['docs', 'hooks']).stdout);
    assert.match(polc(['docs', 'zygot']).stderr, 'similar name exists: `zygote`');
    // The page of a dialect is no file of docs/ that has its name.
    assert.match(polc(['docs', 'kuadrant']).stdout, 'docs/kuadrant.md');
  }));

run();
