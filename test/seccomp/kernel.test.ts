import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { equal, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { encodeInstructions, instructionLimit } from '../../compiler/backends/seccomp/instruction.ts';
import { compile } from '../../compiler/compile.ts';
import { attribute, inSet } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Effect } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { syscallNumber } from '../../compiler/tables/syscalls.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { decision, decisionOf, effect, predicate, served, word64 } from '../support/seccomp-decisions.ts';
import { seccompEnvironment } from '../support/seccomp-environment.ts';

const { test, skip, run } = suite('seccomp-kernel');

const native: Architecture | undefined =
  process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : undefined;
const attach = compileHelper('seccomp-attach.c', []);
const verdicts = compileHelper('seccomp-verdicts.c', []);
const missing =
  process.platform !== 'linux' || native === undefined
    ? 'not Linux on x86_64 or aarch64'
    : (attach.reason ?? verdicts.reason);

/** Calls without arguments and effects, so that any arguments may be passed and none does harm. */
const harmless = ['getpid', 'getppid', 'getuid', 'geteuid', 'getgid', 'getegid', 'gettid', 'sched_yield'];

function lengthPrefixed(program: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + program.length);
  new DataView(bytes.buffer).setUint32(0, program.length / 8, true);
  bytes.set(program, 4);
  return bytes;
}

/** What the kernel does with a call, in the words of the helper. */
function expected(verdict: Effect, said: string): string {
  switch (verdict.kind) {
    case 'allow':
    case 'log':
      return /^returned \d+$/.test(said) ? said : 'returned N';
    case 'errno':
      // The kernel holds errno to MAX_ERRNO.
      return `returned ${-Math.min(verdict.errno, 4095)}`.replace('-0', '0');
    case 'trap':
      return `trapped ${verdict.data}`;
    case 'trace':
    case 'notify':
      // ENOSYS: there is neither a tracer nor a listener.
      return 'returned -38';
    case 'deny':
    case 'kill-process':
    case 'kill-thread':
      return 'signal 31';
    default: {
      const unreachable: never = verdict;
      return unreachable;
    }
  }
}

interface Call {
  readonly name: string;
  readonly arguments: readonly bigint[];
}

/** What the kernel did with each call under the decision, in the words of the helper. */
function answers(of: Decision, calls: readonly Call[]): readonly string[] {
  const program = compileSyscallDecision(of, [native!], { weights: 'uniform' });
  const bytes = lengthPrefixed(encodeInstructions(program.instructions));
  const input = new Uint8Array(bytes.length + 4 + calls.length * 56);
  const view = new DataView(input.buffer);
  input.set(bytes);
  view.setUint32(bytes.length, calls.length, true);
  const inputs = calls.map((call) => ({ ...call, number: syscallNumber(native!, call.name)! }));
  inputs.forEach((call, at) => {
    const base = bytes.length + 4 + at * 56;
    [BigInt(call.number), ...call.arguments].forEach((value, index) => {
      view.setBigUint64(base + 8 * index, value, true);
    });
  });
  const { stdout, status } = spawnSync(verdicts.path!, { input });
  equal(status, 0);
  const lines = stdout.toString().trimEnd().split('\n');
  equal(lines.length, calls.length);
  return lines;
}

function ask(of: Decision, calls: readonly Call[]): void {
  const lines = answers(of, calls);
  calls.forEach((call, at) => {
    const data = {
      number: syscallNumber(native!, call.name)!,
      architecture: auditArchitecture[native!],
      arguments: call.arguments,
    };
    const verdict = decide(of, seccompEnvironment(data, [native!]))!;
    equal(lines[at], expected(verdict.effect, lines[at]!), `${call.name}(${call.arguments.join(', ')})`);
  });
}

if (missing !== undefined) {
  skip('the kernel answers calls as the decision does', missing);
  skip('what is refused by an int argument is refused whatever its high word is', missing);
  skip('the kernel accepts every program', missing);
} else {
  test('the kernel answers calls as the decision does', () => {
    const named = fc.subarray(harmless, { minLength: 1 }).map((names) => inSet(attribute('syscall'), names));
    const rule = fc
      .tuple(named, predicate, effect)
      .map(([names, condition, how]) => [{ kind: 'and' as const, of: [names, condition] }, how] as const);
    const decisions = fc
      .tuple(fc.array(rule, { minLength: 1, maxLength: 6 }), effect)
      .map(([rules, otherwise]) => decisionOf(rules, otherwise));
    const call = fc.record({
      name: fc.constantFrom(...harmless),
      arguments: fc.array(word64, { minLength: 6, maxLength: 6 }),
    });
    // No parameter has a value here.
    const withoutParameters = decisions.filter((of) => !mentionsParameter(of));
    fc.assert(fc.property(withoutParameters, fc.array(call, { minLength: 10, maxLength: 10 }), ask), { numRuns: 60 });
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

function mentionsParameter(of: Decision): boolean {
  return of.rules.some(({ when }) =>
    JSON.stringify(when, (_, value) => (typeof value === 'bigint' ? String(value) : value)).includes('"parameter"'),
  );
}

run();
