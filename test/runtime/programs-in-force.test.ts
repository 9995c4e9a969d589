import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, rmdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { attachObject } from '../../runtime/hook-programs/attach.ts';
import { hold } from '../../runtime/hook-programs/hold.ts';
import { loadObject } from '../../runtime/hook-programs/load.ts';
import { processesIn, unifiedMount } from '../../runtime/hook-programs/program-group.ts';
import { isRefusal } from '../../runtime/hook-programs/refusal.ts';
import { Bpf } from '../../runtime/kernel/bpf.ts';
import { openProcess, signalProcess, takeDescriptor } from '../../runtime/kernel/process-handle.ts';
import { Readiness } from '../../runtime/kernel/readiness.ts';
import { KernelRefusal } from '../../runtime/kernel/system-calls.ts';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';
import { calls, connectFrom, policy, programs } from '../support/socket-programs.ts';
import { until } from '../support/until.ts';

const { test, skip, run } = suite('programs in force on this machine');

const root = process.platform === 'linux' && process.getuid?.() === 0;
const group = root ? unifiedMount() : undefined;

function refusalOf(action: () => unknown): string {
  try {
    action();
    return 'nothing';
  } catch (error) {
    return error instanceof KernelRefusal ? error.code : String(error);
  }
}

if (process.platform !== 'linux') skip('system calls', 'they are of Linux');
else {
  test('system calls give what the kernel gives, or the name of what it refuses', async () => {
    const its = await calls();
    assert.is(
      refusalOf(() => its.call('ioctl', -1, 0, 0)),
      'EBADF',
    );
    const own = openProcess(its, process.pid);
    const copy = takeDescriptor(its, own, 1);
    assert.ok(copy > 2);
    closeSync(copy);
    assert.is(
      refusalOf(() => takeDescriptor(its, own, 987)),
      'EBADF',
    );
    assert.is(
      refusalOf(() => openProcess(its, 2 ** 22 + 5)),
      'ESRCH',
    );
    signalProcess(its, own, 0);
    closeSync(own);
    assert.is(
      refusalOf(() => signalProcess(its, own, 0)),
      'EBADF',
    );
    const bytes = new Uint8Array(64);
    const mapped = its.call('mmap', 0, 4096, 3, 0x22, -1, 0);
    new Uint8Array(its.memory(mapped, 64)).fill(7);
    assert.is(new Uint8Array(its.memory(mapped, 64))[63], 7);
    its.call('munmap', mapped, 4096);
    assert.is(its.address(bytes.subarray(8)) - its.address(bytes), 8n);
  });

  test('a wait ends when there is something to be read, and when it is closed', async () => {
    const its = await calls();
    const event = its.call('eventfd2', 0, 0);
    const idle = its.call('eventfd2', 0, 0);
    const readiness = new Readiness(its, [idle, event]);
    const first = readiness.next();
    writeSync(event, new Uint8Array(BigUint64Array.of(1n).buffer));
    assert.equal(await first, [{ descriptor: event, hungUp: false }]);
    const second = new Readiness(its, [idle]);
    const waiting = second.next();
    await second.close();
    assert.equal(await waiting, []);
    await readiness.close();
    closeSync(event);
    closeSync(idle);
  });
}

test('what is no object of ours is a diagnostic, and nothing is loaded', () =>
  withProject(({ polc, write }) => {
    write({ 'bundle/bpf-lsm/policy.bpf.o': 'no object', 'bundle/manifest.json': '{}' });
    for (const word of ['bundle', 'bundle/bpf-lsm/policy.bpf.o']) {
      const { status, stdout } = polc(['sandbox', 'load', word, '--format', 'json']);
      assert.is(status, process.platform === 'linux' ? 3 : status);
      if (process.platform === 'linux') assert.match(stdout, /POL8420.*is no ELF file; nothing was loaded/s);
    }
    write({ 'plain.yaml': 'profile: plain\nmode: sandbox\nresources: { pids: 5 }\n' });
    const plain = polc(['sandbox', 'load', 'plain.yaml']);
    assert.is(plain.status, process.platform === 'linux' ? 1 : plain.status);
    assert.match(plain.stderr, /decides nothing that programs of the kernel hold/);
    write({ 'tiers.yaml': 'tiers: { free: { rate: 5/1s } }\n' });
    const other = polc(['sandbox', 'load', 'tiers.yaml']);
    assert.is(other.stderr.split('\n')[0], 'polc sandbox load: `tiers.yaml` is a policy of the dialect tenancy');
    assert.is(other.status, 1);
    for (const [group, wrong] of [
      ['/tmp', /: \/tmp is no control group of version 2\n/],
      ['/tmp/no/such', /: \/tmp\/no\/such does not exist\n {2}= help: .*mounted/],
    ] as const) {
      const { status, stderr } = polc(['sandbox', 'load', 'plain.yaml', '--cgroup', group]);
      assert.is(status, 2);
      assert.match(stderr, wrong);
    }
  }));

if (root) {
  test('a command starts without programs that this machine takes not, where that is accepted, and else not', () =>
    withProject(({ folder, polc, write }) => {
      const hooked = 'profile: hooked\nmode: sandbox\nsecurity: { bpf_lsm: { file_open: f.bpf } }\n';
      write({
        'f.bpf': `hook file_open\n  deny when path == "${folder}/secret"\n`,
        secret: 'secret',
        'p.yaml': hooked,
      });
      const strict = polc(['run', 'p.yaml', '--', 'cat', `${folder}/secret`]);
      const takes = strict.status !== 125;
      if (takes) assert.equal([strict.status, strict.stdout], [1, '']);
      else assert.match(strict.stderr, /^polc run: .*\npolc run: help: .*\npolc run: help: or be content .*\n$/);
      write({ 'p.yaml': `${hooked}accept: [{ loss: bpf_lsm, because: the test says so }]\n` });
      const accepted = polc(['run', 'p.yaml', '--', 'cat', `${folder}/secret`]);
      assert.equal([accepted.status, accepted.stdout], takes ? [1, ''] : [0, 'secret']);
      if (!takes)
        assert.match(
          accepted.stderr,
          /without programs of the kernel: [\s\S]*bpf_lsm.* not enforced here, which is accepted/,
        );
    }));
}

const held = 'programs hold a group while somebody holds them, and leave nothing';
const killed = 'who is killed leaves no program behind, and what is pinned stays until it is taken back';
if (group === undefined) {
  skip(held, 'it needs root and control groups of version 2');
  skip(killed, 'it needs root and control groups of version 2');
} else {
  test(held, async () => {
    const result = await hold({ programs: programs(), policy: 'sockets' }, () => {});
    if (isRefusal(result)) throw new Error(result.problem);
    assert.is(connectFrom(result.cgroup, '127.0.0.4'), 'EPERM');
    assert.is(connectFrom(result.cgroup, '127.0.0.2'), 'ECONNREFUSED');
    assert.is(processesIn(result.cgroup), 0);
    assert.ok(await result.end());
    assert.not.ok(existsSync(result.cgroup));
    const gone = join(group, `polc-gone-${process.pid}`);
    const refused = await hold({ programs: programs(), policy: 'sockets', cgroup: gone }, () => {});
    assert.ok(isRefusal(refused) && refused.problem.includes(`put in force for ${gone}: ENOENT`));
  });

  test('the programs of a policy that adapts are loaded without more, and that they stay in its level is said', () =>
    withProject(async (project) => {
      const adapting = 'adaptive: { auto_upgrade: hardened, triggers: [{ network_access: upgrade }] }\n';
      project.write({ 'p.yaml': `profile: sockets\nmode: sandbox\n${policy}${adapting}` });
      const child = project.start(['sandbox', 'load', 'p.yaml']);
      let said = '';
      child.stderr?.on('data', (chunk) => (said += chunk));
      const ended = new Promise((resolve) => child.on('close', resolve));
      await until(() => said.includes('is in force for') || child.exitCode !== null, 'programs are in force');
      child.kill('SIGTERM');
      assert.is(await ended, 0, said);
      assert.match(
        said,
        /^polc sandbox load: only the programs of the level that .*\n {2}= help: levels are moved by `polc run`/,
      );
      assert.not.match(said, /POL6/);
    }));

  test('everything or nothing: what was attached before a failure is detached', async () => {
    const its = await calls();
    const bpf = new Bpf(its);
    const folder = join(group, `polc-half-${process.pid}`);
    mkdirSync(folder);
    try {
      const loaded = loadObject(bpf, programs().object, 'policy.bpf.o');
      if (isRefusal(loaded)) throw new Error(loaded.problem);
      assert.ok(loaded.programs.length > 1);
      const ids = loaded.programs.map(({ descriptor }) => bpf.information(descriptor).getUint32(4, true));
      const half = {
        ...loaded,
        programs: loaded.programs.map((each, index) => (index === 1 ? { ...each, attachType: 27 } : each)),
      };
      const refused = attachObject(bpf, half, folder);
      assert.ok(isRefusal(refused) && refused.by === 'kernel');
      assert.is(connectFrom(folder, '127.0.0.4'), 'ECONNREFUSED');
      const attached = attachObject(bpf, loaded, folder);
      if (isRefusal(attached)) throw new Error(attached.problem);
      assert.is(connectFrom(folder, '127.0.0.4'), 'EPERM');
      attached.detach();
      assert.is(connectFrom(folder, '127.0.0.4'), 'ECONNREFUSED');
      loaded.close();
      for (const id of ids) await until(() => refusalOf(() => closeSync(bpf.byId('program', id))) === 'ENOENT');
    } finally {
      rmdirSync(folder);
    }
  });

  test(killed, () =>
    withProject(async (project) => {
      project.write({ 'p.yaml': `profile: sockets\nmode: sandbox\n${policy}` });
      const folder = join(group, `polc-killed-${process.pid}`);
      // As a polc leaves it that was killed before it pinned anything.
      const left = join(group, `polc-left-${process.pid}.pin`);
      const pin = `left-${process.pid}`;
      mkdirSync(folder);
      try {
        const child = project.start(['sandbox', 'load', 'p.yaml', '--cgroup', folder, '--format', 'json']);
        let said = '';
        child.stderr?.on('data', (chunk) => (said += chunk));
        await until(() => said.includes('is in force for'), 'programs are in force');
        assert.is(connectFrom(folder, '127.0.0.4'), 'EPERM');
        child.kill('SIGKILL');
        await new Promise((resolve) => child.on('close', resolve));
        await until(() => connectFrom(folder, '127.0.0.4') === 'ECONNREFUSED');
        const polc = `${process.execPath} ${join(process.env.POLC_ROOT ?? '.', 'bin/polc.js')}`;
        writeFileSync(
          join(project.folder, 'pinned.sh'),
          `mount -t bpf bpf /sys/fs/bpf && mount -t tmpfs tmpfs /run || exit 9
${polc} sandbox load p.yaml --pin web --cgroup ${folder} -q || exit 8
${polc} sandbox status --format json --exit-code
${polc} sandbox load p.yaml --pin web --cgroup ${folder} -q; echo "again $?"
${polc} sandbox load p.yaml --pin a.b; echo "name $?"
rm /sys/fs/bpf/polc/web/connect4; ${polc} sandbox status web --exit-code > /dev/null; echo "part $?"
${polc} sandbox unload wep; echo "other $?"
${polc} sandbox unload web -q; echo "unloaded $?"
mkdir ${left} && ${polc} sandbox load p.yaml --pin ${pin} -q; echo "young $?"
touch -d @1 ${left} && ${polc} sandbox load p.yaml --pin ${pin} -q; echo "left $?"
${polc} sandbox unload ${pin} -q; test -e ${left}; echo "there $?"
${polc} sandbox status; ls -A /sys/fs/bpf /run | grep polc; echo end
`,
        );
        const done = spawnSync('unshare', ['-m', 'sh', 'pinned.sh'], {
          cwd: project.folder,
          encoding: 'utf8',
          env: { ...process.env, HOME: project.folder },
          timeout: 240_000,
        });
        const json = done.stdout.slice(0, done.stdout.indexOf('\n}\n') + 3);
        const { loaded } = JSON.parse(json);
        assert.is(loaded.length, 1);
        const { cgroup, name, policy: named, hash, in_force, processes, programs: its } = loaded[0];
        assert.equal([name, named, cgroup, in_force, processes], ['web', 'sockets', folder, true, 0]);
        assert.match(hash, /^[0-9a-f]{64}$/);
        assert.ok(its.includes('connect4') && its.includes('sendmsg6'));
        assert.is(
          done.stdout.slice(json.length),
          'again 2\nname 2\npart 4\nother 2\nunloaded 0\nyoung 3\nleft 0\nthere 1\nnothing is loaded\nend\n',
          done.stderr,
        );
        assert.match(done.stderr, /did you mean `web`\?/);
        assert.is(connectFrom(folder, '127.0.0.4'), 'ECONNREFUSED');
      } finally {
        rmdirSync(folder);
      }
    }),
  );
}

run();
