import { ok } from 'uvu/assert';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { encodeInstructions } from '../../compiler/backends/seccomp/instruction.ts';
import { listing } from '../../compiler/backends/seccomp/listing.ts';
import { and, attribute, compare, inSet, literal, not, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Effect } from '../../compiler/ir/policy.ts';
import type { Architecture } from '../../compiler/tables/architectures.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import { decisionOf } from '../support/seccomp-decisions.ts';

const { test, run } = suite('seccomp');

/** What `decision.json` holds; integers of 64 bits are strings such as `10n`. */
interface FixtureDecision {
  readonly architectures: readonly Architecture[];
  readonly rules: readonly {
    readonly syscalls?: readonly string[];
    readonly newer?: boolean;
    readonly arguments?: Predicate;
    readonly effect: Effect;
  }[];
  readonly otherwise: Effect;
}

const cases = fixtureCases('seccomp');
ok(cases.length > 0);
for (const fixture of cases) {
  test(fixture.name, () => {
    const read: FixtureDecision = JSON.parse(fixture.input('decision.json') ?? '', (_, value: unknown) =>
      typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
    );
    const rules = read.rules.map(({ syscalls, newer, arguments: condition, effect }): readonly [Predicate, Effect] => {
      const parts = [
        ...(syscalls === undefined ? [] : [inSet(attribute('syscall'), syscalls)]),
        ...(newer === undefined ? [] : [compare(attribute('newer'), '==', literal(newer))]),
        ...(condition === undefined ? [] : [condition]),
      ];
      return [and(...parts), effect];
    });
    const decision = decisionOf(
      [[not(inSet(attribute('arch'), read.architectures)), { kind: 'kill-process' }], ...rules],
      read.otherwise,
    );
    for (const [file, optimise] of [
      ['optimised.txt', true],
      ['as-written.txt', false],
    ] as const) {
      const program = compileSyscallDecision(decision, read.architectures, { weights: 'uniform', optimise });
      const text = listing(encodeInstructions(program.instructions), { title: fixture.name, rulesOf: program.rulesOf });
      const relocations = program.relocations.map(
        ({ instruction, parameter, word }) => `relocation ${instruction} ${parameter} ${word}\n`,
      );
      fixture.expectReviewed(file, text + relocations.join(''));
    }
  });
}

run();
