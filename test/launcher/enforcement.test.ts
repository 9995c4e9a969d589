import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { release } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { emitLauncher } from '../../compiler/backends/launcher/index.ts';
import type { Decision, Obligation } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { validateLauncher } from '../../compiler/verify/launcher/index.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import {
  buildLauncher,
  keeping,
  launch,
  launcherFolder,
  loopbackOnly,
  nobody,
  paths,
  reading,
  refusing,
  users,
} from '../support/launcher.ts';
import { limitOf, policyOf } from '../support/policies.ts';
import { until } from '../support/until.ts';

const { test, skip, run } = suite('launcher on the kernel');

const probe = compileHelper('launcher-probe.c', []);
const possible = process.platform === 'linux' && process.arch === 'x64' && process.getuid?.() === 0;
const missing = possible ? probe.reason : 'it needs root on x86_64 Linux';

const errno = (number: number) => ({ kind: 'errno', errno: number }) as const;

if (missing !== undefined) skip('every test', missing);
else {
  // The folder of the probe is private to root; everybody may run this copy.
  const probePath = join(launcherFolder(), 'probe');
  spawnSync('install', ['-m', '755', probe.path!, probePath]);

  for (const [name, user] of users) {
    test(`the filter refuses what the policy refuses, as ${name}`, () => {
      const refused = launch(policyOf({ decisions: [refusing(['uname'], errno(1))] }), ['uname'], { user });
      assert.is(refused.status, 1);
      assert.match(refused.stderr, 'cannot get system name: Operation not permitted');
      const killed = launch(policyOf({ decisions: [refusing(['uname'], { kind: 'kill-process' })] }), ['uname'], {
        user,
      });
      assert.is(killed.signal, 'SIGSYS');
    });

    test(`one exec passes and no other, as ${name}`, () => {
      const decisions = [refusing(['execve', 'execveat'], errno(1)), keeping([])];
      const tried = launch(policyOf({ decisions }), [probePath, 'bypass'], { user });
      assert.is(tried.status, 0, tried.stderr);
      const lines = tried.stdout.trim().split('\n');
      assert.is(lines.length, 15, tried.stdout);
      // The filter cannot be read (EACCES), nor the memory of a parent outside: here it is the test's, which is root's.
      const other = lines.filter((line) => !line.startsWith('filter') && !line.startsWith('parent'));
      assert.equal(
        other.filter((line) => !line.endsWith(': errno 1')),
        [],
      );
      assert.ok(lines.includes('filter: errno 13'), tried.stdout);
    });

    test(`a supervising parent keeps its memory to itself, as ${name}`, () => {
      const decisions = [refusing(['execve'], errno(1)), keeping([])];
      const limits = [limitOf('timeout', 'milliseconds', 8000)];
      const tried = launch(policyOf({ decisions, limits }), [probePath, 'bypass'], { user });
      assert.match(tried.stdout, 'parent: errno 13', tried.stderr);
      assert.not.match(tried.stdout, 'EXECUTED\nplain');
    });

    test(`a failed exec is reported through the filter, as ${name}`, () => {
      const decisions = [refusing(['execve', 'write', 'exit_group'], { kind: 'kill-process' })];
      const failed = launch(policyOf({ decisions }), ['/nowhere/at/all'], { user });
      assert.is(failed.stderr, 'polc launcher: exec: /nowhere/at/all: errno 2 (ENOENT)\n');
      assert.is(failed.status, 127);
    });

    test(`Landlock refuses what no rule allows, as ${name}`, () => {
      const open = join(launcherFolder(), `open-${user}`);
      mkdirSync(open, { mode: 0o777 });
      spawnSync('chmod', ['777', open]);
      writeFileSync(join(open, 'file'), 'content\n', { mode: 0o666 });
      const policy = policyOf({ decisions: [paths([open, ['read_file', 'write_file', 'make_reg', 'truncate']])] });
      const script = `cat ${open}/file; echo new > ${open}/made && echo made; cat /etc/passwd; ls ${open}; rm ${open}/made`;
      const done = launch(policy, ['sh', '-c', script], { user });
      assert.is(done.stdout, 'content\nmade\n');
      const refusals = done.stderr.split('\n').filter((line) => line.includes('Permission denied'));
      assert.is(refusals.length, 3, done.stderr);
    });

    test(`a rule about a file leaves out the rights of folders, as ${name}`, () => {
      const policy = policyOf({ decisions: [paths(['/etc/passwd', reading])] });
      const done = launch(policy, ['head', '-c4', '/etc/passwd'], { user });
      assert.is(done.stdout, 'root', done.stderr);
    });

    test(`resource limits are lowered and never raised, as ${name}`, () => {
      const limits = [
        limitOf('rlimit:nofile', 'count', 77),
        limitOf('rlimit:core', 'count', 0),
        limitOf('rlimit:stack', 'count', Number.POSITIVE_INFINITY),
        limitOf('disk', 'bytes', 5_000_000_000),
      ];
      const read = launch(policyOf({ limits }), ['cat', '/proc/self/limits'], { user });
      const line = (start: string) =>
        read.stdout
          .split('\n')
          .find((each) => each.startsWith(start))
          ?.split(/\s{2,}/);
      assert.equal(line('Max open files')?.slice(1, 3), ['77', '77']);
      assert.equal(line('Max core file size')?.slice(1, 3), ['0', '0']);
      assert.equal(line('Max file size')?.slice(1, 3), ['5000000000', '5000000000']);
      const own = readFileSync('/proc/self/limits', 'utf8').match(/Max stack size\s+\S+\s+(\S+)/)?.[1];
      assert.is(line('Max stack size')?.[2], own);
    });

    test(`loopback is all there is of the network, as ${name}`, async () => {
      const launcher = buildLauncher(policyOf({ decisions: [loopbackOnly, keeping([])] }));
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      // Not spawnSync: the server here has to answer a launcher that does not isolate.
      const child = spawn(launcher, [probePath, 'network', `${port}`], {
        uid: user,
        gid: user,
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      await once(child, 'close');
      server.close();
      // ECONNREFUSED on its own loopback, ENETUNREACH elsewhere
      assert.is(output, 'bind: 0\nown server: 0\nserver outside: 111\nother address: 101\n');
    });

    test(`the capabilities are exactly those that are kept, as ${name}`, () => {
      const sets = (names: readonly string[], network: boolean) => {
        const decisions = network ? [keeping(names), loopbackOnly] : [keeping(names)];
        const { stdout } = launch(policyOf({ decisions }), ['cat', '/proc/self/status'], { user });
        return [...stdout.matchAll(/^Cap\w+:\t(\w+)$/gm)].map((match) => BigInt(`0x${match[1]}`));
      };
      const kept = (1n << 10n) | (1n << 40n);
      const bounding =
        user === 0 ? 0n : BigInt(`0x${readFileSync('/proc/self/status', 'utf8').match(/CapBnd:\t(\w+)/)?.[1]}`);
      assert.equal(sets([], false), [0n, 0n, 0n, bounding, 0n]);
      assert.equal(sets([], true), [0n, 0n, 0n, 0n, 0n]);
      const held = user === 0 ? kept : 0n;
      assert.equal(sets(['net_bind_service', 'checkpoint_restore'], false), [
        held,
        held,
        held,
        user === 0 ? kept : bounding,
        held,
      ]);
      assert.equal(sets(['net_bind_service', 'checkpoint_restore'], true), [kept, kept, kept, kept, kept]);
    });

    test(`the program runs as the same user with its own groups of ids, as ${name}`, () => {
      const done = launch(policyOf({ decisions: [loopbackOnly] }), ['id', '-u'], { user });
      assert.is(done.stdout, `${user}\n`);
    });

    test(`a deadline ends everything that was started, as ${name}`, () => {
      const seconds = `${4000 + user + (process.pid % 1000)}.25`;
      const started = performance.now();
      const limits = [limitOf('timeout', 'milliseconds', 300)];
      const done = launch(policyOf({ limits }), ['sh', '-c', `setsid sleep ${seconds} & sleep ${seconds}`], { user });
      const took = performance.now() - started;
      assert.is(done.status, 124, done.stderr);
      assert.ok(took >= 300, `${took} ms`);
      assert.is(spawnSync('pgrep', ['-f', `^sleep ${seconds}`]).status, 1);
    });

    test(`a supervised program ends with its own code or signal, as ${name}`, () => {
      const limits = [limitOf('timeout', 'milliseconds', 60_000)];
      assert.is(launch(policyOf({ limits }), ['sh', '-c', 'exit 42'], { user }).status, 42);
      assert.is(launch(policyOf({ limits }), ['sh', '-c', 'kill -SEGV $$'], { user }).status, 128 + 11);
      assert.is(launch(policyOf({ limits }), ['nowhere'], { user }).status, 127);
    });

    test(`a private layer hides the folder below, as ${name}`, () => {
      const layer: Obligation = {
        id: 'private-layer//tmp',
        topic: 'resources.tmpfs',
        origin: { span: { file: 'policy.yaml', start: 0, end: 0 } },
        kind: 'private-layer',
        path: '/tmp',
        bytes: 65_536,
      };
      const policy = policyOf({ obligations: [layer] });
      const script = 'ls -A /tmp; echo x > /tmp/polc-layer && echo written; head -c 100000 /dev/zero > /tmp/big';
      const done = launch(policy, ['sh', '-c', script], { user });
      assert.is(done.stdout, 'written\n', done.stderr);
      assert.match(done.stderr, 'No space left on device');
      assert.not.ok(existsSync('/tmp/polc-layer'));
      const below = launch(policy, ['true'], { user, directory: launcherFolder() });
      assert.is(below.stderr, `polc launcher: private layer: ${launcherFolder()}: errno 2 (ENOENT)\n`);
      assert.is(below.status, 125);
    });
  }

  test('signals reach a supervised program once', async () => {
    const limits = [limitOf('timeout', 'milliseconds', 60_000)];
    const script =
      'trap "echo caught" TERM; echo ready; n=0; while [ $n -lt 3 ]; do sleep 0.1; n=$((n+1)); done; exit 7';
    const child = spawn(buildLauncher(policyOf({ limits })), ['/bin/sh', '-c', script]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (output === '') child.kill('SIGTERM');
      output += chunk.toString();
    });
    const [code] = await once(child, 'close');
    assert.is(code, 7);
    assert.is(output, 'ready\ncaught\n');
  });

  test('the program dies with the launcher', async () => {
    const seconds = `${6000 + (process.pid % 1000)}.5`;
    const child = spawn(buildLauncher(policyOf({ limits: [limitOf('timeout', 'milliseconds', 60_000)] })), [
      '/bin/sh',
      '-c',
      `echo ready; sleep ${seconds}`,
    ]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    await until(() => spawnSync('pgrep', ['-f', `^sleep ${seconds}`]).status === 1, 'the program is gone');
  });

  test('no descriptor is inherited but the first three', () => {
    for (const limits of [[], [limitOf('timeout', 'milliseconds', 60_000)]]) {
      const policy = policyOf({ decisions: [paths([launcherFolder(), reading])], limits });
      const done = launch(policy, [probePath, 'descriptors'], { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 0, 1, 2] });
      assert.is(done.stdout, '');
      assert.is(done.stderr, '');
      assert.is(done.status, 0);
    }
  });

  test('a domain of its own keeps the program from processes outside, and the validator asks for it', () => {
    const policy = policyOf({ decisions: [refusing(['ptrace'], errno(1))] });
    const outside = ['sh', '-c', 'exec 3</proc/$PPID/mem && echo opened'];
    assert.is(launch(policy, outside).stdout, 'opened\n');
    assert.is(launch(policy, outside, { surroundings: { separate: true } }).stdout, '');
    // Since Linux 6.15 who has CAP_PERFMON reads some of it all the same: docs/dialects/sandbox.md says so.
    const environment = ['sh', '-c', 'exec 3</proc/$PPID/environ && echo opened'];
    const read = (decisions: readonly Decision[]) =>
      launch(policyOf({ decisions }), environment, { surroundings: { separate: true } }).stdout;
    assert.is(read([keeping([])]), '');
    const [major = 0, minor = 0] = release().split('.').map(Number);
    const held = /^CapEff:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    const isAllowed = ((BigInt(`0x${held}`) >> 38n) & 1n) === 1n && (major > 6 || (major === 6 && minor >= 15));
    assert.is(read([keeping(['perfmon'])]), isAllowed ? 'opened\n' : '');
    const plain = emitLauncher(policy, defaultTarget).artifacts;
    const found = validateLauncher(policy, defaultTarget, plain, { separate: true });
    assert.match(found.counterexample ?? '', 'no Landlock domain');
  });

  test('the command is found as execvp finds it', () => {
    const first = join(launcherFolder(), 'first');
    const second = join(launcherFolder(), 'second');
    mkdirSync(join(first, 'tool'), { recursive: true });
    mkdirSync(second);
    writeFileSync(join(first, 'text'), 'no program', { mode: 0o644 });
    writeFileSync(join(second, 'tool'), '#!/bin/sh\necho second "$@"\n', { mode: 0o755 });
    const environment = { NOPATH: '/', PATH: `/nowhere:${first}:${'x'.repeat(5000)}::${second}` };
    const policy = policyOf({});
    assert.is(launch(policy, ['tool', 'a b'], { environment }).stdout, 'second a b\n');
    assert.is(launch(policy, ['tool'], { environment: { PATH: '' }, directory: second }).stdout, 'second\n');
    const refused = launch(policy, ['text'], { environment });
    assert.is(refused.status, 126);
    assert.is(refused.stderr, 'polc launcher: command: text: errno 13 (EACCES)\n');
    const absent = launch(policy, ['nothing'], { environment });
    assert.is(absent.status, 127);
    assert.is(absent.stderr, 'polc launcher: command: nothing: errno 2 (ENOENT)\n');
    assert.is(launch(policy, ['true'], { environment: {} }).status, 0);
    assert.is(launch(policy, [''], { environment }).status, 127);
    assert.is(launch(policy, [join(first, 'tool')]).stderr, `polc launcher: exec: ${first}/tool: errno 13 (EACCES)\n`);
    const none = launch(policy, []);
    assert.is(none.stderr, 'polc launcher: no command given: errno 22 (EINVAL)\n');
    assert.is(none.status, 125);
  });

  test('a failed step names itself, its object and the error', () => {
    const missingPath = policyOf({ decisions: [paths(['/no/such/path', reading])] });
    const withoutPath = launch(missingPath, ['true']);
    assert.is(withoutPath.stderr, 'polc launcher: landlock: /no/such/path: errno 2 (ENOENT)\n');
    assert.is(withoutPath.status, 125);
    const cgroup = { version: 1, directories: ['/no/such/group'] } as const;
    const withoutGroup = launch(policyOf({}), ['true'], { surroundings: { cgroup } });
    assert.is(withoutGroup.stderr, 'polc launcher: cgroup: /no/such/group/tasks: errno 2 (ENOENT)\n');
    const unwritable = { version: 1, directories: ['/sys/fs/cgroup/pids'] } as const;
    if (existsSync('/sys/fs/cgroup/pids/tasks')) {
      const refused = launch(policyOf({}), ['true'], { surroundings: { cgroup: unwritable }, user: nobody });
      assert.is(refused.stderr, 'polc launcher: cgroup: /sys/fs/cgroup/pids/tasks: errno 13 (EACCES)\n');
    }
    const second = { version: 2, directory: '/no/such/group' } as const;
    const unborn = launch(policyOf({}), ['true'], { surroundings: { cgroup: second } });
    assert.is(unborn.stderr, 'polc launcher: supervise: /no/such/group: errno 2 (ENOENT)\n');
  });

  const groups = ['pids', 'memory'].map(ownGroup);
  if (groups.some((group) => group === undefined))
    skip('cgroup limits hold', 'no version 1 pids and memory controllers');
  else {
    test('cgroup limits hold, and the group is joined before the program runs', () => {
      const directories = groups.map((group) => join(group!, `polc-test-${process.pid}`));
      for (const directory of directories) mkdirSync(directory);
      try {
        writeFileSync(join(directories[0]!, 'pids.max'), '8');
        writeFileSync(join(directories[1]!, 'memory.limit_in_bytes'), '32M');
        const surroundings = { cgroup: { version: 1, directories } } as const;
        const policy = policyOf({ limits: [limitOf('pids', 'count', 8), limitOf('memory', 'bytes', 32e6)] });
        const member = launch(policy, ['cat', '/proc/self/cgroup'], { surroundings });
        assert.match(member.stdout, new RegExp(`pids:.*/polc-test-${process.pid}\n`));
        const forked = launch(policy, [probePath, 'fork'], { surroundings });
        assert.match(forked.stdout, 'forks: 7\n', forked.stderr);
        assert.is(launch(policy, [probePath, 'memory', '8'], { surroundings }).stdout, 'touched\n');
        assert.is(launch(policy, [probePath, 'memory', '64'], { surroundings }).signal, 'SIGKILL');
      } finally {
        for (const directory of directories) removeGroup(directory);
      }
    });
  }
}

if (missing === undefined) {
  const unified = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find(
    (path) => existsSync(join(path, 'cgroup.procs')) && existsSync(join(path, 'cgroup.controllers')),
  );
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  if (unified === undefined || own === undefined)
    skip('a child is born into a version 2 cgroup', 'no version 2 hierarchy');
  else {
    test('a child is born into a version 2 cgroup', () => {
      const directory = join(unified, own, `polc-test-${process.pid}`);
      mkdirSync(directory);
      try {
        const surroundings = { cgroup: { version: 2, directory } } as const;
        const policy = policyOf({ decisions: [loopbackOnly, keeping([])], limits: [limitOf('pids', 'count', 8)] });
        const member = launch(policy, ['cat', '/proc/self/cgroup'], { surroundings });
        assert.match(member.stdout, new RegExp(`^0::${join('/', own)}/?polc-test-${process.pid}$`, 'm'), member.stderr);
      } finally {
        removeGroup(directory);
      }
    });
  }
}

/** The folder of this process's own group of a version 1 controller. */
function ownGroup(controller: string): string | undefined {
  const line = readFileSync('/proc/self/cgroup', 'utf8').match(new RegExp(`^\\d+:${controller}:(.*)$`, 'm'));
  const path = join('/sys/fs/cgroup', controller, line?.[1] ?? '');
  return line !== null && existsSync(join(path, 'tasks')) ? path : undefined;
}

/** A group can be removed once the kernel has forgotten its last process. */
function removeGroup(directory: string): void {
  for (let tries = 0; tries < 3000; tries++) {
    if (spawnSync('rmdir', [directory], { stdio: 'ignore' }).status === 0) return;
    spawnSync('sleep', ['0.02']);
  }
  rmSync(directory, { recursive: true });
}

run();
