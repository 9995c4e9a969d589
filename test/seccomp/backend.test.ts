import { equal, is, ok } from 'uvu/assert';
import type { Coverage } from '../../compiler/backends/backend.ts';
import { seccomp } from '../../compiler/backends/seccomp/index.ts';
import { decodeInstructions, encodeInstructions } from '../../compiler/backends/seccomp/instruction.ts';
import { listing } from '../../compiler/backends/seccomp/listing.ts';
import {
  always,
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  type Predicate,
} from '../../compiler/expressions/predicate.ts';
import type { Effect, Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget, type Target } from '../../compiler/target.ts';
import { suite } from '../support/harness.ts';
import { decisionOf } from '../support/seccomp-decisions.ts';

const { test, run } = suite('seccomp-backend');

const allow: Effect = { kind: 'allow' };
const refuse: Effect = { kind: 'errno', errno: 1 };
const named = (...names: string[]) => inSet(attribute('syscall'), names);

function policyOf(rules: readonly (readonly [Predicate, Effect])[], otherwise: Effect = refuse): Policy {
  return { name: 'p', decisions: [decisionOf(rules, otherwise)], limits: [], obligations: [] };
}

function covered(when: Predicate, effect: Effect = allow, target: Partial<Target> = {}): Coverage {
  return seccomp.emit(policyOf([[when, effect]]), { ...defaultTarget, ...target }).coverage[0]!;
}

test('the artifacts of each program are validated, and summed up in a line', () => {
  const policy = policyOf([
    [not(inSet(attribute('arch'), ['x86_64', 'x32', 'aarch64'])), { kind: 'kill-process' }],
    [named('read', 'write'), allow],
  ]);
  for (const [kind, files, summary] of [
    [
      'per-architecture',
      ['x86_64.bpf', 'x86_64.txt', 'x86_64.h', 'aarch64.bpf', 'aarch64.txt', 'aarch64.h'],
      /^8 insns ×2$/,
    ],
    ['combined', ['combined.bpf', 'combined.txt', 'combined.h'], /^\d+ insns$/],
  ] as const) {
    const target: Target = { ...defaultTarget, architectures: ['x86_64', 'x32', 'aarch64'], seccomp: kind };
    const emission = seccomp.emit(policy, target);
    equal(
      emission.artifacts.map(({ path }) => path),
      files,
    );
    ok(summary.test(emission.summary), emission.summary);
    equal(seccomp.validate(policy, target, emission.artifacts).status, 'proven');
    equal(seccomp.emit(policy, target), emission);
  }
});

test('each instruction that decides is tied to the rules that it serves', () => {
  const policy = policyOf([
    [and(named('read'), compare(attribute('arg0'), '==', literal(1n))), allow],
    [named('write'), { kind: 'errno', errno: 5 }],
  ]);
  const { artifacts } = seccomp.emit(policy, { ...defaultTarget, architectures: ['x86_64'] });
  const program = artifacts[0]!;
  const text = artifacts[1]!.content as string;
  const instructions = decodeInstructions(program.content as Uint8Array);
  const rulesAt = (at: number) => program.sourceMap.filter((entry) => entry.at === at).map(({ rule }) => rule);
  equal(rulesAt(instructions.findIndex(({ code, k }) => code === 6 && k === 0x7fff_0000)), ['syscall/0']);
  equal(rulesAt(instructions.findIndex(({ code, k }) => code === 6 && k === 0x5_0005)), ['syscall/1']);
  // The listing's and the header's maps name lines, from 1.
  const lines = text.split('\n');
  const lineOfRule = artifacts[1]!.sourceMap.find(({ rule }) => rule === 'syscall/1')!.at as number;
  ok(lines[lineOfRule - 1]!.includes('syscall/1'), lines[lineOfRule - 1]);
  const header = (artifacts[2]!.content as string).split('\n');
  for (const { at } of artifacts[2]!.sourceMap) ok(header[(at as number) - 1]!.startsWith('  { 0x'), `line ${at}`);
});

test('a listing shows the bytes, not what was meant', () => {
  const bytes = encodeInstructions([
    { code: 0x20, jt: 0, jf: 0, k: 4 },
    { code: 0x15, jt: 1, jf: 0, k: 0xc000_003e },
    { code: 0x06, jt: 0, jf: 0, k: 0 },
    { code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000 },
  ]);
  const options = { title: 'p', rulesOf: () => ['r'], describe: () => 'because' };
  ok(listing(bytes, options).includes('ret KILL_THREAD'));
  ok(listing(bytes, options).includes('; r because'));
  bytes[2 * 8 + 6] = 0x05;
  ok(listing(bytes, options).includes('ret ERRNO(0)'));
  bytes[8] = 0x16;
  ok(listing(bytes, options).includes('??? 0x16'));
});

test('coverage says which architectures lack a call', () => {
  is(covered(named('read')).status, 'full');
  // Where a call does not exist it cannot be made, so the rule loses nothing there.
  is(covered(named('read', 'open')).status, 'full');
  const none = covered(named('open'), allow, { architectures: ['aarch64', 'riscv64'] });
  is(none.status, 'none');
  is(none.lost, 'aarch64 has no `open`; riscv64 has no `open`');
  // A rule that is only for one architecture loses nothing on another, and a call that is excluded is not asked for.
  is(covered(and(inSet(attribute('arch'), ['x86_64']), named('open'))).status, 'full');
  is(covered(not(named('open'))).status, 'full');
  is(covered(compare(attribute('syscall'), '==', literal('open'))).status, 'full');
});

test('coverage says what an older kernel does not know', () => {
  const on = (kind: 'notify' | 'log' | 'kill-process', major: number, minor: number) =>
    covered(always, { kind }, { kernel: { major, minor } }).status;
  // The program may attach a listener of its own.
  equal([on('notify', 4, 20), on('notify', 5, 0)], ['none', 'partial']);
  equal([on('log', 4, 13), on('log', 4, 14)], ['none', 'full']);
  equal([on('kill-process', 4, 13), on('kill-process', 4, 14)], ['partial', 'full']);
});

test('a rule without a form in seccomp is an error, and nothing is emitted', () => {
  const when: Predicate = { kind: 'glob', term: attribute('syscall'), pattern: 'read*' };
  const { artifacts, diagnostics } = seccomp.emit(policyOf([[when, allow]]), defaultTarget);
  equal(artifacts, []);
  // One, though there are two programs.
  equal(
    diagnostics.map(({ code }) => code),
    ['POL6010'],
  );
});

run();
