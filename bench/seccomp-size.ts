import { readFileSync } from 'node:fs';
import { compileSyscallDecision } from '../compiler/backends/seccomp/compile.ts';
import { encodeInstructions } from '../compiler/backends/seccomp/instruction.ts';
import type { Architecture } from '../compiler/tables/architectures.ts';
import { validateProgram } from '../compiler/verify/seccomp/validate-program.ts';
import { type MobyProfile, mobyDecision } from '../test/support/moby.ts';
import { measureProgram } from '../test/support/seccomp-measure.ts';

/**
 * Size, path length and compile time of moby's default profile with Docker's default capabilities.
 *
 * The profile's file is the first argument, or `../shared/data/moby-default.json`. Each time is the least over rounds,
 * of one compilation from the IR to bytes, warm.
 */
const path = process.argv[2] ?? '../shared/data/moby-default.json';
const profile = JSON.parse(readFileSync(path, 'utf8')) as MobyProfile;

const sets: readonly (readonly Architecture[])[] = [
  ['x86_64'],
  ['x86_64', 'x32'],
  ['x86_64', 'x86', 'x32'],
  ['aarch64'],
  ['riscv64'],
];

console.log('architectures      weights    insns  executed  most  by frequency   hot  compile   with proof');
for (const served of sets) {
  for (const weights of ['uniform', 'frequency'] as const) {
    const decision = mobyDecision(profile, served[0]!, served);
    const compile = () => compileSyscallDecision(decision, served, { weights }).instructions;
    const prove = () => validateProgram(encodeInstructions(compile()), decision, served, served, {});
    const measure = measureProgram(compile(), served[0]!);
    const cells = [
      served.join(' ').padEnd(18),
      weights.padEnd(9),
      String(measure.instructions).padStart(6),
      measure.executed.toFixed(2).padStart(9),
      String(measure.most).padStart(5),
      measure.byFrequency.toFixed(2).padStart(13),
      measure.hot.toFixed(2).padStart(5),
      `${leastTime(() => encodeInstructions(compile())).toFixed(2)} ms`.padStart(8),
      `${leastTime(prove).toFixed(2)} ms`.padStart(12),
    ];
    console.log(cells.join(' '));
  }
}

/** Milliseconds of the fastest of 20 rounds, each the mean of ten runs, after a warm-up. */
function leastTime(run: () => unknown): number {
  for (let at = 0; at < 100; at += 1) run();
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round += 1) {
    const started = performance.now();
    for (let at = 0; at < 10; at += 1) run();
    least = Math.min(least, (performance.now() - started) / 10);
  }
  return least;
}
