import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { equal } from 'uvu/assert';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { interpret } from '../../compiler/backends/seccomp/interpret.ts';
import { and, attribute, compare, inSet, literal, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Decision, Effect } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture, x32Bit } from '../../compiler/tables/architectures.ts';
import { syscallNumbers } from '../../compiler/tables/syscalls.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { libseccompProgram, runClassicBpf } from '../support/libseccomp-oracle.ts';
import { type MobyProfile, mobyDecision, mobyGroups } from '../support/moby.ts';
import { decisionOf, word64 } from '../support/seccomp-decisions.ts';

const { test, skip, run } = suite('seccomp-libseccomp');
const helper = compileHelper('libseccomp-export.c', ['seccomp']);
const profilePath = join(process.env.POLC_ROOT ?? '.', '..', 'shared', 'data', 'moby-default.json');

const tokens: Readonly<Record<string, string>> = {
  x86_64: 'SCMP_ARCH_X86_64',
  x86: 'SCMP_ARCH_X86',
  x32: 'SCMP_ARCH_X32',
  aarch64: 'SCMP_ARCH_AARCH64',
  arm: 'SCMP_ARCH_ARM',
  riscv64: 'SCMP_ARCH_RISCV64',
};

/** Calls with numbers below those of Linux 5.17 that came later. */
const unknownToLibseccomp = new Set(['riscv_hwprobe', 'uretprobe', 'uprobe']);

type Operator =
  | 'SCMP_CMP_NE'
  | 'SCMP_CMP_LT'
  | 'SCMP_CMP_LE'
  | 'SCMP_CMP_EQ'
  | 'SCMP_CMP_GE'
  | 'SCMP_CMP_GT'
  | 'SCMP_CMP_MASKED_EQ';

interface Argument {
  readonly index: number;
  readonly op: Operator;
  readonly value: bigint;
  readonly valueTwo: bigint;
}

const compared = {
  SCMP_CMP_NE: '!=',
  SCMP_CMP_LT: '<',
  SCMP_CMP_LE: '<=',
  SCMP_CMP_EQ: '==',
  SCMP_CMP_GE: '>=',
  SCMP_CMP_GT: '>',
} as const;

function predicateOf({ index, op, value, valueTwo }: Argument): Predicate {
  const term = attribute(`arg${index}`);
  // libseccomp masks the datum as well.
  if (op === 'SCMP_CMP_MASKED_EQ') return compare({ kind: 'mask', term, mask: value }, '==', literal(valueTwo & value));
  return compare(term, compared[op], literal(value));
}

/** Names that have numbers everywhere, and that libseccomp does not take apart. */
const common = ['read', 'write', 'openat', 'close', 'getpid', 'fcntl', 'ioctl', 'prctl', 'futex', 'madvise', 'dup3'];

const operators = Object.keys(compared) as (keyof typeof compared)[];

function argument(index: fc.Arbitrary<number>): fc.Arbitrary<Argument> {
  return fc
    .record({
      index,
      op: fc.constantFrom<Operator>('SCMP_CMP_MASKED_EQ', ...operators),
      value: word64,
      valueTwo: word64,
    })
    .filter(({ op, value }) => op !== 'SCMP_CMP_MASKED_EQ' || value !== 0n);
}

/**
 * libseccomp leaves open which of two actions of one call wins, so every call has one. Version 2.5.4 compares a stale
 * word where rules of one call look at different arguments (with `arg3 > 0` beside `arg4 & 1 == 0 && arg3 <= 1 << 32` it
 * tests arg4 for the first), so a call has one rule of several arguments, or several equalities on one argument.
 */
const rulesOfCall = fc.record({
  name: fc.constantFrom(...common),
  errno: fc.constantFrom(0, 0, 13, 22),
  conditions: fc.oneof(
    fc.constant<Argument[][]>([]),
    fc
      .uniqueArray(argument(fc.nat(5)), { selector: ({ index }) => index, minLength: 1, maxLength: 4 })
      .map((list) => [list]),
    fc
      .tuple(fc.nat(5), fc.uniqueArray(word64, { minLength: 1, maxLength: 5 }))
      .map(([index, values]) => values.map((value): Argument[] => [{ index, op: 'SCMP_CMP_EQ', value, valueTwo: 0n }])),
  ),
});
const calls = fc.uniqueArray(rulesOfCall, { selector: ({ name }) => name, minLength: 1, maxLength: 8 });

if (helper.path === undefined) {
  skip('random policies', helper.reason ?? '');
  skip("moby's profile", helper.reason ?? '');
} else {
  const path = helper.path;
  test('random policies decide as in libseccomp', () => {
    // 64-bit conventions only: libseccomp does not look at the high words of the others.
    fc.assert(
      fc.property(
        calls,
        fc.constantFrom<Architecture>('x86_64', 'aarch64', 'riscv64'),
        fc.array(fc.array(word64, { minLength: 6, maxLength: 6 }), { minLength: 12, maxLength: 12 }),
        (list, architecture, vectors) => {
          const rules: [Predicate, Effect][] = [];
          const syscalls: Parameters<typeof libseccompProgram>[1]['syscalls'][number][] = [];
          for (const { name, errno, conditions } of list) {
            const effect: Effect = errno === 0 ? { kind: 'allow' } : { kind: 'errno', errno };
            const action = errno === 0 ? 'SCMP_ACT_ALLOW' : 'SCMP_ACT_ERRNO';
            for (const args of conditions.length === 0 ? [[]] : conditions) {
              rules.push([and(inSet(attribute('syscall'), [name]), ...args.map(predicateOf)), effect]);
              syscalls.push({ names: [name], action, errnoRet: errno, args });
            }
          }
          const of = decisionOf(rules, { kind: 'errno', errno: 1 });
          const oracle = libseccompProgram(path, {
            defaultAction: 'SCMP_ACT_ERRNO',
            defaultErrnoRet: 1,
            architectures: [tokens[architecture]!],
            syscalls,
          });
          const values = list.flatMap(({ conditions }) =>
            conditions.flat().flatMap(({ value, valueTwo }) => [value, valueTwo, value & valueTwo]),
          );
          const mixed = vectors.map((vector) =>
            vector.map((own, at) =>
              values.length > 0 && at % 2 === 0 ? values[Number(own % BigInt(values.length))]! : own,
            ),
          );
          compareWith(
            oracle,
            of,
            architecture,
            [...vectors, ...mixed],
            common.map((name) => syscallNumbers(architecture).get(name)!),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  if (!existsSync(profilePath)) skip("moby's profile", 'the profile is not beside the repository');
  else {
    const profile = JSON.parse(readFileSync(profilePath, 'utf8')) as MobyProfile;
    for (const served of [['x86_64', 'x32'], ['aarch64'], ['arm'], ['riscv64']] as const) {
      test(`moby's profile decides as in libseccomp on ${served.join(' and ')}`, () => {
        const of = mobyDecision(profile, served[0], served);
        const oracle = libseccompProgram(path, {
          defaultAction: 'SCMP_ACT_ERRNO',
          defaultErrnoRet: profile.defaultErrnoRet,
          architectures: served.map((architecture) => tokens[architecture]!),
          syscalls: mobyGroups(profile, served[0]).map((group) => ({
            ...group,
            args: (group.args ?? []).map((argument) => ({
              ...argument,
              value: BigInt(argument.value),
              valueTwo: BigInt(argument.valueTwo ?? 0),
            })),
          })),
        });
        // Low words alone differ on the 32-bit conventions.
        const values = [
          0n,
          1n,
          8n,
          37n,
          38n,
          39n,
          40n,
          41n,
          0x20000n,
          0x20008n,
          0x7e02_0000n,
          0x0200_0000n,
          0xffff_ffffn,
        ];
        const vectors = values.map((value) => [value, 0n, 0n, 0n, 0n, 0n]);
        for (const architecture of served) {
          // Debian 12's libseccomp knows the numbers up to Linux 5.17's.
          const numbers = [...syscallNumbers(architecture)]
            .filter(([name, number]) => (number & ~x32Bit) <= 449 && !unknownToLibseccomp.has(name))
            .map(([, number]) => number);
          compareWith(oracle, of, architecture, vectors, numbers, served);
        }
      });
    }
  }
}

function compareWith(
  oracle: Uint8Array,
  of: Decision,
  architecture: Architecture,
  vectors: readonly (readonly bigint[])[],
  numbers: readonly number[],
  served: readonly Architecture[] = [architecture],
): void {
  const { instructions } = compileSyscallDecision(of, served, { weights: 'frequency' });
  const audit = auditArchitecture[architecture];
  for (const number of numbers) {
    for (const vector of vectors) {
      const ours = interpret(instructions, { number, architecture: audit, arguments: vector });
      equal(
        ours?.action,
        runClassicBpf(oracle, number, audit, vector),
        `${architecture} ${number} (${vector.join(', ')})`,
      );
    }
  }
}

run();
