import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch } from 'diff';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, withProject } from '../support/polc-process.ts';

const { test, skip, run } = suite('polc trace');

const possible = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
const strace = spawnSync('strace', ['-V']).status === 0;

/** The text without comments. */
function bare(text: string): string {
  return text.replace(/ {2}#.*$/gm, '');
}

/** A program, and what it would do beyond what was traced. */
interface Traced {
  readonly name: string;
  readonly script: string;
  readonly beyond: string;
}

const programs: readonly Traced[] = [
  {
    name: 'a shell that writes, moves and removes files',
    script: 'mkdir made && echo one > made/a && cat made/a > made/b && mv made/b made/c && ls made && rm -r made',
    beyond: 'mkfifo pipe',
  },
  {
    name: 'a file that was there before, and one in another directory',
    script: 'cat kept.txt && echo more >> kept.txt && cp kept.txt below/copy.txt && ln -sf copy.txt below/link',
    beyond: 'echo no > other.txt',
  },
  {
    name: 'processes, pipes and signals to what it started',
    script: 'sleep 5 & kill $!; seq 20 | sort -rn | head -3; cd /usr && pwd',
    beyond: 'nice -n 1 true',
  },
  {
    name: 'scripts with interpreters of their own',
    script: './script.sh given',
    beyond: 'uname',
  },
];

if (!possible) skip('every test', 'it needs Linux on x86_64 or aarch64');
else if (!strace) skip('every test', 'there is no strace(1)');
else {
  for (const { name, script, beyond } of programs) {
    test(`what was traced runs under the policy, and nothing beyond it: ${name}`, () =>
      withProject(({ folder, polc, write, read }) => {
        const files = { 'kept.txt': 'kept\n', 'below/nothing': '', 'script.sh': '#!/bin/sh\necho "got $1"\n' };
        const command = (text: string) => ['--', '/bin/sh', '-c', text];
        const prepare = () => {
          write(files);
          assert.is(spawnSync('chmod', ['+x', join(folder, 'script.sh')]).status, 0);
        };
        prepare();
        const plain = spawnSync('/bin/sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
        prepare();
        const traced = polc(['trace', '--out', 'traced.yaml', '--name', 'traced', ...command(script)]);
        assert.is(traced.status, 0, traced.stderr);
        assert.is(traced.stdout, plain.stdout);
        const checked = polc(['check', 'traced.yaml', ...calm]);
        assert.is(checked.status, 0, checked.stdout);

        const quiet = ['run', '--quiet', 'traced.yaml'];
        prepare();
        const under = polc([...quiet, ...command(script)]);
        assert.is(under.stdout, plain.stdout, `${under.stderr}\n${read('traced.yaml')}`);
        assert.is(under.status, 0, under.stderr);
        assert.is.not(polc([...quiet, ...command(beyond)]).status, 0, read('traced.yaml'));
        assert.is(spawnSync('/bin/sh', ['-c', beyond], { cwd: folder }).status, 0);
      }));
  }

  test('a policy is added to until it allows what is run, and is not changed without --write', () =>
    withProject(({ polc, read, write }) => {
      const command = (text: string) => ['--', '/bin/sh', '-c', text];
      assert.is(polc(['trace', '-o', 'p.yaml', ...command('echo one')]).status, 0);
      const first = read('p.yaml');
      write({ 'p.yaml': first.replace('    allow:\n', '    allow:\n      - io_uring_setup  # for later\n') });
      const commented = read('p.yaml');
      const more = command('mkdir made; rmdir made; cat /etc/passwd >/dev/null');
      const asked = polc(['trace', '--policy', 'p.yaml', '--exit-code', ...more]);
      assert.is(asked.status, 4);
      assert.is(read('p.yaml'), commented);
      assert.match(asked.stdout, /^--- p\.yaml\n\+\+\+ p\.yaml\n@@/);
      assert.match(asked.stdout, /^\+ {6}- mkdir {2}# once: mkdir\("made", 0777\) = 0$/m);
      assert.match(asked.stdout, /^\+ {6}- path: \/etc\/passwd /m);
      assert.not.match(asked.stdout, /^-[^-]/m);
      assert.match(asked.stderr, /not exercised by this run:\n(?: {2}.*\n)* {2}p\.yaml:\d+:\d+ .* io_uring_setup/);

      assert.is(polc(['trace', '--policy', 'p.yaml', '--write', ...more]).status, 0);
      const written = read('p.yaml');
      // Numbers of processes and addresses differ from run to run; the lines do not.
      const patched = applyPatch(commented, asked.stdout);
      assert.ok(patched !== false);
      assert.equal(bare(patched), bare(written));
      const again = polc(['trace', '--policy', 'p.yaml', '--exit-code', ...more]);
      assert.is(again.status, 0, again.stderr);
      assert.is(again.stdout, '');
      assert.is(read('p.yaml'), written);
      assert.is(polc(['run', '--quiet', 'p.yaml', ...more]).status, 0);
    }));

  test('what a policy refuses on purpose stays refused, and is said', () =>
    withProject(({ polc, write, read }) => {
      const policy =
        'profile: p\nmode: sandbox\nsecurity:\n  level: low\n  seccomp:\n    default: allow\n    deny: [uname]\nnetwork: { mode: none }\n';
      write({ 'p.yaml': policy });
      const asked = polc(['trace', '-p', 'p.yaml', '-w', '--exit-code', '--', 'uname']);
      assert.is(asked.status, 4);
      assert.is(read('p.yaml'), policy);
      assert.match(asked.stderr, /left so:\n {2}p\.yaml:7:12 {2}security\.seccomp\.deny {2}uname, once: uname\(/);
    }));

  test('mistakes are said before anything runs', () =>
    withProject(({ folder, polc, write }) => {
      write({
        'there.yaml': 'mine',
        'wrong.yaml': 'profile: p\nmode: sandbox\nsecurity: { seccomp: { default: dney } }\n',
      });
      const touch = ['--', 'touch', 'ran'];
      const says = (words: readonly string[], status: number, text: RegExp) => {
        const { status: ended, stderr } = polc(words);
        assert.is(ended, status, stderr);
        assert.match(stderr, text);
      };
      says(['trace'], 2, /there is no command/);
      says(['trace', '--from', 'x', ...touch], 2, /as well as `--from`/);
      says(['trace', '--write', ...touch], 2, /name it by `--policy FILE`/);
      says(['trace', '--policy', 'p.yaml', '--out', 'q.yaml', ...touch], 2, /for a new policy/);
      says(['trace', '--out', 'there.yaml', ...touch], 2, /is there already/);
      says(['trace', '--name', 'a: {', ...touch], 2, /`a: \{` is no name of a policy/);
      says(['trace', '--policy', 'nowhere.yaml', ...touch], 3, /cannot read `nowhere\.yaml`/);
      says(['trace', '--policy', 'wrong.yaml', ...touch], 1, /error\[POL\d+\]/);
      says(['trace', '--from', 'there.yaml'], 3, /there are no system calls/);
      says(['trace', '--from', 'nowhere'], 3, /cannot read `nowhere`/);
      says(['trace', '--', 'no-such-command-here'], 3, /did not start[\s\S]*the command has to be there/);
      assert.not.ok(existsSync(join(folder, 'ran')));
      assert.is(readFileSync(join(folder, 'there.yaml'), 'utf8'), 'mine');
    }));

  test('without strace it says what to do', () =>
    withProject(({ polc }) => {
      const { status, stderr } = polc(['trace', '--', 'true'], { env: { PATH: '/nowhere' } });
      assert.is(status, 3);
      assert.match(stderr, /no strace\(1\) on this machine\n {2}= help: install it/);
    }));
}

run();
