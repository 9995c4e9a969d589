import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { socketCalls } from '../../compiler/backends/bpf-lsm/program-kind.ts';
import { compile } from '../../compiler/compile.ts';
import type { Host } from '../../compiler/host.ts';
import { compileText, coverageOf } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';
import { bpftoolWords, type MachineKernel, noVirtualMachine } from '../support/machine-files.ts';
import { nodeFiles } from '../support/machine-node.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('bpf-lsm sockets');
const inForce = 'the kernel of this machine refuses addresses that the policy refuses';

const policy = `network:
  mode: host
  outbound: ["127.0.0.0/30:9", "udp://127.0.0.1:54", "[::1]:9", "192.0.2.0/24"]
security:
  landlock:
    bind: [8000, 8001]
`;

function artifactsOf(text: string): readonly Artifact[] {
  const { outputs, diagnostics } = compileText(text, { backends: [bpfLsm], emit: ['bpf-lsm'] });
  assert.equal(
    diagnostics.filter(({ code }) => !code.startsWith('POL600')).map(({ code, message }) => `${code} ${message}`),
    [],
  );
  return outputs[0]?.artifacts ?? [];
}

test('addresses that Landlock cannot see are held', () => {
  const compilation = compileText(policy, { backends: [bpfLsm], emit: ['bpf-lsm'] });
  const answers = coverageOf(compilation, 'network.outbound[0]');
  assert.equal(
    answers.map(({ status }) => status),
    ['full'],
  );
});

test('what reaches addresses past all programs is said until the filter refuses it', () => {
  const whole: Readonly<Record<string, string>> = {
    'raw sockets': 'arg1 & 0xf == 3',
    'raw sockets by their old type': 'arg1 & 0xf == 10',
    packets: 'arg0 == AF_PACKET',
    'ping sockets': 'arg0 == AF_INET && arg2 == 1',
    'ping sockets of IPv6': 'arg0 == AF_INET6 && arg2 == 58',
    'SCTP by its number': 'arg0 in [AF_INET, AF_INET6] && arg2 == 132',
    'SCTP by its type': 'arg0 in [AF_INET, AF_INET6] && arg1 & 0xf == 5 && arg2 == 0',
    DCCP: 'arg0 in [AF_INET, AF_INET6] && arg1 & 0xf == 6',
    L2TP: 'arg0 in [AF_INET, AF_INET6] && arg2 == 115',
    RDS: 'arg0 == AF_RDS',
    RXRPC: 'arg0 == AF_RXRPC',
  };
  const lossWithout = (left: string, capabilities = '[net_raw]') => {
    const rules = Object.entries(whole)
      .filter(([name]) => name !== left)
      .map(([, when]) => `      - { syscalls: [socket], when: "${when}", action: errno(EPERM) }\n`);
    const text = `network: { mode: host, outbound: ["192.0.2.0/24"] }
security:
  capabilities: ${capabilities}
  seccomp:
    default: allow
    deny: [io_uring_setup]
    rules:
${rules.join('')}`;
    const compilation = compileText(text, { backends: [bpfLsm], emit: ['bpf-lsm'] });
    const wrong = compilation.diagnostics.filter(({ code, severity }) => severity === 'error' && code !== 'POL6001');
    assert.equal(wrong, []);
    return coverageOf(compilation, 'network.mode').flatMap(({ answers }) => answers.map(({ lost }) => lost ?? ''));
  };
  const beside = lossWithout('').join();
  assert.not.match(beside, /no program sees them; let the filter|net_admin/);
  for (const name of Object.keys(whole)) {
    const told = name === 'packets' ? 'raw sockets' : name.replace(/ (of|by) .*/, '');
    assert.match(
      lossWithout(name).join(),
      new RegExp(`(^|[ ;,])${told}: no program sees them; let the filter refuse them`),
      name,
    );
  }
  assert.not.match(lossWithout('raw sockets', '[]').join(), 'raw sockets');
  assert.match(lossWithout('', '[net_admin]').join(), 'who keeps `net_admin`');
});

test('a network of its own needs no programs, and one that is open has none', () => {
  for (const mode of ['loopback-only', 'none', 'host']) assert.equal(artifactsOf(`network:\n  mode: ${mode}\n`), []);
});

test('programs at hooks stand beside a network of its own, which has the sockets', () => {
  const hooks =
    'security:\n  level: medium\n  landlock: { paths: [{ path: /usr, access: execute }] }\n  bpf_lsm: { task_alloc: no-fork.bpf }\n';
  for (const mode of ['loopback-only', 'none']) {
    const text = `profile: web\nmode: sandbox\nnetwork:\n  mode: ${mode}\n${hooks}`;
    const host: Host = {
      read: (path) => (path === 'no-fork.bpf' ? 'hook task_alloc\n  deny\n' : undefined),
      now: () => 0,
      sha256: () => '0'.repeat(64),
    };
    const { outputs, diagnostics } = compile('web.yaml', text, host, {
      maximumMilliseconds: 0,
      emit: ['launcher', 'bpf-lsm'],
    });
    assert.equal(diagnostics, []);
    const listing = outputs
      .flatMap(({ artifacts }) => artifacts)
      .find(({ path }) => path.endsWith('.bpf.txt'))?.content;
    assert.match(String(listing), /task_alloc/);
    assert.not.match(String(listing), /connect4/);
  }
});

/** Makes calls and prints what the kernel says of each: `ok` or the error's name. */
const calls = `
const net = require('node:net'), dgram = require('node:dgram');
const tell = (name, said) => console.log(name + ' ' + said);
const connect = (name, host, port) => new Promise((done) => {
  const socket = net.connect({ host, port });
  socket.on('error', (error) => { tell(name, error.code); done(); });
  socket.on('connect', () => { tell(name, 'ok'); socket.destroy(); done(); });
});
const send = (name, type, host, port) => new Promise((done) => {
  const socket = dgram.createSocket(type);
  socket.send('x', port, host, (error) => { tell(name, error ? error.code : 'ok'); socket.close(); done(); });
});
const bind = (name, host, port) => new Promise((done) => {
  const server = net.createServer();
  server.on('error', (error) => { tell(name, error.code); done(); });
  server.listen(port, host, () => { tell(name, 'ok'); server.close(done); });
});
(async () => {
  await connect('tcp-in', '127.0.0.2', 9);
  await connect('tcp-out', '127.0.0.4', 9);
  await connect('tcp-port', '127.0.0.2', 10);
  await connect('tcp6-in', '::1', 9);
  await connect('tcp6-port', '::1', 10);
  await connect('mapped-in', '::ffff:127.0.0.1', 9);
  await connect('mapped-out', '::ffff:127.0.0.9', 9);
  await send('udp-in', 'udp4', '127.0.0.1', 54);
  await send('udp-out', 'udp4', '127.0.0.1', 55);
  await send('udp6-mapped', 'udp6', '::ffff:127.0.0.1', 54);
  await send('udp6-out', 'udp6', '::1', 54);
  await bind('bind-in', '127.0.0.1', 8000);
  await bind('bind-out', '127.0.0.1', 8010);
  await bind('bind6-out', '::1', 8010);
})();
`;

const wanted = `tcp-in ECONNREFUSED
tcp-out EPERM
tcp-port EPERM
tcp6-in ECONNREFUSED
tcp6-port EPERM
mapped-in ECONNREFUSED
mapped-out EPERM
udp-in ok
udp-out EPERM
udp6-mapped ok
udp6-out EPERM
bind-in ok
bind-out EPERM
bind6-out EPERM
`;

/** Where version 2 of control groups is mounted. */
function groupFolder(): string | undefined {
  const line = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((each) => each.split(' ')[2] === 'cgroup2');
  return line?.split(' ')[1];
}

function unable(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root attaches programs to a cgroup';
  if (groupFolder() === undefined) return 'no version 2 of control groups is mounted';
  return noVirtualMachine();
}

const reason = unable();
if (reason !== undefined) skip(inForce, reason);
else {
  test(inForce, () => {
    const content = artifactsOf(policy).find(({ path }) => path === 'policy.bpf.o')?.content;
    assert.instance(content, Uint8Array);
    const folder = mkdtempSync(join(tmpdir(), 'polc-sockets-'));
    const group = join(groupFolder()!, `polc-sockets-${process.pid}`);
    mkdirSync(group);
    try {
      writeFileSync(join(folder, 'policy.bpf.o'), content as Uint8Array);
      writeFileSync(join(folder, 'calls.cjs'), calls);
      const bpftool = bpftoolWords().join(' ');
      const script = `
set -e
mkdir ${folder}/bpf
mount -t bpf bpf ${folder}/bpf
${bpftool} prog loadall ${folder}/policy.bpf.o ${folder}/bpf/p
for call in ${socketCalls.join(' ')}; do
  test ! -e ${folder}/bpf/p/$call || ${bpftool} cgroup attach ${group} $call pinned ${folder}/bpf/p/$call
done
sh -c 'echo 0 > ${group}/cgroup.procs; exec ${process.execPath} ${folder}/calls.cjs'
umount ${folder}/bpf`;
      // A mount namespace of its own: what is mounted ends with it.
      const done = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8', timeout: 60_000 });
      assert.is(done.stdout, wanted, done.stderr);
    } finally {
      rmdirSync(group);
      rmSync(folder, { recursive: true, force: true });
    }
    assert.not.ok(existsSync(group));
  });
}

const inMachine = 'a kernel refuses addresses that the policy refuses, in a virtual machine';

/** The oldest kernel that is to be had. */
async function refusesIn(kernel: MachineKernel): Promise<void> {
  const content = artifactsOf(policy).find(({ path }) => path === 'policy.bpf.o')?.content;
  assert.instance(content, Uint8Array);
  const output = await runInMachine({
    kernel,
    megabytes: 768,
    content: { ...nodeFiles(), '/p.o': content as Uint8Array, '/calls.cjs': new TextEncoder().encode(calls) },
    script: `
mkdir /sys/fs/cgroup/a
bpftool prog loadall /p.o /sys/fs/bpf/p || exit
for call in ${socketCalls.join(' ')}; do
  test ! -e /sys/fs/bpf/p/$call || bpftool cgroup attach /sys/fs/cgroup/a $call pinned /sys/fs/bpf/p/$call
done
sh -c 'echo 0 > /sys/fs/cgroup/a/cgroup.procs; exec node /calls.cjs'
echo @outside
node /calls.cjs`,
  });
  const [inside, outside] = output.split('@outside\n');
  assert.is(inside, wanted);
  // Nothing listens, no route leads out, and without a program nothing is refused.
  assert.is(outside, wanted.replace(/^(tcp|mapped)(.*) \w+$/gm, '$1$2 ECONNREFUSED').replaceAll('EPERM', 'ok'));
}

const kernel = noVirtualMachine('5.15') === undefined ? '5.15' : '6.1';
const withoutMachine = noVirtualMachine(kernel);
if (withoutMachine !== undefined) skip(inMachine, withoutMachine);
else test(inMachine, () => refusesIn(kernel));

run();
