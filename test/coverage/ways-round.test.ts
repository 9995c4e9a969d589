import * as assert from 'uvu/assert';
import { defaultTarget } from '../../compiler/target.ts';
import { compileText, coverageOf } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('ways-round');

/** The deny list before what the policy asks of `openat`, so that only what is named is refused. */
const handing = (action: string, deny: string) =>
  `security:\n  seccomp:\n    default: allow\n    deny: [${deny}]\n    rules:\n      - { syscalls: [openat], action: ${action} }\n`;

const emit = ['seccomp', 'launcher'] as const;

for (const [action, deny, status, lost] of [
  [
    'trace',
    'mount',
    'partial',
    /a tracer or listener of the program's own can grant the call; refuse ptrace and seccomp/,
  ],
  ['trace', 'ptrace', 'partial', /a listener of the program's own can grant the call; refuse seccomp/],
  ['trace', 'seccomp', 'partial', /a tracer of the program's own can grant the call; refuse ptrace/],
  ['trace', 'ptrace, seccomp', 'full', undefined],
  ['notify', 'ptrace', 'partial', /a listener of the program's own can grant the call; refuse seccomp/],
  ['notify', 'seccomp', 'full', undefined],
] as const) {
  test(`${action} where the policy refuses ${deny} is ${status}`, () => {
    const [entry] = coverageOf(compileText(handing(action, deny), { emit }), 'security.seccomp.rules[0]');
    assert.is(entry!.status, status);
    const seccomp = entry!.answers.find(({ backend }) => backend === 'seccomp');
    if (lost === undefined) assert.is(seccomp!.lost, undefined);
    else assert.match(seccomp!.lost!, lost);
    const launcher = entry!.answers.find(({ backend }) => backend === 'launcher');
    assert.is(launcher!.status, action === 'notify' ? 'none' : status);
    if (action === 'notify') assert.match(launcher!.lost!, /ENOSYS/);
  });
}

test('a refusal that depends on arguments does not stop a tracer', () => {
  const text = `security:
  seccomp:
    default: allow
    deny: [seccomp]
    rules:
      - { syscalls: [ptrace], when: "arg0 == 0", action: errno(EPERM) }
      - { syscalls: [openat], action: trace }
`;
  assert.is(coverageOf(compileText(text, { emit }), 'security.seccomp.rules[1]')[0]!.status, 'partial');
});

const ports = (syscalls: string, capabilities = '') =>
  `security:\n${capabilities}  seccomp:\n    default: allow\n${syscalls}  landlock: { connect: [443] }\n`;

const losses = (text: string, topic: string) => {
  const entries = coverageOf(compileText(text, { emit: ['seccomp', 'landlock'] }), topic);
  assert.ok(entries.length > 0);
  return entries
    .flatMap(({ answers }) => answers)
    .filter(({ backend }) => backend === 'landlock')
    .map(({ lost }) => lost ?? '')
    .join('; ');
};

test('what goes past the rules for TCP ports is lost, until the filter refuses it', () => {
  const topic = 'security.landlock.connect';
  const open = losses(ports('    deny: [mount]\n'), topic);
  assert.match(open, /MPTCP, SMC, raw sockets, sendto with MSG_FASTOPEN: Landlock sees plain TCP only/);
  // io_uring makes sockets without a filter seeing it.
  const rules = `    rules:
      - { syscalls: [socket], when: "arg0 in [AF_SMC, AF_PACKET]", action: errno(EPERM) }
      - { syscalls: [socket], when: "arg2 in [256, 262]", action: errno(EPERM) }
      - { syscalls: [socket], when: "arg1 & 0xf in [3, 10]", action: errno(EPERM) }
      - { syscalls: [sendto, sendmmsg], when: "arg3 & 0x20000000 != 0", action: errno(EPERM) }
      - { syscalls: [sendmsg], when: "arg2 & 0x20000000 != 0", action: errno(EPERM) }
`;
  assert.match(losses(ports(`    deny: [mount]\n${rules}`), topic), /MPTCP/);
  assert.not.match(losses(ports(`    deny: [io_uring_setup]\n${rules}`), topic), /plain TCP/);
  for (const [line, name] of [
    ['arg2 in [256, 262]', 'MPTCP, SMC'],
    ['arg0 in [AF_SMC, AF_PACKET]', 'SMC, raw sockets'],
    ['arg1 & 0xf in [3, 10]', 'raw sockets'],
    ['arg2 & 0x20000000', 'sendto with MSG_FASTOPEN'],
  ] as const) {
    const without = rules
      .split('\n')
      .filter((each) => !each.includes(line))
      .join('\n');
    const lost = losses(ports(`    deny: [io_uring_setup]\n${without}`), topic);
    assert.ok(lost.includes(`${name}: Landlock sees plain TCP only`), `${line}: ${lost}`);
  }
  const capable = losses(ports('    deny: [io_uring_setup]\n', '  capabilities: []\n'), topic);
  assert.not.match(capable, /raw sockets/);
});

test('on x86, socketcall hides the arguments of socket', () => {
  const text = ports('    deny: [io_uring_setup]\n    rules:\n      - { syscalls: [socket], action: errno(EPERM) }\n');
  const on = (architectures: readonly ['x86_64'] | readonly ['x86_64', 'x86']) => {
    const { coverage } = compileText(text, {
      emit: ['seccomp', 'landlock'],
      target: { ...defaultTarget, architectures },
    });
    return coverage.flatMap(({ answers }) => answers.map(({ lost }) => lost ?? '')).join();
  };
  assert.not.match(on(['x86_64']), /MPTCP/);
  assert.match(on(['x86_64', 'x86']), /MPTCP/);
});

run();
