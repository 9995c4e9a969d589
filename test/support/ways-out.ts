import fc from 'fast-check';
import {
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  or,
  type Predicate,
  type Value,
} from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { type Decision, decisionAt, type Effect, type Policy } from '../../compiler/ir/policy.ts';
import { withoutDenials } from '../../compiler/ir/without-denials.ts';
import type { Architecture } from '../../compiler/tables/architectures.ts';
import { syscallNumber } from '../../compiler/tables/syscalls.ts';
import { defaultTarget, type Target } from '../../compiler/target.ts';
import { allow, decisionOf, deny, limitOf, pathRule, policyOf } from './policies.ts';

/** A policy with hook rules and a limit, and what is asked of it. */
export interface HeldPolicy {
  readonly policy: Policy;
  readonly target: Target;
  /** A rule at a hook that refuses. */
  readonly denying: string;
  /** What a process may choose besides. */
  readonly chosen: readonly Chosen[];
}

/** The arguments and names of one attempt. */
interface Chosen {
  readonly flags: bigint;
  readonly cloneFlags: bigint;
  readonly command: bigint;
  readonly path: string;
  readonly uid: bigint;
}

/** Something that a process may do, by which it gets rid of what holds it. All of it must pass. */
interface Act {
  readonly name: string;
  readonly of: readonly ('programs' | 'v1' | 'v2')[];
  readonly calls?: readonly string[];
  /** Of these it needs one. */
  readonly capabilities?: readonly string[];
  readonly opens?: { readonly path: string; readonly filesystem: string };
  readonly hook?: (chosen: Chosen) => Readonly<Record<string, Value>>;
  /** Only where no Landlock domain keeps it from processes outside. */
  readonly outsideDomain?: true;
}

const every = ['programs', 'v1', 'v2'] as const;
const opening = (path: string, filesystem: string, of: Act['of'] = every): Act => ({
  name: `write ${path}`,
  of,
  opens: { path, filesystem },
});

const acts: readonly Act[] = [
  opening('/sys/fs/cgroup/cgroup.procs', 'cgroup2', ['programs', 'v2']),
  opening('/sys/fs/cgroup/web/a/cgroup.procs', 'cgroup2', ['programs', 'v2']),
  opening('/sys/fs/cgroup/memory/tasks', 'cgroup', ['programs', 'v1']),
  opening('/proc/sys/kernel/core_pattern', 'proc'),
  opening('/sys/kernel/uevent_helper', 'sysfs'),
  opening('/sys/kernel/debug/provoke-crash/DIRECT', 'debugfs'),
  { ...opening('/dev/mem', 'devtmpfs'), capabilities: ['sys_rawio'] },
  {
    name: 'clone3 into a group',
    of: ['programs', 'v2'],
    calls: ['clone3'],
    hook: ({ cloneFlags }) => ({ hook: 'task_alloc', clone_flags: cloneFlags | 0x2_0000_0000n }),
  },
  ...[34n, 29n, 9n, 2n].map(
    (cmd): Act => ({
      name: `bpf ${cmd}`,
      of: ['programs'],
      calls: ['bpf'],
      capabilities: ['sys_admin'],
      hook: () => ({ hook: 'bpf', cmd, size: 128n, kernel: false }),
    }),
  ),
  {
    name: 'bpf of any command with a program that overrules',
    of: ['programs'],
    calls: ['bpf'],
    capabilities: ['bpf', 'sys_admin'],
    hook: () => ({ hook: 'bpf', cmd: 5n, size: 128n, kernel: false }),
  },
  { name: 'load a module', of: every, calls: ['init_module'], capabilities: ['sys_module'] },
  { name: 'load a module of a file', of: every, calls: ['finit_module'], capabilities: ['sys_module'] },
  { name: 'load a kernel', of: every, calls: ['kexec_load'], capabilities: ['sys_boot'] },
  { name: 'ports', of: every, calls: ['iopl'], capabilities: ['sys_rawio'] },
  {
    name: 'trace',
    of: every,
    calls: ['ptrace'],
    outsideDomain: true,
    hook: () => ({ hook: 'ptrace_access_check', mode: 1n }),
  },
];

/** The first act by which a process gets out of what holds it; undefined where there is none. */
export function isOutside({ policy, target, chosen }: HeldPolicy, held: 'programs' | 'limits'): string | undefined {
  const what = held === 'programs' ? held : target.cgroup;
  const programs = held === 'programs';
  return acts.find((act) => act.of.includes(what) && chosen.some((each) => passes(act, each, policy, target, programs)))
    ?.name;
}

function passes(act: Act, chosen: Chosen, policy: Policy, target: Target, programs: boolean): boolean {
  const { calls = [], capabilities, opens, hook, outsideDomain } = act;
  if (!calls.every((call) => target.architectures.some((architecture) => isCalled(policy, architecture, call))))
    return false;
  if (capabilities !== undefined && !capabilities.some((name) => keeps(policy, name))) return false;
  const paths = decisionAt(policy, 'path');
  const restricted = target.landlock > 0 && paths?.otherwise.effect.kind === 'deny';
  if (outsideDomain && (restricted || (programs && target.landlock >= 2))) return false;
  if (opens !== undefined) {
    const { path, filesystem } = opens;
    const asked = { path, right: 'write_file' };
    if (restricted && !isAllowed(withoutDenials(paths), asked)) return false;
    const elsewhere =
      keeps(policy, 'sys_admin') && target.architectures.some((each) => isCalled(policy, each, 'setns'));
    if (restricted && programs && target.bpfLsm && !elsewhere && !isAllowed(paths, asked)) return false;
    const access = chosen.flags % 2n === 0n ? 1n : 2n;
    const values = { hook: 'file_open', filesystem, path: chosen.path, flags: (chosen.flags & ~3n) | access };
    if (programs && isRefused(policy, { ...values, uid: chosen.uid })) return false;
  }
  return !(programs && hook !== undefined && isRefused(policy, { ...hook(chosen), uid: chosen.uid }));
}

function isAllowed(decision: Decision, values: Readonly<Record<string, Value>>): boolean {
  const verdict = decide(decision, { attribute: (name) => values[name], parameter: () => undefined });
  return verdict?.effect.kind === 'allow';
}

function isCalled(policy: Policy, architecture: Architecture, call: string): boolean {
  const decision = decisionAt(policy, 'syscall');
  if (syscallNumber(architecture, call) === undefined) return false;
  return decision === undefined || isAllowed(decision, { arch: architecture, syscall: call, newer: false });
}

function keeps(policy: Policy, capability: string): boolean {
  const decision = decisionAt(policy, 'capability');
  return decision === undefined || isAllowed(decision, { capability });
}

function isRefused(policy: Policy, values: Readonly<Record<string, Value>>): boolean {
  const decision = decisionAt(policy, 'hook');
  return decision !== undefined && !isAllowed(decision, values);
}

const callNames = ['clone3', 'bpf', 'init_module', 'finit_module', 'kexec_load', 'kexec_file_load', 'iopl', 'ioperm'];
const moreCalls = ['ptrace', 'setns', 'read'];
const capabilityChoice = ['sys_admin', 'bpf', 'sys_module', 'sys_boot', 'sys_rawio', 'chown'];
const folders = [
  '/',
  '/sys',
  '/sys/fs/cgroup',
  '/sys/fs/cgroup/web',
  '/proc',
  '/proc/sys',
  '/dev',
  '/dev/mem',
  '/tmp',
  '/usr',
];
const filesystems = ['cgroup', 'cgroup2', 'proc', 'sysfs', 'debugfs', 'tracefs', 'binfmt_misc', 'ext4'];

/** Most of a list, so that a policy which closes every way is no rarity. */
const most = (names: readonly string[]): fc.Arbitrary<readonly string[]> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(names) },
    { weight: 2, arbitrary: fc.nat(names.length - 1).map((at) => names.filter((_, index) => index !== at)) },
    { weight: 1, arbitrary: fc.subarray([...names]) },
  );

const field = attribute;
const written = compare({ kind: 'mask', term: field('flags'), mask: 3n }, '!=', literal(0n));

/** A condition that asks for something else as well, or instead. */
const besides = (when: Predicate): fc.Arbitrary<Predicate> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(when) },
    { weight: 1, arbitrary: fc.constant(and(when, compare(field('uid'), '==', literal(0n)))) },
    { weight: 1, arbitrary: fc.constant(or(when, compare(field('uid'), '==', literal(7n)))) },
    { weight: 1, arbitrary: fc.constant(not(when)) },
  );

const atHook = (hook: string, when?: Predicate): Predicate => {
  const here = compare(field('hook'), '==', literal(hook));
  return when === undefined ? here : and(here, when);
};

const refusing: fc.Arbitrary<Effect> = fc.constantFrom<Effect>(deny, { kind: 'errno', errno: 13 });

const hookRule: fc.Arbitrary<readonly [Predicate, Effect]> = fc
  .oneof(
    most(filesystems).chain((types) =>
      besides(and(written, inSet(field('filesystem'), types))).map((when) => atHook('file_open', when)),
    ),
    fc.constant(atHook('file_open', { kind: 'beneath', term: field('path'), pattern: '/sys' })),
    fc
      .constantFrom(0x2_0000_0000n, 0x2_0001_0000n, 0x1_0000n)
      .chain((mask) => besides(compare({ kind: 'mask', term: field('clone_flags'), mask }, '!=', literal(0n))))
      .map((when) => atHook('task_alloc', when)),
    fc
      .constantFrom(34n, 29n, 40n)
      .chain((most) => besides(compare(field('cmd'), '<=', literal(most))))
      .map((when) => atHook('bpf', when)),
    fc.constant(atHook('bpf')),
    fc.constant(atHook('ptrace_access_check')),
  )
  .chain((when) =>
    fc
      .oneof({ weight: 5, arbitrary: refusing }, { weight: 1, arbitrary: fc.constant(allow) })
      .map((effect) => [when, effect] as const),
  );

const chosen: fc.Arbitrary<Chosen> = fc.record({
  flags: fc.bigInt({ min: 0n, max: 0xff_ffffn }),
  cloneFlags: fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
  command: fc.bigInt({ min: 0n, max: 40n }),
  path: fc.constantFrom('/sys/fs/cgroup/cgroup.procs', '/cgroup.procs', '/tmp/x'),
  uid: fc.constantFrom(0n, 7n, 1000n),
});

/** Policies of which many close every way out, and others all but one. */
export const anyHeldPolicy: fc.Arbitrary<HeldPolicy> = fc
  .record({
    refused: fc.option(most([...callNames, ...moreCalls])),
    kept: fc.option(fc.subarray(capabilityChoice)),
    granted: fc.option(
      fc.tuple(
        fc.oneof(
          { weight: 3, arbitrary: fc.constant(['/usr', '/tmp']) },
          { weight: 2, arbitrary: fc.subarray(folders) },
        ),
        fc.constantFrom(['write_file', 'read_file'], ['read_file'], ['write_file']),
        fc.subarray(folders.filter((path) => path !== '/')),
        fc.option(fc.constantFrom(['read_file'], ['write_file'])),
      ),
      { freq: 8 },
    ),
    rules: fc.array(hookRule, { maxLength: 5 }),
    landlock: fc.constantFrom(0, 1, 6, 6, 6),
    kernel: fc.constantFrom({ major: 6, minor: 1 }, { major: 6, minor: 12 }),
    architectures: fc.constantFrom<readonly Architecture[]>(['x86_64'], ['x86_64', 'x86']),
    version: fc.constantFrom<'v1' | 'v2'>('v1', 'v2'),
    bpfLsm: fc.boolean(),
    chosen: fc.array(chosen, { minLength: 12, maxLength: 12 }),
  })
  .map(({ refused, kept, granted, rules, landlock, kernel, architectures, version, bpfLsm, chosen }) => {
    const decisions: Decision[] = [];
    if (refused !== null) {
      const when = inSet(field('syscall'), refused);
      decisions.push(decisionOf('syscall', 'first-match', [[when, { kind: 'errno', errno: 1 }]], allow));
    }
    if (kept !== null) {
      decisions.push(decisionOf('capability', 'union-of-allows', [[inSet(field('capability'), kept), allow]], deny));
    }
    if (granted !== null) {
      const [allowed, rights, denied, deniedRights] = granted;
      const allowing = allowed.map((path) => pathRule(path, rights));
      const denying = denied.map((pattern): readonly [Predicate, Effect] => [
        deniedRights === null ? { kind: 'beneath', term: field('path'), pattern } : pathRule(pattern, deniedRights)[0],
        deny,
      ]);
      decisions.push(decisionOf('path', 'deny-overrides', [...allowing, ...denying], deny));
    }
    const last = [atHook('mmap_file', compare(field('uid'), '==', literal(9n))), deny] as const;
    decisions.push(decisionOf('hook', 'first-match', [...rules, last], allow));
    return {
      policy: policyOf({ decisions, limits: [limitOf('pids', 'count', 9)] }),
      target: { ...defaultTarget, landlock, kernel, architectures, cgroup: version, bpfLsm },
      denying: `hook/${rules.length}`,
      chosen,
    };
  });
