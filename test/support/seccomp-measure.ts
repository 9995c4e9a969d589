import { allowAction } from '../../compiler/backends/seccomp/action.ts';
import type { Instruction } from '../../compiler/backends/seccomp/instruction.ts';
import { interpret } from '../../compiler/backends/seccomp/interpret.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { syscallFrequency } from '../../compiler/tables/frequencies.ts';
import { syscallNumbers } from '../../compiler/tables/syscalls.ts';

/** Calls that most programs make all the time: a guess that does not come from the compiler's own table. */
const hotCalls = new Set([
  'read',
  'write',
  'futex',
  'epoll_wait',
  'recvfrom',
  'sendto',
  'openat',
  'close',
  'newfstatat',
  'mmap',
  'munmap',
  'clock_gettime',
  'poll',
  'lseek',
]);

export interface ProgramMeasure {
  readonly instructions: number;
  /** The calls that are allowed with all arguments 0. */
  readonly allowed: number;
  /** Instructions executed for an allowed call: mean, most, mean by frequency, mean over the hot calls. */
  readonly executed: number;
  readonly most: number;
  readonly byFrequency: number;
  readonly hot: number;
}

/** Runs every call of an architecture through a program and counts what it executes. */
export function measureProgram(instructions: readonly Instruction[], architecture: Architecture): ProgramMeasure {
  const sums = { allowed: 0, executed: 0, most: 0, weight: 0, weighted: 0, hotCalls: 0, hot: 0 };
  for (const [name, number] of syscallNumbers(architecture)) {
    const ran = interpret(instructions, { number, architecture: auditArchitecture[architecture], arguments: [] });
    if (ran?.action !== allowAction) continue;
    const count = ran.executed.length;
    sums.allowed += 1;
    sums.executed += count;
    sums.most = Math.max(sums.most, count);
    sums.weight += syscallFrequency(name);
    sums.weighted += count * syscallFrequency(name);
    if (!hotCalls.has(name)) continue;
    sums.hotCalls += 1;
    sums.hot += count;
  }
  return {
    instructions: instructions.length,
    allowed: sums.allowed,
    executed: sums.executed / sums.allowed,
    most: sums.most,
    byFrequency: sums.weighted / sums.weight,
    hot: sums.hot / sums.hotCalls,
  };
}
