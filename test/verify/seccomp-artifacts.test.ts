import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { seccomp } from '../../compiler/backends/seccomp/index.ts';
import { and, attribute, compare, inSet, literal, or } from '../../compiler/expressions/predicate.ts';
import type { Decision, Effect, Policy, Rule } from '../../compiler/ir/policy.ts';
import { type Architecture, architectures } from '../../compiler/tables/architectures.ts';
import { syscallNames, syscallNumber } from '../../compiler/tables/syscalls.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { validateSeccomp } from '../../compiler/verify/seccomp/index.ts';
import { validateProgram } from '../../compiler/verify/seccomp/validate-program.ts';
import { ends } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';
import { naiveProgram } from '../support/naive-seccomp.ts';
import { decode, encode, type Instruction } from '../support/seccomp-program.ts';

const { test, run } = suite('seccomp-artifacts');

const origin = { span: { file: 'policy.yaml', start: 0, end: 0 } };

function rule(index: number, when: Rule['when'], effect: Effect): Rule {
  return { id: `syscall/${index}`, topic: 'security.seccomp', origin, when, effect };
}

function decisionOf(...rules: Rule[]): Decision {
  const otherwise = {
    id: 'syscall/otherwise',
    topic: 'security.seccomp',
    origin,
    effect: { kind: 'errno', errno: 1 },
  } as const;
  return { point: 'syscall', combine: 'first-match', rules, otherwise };
}

const decision = decisionOf(
  rule(0, inSet(attribute('arch'), ['other']), { kind: 'kill-process' }),
  rule(1, inSet(attribute('syscall'), ['read', 'write', 'exit_group']), { kind: 'allow' }),
  rule(2, compare(attribute('newer'), '==', literal(true)), { kind: 'errno', errno: 38 }),
  rule(3, and(inSet(attribute('syscall'), ['socket']), compare(attribute('arg0'), '<', literal(3n))), { kind: 'log' }),
);
const policy: Policy = { name: 'p', decisions: [decision], limits: [], obligations: [] };
const target = { ...defaultTarget, architectures: ['x86_64', 'x32', 'aarch64'] satisfies Architecture[] };

function header(bytes: Uint8Array): string {
  const rows = decode(bytes).map(
    ({ code, jt, jf, k }) => `  { 0x${code.toString(16)}, ${jt}, ${jf}, 0x${k.toString(16)}u }, /* {1, 2, 3, 4} */`,
  );
  return `// generated\nstatic const struct sock_filter filter[] = {\n${rows.join('\n')}\n};\n`;
}

function bundle(): Artifact[] {
  const x86 = naiveProgram(decision, ['x86_64', 'x32']);
  const arm = naiveProgram(decision, ['aarch64']);
  return [
    { path: 'x86_64.bpf', content: x86, sourceMap: [] },
    { path: 'x86_64.h', content: header(x86), sourceMap: [] },
    { path: 'aarch64.bpf', content: arm, sourceMap: [] },
    { path: 'aarch64.lst', content: 'a listing', sourceMap: [] },
  ];
}

function replaced(path: string, content: Artifact['content']): Artifact[] {
  return bundle().map((artifact) => (artifact.path === path ? { ...artifact, content } : artifact));
}

test('programs and headers of a bundle are proven together; x32 is served by x86_64', () => {
  const outcome = validateSeccomp(policy, target, bundle());
  assert.is(outcome.status, 'proven', outcome.counterexample);
  assert.ok(outcome.compared > 10);
  assert.is(outcome.method, `every architecture, number and argument by ${outcome.compared} cells`);
});

test('one combined program is proven for all architectures of the target', () => {
  const content = naiveProgram(decision, target.architectures);
  const artifacts = [{ path: 'combined.bpf', content, sourceMap: [] }];
  assert.is(validateSeccomp(policy, { ...target, seccomp: 'combined' }, artifacts).status, 'proven');
  assert.is(validateSeccomp(policy, target, artifacts).counterexample, 'x86_64.bpf is missing');
});

test('a program that treats x32 as refused is not the policy of a target with x32, and the other way round', () => {
  const content = naiveProgram(decision, ['x86_64']);
  const outcome = validateSeccomp(
    policy,
    target,
    replaced('x86_64.bpf', content).filter(({ path }) => path !== 'x86_64.h'),
  );
  assert.match(outcome.counterexample ?? '', /^x86_64\.bpf: x32 .*: the program says kill-process, the policy /);
  const plain = { ...target, architectures: ['x86_64', 'aarch64'] satisfies Architecture[] };
  assert.match(validateSeccomp(policy, plain, bundle()).counterexample ?? '', /the policy kill-process$/);
});

test('the program of one architecture must refuse the other architectures of the target', () => {
  const outcome = validateProgram(
    naiveProgram(decision, target.architectures),
    decision,
    ['aarch64'],
    target.architectures,
    {},
  );
  assert.match(outcome.counterexample ?? '', /^audit architecture 0xc000003e .* the policy kill-process$/);
});

test('missing, superfluous and differing artifacts are refused by name', () => {
  const without = bundle().filter(({ path }) => path !== 'aarch64.bpf');
  assert.is(validateSeccomp(policy, target, without).counterexample, 'aarch64.bpf is missing');
  const arm = naiveProgram(decision, ['arm']);
  const more = [...bundle(), { path: 'arm.bpf', content: arm, sourceMap: [] }];
  assert.is(validateSeccomp(policy, target, more).counterexample, 'arm.bpf serves no architecture of the target');
  const text = bundle()[1]!.content as string;
  const other = validateSeccomp(
    policy,
    target,
    replaced('x86_64.h', text.replace('0x20, 0, 0, 0x4u', '0x20, 0, 0, 0x0u')),
  );
  assert.is(other.counterexample, "x86_64.h: instruction 0 is not the program's");
  const macro = validateSeccomp(policy, target, replaced('x86_64.h', text.replace('{ 0x20,', '{ BPF_LD,')));
  assert.is(macro.counterexample, 'x86_64.h is not one array of instructions of four plain numbers');
  const short = validateSeccomp(policy, target, replaced('x86_64.h', 'int nothing;'));
  assert.match(short.counterexample ?? '', /^x86_64\.h holds 0 instructions/);
});

test('a header of which a compiler would make another program is refused', () => {
  const artifacts = seccomp.emit(policy, target).artifacts;
  const text = String(artifacts.find(({ path }) => path === 'x86_64.h')!.content);
  const judge = (content: string) =>
    validateSeccomp(
      policy,
      target,
      artifacts.map((artifact) => (artifact.path === 'x86_64.h' ? { ...artifact, content } : artifact)),
    ).status;
  assert.is(judge(text), 'proven');
  const first = text.indexOf('{ 0x');
  const inserted = [
    '{ 6, 0, 0 },',
    '{ 6 },',
    '{ .code = 6 },',
    '{ 6, 0, 0, 0, 0 },',
    '{ {6, 0}, 0, 0 },',
    'BPF_STMT(6, 0),',
  ]
    .concat(['#if 0\n', '0,', '// \\\n', '{ 6, 0, 0, 0', '}; int other[] = {'])
    .map((added) => text.slice(0, first) + added + text.slice(first));
  const changed = [
    text.replace(/_LENGTH (\d+)/, (_, length: string) => `_LENGTH ${Number(length) + 1}`),
    text.replace(/\[\w+\]/, '[20]'),
    text.replace('static const', '#define static int x; static\nstatic const'),
    text.replace('sock_filter polc', 'sock_fprog polc'),
    text.replace('#endif', '#else\n#endif'),
    text.replace('\n#endif', ''),
    `${text}int more;\n`,
  ];
  for (const each of [...inserted, ...changed]) assert.is(judge(each), 'refused', each);
});

test('parameters are constants: proven with the values that were patched in, refused with others or none', () => {
  const rules = decisionOf(
    rule(
      0,
      and(
        inSet(attribute('syscall'), ['execve']),
        compare(attribute('arg4'), '==', { kind: 'parameter', name: 'cookie' }),
      ),
      { kind: 'allow' },
    ),
  );
  const parameters = { cookie: 0x1234_5678_9abc_def0n };
  const bytes = naiveProgram(rules, ['x86_64'], parameters);
  assert.is(validateProgram(bytes, rules, ['x86_64'], ['x86_64'], parameters).status, 'proven');
  const other = validateProgram(bytes, rules, ['x86_64'], ['x86_64'], { cookie: 1n });
  assert.match(
    other.counterexample ?? '',
    /^x86_64 execve \(59\) with arg4 0x1: the program says errno 1, the policy allow$/,
  );
  const none = validateProgram(bytes, rules, ['x86_64'], ['x86_64'], {});
  assert.is(none.counterexample, 'not validated: the parameter cookie has no value');
});

test('work is bounded, and running out of it is a refusal', () => {
  const bytes = naiveProgram(decision, ['x86_64']);
  const outcome = validateProgram(bytes, decision, ['x86_64'], ['x86_64'], {}, 20);
  assert.is(outcome.status, 'refused');
  assert.is(outcome.counterexample, 'not provable within 20 steps');
});

test('a rule on forty pairs of bits, whose diagram has a node for each subset, ends in time with a refusal', () => {
  const bit = (name: string, at: number) =>
    compare({ kind: 'mask', term: attribute(name), mask: 1n << BigInt(at) }, '!=', literal(0n));
  const pairs = Array.from({ length: 40 }, (_, at) => and(bit('arg0', at), bit('arg1', at)));
  const wide = decisionOf(rule(0, or(...pairs), { kind: 'allow' }));
  const outcome = ends(() => validateProgram(naiveProgram(wide, ['x86_64']), wide, ['x86_64'], ['x86_64'], {}));
  assert.match(outcome.counterexample ?? '', /^not provable within/);
});

test('programs that compute with data are refused as not validated, and scratch memory is followed', () => {
  const allow: Instruction = { code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000 };
  const everything = { ...decisionOf(), otherwise: { ...decisionOf().otherwise, effect: { kind: 'allow' } as const } };
  const validate = (...program: Instruction[]) =>
    validateProgram(encode(program), everything, ['x86_64'], ['x86_64'], {});
  const load: Instruction = { code: 0x20, jt: 0, jf: 0, k: 0 };
  const shifted = validate(load, { code: 0x74, jt: 0, jf: 0, k: 1 }, allow);
  assert.is(shifted.counterexample, 'not validated: instruction 1 computes with a word of the input');
  const returned = validate(load, { code: 0x16, jt: 0, jf: 0, k: 0 });
  assert.is(returned.counterexample, 'not validated: instruction 1 returns a word of the input');
  // M[3] = 7; A = M[3] << 2; if (A == 28) allow, else kill: the branch is decided before the proof.
  const memory = validate(
    { code: 0x01, jt: 0, jf: 0, k: 7 },
    { code: 0x03, jt: 0, jf: 0, k: 3 },
    { code: 0x60, jt: 0, jf: 0, k: 3 },
    { code: 0x64, jt: 0, jf: 0, k: 2 },
    { code: 0x15, jt: 0, jf: 1, k: 28 },
    allow,
    { code: 0x06, jt: 0, jf: 0, k: 0 },
  );
  assert.is(memory.status, 'proven', memory.counterexample);
});

test('a program that allows one more system call than the policy is refused with that call', () => {
  const served: readonly Architecture[] = ['arm', 'x86_64'];
  const none = decisionOf();
  let refusals = 0;
  for (const name of syscallNames()) {
    if (served.every((architecture) => syscallNumber(architecture, name) === undefined)) continue;
    const one = decisionOf(rule(0, inSet(attribute('syscall'), [name]), { kind: 'allow' }));
    const outcome = validateProgram(naiveProgram(one, served), none, served, served, {});
    const expected = new RegExp(` ${name} \\(\\d+\\), all arguments 0: the program says allow, the policy errno 1$`);
    assert.match(outcome.counterexample ?? '', expected);
    refusals += 1;
  }
  assert.ok(refusals > 350);
});

test('what the backend makes of a policy is proven, for each kind of target', () => {
  for (const kind of ['per-architecture', 'combined'] as const) {
    const chosen = { ...target, seccomp: kind, architectures };
    const { artifacts } = seccomp.emit(policy, chosen);
    const outcome = validateSeccomp(policy, chosen, artifacts);
    assert.is(outcome.status, 'proven', outcome.counterexample);
    assert.is(artifacts.filter(({ path }) => path.endsWith('.h')).length, kind === 'combined' ? 1 : 5);
  }
});

run();
