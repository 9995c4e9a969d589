import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { processorsIn } from '../../runtime/sandbox/processors.ts';
import { suite } from '../support/harness.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';

const { test, skip, run } = suite('polc run');

const possible = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
const root = possible && process.getuid?.() === 0;
/** Where version 1 mounts the controller of process numbers; absent on machines with version 2 only. */
const pidsHierarchy = '/sys/fs/cgroup/pids';
const groups = root && existsSync(pidsHierarchy);

const open = 'profile: open\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n';
const limited = `${open.replace('open', 'limited')}resources: { pids: 6, memory: 64MiB }\n`;

function running({ polc, write }: ProjectFolder, policy: string) {
  write({ 'p.yaml': policy });
  return (
    command: readonly string[],
    options: Parameters<ProjectFolder['polc']>[1] = {},
    ...words: readonly string[]
  ) => polc(['run', ...words, 'p.yaml', '--', ...command], options);
}

/** Those that this process may run on. */
function allowedProcessors(): readonly number[] {
  return processorsIn(/^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '');
}

/** The groups of finished runs that are still there. */
function leftGroups(): readonly string[] {
  const folders = readdirSync(pidsHierarchy, { recursive: true, encoding: 'utf8' });
  return folders.filter((name) => /polc-limited-\d+-\d+-[0-9a-f]{6}$/.test(name));
}

if (!possible) skip('every test', 'it needs Linux on x86_64 or aarch64');
else {
  test('the exit code is that of the command, and of env(1) where there was none', () =>
    withProject((project) => {
      const go = running(project, open);
      assert.is(go(['true']).status, 0);
      assert.is(go(['sh', '-c', 'exit 7']).status, 7);
      assert.is(go(['/etc']).status, 126);
      assert.is(go(['no-such-command-here']).status, 127);
      assert.is(go(['sh', '-c', 'kill -TERM $$']).status, 128 + 15);
      assert.is(project.polc(['run', 'p.yaml']).status, 2);
      assert.is(project.polc(['run', 'nowhere.yaml', '--', 'true']).status, 125);
      const wrong = running(project, open.replace('ptrace', 'ptrcae'))(['touch', 'made']);
      assert.is(wrong.status, 125);
      assert.match(wrong.stderr, /error\[POL3002\]/);
      assert.not.ok(existsSync(join(project.folder, 'made')));
    }));

  test('where the kernel takes no programs the cause is said first and once, also where only part is lost without', () =>
    withProject(({ folder, polc, write }) => {
      write({
        'polc.config.yaml': 'target: { bpf-lsm: true }\n',
        'hooks.bpf': 'hook file_open\n  deny when comm == "a"\n  deny when comm == "b"\n',
        'hooks.yaml': 'profile: p\nmode: sandbox\nsecurity: { bpf_lsm: { file_open: hooks.bpf } }\n',
        'addresses.yaml': `${open}network: { mode: host, outbound: ["192.0.2.0/24"] }\n`,
        'accepted.yaml': `${open}network: { mode: host, outbound: ["192.0.2.0/24"] }\naccept: [{ loss: outbound, because: a test }, { loss: mode, because: a test }]\n`,
      });
      const ordinary = root ? { prefix: ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] } : {};
      for (const [policy, losses] of [
        ['hooks.yaml', '{ loss: bpf_lsm, because: REASON }'],
        ['addresses.yaml', '{ loss: "outbound[0]", because: REASON }, { loss: mode, because: REASON }'],
      ] as const) {
        const { status, stderr } = polc(['run', policy, '--', 'touch', 'made'], ordinary);
        const [cause = '', help = '', last = '', ...others] = stderr.trim().split('\n');
        assert.equal([status, others], [125, []], stderr);
        assert.match(cause, /^polc run: polc has not CAP_BPF/);
        assert.match(help, /^polc run: help: start polc as root/);
        assert.ok(last.endsWith(`\`accept: [${losses}]\` in the policy`), last);
        assert.not.ok(existsSync(join(folder, 'made')));
      }
      const { status, stderr } = polc(['run', 'accepted.yaml', '--', 'true'], ordinary);
      assert.is(status, 0, stderr);
      assert.match(stderr, /without programs of the kernel: polc has not CAP_BPF/);
    }));

  test('what says nothing of programs runs none', () =>
    withProject(({ folder, polc, write }) => {
      write({
        'class.yaml': 'institution: { name: State University, allowed_sources: [institutional] }\n',
        'hooks.bpf': 'hook file_open\n  deny\n',
      });
      for (const policy of ['class.yaml', 'hooks.bpf']) {
        const { status, stderr } = polc(['run', policy, '--', 'touch', 'made']);
        assert.is(status, 125);
        assert.match(stderr, new RegExp(`^polc run: \`${policy}\` is .*\\npolc run: help: name .*\\n$`));
      }
      assert.not.ok(existsSync(join(folder, 'made')));
    }));

  test('time that is up ends with 124', () =>
    withProject((project) => {
      assert.is(running(project, `${open}resources: { timeout: 300ms }\n`)(['sleep', '600']).status, 124);
    }));

  test('standard input and output pass through, and the policy is enforced', () =>
    withProject((project) => {
      const go = running(project, open.replace('[ptrace]', '[ptrace, uname]'));
      const echoed = go(['sh', '-c', 'cat; echo err >&2'], { input: 'through and through' });
      assert.equal([echoed.status, echoed.stdout, echoed.stderr], [0, 'through and through', 'err\n']);
      assert.match(go(['uname']).stderr, 'Operation not permitted');
      const status = go(['grep', '-E', '^(Seccomp|NoNewPrivs):', '/proc/self/status']);
      assert.is(status.stdout, 'NoNewPrivs:\t1\nSeccomp:\t2\n');
      const killing = `${open}    rules: [{ syscalls: [uname], action: kill-process }]\n`;
      // SIGSYS is 31.
      assert.is(running(project, killing)(['uname']).status, 128 + 31);
    }));

  test('a signal goes to the command', () =>
    withProject(async ({ write, start }) => {
      write({ 'p.yaml': open });
      const script = 'trap "echo got TERM; exit 9" TERM; echo ready; for i in $(seq 100); do sleep 0.05; done';
      const child = start(['run', 'p.yaml', '--', 'sh', '-c', script]);
      let output = '';
      child.stdout?.on('data', (chunk) => {
        output += chunk;
        if (output === 'ready\n') child.kill('SIGTERM');
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      assert.equal([code, output], [9, 'ready\ngot TERM\n']);
    }));

  test('a loss that nobody accepts starts nothing, and an accepted one is said', () =>
    withProject((project) => {
      // The filter alone would hold `notify`; the launcher has no listener for it.
      const listening = `${open}    rules: [{ syscalls: [uname], action: notify }]\n`;
      const refused = running(project, listening)(['touch', 'made']);
      assert.is(refused.status, 125, refused.stderr);
      assert.match(refused.stderr, /error\[POL6001\].*seccomp/);
      assert.not.ok(existsSync(join(project.folder, 'made')));
      const accepting = `${open}resources: { disk: 1GiB }\naccept: [{ loss: resources.disk, because: small }]\n`;
      const line = 'polc run: resources.disk is only partly enforced here, which is accepted: small\n';
      const go = running(project, accepting);
      assert.equal([go(['true']).status, go(['true']).stderr], [0, line]);
      assert.is(go(['true'], {}, '--quiet').stderr, '');
    }));

  test('a pattern that matches nothing is said, and no advice to use polc run', () =>
    withProject((project) => {
      const readable = ['/usr', '/bin', '/lib', '/lib64'].map((path) => `{ path: ${path}, access: execute }`);
      const grants = [
        ...readable,
        '{ path: "/nowhere-*", access: read-only }',
        '{ path: "/etc/*", access: read-only }',
      ];
      const policy = `profile: p\nmode: sandbox\nsecurity: { landlock: { paths: [${grants.join(', ')}] } }\n`;
      const done = running(project, policy)(['true']);
      assert.match(done.stderr, /warning\[POL6031\]: `\/nowhere-\*`/);
      assert.not.match(done.stderr, 'POL6030');
    }));

  test('a path over a link that the program could have made is refused', () =>
    withProject((project) => {
      const shared = join(project.folder, 'shared');
      project.write({ 'shared/inner/file': 'x' });
      symlinkSync('/etc', join(shared, 'data'));
      symlinkSync('/etc', join(project.folder, 'outside'));
      const policy = (path: string) =>
        `profile: p\nmode: sandbox\nsecurity: { landlock: { paths: [{ path: /usr, access: execute }, ` +
        `{ path: ${shared}, access: read-write }, { path: ${path}, access: execute }] } }\n`;
      const over = (path: string) => running(project, policy(path))(['true']).stderr;
      assert.match(over(join(shared, 'data')), `leads over the symbolic link ${join(shared, 'data')}`);
      assert.match(over(join(shared, 'data/ssl')), 'leads over the symbolic link');
      assert.not.match(over(join(shared, 'inner')), 'symbolic link');
      assert.not.match(over(join(project.folder, 'outside')), 'symbolic link');
    }));

  test('the program runs on the processors of the policy, and on none that are not there', () =>
    withProject((project) => {
      const pinned = (affinity: string, rest = '') =>
        running(project, `${open.replace('[ptrace]', `[ptrace${rest}]`)}performance: { cpu_affinity: ${affinity} }\n`);
      const own = allowedProcessors();
      const shown = ['grep', 'Cpus_allowed_list', '/proc/self/status'];
      for (const processor of own.slice(0, 2)) {
        const done = pinned(`[${processor}]`, ', sched_setaffinity')(shown);
        assert.is(done.stdout, `Cpus_allowed_list:\t${processor}\n`, done.stderr);
      }
      const moved = pinned(`[${own[0]}]`)(['taskset', '-c', `${own.at(-1)}`, ...shown]);
      assert.is(moved.stdout, `Cpus_allowed_list:\t${own.at(-1)}\n`, moved.stderr);
      const kept = pinned(`[${own[0]}]`, ', sched_setaffinity')(['taskset', '-c', `${own[0]}`, ...shown]);
      assert.match(kept.stderr, 'Operation not permitted');
      const absent = pinned(`[${own[0]}, 4000]`)(['touch', 'made']);
      assert.is(absent.status, 125);
      assert.match(absent.stderr, /polc run: there is no processor 4000 here, only \S+ \(performance.cpu_affinity\)\n/);
      assert.not.ok(existsSync(join(project.folder, 'made')));
      if (!existsSync('/sys/devices/system/node/node0')) return;
      const near = pinned('numa-aware')(shown);
      const found = processorsIn(near.stdout.split('\t')[1] ?? '');
      const nodes = readdirSync('/sys/devices/system/node').filter((name) => /^node\d+$/.test(name));
      const lists = nodes.map((name) =>
        processorsIn(readFileSync(`/sys/devices/system/node/${name}/cpulist`, 'utf8')).filter((each) =>
          own.includes(each),
        ),
      );
      assert.ok(found.length > 0 && lists.some((list) => `${list}` === `${found}`), near.stderr);
    }));

  test('the allocator of the policy is preloaded for the program alone, or nothing starts', () =>
    withProject((project) => {
      const maps = ['grep', '-o', 'lib[a-z]*malloc.*', '/proc/self/maps'];
      const allocating = (name: string, rest = '') =>
        running(project, `${open}performance: { memory_allocator: ${name} }\n${rest}`);
      const library = ['libjemalloc.so.2', 'libmimalloc.so.2.0', 'libtcmalloc_minimal.so.4'];
      for (const [index, name] of ['jemalloc', 'mimalloc', 'tcmalloc'].entries()) {
        const go = allocating(name);
        const installed = `/usr/lib/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu/${library[index]}`;
        if (existsSync(installed)) {
          assert.match(go(maps).stdout, library[index]!);
          const plain = spawnSync('busybox', ['true']).status === 0 ? go(['busybox', 'true']) : undefined;
          if (plain !== undefined) {
            assert.match(plain.stderr, /busybox is linked statically, so that no allocator can be preloaded/);
            assert.is(plain.status, 125);
          }
          const granted = ['/bin', '/lib', '/lib64', '/proc', '/etc/ld.so.cache'];
          const grants = (paths: readonly string[]) =>
            `profile: p\nmode: sandbox\nsecurity: { landlock: { paths: [{ path: /usr/bin, access: execute }, ${paths
              .map((path) => `{ path: ${path}, access: read-only }`)
              .join(', ')}] } }\nperformance: { memory_allocator: ${name} }\n`;
          const hidden = running(project, grants(['/proc']))(['touch', 'made']);
          assert.is(hidden.status, 125);
          assert.match(
            hidden.stderr,
            `the program may not read ${realpathSync(installed)}, which ${name} needs: add {`,
          );
          assert.not.ok(existsSync(join(project.folder, 'made')));
          const seen = running(project, grants(granted).replaceAll('read-only', 'execute'))(maps);
          assert.match(seen.stdout, library[index]!, seen.stderr);
        } else {
          const missing = go(['touch', 'made']);
          assert.is(missing.status, 125);
          assert.match(missing.stderr, new RegExp(`^polc run: there is no lib${name}.* here: install it`));
          assert.not.ok(existsSync(join(project.folder, 'made')));
          const accepted = allocating(name, 'accept: [{ loss: memory_allocator, because: it is slow }]\n')(['true']);
          assert.is(accepted.status, 0, accepted.stderr);
          assert.match(accepted.stderr, `there is no lib${name}`);
        }
      }
    }));

  if (!groups) skip('limits of control groups', 'it needs root and control groups of version 1');
  else {
    test('the limits of the control group hold, and the group is gone afterwards', () =>
      withProject((project) => {
        const go = running(project, limited);
        const inside = go(['cat', '/proc/self/cgroup']);
        assert.is(inside.status, 0, inside.stderr);
        assert.match(inside.stdout, /:pids:.*\/polc-limited-\d+-\d+-[0-9a-f]{6}\n/);
        assert.match(inside.stdout, /:memory:.*\/polc-limited-\d+-\d+-[0-9a-f]{6}\n/);
        // The shell gives up at the first fork that fails; `cat` ends when the last of the sleepers has.
        const crowding = 'sh -c "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.2 & done" | cat';
        const limit = go(['sh', '-c', `cat ${pidsHierarchy}"$(sed -n "s/^.*:pids://p" /proc/self/cgroup)"/pids.max`]);
        assert.is(limit.stdout, '6\n', limit.stderr);
        const crowd = go(['sh', '-c', crowding]);
        assert.match(crowd.stderr, /[Cc]annot fork|Resource temporarily unavailable/);
        assert.equal(leftGroups(), []);
        assert.is(go(['sh', '-c', 'exit 3']).status, 3);
        assert.equal(leftGroups(), []);
      }));
  }

  if (!root) skip('as an ordinary user', 'it needs root to become one');
  else {
    test('an ordinary user’s program cannot open the memory of polc', () =>
      withProject((project) => {
        const go = running(project, open);
        const nobody = { prefix: ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] };
        const opening = 'exec 3<>/proc/$PPID/mem && echo opened';
        const tried = go(['sh', '-c', opening], nobody);
        assert.not.match(tried.stdout, 'opened');
        assert.match(tried.stderr, 'Permission denied');
        // The domain is for that alone: files move between folders as before.
        const moved = go(['sh', '-c', 'mkdir -p a b && echo x > a/f && ln a/f b/g && mv a/f b/f && cat b/f']);
        assert.equal([moved.stdout, moved.stderr], ['x\n', '']);
      }));

    test('an ordinary user is told that limits would not hold, and may go on without', () =>
      withProject((project) => {
        const go = running(project, limited);
        const nobody = { prefix: ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] };
        if (groups) {
          const refused = go(['true'], nobody);
          assert.is(refused.status, 125);
          assert.match(refused.stderr, /no control group can be made, so resources\.(pids|memory).* would not hold/);
        }
        const went = go(['sh', '-c', 'id -u; exit 5'], nobody, '--no-cgroup');
        assert.equal([went.status, went.stdout], [5, '65534\n']);
      }));
  }
}

run();
