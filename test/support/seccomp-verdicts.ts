import fc from 'fast-check';
import { equal } from 'uvu/assert';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { encodeInstructions } from '../../compiler/backends/seccomp/instruction.ts';
import { attribute, inSet } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Effect } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { syscallNumber } from '../../compiler/tables/syscalls.ts';
import { decisionOf, effect, predicate, word64 } from './seccomp-decisions.ts';
import { seccompEnvironment } from './seccomp-environment.ts';

/** Calls without arguments and effects, so that any arguments may be passed and none does harm. */
const harmless = ['getpid', 'getppid', 'getuid', 'geteuid', 'getgid', 'getegid', 'gettid', 'sched_yield'];

export interface Call {
  readonly name: string;
  readonly arguments: readonly bigint[];
}

const named = fc.subarray(harmless, { minLength: 1 }).map((names) => inSet(attribute('syscall'), names));
const rule = fc
  .tuple(named, predicate, effect)
  .map(([names, condition, how]) => [{ kind: 'and' as const, of: [names, condition] }, how] as const);

/** Decisions on those calls; no parameter has a value in a kernel. */
export const callableDecision: fc.Arbitrary<Decision> = fc
  .tuple(fc.array(rule, { minLength: 1, maxLength: 6 }), effect)
  .map(([rules, otherwise]) => decisionOf(rules, otherwise))
  .filter((of) => !mentionsParameter(of));

export const harmlessCalls: fc.Arbitrary<readonly Call[]> = fc.array(
  fc.record({
    name: fc.constantFrom(...harmless),
    arguments: fc.array(word64, { minLength: 6, maxLength: 6 }),
  }),
  { minLength: 10, maxLength: 10 },
);

function mentionsParameter(of: Decision): boolean {
  return of.rules.some(({ when }) =>
    JSON.stringify(when, (_, value) => (typeof value === 'bigint' ? String(value) : value)).includes('"parameter"'),
  );
}

/** A program as seccomp-attach.c and seccomp-verdicts.c read it. */
export function lengthPrefixed(program: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + program.length);
  new DataView(bytes.buffer).setUint32(0, program.length / 8, true);
  bytes.set(program, 4);
  return bytes;
}

/** What seccomp-verdicts.c is given: the program of a decision, and calls under it. */
export function verdictsInput(of: Decision, architecture: Architecture, calls: readonly Call[]): Uint8Array {
  const program = compileSyscallDecision(of, [architecture], { weights: 'uniform' });
  const bytes = lengthPrefixed(encodeInstructions(program.instructions));
  const input = new Uint8Array(bytes.length + 4 + calls.length * 56);
  const view = new DataView(input.buffer);
  input.set(bytes);
  view.setUint32(bytes.length, calls.length, true);
  calls.forEach((call, at) => {
    const base = bytes.length + 4 + at * 56;
    [BigInt(syscallNumber(architecture, call.name)!), ...call.arguments].forEach((value, index) => {
      view.setBigUint64(base + 8 * index, value, true);
    });
  });
  return input;
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

/** Holds what seccomp-verdicts.c said of calls against the decision. */
export function assertAnswers(
  of: Decision,
  architecture: Architecture,
  calls: readonly Call[],
  lines: readonly string[],
): void {
  equal(lines.length, calls.length);
  calls.forEach((call, at) => {
    const data = {
      number: syscallNumber(architecture, call.name)!,
      architecture: auditArchitecture[architecture],
      arguments: call.arguments,
    };
    const verdict = decide(of, seccompEnvironment(data, [architecture]))!;
    equal(lines[at], expected(verdict.effect, lines[at]!), `${call.name}(${call.arguments.join(', ')})`);
  });
}
