import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { equal, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { encodeInstructions, instructionLimit } from '../../compiler/backends/seccomp/instruction.ts';
import { compile } from '../../compiler/compile.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import type { Architecture } from '../../compiler/tables/architectures.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { decision, served } from '../support/seccomp-decisions.ts';
import {
  assertAnswers,
  type Call,
  callableDecision,
  harmlessCalls,
  lengthPrefixed,
  verdictsInput,
} from '../support/seccomp-verdicts.ts';

const { test, skip, run } = suite('seccomp-kernel');

const native: Architecture | undefined =
  process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : undefined;
const attach = compileHelper('seccomp-attach.c', []);
const verdicts = compileHelper('seccomp-verdicts.c', []);
const missing =
  process.platform !== 'linux' || native === undefined
    ? 'not Linux on x86_64 or aarch64'
    : (attach.reason ?? verdicts.reason);

/** What the kernel did with each call under the decision, in the words of the helper. */
function answers(of: Decision, calls: readonly Call[]): readonly string[] {
  const { stdout, status } = spawnSync(verdicts.path!, { input: verdictsInput(of, native!, calls) });
  equal(status, 0);
  const lines = stdout.toString().trimEnd().split('\n');
  equal(lines.length, calls.length);
  return lines;
}

function ask(of: Decision, calls: readonly Call[]): void {
  assertAnswers(of, native!, calls, answers(of, calls));
}

if (missing !== undefined) {
  skip('the kernel answers calls as the decision does', missing);
  skip('what is refused by an int argument is refused whatever its high word is', missing);
  skip('the kernel accepts every program', missing);
} else {
  test('the kernel answers calls as the decision does', () => {
    fc.assert(fc.property(callableDecision, harmlessCalls, ask), { numRuns: 60 });
  });

  test('what is refused by an int argument is refused whatever its high word is', () => {
    const policy = [
      'profile: web',
      'mode: sandbox',
      'security:',
      '  seccomp:',
      '    default: allow',
      '    rules:',
      '      - { syscalls: [socket], action: errno(EPERM), when: arg0 == AF_PACKET }',
      '      - { syscalls: [ioctl, lseek], action: errno(EXDEV), when: arg1 == TIOCSTI }',
      '      - { syscalls: [close], action: errno(EXDEV), when: arg0 == -1 }',
    ];
    const { policy: compiled, diagnostics } = compile('policy.yaml', Buffer.from(policy.join('\n')), nodeHost, {
      maximumMilliseconds: 0,
    });
    const of = compiled?.decisions.find(({ point }) => point === 'syscall');
    ok(of !== undefined, diagnostics.map(({ message }) => message).join());
    const high = 1n << 32n;
    const zero = [0n, 0n, 0n];
    const call = (name: string, ...first: bigint[]): Call => ({
      name,
      arguments: [...first, 0n, 0n, 0n, ...zero].slice(0, 6),
    });
    const calls = [
      call('socket', 17n, 3n),
      call('socket', 17n | high, 3n),
      call('socket', 17n | (high << 31n), 3n),
      // -1 is no file: EBADF, errno 9, says that the call was let through.
      call('ioctl', 0xffff_ffffn, 0x5412n),
      call('ioctl', 0xffff_ffffn, 0x5412n | high),
      call('ioctl', 0xffff_ffffn, 0x5413n | high),
      call('lseek', 0xffff_ffffn, 0x5412n),
      // The offset of lseek has 64 bits.
      call('lseek', 0xffff_ffffn, 0x5412n | high),
      call('close', 0xffff_ffffn),
      call('close', 0xffff_ffff_ffff_ffffn),
      call('close', 0xffff_fffen),
    ];
    equal(answers(of!, calls), [
      ...['returned -1', 'returned -1', 'returned -1'],
      ...['returned -18', 'returned -18', 'returned -9'],
      ...['returned -18', 'returned -9'],
      ...['returned -18', 'returned -18', 'returned -9'],
    ]);
    const [passed] = answers(of!, [call('socket', 1n | high, 1n)]);
    ok(/^returned \d+$/.test(passed!), `the kernel drops the high word of the family: ${passed}`);
  });

  test('the kernel accepts every program', () => {
    const programs = fc
      .sample(fc.tuple(decision, served, fc.boolean()), 250)
      .map(([of, architectures, optimise]) =>
        compileSyscallDecision(of, architectures, { weights: 'frequency', optimise, parameters: { c0: 7n } }),
      )
      .filter(({ instructions }) => instructions.length <= instructionLimit);
    const input = Buffer.concat(programs.map(({ instructions }) => lengthPrefixed(encodeInstructions(instructions))));
    const { stdout } = spawnSync(attach.path!, { input });
    equal(
      stdout.toString().trimEnd().split('\n'),
      programs.map(() => '0'),
    );
  });
}

run();
