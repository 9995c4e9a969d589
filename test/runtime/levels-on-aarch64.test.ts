import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { emitLauncher } from '../../compiler/backends/launcher/index.ts';
import { decodeInstructions } from '../../compiler/backends/seccomp/instruction.ts';
import { compile } from '../../compiler/compile.ts';
import { auditArchitecture } from '../../compiler/tables/architectures.ts';
import { syscallName, syscallNumber } from '../../compiler/tables/syscalls.ts';
import { defaultTarget, type Target } from '../../compiler/target.ts';
import { validateLauncher } from '../../compiler/verify/launcher/index.ts';
import { type SystemCalls, systemCallNumbers } from '../../runtime/kernel/system-calls.ts';
import { LevelMachine } from '../../runtime/sandbox/supervisor/level-machine.ts';
import { type Notification, Notifications } from '../../runtime/sandbox/supervisor/notifications.ts';
import { noStaticHelper, staticHelper } from '../support/compile-helper.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';
import { noVirtualMachine } from '../support/machine-files.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('levels of a program on aarch64');

const text = `profile: p
mode: sandbox
security: { seccomp: { default: allow } }
adaptive:
  auto_upgrade: hardened
  triggers: [{ network_access: upgrade }]
`;
const target: Target = { ...defaultTarget, architectures: ['aarch64'], kernel: { major: 6, minor: 12 } };
const surroundings = { supervised: true } as const;

/** What the supervisor here reads from a kernel that hands it these bytes. */
function received(bytes: Uint8Array): Notification {
  const calls: SystemCalls = {
    call(name, ...[first, , third]) {
      const view = name === 'ppoll' ? first : third;
      assert.ok(view instanceof DataView);
      if (name === 'ppoll') view.setInt16(6, 1, true);
      else new Uint8Array(view.buffer).set(bytes);
      return 1;
    },
    wait: () => Promise.resolve(-1),
    address: () => 0n,
    memory: () => new ArrayBuffer(0),
  };
  const notification = new Notifications(calls, 9).next();
  assert.ok(notification !== undefined);
  return notification;
}

test('the numbers of the calls that a supervisor makes are those of its architecture', () => {
  for (const [name, { x64, other }] of Object.entries(systemCallNumbers)) {
    const known = (['x86_64', 'aarch64', 'riscv64'] as const).map((each) => syscallNumber(each, name));
    assert.equal([x64, other, other], known, name);
  }
});

const title = 'a kernel for aarch64 asks what the supervisor here answers as a native one does';
const missing = noVirtualMachine('aarch64-6.12') ?? noStaticHelper('aarch64');
if (missing !== undefined) skip(title, missing);
else {
  test(title, async () => {
    const { policy } = compile('p.yaml', text, hostOf('.'), { bundled: false, target });
    assert.ok(policy?.adaptive !== undefined);
    const { artifacts } = emitLauncher(policy, target, surroundings);
    assert.is(validateLauncher(policy, target, artifacts, surroundings).counterexample, undefined);
    const bytes = (name: string) => {
      const content = artifacts.find(({ path }: Artifact) => path === name)?.content;
      assert.ok(content instanceof Uint8Array, name);
      return content;
    };
    const programs = ['level-sandbox', 'level-hardened', 'event-network_access'].map((name) => `${name}.aarch64.bpf`);
    const output = await runInMachine({
      kernel: 'aarch64-6.12',
      content: {
        '/w/launcher': bytes('launcher.aarch64'),
        '/w/supervisor': staticHelper('native-supervisor.c', 'aarch64'),
        '/w/probe': staticHelper('level-probe.c', 'aarch64'),
        ...Object.fromEntries(programs.map((name) => [`/w/${name}`, bytes(name)])),
      },
      script: `cd /w; ./supervisor ${programs.join(' ')} ./launcher /w/probe personality unix personality socket personality vmsplice fork personality after unix 2>/tmp/asked
echo "ended $?"; cat /tmp/asked`,
    });
    const lines = output.trim().split('\n');
    const asked = lines.filter((line) => /^[0-9a-f]{160} [0-9a-f]{8}$/.test(line));
    assert.equal(
      lines.filter((line) => !asked.includes(line)),
      [
        ...['personality done', 'unix done', 'personality done', 'socket done', 'personality -1 EPERM'],
        ...['vmsplice -1 EPERM', 'personality -1 EPERM', 'unix done', 'ended 0'],
      ],
      output,
    );

    const [start, stricter, event] = programs.map((name) => decodeInstructions(bytes(name)));
    const machine = new LevelMachine(
      [
        { level: 'sandbox', program: start! },
        { level: 'hardened', program: stricter! },
      ],
      [{ id: 't', event: 'network_access', to: 'hardened', program: event! }],
    );
    const [exec, ...rest] = asked.map((line) => received(Buffer.from(line.slice(0, 160), 'hex')));
    const named = ({ call }: Notification) => syscallName('aarch64', call.number);
    assert.is(exec && named(exec), 'execve');
    for (const [index, notification] of rest.entries()) {
      const { call } = notification;
      assert.is(call.architecture, auditArchitecture.aarch64);
      const before = machine.level;
      const change = machine.changeBy(call);
      assert.is(
        change !== undefined,
        before === 'sandbox' && named(notification) === 'socket' && call.arguments[0] === 2n,
      );
      assert.is(
        machine.answer(call).toString(16).padStart(8, '0'),
        asked[index + 1]!.slice(161),
        named(notification) ?? '',
      );
    }
    assert.is(machine.level, 'hardened');
    assert.equal(
      rest.map(named).filter((name) => name !== 'personality'),
      ['socket', 'vmsplice'],
    );
    assert.is(
      rest.filter((each) => named(each) === 'personality' && each.call.arguments[0] === 0xffff_ffffn).length,
      4,
    );
  });
}

run();
