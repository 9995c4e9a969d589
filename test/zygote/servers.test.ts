import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Policy } from '../../compiler/ir/policy.ts';
import { zygoteFolder } from '../../runtime/sandbox/zygote/folder.ts';
import { writableByPrograms } from '../../runtime/sandbox/zygote/guarded-interpreter.ts';
import { pythonProgram } from '../../runtime/sandbox/zygote/python-command.ts';
import type { StartedProgram } from '../../runtime/sandbox/zygote/run-program.ts';
import { runningServers, stopServers } from '../../runtime/sandbox/zygote/servers.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { paths, reading } from '../support/launcher.ts';
import { koffiFiles } from '../support/machine-node.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';
import { limitOf, policyOf } from '../support/policies.ts';
import { until } from '../support/until.ts';
import { type Forked, forked, noZygote, python, zygoteFor, zygoteTestFolder } from '../support/zygote.ts';

const { test, skip, run } = suite('fork servers');

const missing = await noZygote();

/** Policies that differ, so that tests do not share a server. */
const distinct = (number: number): Partial<Policy> => ({ limits: [limitOf('rlimit:core', 'count', number)] });

const servers = async () => {
  const found = await runningServers();
  return 'problem' in found ? [] : found;
};

/** The groups of servers that are there; groups that go meanwhile are none. */
const groupsOf = (prefix: string) =>
  spawnSync('find', ['/sys/fs/cgroup', '-name', `${prefix}*`], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line !== '');

/** Starts a program that says something first, and gives its end beside it. */
async function running(policy: Partial<Policy>, text: string, idle = 300) {
  let program: StartedProgram | undefined;
  let output = () => '';
  const words = ['-c', text];
  const ended: Promise<Forked> = forked(policy, words, {
    idle,
    started(each, read) {
      program = each;
      output = read;
    },
  });
  await until(() => output().includes('\n'), 'the program says something');
  return { program: program!, ended, said: output().trim() };
}

const waiting = 'import os, time; print(os.getpid(), flush=True); time.sleep(1000)';

const zygote = 'performance: { zygote: true }\n';
const policy = `profile: z
mode: sandbox
security:
  landlock:
    paths:
      - { path: /, access: read-only }
      - { path: /usr, access: execute }
      - { path: /lib, access: execute }
      - { path: /lib64, access: execute }
      - { path: /dev/null, access: read-write }
`;

if (missing !== undefined) skip('every test', missing);
else {
  zygoteTestFolder();

  test('one server serves many, at once and one after another; another policy has another', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => forked(distinct(2), ['-c', `print(${index})`])),
    );
    assert.equal(
      all.map(({ stdout }) => stdout.trim()),
      ['0', '1', '2', '3', '4', '5', '6', '7'],
    );
    const before = await servers();
    await forked(distinct(2), ['-c', 'pass']);
    assert.equal(await servers(), before);
    await forked(distinct(3), ['-c', 'pass']);
    assert.is((await servers()).length, before.length + 1);
    await forked(distinct(3), ['-c', 'pass'], { environment: { PYTHONHASHSEED: '7' } });
    assert.is((await servers()).length, before.length + 2, 'what the interpreter starts with is a server of its own');
  });

  test('signals reach the program, and a deadline ends it', async () => {
    const handler =
      'import signal, sys, time\nsignal.signal(signal.SIGUSR1, lambda *_: sys.exit(5))\nprint("ready", flush=True)\ntime.sleep(1000)';
    const first = await running(distinct(4), handler);
    first.program.signal(10);
    assert.equal((await first.ended).end, { code: 5 });
    const second = await running(distinct(4), waiting);
    second.program.signal(15);
    assert.equal((await second.ended).end, { code: 143 });
    const timed = { limits: [limitOf('timeout', 'milliseconds', 200)] };
    assert.equal((await forked(timed, ['-c', 'import time; time.sleep(1000)'])).end, { code: 124 });
  });

  test('with a server that is killed its programs end, and the next start has a new one', async () => {
    const policy = { limits: [limitOf('rlimit:core', 'count', 5), limitOf('pids', 'count', 20)] };
    const { ended } = await running(policy, waiting);
    const { zygote } = await zygoteFor(policy, ['-c', waiting]);
    const pid = (await servers()).find(({ identity }) => zygote.plan.socket.includes(identity))?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    assert.match(JSON.stringify((await ended).end), 'the fork server ended');
    await until(() => !spawnSync('ps', ['-eo', 'ppid'], { encoding: 'utf8' }).stdout.includes(` ${pid}\n`));
    const left = groupsOf(zygote.plan.groupPrefix);
    assert.ok(left.length > 0);
    assert.is((await forked(policy, ['-c', 'print(1)'])).stdout, '1\n');
    await until(() => !groupsOf(zygote.plan.groupPrefix).some((group) => left.includes(group)), 'its groups are gone');
    const next = (await servers()).find(({ identity }) => zygote.plan.socket.includes(identity))?.pid;
    assert.ok(next !== undefined && next !== pid);
  });

  test('a server that nobody asks ends by itself, and not while a program runs', async () => {
    const policy = distinct(6);
    const { program, ended } = await running(policy, waiting, 1);
    const { zygote } = await zygoteFor(policy, ['-c', waiting]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.ok(existsSync(zygote.plan.socket));
    program.signal(9);
    await ended;
    await until(() => !existsSync(zygote.plan.socket) && !existsSync(zygote.plan.lock), 'it has ended');
  });

  test('whoever stops the servers leaves nothing: no process, file or group', async () => {
    const policy = { limits: [limitOf('pids', 'count', 20), limitOf('memory', 'bytes', 100_000_000)] };
    const { ended } = await running(policy, waiting);
    const { zygote } = await zygoteFor(policy, ['-c', waiting]);
    const all = await servers();
    const pids = all.map(({ pid }) => pid);
    assert.ok(groupsOf(zygote.plan.groupPrefix).length > 0);
    const result = await stopServers();
    assert.equal('left' in result && [result.left, result.stopped], [[], all]);
    assert.match(JSON.stringify((await ended).end), /137|the fork server ended/);
    assert.equal(
      pids.filter((pid) => existsSync(`/proc/${pid}`)),
      [],
    );
    assert.equal(readdirSync(join(zygoteTestFolder(), 'polc')), []);
    assert.equal(groupsOf(zygote.plan.groupPrefix), []);
  });

  test('servers of two folders have control groups of other names', () =>
    withFolder(async (folder) => {
      const prefix = async () => (await zygoteFor(distinct(7), ['-c', 'pass'])).zygote.plan.groupPrefix;
      const usual = process.env.XDG_RUNTIME_DIR;
      const first = await prefix();
      assert.is(await prefix(), first);
      process.env.XDG_RUNTIME_DIR = folder;
      try {
        assert.is.not(await prefix(), first);
      } finally {
        process.env.XDG_RUNTIME_DIR = usual;
      }
    }));

  test('the folder of servers is the user`s alone, or there is none', () =>
    withFolder((folder) => {
      const at = (name: string) => zygoteFolder({ XDG_RUNTIME_DIR: join(folder, name) });
      const problem = (name: string) => {
        const found = at(name);
        return 'problem' in found ? found.problem : '';
      };
      for (const name of ['good', 'open', 'foreign', 'link', 'file']) mkdirSync(join(folder, name));
      assert.equal(at('good'), { folder: join(folder, 'good/polc') });
      assert.equal(at('good'), { folder: join(folder, 'good/polc') });
      mkdirSync(join(folder, 'open/polc'));
      chmodSync(join(folder, 'open/polc'), 0o750);
      assert.match(problem('open'), 'others may enter');
      mkdirSync(join(folder, 'foreign/polc'), { mode: 0o700 });
      chownSync(join(folder, 'foreign/polc'), 65_534, 65_534);
      assert.match(problem('foreign'), 'belongs to another user');
      symlinkSync(join(folder, 'good/polc'), join(folder, 'link/polc'));
      assert.match(problem('link'), 'is no folder');
      writeFileSync(join(folder, 'file/polc'), '');
      assert.match(problem('file'), 'is no folder');
      assert.match(problem('absent'), 'cannot be made');
      assert.equal(zygoteFolder({ XDG_RUNTIME_DIR: 'relative' }), zygoteFolder({}));
    }));

  test('what a policy lets programs write of the interpreter is found', async () => {
    const writable = (...further: readonly (readonly [path: string, rights: readonly string[]])[]) =>
      writableByPrograms(policyOf({ decisions: [paths(...further)] }), 7, new Map(), python);
    assert.is(writable(), undefined);
    assert.is(writable(['/tmp', ['write_file', 'make_reg']]), undefined);
    const library = readdirSync('/usr/lib').find((name) => /^python3\.\d+$/.test(name));
    assert.ok(writable(['/', ['write_file']]) !== undefined);
    assert.ok(writable(['/usr', ['make_reg']]) !== undefined);
    assert.ok(writable([`/usr/lib/${library}/json`, ['write_file']]) !== undefined);
    assert.is(writable([`/usr/lib/${library}/json`, reading]), undefined);
    assert.ok(
      writableByPrograms(policyOf({}), 7, new Map(), python) !== undefined,
      'root may write what no rule guards',
    );
    await withFolder((folder) => {
      spawnSync(python, ['-m', 'venv', '--without-pip', join(folder, 'venv')]);
      const inside = join(folder, 'venv/bin/python3');
      if (!existsSync(inside)) return;
      const packages = readdirSync(join(folder, 'venv/lib'))[0];
      writeFileSync(join(folder, `venv/lib/${packages}/site-packages/more.pth`), `# more\n${folder}/project\n`);
      mkdirSync(join(folder, 'project'));
      const within = (path: string) =>
        writableByPrograms(
          policyOf({ decisions: [paths([join(folder, path), ['write_file']])] }),
          7,
          new Map(),
          inside,
        );
      assert.is(within('other'), undefined);
      assert.ok(within('venv') !== undefined);
      assert.ok(within('project') !== undefined);
    });
  });

  test('what has to be started plainly is told, with the reason', async () => {
    const problem = (command: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
      const found = pythonProgram(command, { PATH: '/usr/bin', ...environment }, '/lib/own.so', 'x86_64');
      return 'problem' in found ? found.problem : found.mode;
    };
    if (process.arch === 'x64') {
      assert.is(problem([python, '-c', 'pass']), 'c');
      assert.is(problem(['python3', 'file.py']), 'f');
      assert.is(problem(['python3', '-m', 'json.tool'], { LD_PRELOAD: '/lib/own.so' }), 'm');
      assert.match(problem(['python3', '-c', 'pass'], { LD_PRELOAD: '/lib/other.so' }), 'start with LD_PRELOAD');
      assert.match(problem(['python3', '-c', 'pass'], { PYTHONPATH: '/tmp' }), 'start with PYTHONPATH');
      assert.match(problem(['python3']), 'standard input');
      assert.match(problem(['python3', '-u', 'x.py']), 'with -u');
      assert.match(problem(['python3', '-c']), 'with -c');
      assert.match(problem(['python3', 'x.pyc']), 'compiled');
    }
    await withFolder((folder) => {
      const shim = join(folder, 'python3');
      writeFileSync(shim, '#!/bin/sh\nexec python3 "$@"\n', { mode: 0o755 });
      if (process.arch === 'x64') {
        const PATH = `${folder}:/usr/bin`;
        const next = 'name the interpreter itself: /usr/bin/python3, or what `pyenv which python3` or the like prints';
        assert.is(problem(['python3', 'x.py'], { PATH }), `${shim} is no ELF file; ${next}`);
        assert.is(problem([shim, 'x.py'], { PATH }), `${shim} is no ELF file; ${next}`);
        assert.match(problem(['python3', 'x.py'], { PATH: folder }), 'itself: what `pyenv which python3`');
      }
    });
    assert.match(problem(['/bin/ls', '/']), 'is not python3');
    assert.match(problem(['no-such-thing']), 'is not python3');
  });

  const runtime = (project: ProjectFolder) => ({ XDG_RUNTIME_DIR: project.folder });

  test('polc run forks what it can, says what it starts plainly, and ends the servers when told', () =>
    withProject((project) => {
      const env = runtime(project);
      project.write({ 'p.yaml': `${policy}${zygote}` });
      const go = (...command: readonly string[]) =>
        project.polc(['run', '--quiet', 'p.yaml', '--', ...command], { env });
      const first = go(python, '-c', 'import os; print(os.getppid(), os.getcwd()); raise SystemExit(9)');
      assert.is(first.status, 9, first.stderr);
      assert.is(first.stdout, `1 ${project.folder}\n`);
      assert.is(project.polc(['run', 'p.yaml', '--', python, '-c', 'input()'], { env, input: 'x\n' }).status, 0);
      const plain = project.polc(['run', 'p.yaml', '--', '/bin/true'], { env });
      assert.is(plain.status, 0);
      assert.match(plain.stderr, 'which is a plain one: /bin/true is not python3');
      assert.not.match(plain.stderr, 'POL');
      const list = project.polc(['sandbox', 'zygotes'], { env });
      assert.match(list.stdout, /^[0-9a-f]{16} {2}process \d+ {2}running\n$/);
      const stopped = project.polc(['sandbox', 'zygotes', '--stop'], { env });
      assert.match(stopped.stdout, /^[0-9a-f]{16} {2}process \d+ {2}ended\n$/);
      assert.is(project.polc(['sandbox', 'zygotes'], { env }).stdout, 'no fork server is running\n');
    }));

  test('a server keeps nothing open that its first client was given', () =>
    withProject(async (project) => {
      const env = runtime(project);
      project.write({ 'p.yaml': `${policy}${zygote}`, given: '' });
      const given = openSync(join(project.folder, 'given'), 'r');
      const stdio = [...Array.from({ length: 40 }, () => 'ignore' as const), given];
      const words = ['run', '--quiet', 'p.yaml', '--', python, '-c', 'pass'];
      assert.equal(await once(project.start(words, { env, stdio }), 'exit'), [0, null]);
      closeSync(given);
      const [, pid] = /process (\d+)/.exec(project.polc(['sandbox', 'zygotes'], { env }).stdout) ?? [];
      assert.type(pid, 'string');
      try {
        // Root alone may look.
        if (process.getuid?.() === 0) assert.not(readdirSync(`/proc/${pid}/fd`).includes('40'));
      } finally {
        project.polc(['sandbox', 'zygotes', '--stop'], { env });
      }
    }));

  test('a program ends with the polc that runs it, and is sent the signals that polc is', () =>
    withProject(async (project) => {
      const env = runtime(project);
      project.write({ 'p.yaml': `${policy}${zygote}` });
      const start = () => {
        const text =
          'import time, signal, sys\nsignal.signal(15, lambda *_: sys.exit(3))\nprint(1, flush=True)\ntime.sleep(98765)';
        return project.start(['run', '--quiet', 'p.yaml', '--', python, '-c', text], {
          env,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
      };
      const ready = async ({ stdout }: ChildProcess) => once(stdout!, 'data');
      const told = start();
      await ready(told);
      told.kill('SIGTERM');
      assert.equal(await once(told, 'exit'), [3, null]);
      const killed = start();
      await ready(killed);
      let closed = false;
      killed.stdout!.on('close', () => {
        closed = true;
      });
      killed.stdout!.resume();
      killed.kill('SIGKILL');
      await until(() => closed, 'nobody holds its output');
      assert.match(project.polc(['sandbox', 'zygotes', '--stop'], { env }).stdout, 'ended');
    }));

  test('an ordinary user has servers too, without any privilege', () =>
    withProject((project) => {
      const folder = join(project.folder, 'run');
      mkdirSync(folder, { mode: 0o700 });
      chownSync(folder, 65_534, 65_534);
      project.write({ 'p.yaml': `${policy}${zygote}network: { mode: loopback-only }\n` });
      const prefix = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
      const env = { XDG_RUNTIME_DIR: folder, HOME: '/nonexistent' };
      const text =
        'import os; print(os.getppid(), os.getuid(), [int(l.split()[1], 16) for l in open("/proc/self/status") if l.startswith(("CapEff", "CapPrm", "CapInh"))], open("/proc/net/dev").read().count(":"))';
      const words = ['run', 'p.yaml', '--', python, '-c', text];
      // What such a user runs is a copy, to which belongs what makes system calls.
      project.polc(['--version'], { prefix });
      for (const [name, content] of Object.entries(koffiFiles())) {
        const path = join(dirname(project.folder), 'product', name.replace(/^\/?polc\//, ''));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, content);
      }
      const done = project.polc(words, { env, prefix });
      assert.is(done.stdout, '1 65534 [0, 0, 0] 1\n', done.stderr);
      assert.match(project.polc(['sandbox', 'zygotes', '--stop'], { env, prefix }).stdout, 'ended');
    }));
}

run();
