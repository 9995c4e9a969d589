import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { equal, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { decodeInstructions } from '../../compiler/backends/seccomp/instruction.ts';
import { interpret } from '../../compiler/backends/seccomp/interpret.ts';
import { compile } from '../../compiler/compile.ts';
import { importOciSeccomp } from '../../compiler/import/oci-seccomp.ts';
import { auditArchitecture } from '../../compiler/tables/architectures.ts';
import { newestNumber, syscallNumber, syscallNumbers } from '../../compiler/tables/syscalls.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { libseccompProgram, runClassicBpf } from '../support/libseccomp-oracle.ts';

const { test, skip, run } = suite('import');
const profilePath = join(process.env.POLC_ROOT ?? '.', '..', 'shared', 'data', 'moby-default.json');

interface Condition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}

interface Group {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly { index: number; value: number; valueTwo?: number; op: string }[];
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

/** Docker's rules for a container with these capabilities on amd64 and a kernel of today, straight from the profile. */
function resolved(groups: readonly Group[], capabilities: readonly string[]): readonly Group[] {
  const has = (name: string) => capabilities.includes(name.toLowerCase().replace('cap_', ''));
  return groups.filter(
    ({ includes, excludes }) =>
      (includes?.caps ?? []).every(has) &&
      (includes?.arches === undefined || includes.arches.includes('amd64')) &&
      !(excludes?.caps ?? []).some(has) &&
      !(excludes?.arches ?? []).includes('amd64'),
  );
}

const helper = compileHelper('libseccomp-export.c', ['seccomp']);
const cases: readonly (readonly string[])[] = [
  [],
  ['chown', 'net_bind_service', 'sys_chroot', 'setuid'],
  ['sys_admin', 'sys_ptrace', 'syslog', 'bpf', 'perfmon'],
];

for (const capabilities of cases) {
  const title = `moby's profile means what libseccomp makes of it, with ${capabilities.join(', ') || 'no capabilities'}`;
  if (!existsSync(profilePath)) skip(title, 'the profile is not beside the repository');
  else if (helper.path === undefined) skip(title, helper.reason ?? 'no helper');
  else {
    const exporter = helper.path;
    test(title, () => {
      const bytes = readFileSync(profilePath);
      const imported = importOciSeccomp('moby.json', bytes, {
        name: 'moby',
        architecture: 'x86_64',
        capabilities,
        kernel: { major: 6, minor: 12 },
      });
      ok(imported.text !== undefined);
      equal(
        imported.diagnostics.filter(({ severity }) => severity === 'error'),
        [],
      );
      const target = {
        ...defaultTarget,
        architectures: ['x86_64', 'x86', 'x32'] as const,
        seccomp: 'combined' as const,
      };
      const result = compile('moby.yaml', imported.text, nodeHost, {
        target,
        emit: ['seccomp'],
        maximumMilliseconds: 0,
      });
      equal(
        result.diagnostics.filter(({ severity }) => severity === 'error'),
        [],
      );
      const program = result.outputs[0]?.artifacts.find(({ path }) => path === 'combined.bpf')?.content;
      ok(program instanceof Uint8Array);
      const ours = decodeInstructions(program);

      const profile: { syscalls: readonly Group[]; defaultErrnoRet: number } = JSON.parse(bytes.toString('utf8'));
      const theirs = libseccompProgram(exporter, {
        defaultAction: 'SCMP_ACT_ERRNO',
        defaultErrnoRet: profile.defaultErrnoRet,
        architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
        syscalls: resolved(profile.syscalls, capabilities).map((group) => ({
          names: group.names,
          action: group.action,
          ...(group.errnoRet === undefined ? {} : { errnoRet: group.errnoRet }),
          ...(group.args === undefined
            ? {}
            : {
                args: group.args.map(({ index, op, value, valueTwo }) => ({
                  index,
                  op,
                  value: BigInt(value),
                  valueTwo: BigInt(valueTwo ?? 0),
                })),
              }),
        })),
      });
      const edges = [
        0n,
        1n,
        7n,
        8n,
        9n,
        37n,
        38n,
        39n,
        40n,
        41n,
        131071n,
        131072n,
        131080n,
        0x7e020000n,
        0x02000000n,
        0xffffffffn,
      ];
      let compared = 0;
      for (const architecture of target.architectures) {
        const audit = auditArchitecture[architecture];
        for (const [name, number] of syscallNumbers(architecture)) {
          for (const value of edges) {
            const args = [value, value, 0n, 0n, 0n, 0n];
            const action = interpret(ours, { number, architecture: audit, arguments: args })?.action;
            const expected = runClassicBpf(theirs, number, audit, args);
            compared += 1;
            // A call that this libseccomp is too old to know falls to its default; the profile's own word decides.
            if (action !== expected && !isUnknownToLibseccomp(theirs, number, audit, profile, name)) {
              throw new Error(
                `${architecture} ${name} with ${value}: ours 0x${action?.toString(16)}, libseccomp 0x${expected.toString(16)}`,
              );
            }
          }
        }
        // What is newer than the table answers ENOSYS, so that a libc falls back; libseccomp gives its default.
        const newer = interpret(ours, {
          number: newestNumber(architecture) + 1,
          architecture: audit,
          arguments: [0n, 0n, 0n, 0n, 0n, 0n],
        });
        equal(newer?.action, 0x0005_0026);
      }
      ok(compared > 10_000);
    });
  }
}

/** True where the program gives the default for a name that the profile allows whatever the arguments. */
function isUnknownToLibseccomp(
  program: Uint8Array,
  number: number,
  audit: number,
  profile: { readonly syscalls: readonly Group[] },
  name: string,
): boolean {
  const listed = profile.syscalls.some((group) => group.names.includes(name));
  return listed && runClassicBpf(program, number, audit, [0n, 0n, 0n, 0n, 0n, 0n]) === 0x0005_0001;
}

test('a name that no kernel has is said, with the one that was probably meant', () => {
  const profile =
    '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["raed","write"],"action":"SCMP_ACT_ALLOW"}]}';
  const imported = importOciSeccomp('x.json', profile, {
    name: 'x',
    architecture: 'x86_64',
    capabilities: [],
    kernel: { major: 6, minor: 1 },
  });
  equal(
    imported.diagnostics.map(({ code, help }) => [code, help]),
    [['POL3032', 'did the profile mean `read`?']],
  );
  ok(imported.text?.includes('write') === true && !imported.text.includes('raed'));
});

test('rules of one call join, and conditions on one argument become alternatives as runc makes them', () => {
  const profile = JSON.stringify({
    defaultAction: 'SCMP_ACT_KILL_PROCESS',
    architectures: ['SCMP_ARCH_AARCH64'],
    syscalls: [
      {
        name: 'socket',
        action: 'SCMP_ACT_ALLOW',
        args: [
          { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
          { index: 0, value: 2, op: 'SCMP_CMP_EQ' },
        ],
      },
      {
        names: ['socket'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 1, value: 15, valueTwo: 1, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      { names: ['ptrace'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ],
  });
  const imported = importOciSeccomp('x.json', profile, {
    name: 'x',
    architecture: 'aarch64',
    capabilities: [],
    kernel: { major: 6, minor: 1 },
  });
  equal(imported.diagnostics, []);
  ok(imported.text?.includes('when: arg0 == 1 || arg0 == 2 || arg1 & 0xf == 1'));
  ok(imported.text?.includes('action: errno(ENOSYS)'));
  ok(imported.text?.includes('default: kill-process'));
});

const largest = 0xffff_ffff_ffff_ffffn;
const edges64 = [0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 1n << 53n, (1n << 53n) + 1n].flatMap(
  (edge) => [edge, largest - edge],
);
/** Of these the kernel uses all 64 bits: `offset` of lseek, `len` and `off` of mmap, `arg2` and `arg3` of prctl. */
const wideArguments: Readonly<Record<string, readonly number[]>> = { lseek: [1], mmap: [1, 5], prctl: [1, 2] };
const operators = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'].map((name) => `SCMP_CMP_${name}`);

/** What the imported profile compiles to for x86_64, and what libseccomp makes of it. */
function bothPrograms(
  exporter: string,
  rule: { name: string; args: readonly { index: number; value: bigint; valueTwo: bigint; op: string }[] },
) {
  const args = rule.args.map(
    ({ index, value, valueTwo, op }) => `{"index":${index},"value":${value},"valueTwo":${valueTwo},"op":"${op}"}`,
  );
  const imported = importOciSeccomp(
    'x.json',
    `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["${rule.name}"],"action":"SCMP_ACT_ALLOW","args":[${args}]}]}`,
    { name: 'x', architecture: 'x86_64', capabilities: [], kernel: { major: 6, minor: 1 } },
  );
  equal(imported.diagnostics, []);
  const target = { ...defaultTarget, architectures: ['x86_64'] as const };
  const result = compile('x.yaml', imported.text!, nodeHost, { target, emit: ['seccomp'], maximumMilliseconds: 0 });
  equal(
    result.diagnostics.filter(({ severity }) => severity === 'error'),
    [],
    imported.text,
  );
  const program = result.outputs[0]?.artifacts.find(({ path }) => path === 'x86_64.bpf')?.content;
  ok(program instanceof Uint8Array);
  const theirs = libseccompProgram(exporter, {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: [rule.name], action: 'SCMP_ACT_ALLOW', args: rule.args }],
  });
  return { ours: decodeInstructions(program), theirs, text: imported.text };
}

const exact = 'conditions on 64-bit arguments mean what libseccomp makes of them, to the last digit';
if (helper.path === undefined) skip(exact, helper.reason ?? 'no helper');
else {
  const exporter = helper.path;
  const edge = fc.constantFrom(...edges64);
  const rules = fc.constantFrom(...Object.keys(wideArguments)).chain((name) =>
    fc
      .uniqueArray(
        fc.record({
          index: fc.constantFrom(...wideArguments[name]!),
          value: edge,
          valueTwo: edge,
          op: fc.constantFrom(...operators),
        }),
        { minLength: 1, maxLength: 2, selector: ({ index }) => index },
      )
      .map((args) => ({ name, args })),
  );
  test(exact, () => {
    fc.assert(
      fc.property(rules, (rule) => {
        const { ours, theirs, text } = bothPrograms(exporter, rule);
        const number = syscallNumber('x86_64', rule.name)!;
        const audit = auditArchitecture.x86_64;
        for (const first of edges64) {
          for (const second of edges64) {
            const args = [0n, 0n, 0n, 0n, 0n, 0n];
            const [one, other] = wideArguments[rule.name]!;
            args[one!] = first;
            if (other !== undefined) args[other] = second;
            const action = interpret(ours, { number, architecture: audit, arguments: args })?.action;
            equal(action, runClassicBpf(theirs, number, audit, args), `${text} with ${args}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
}

const low = 'conditions on int arguments mean what libseccomp makes of them, but for high words that the kernel drops';
if (helper.path === undefined) skip(low, helper.reason ?? 'no helper');
else {
  const exporter = helper.path;
  const number = syscallNumber('x86_64', 'socket')!;
  const audit = auditArchitecture.x86_64;
  const negative = (value: bigint) => value >= 0xffff_ffff_8000_0000n;
  const widened = (value: bigint) => BigInt.asUintN(64, BigInt.asIntN(32, value));
  const argument = fc.record({
    value: fc.constantFrom(...edges64),
    valueTwo: fc.constantFrom(...edges64),
    op: fc.constantFrom(...operators),
  });
  test(low, () => {
    fc.assert(
      fc.property(argument, fc.bigInt({ min: 1n, max: 0xffff_ffffn }), (condition, garbage) => {
        const rule = { name: 'socket', args: [{ index: 0, ...condition }] };
        const { ours, theirs, text } = bothPrograms(exporter, rule);
        // A profile that names a negative int in 64 bits is for callers that widen it with its sign.
        const equality = condition.op === 'SCMP_CMP_EQ' || condition.op === 'SCMP_CMP_NE';
        const signed = equality && negative(condition.value);
        for (const int of edges64.filter((value) => value <= 0xffff_ffffn)) {
          const usual = signed ? widened(int) : int;
          const expected = runClassicBpf(theirs, number, audit, [usual, 0n, 0n, 0n, 0n, 0n]);
          for (const passed of [int, widened(int), int | (garbage << 32n)]) {
            const args = [passed, 0n, 0n, 0n, 0n, 0n];
            equal(
              interpret(ours, { number, architecture: audit, arguments: args })?.action,
              expected,
              `${text} ${args}`,
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });
}

test('a comparison keeps all 64 bits, and what is no such number is refused with its place', () => {
  const imported = (value: string) =>
    importOciSeccomp(
      'x.json',
      `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["lseek"],"action":"SCMP_ACT_ALLOW",
        "args":[{"index":1,"value":${value},"op":"SCMP_CMP_NE"}]}]}`,
      { name: 'x', architecture: 'x86_64', capabilities: [], kernel: { major: 6, minor: 1 } },
    );
  for (const value of ['18446744073709551615', '9007199254740993', '4294967296']) {
    const { text, diagnostics } = imported(value);
    equal(diagnostics, []);
    ok(text?.includes(`when: arg1 != ${value}\n`), text);
  }
  for (const [value, code] of [
    ['18446744073709551616', 'POL7101'],
    ['-1', 'POL7101'],
    ['-9007199254740993', 'POL7101'],
    ['1.5', 'POL2004'],
    ['"1"', 'POL2004'],
    ['true', 'POL2004'],
  ] as const) {
    const { text, diagnostics, source } = imported(value);
    equal(text, undefined, value);
    equal(
      diagnostics.map(({ code: found, span }) => [found, source.text.slice(span.start, span.end)]),
      [[code, value]],
    );
  }
});

test('what is no profile is refused with a place', () => {
  for (const text of [
    '',
    '[]',
    '{"defaultAction": 7}',
    '{"syscalls": []}',
    '{"defaultAction":"SCMP_ACT_ALOW"}',
    '{',
    'null',
  ]) {
    const imported = importOciSeccomp('x.json', text, {
      name: 'x',
      architecture: 'x86_64',
      capabilities: [],
      kernel: { major: 6, minor: 1 },
    });
    equal(imported.text, undefined, text);
    ok(
      imported.diagnostics.some(({ severity, help }) => severity === 'error' && help !== ''),
      text,
    );
  }
});

run();
