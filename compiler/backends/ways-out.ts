import { matchesGlob } from '../expressions/glob.ts';
import { keptCapabilities } from '../ir/capabilities.ts';
import { decisionAt, type Policy } from '../ir/policy.ts';
import type { Architecture } from '../tables/architectures.ts';
import { capabilityNames } from '../tables/capabilities.ts';
import { landlockRight } from '../tables/landlock.ts';
import { type KnownCall, refusesAtHook } from './hook-refusals.ts';
import type { LandlockRuleset } from './landlock/ruleset.ts';
import { refusesCall } from './refused-calls.ts';

/** What is to be held, and what of a policy is in force beside it. */
export interface Holding {
  /** The limits of a control group of this version, or programs of the kernel for one. */
  readonly held: 'limits of v1' | 'limits of v2' | 'programs';
  /** What the launcher restricts by Landlock. */
  readonly ruleset: LandlockRuleset;
  /** Whether the program enters a Landlock domain although the policy asks for none, as `polc run` makes it. */
  readonly separate: boolean;
  /** Whether a program of the policy is attached at a hook, so that what the policy says there is enforced. */
  readonly atHook?: (hook: string) => boolean;
  /** Folders that programs deny to the process, without wildcards. */
  readonly denied?: readonly string[];
}

/** How the limits of a control group are got rid of, in a sentence; undefined where the policy has none, or nobody does. */
export function limitsLoss(
  policy: Policy,
  architectures: readonly Architecture[],
  { version, ruleset, separate }: Pick<Holding, 'ruleset' | 'separate'> & { readonly version: 'v1' | 'v2' },
): string | undefined {
  const levels = policy.adaptive?.levels ?? [];
  const limits = [policy, ...levels].flatMap((each) => each.limits);
  if (!limits.some(({ resource }) => grouped.includes(resource))) return undefined;
  const ways = waysOut(policy, architectures, { held: `limits of ${version}`, ruleset, separate });
  return lossByWaysOut(ways, ruleset.abi);
}

const grouped: readonly string[] = ['memory', 'cpu', 'pids'];

/** By what a process gets rid of what holds its control group. */
export type WayOut =
  | 'cgroup.procs'
  | 'clone3'
  | 'bpf'
  | '/proc/sys and /sys'
  | 'modules'
  | 'kexec'
  | 'raw memory'
  | 'ptrace';

/**
 * The ways out that a policy leaves to a process that stays root, or owns its control group: it moves itself or what it starts
 * to another group, takes programs away, or works through the kernel or another process. What others do at its request
 * (service managers, whoever runs a file that it wrote) is none of them.
 */
export function waysOut(policy: Policy, architectures: readonly Architecture[], holding: Holding): readonly WayOut[] {
  const { held, ruleset, separate, atHook = () => false } = holding;
  const calls = decisionAt(policy, 'syscall');
  const refused = (...names: readonly string[]) => names.every((name) => refusesCall(calls, architectures, name));
  const capabilities = decisionAt(policy, 'capability');
  const kept = capabilities === undefined ? undefined : keptCapabilities(capabilities);
  const dropped = (...names: readonly string[]) =>
    kept !== undefined && names.every((name) => (kept & (1n << BigInt(capabilityNames().indexOf(name)))) === 0n);
  const hooks = decisionAt(policy, 'hook');
  const stopped = (call: KnownCall) => atHook(call.hook) && refusesAtHook(hooks, call);
  const unwritable = (...types: readonly string[]) => types.every((type) => writes(type).every(stopped));
  // In a mount namespace of somebody else's, what is denied by its path would lie elsewhere.
  const denied = () => (dropped('sys_admin') || refused('setns') ? (holding.denied ?? []) : []);
  const { abi, handledPaths, handledPorts, scoped, paths } = ruleset;
  const write = landlockRight('write_file')!.bit;
  // Landlock refuses mounts as well, so that a file system cannot be had elsewhere.
  const restricted = (...folders: readonly string[]) =>
    (handledPaths & write) !== 0n &&
    folders.every(
      (folder) =>
        !paths.some(({ path, access }) => (access & write) !== 0n && mayMeet(path, folder)) ||
        denied().some((above) => isWithin(folder, above)),
    );
  const groups = held === 'programs' ? ['cgroup', 'cgroup2'] : [held === 'limits of v2' ? 'cgroup2' : 'cgroup'];
  const isClosed: Readonly<Record<WayOut, () => boolean>> = {
    'cgroup.procs': () => restricted('/sys/fs/cgroup') || unwritable(...groups),
    // A descriptor of O_PATH is enough for CLONE_INTO_CGROUP, of which Landlock sees nothing.
    clone3: () => held === 'limits of v1' || refused('clone3') || stopped(cloneIntoGroup),
    bpf: () =>
      held !== 'programs' || dropped('sys_admin', 'bpf') || refused('bpf') || changingCommands().every(stopped),
    '/proc/sys and /sys': () =>
      restricted('/proc/sys', '/sys') || unwritable('proc', 'sysfs', 'debugfs', 'tracefs', 'binfmt_misc'),
    modules: () => dropped('sys_module') || refused('init_module', 'finit_module'),
    kexec: () => dropped('sys_boot') || refused('kexec_load', 'kexec_file_load'),
    'raw memory': () =>
      dropped('sys_rawio') ||
      (refused('iopl', 'ioperm') && restricted('/dev/mem', '/dev/kmem', '/dev/port', '/dev/cpu')),
    // A domain may not trace what lies outside, nor enter its namespaces, from where it could end who holds the programs.
    ptrace: () =>
      handledPaths !== 0n ||
      handledPorts !== 0n ||
      scoped !== 0n ||
      (separate && abi >= 2) ||
      stopped({ hook: 'ptrace_access_check' }),
  };
  return (Object.keys(isClosed) as WayOut[]).filter((way) => !isClosed[way]());
}

/**
 * The ways out in a sentence with what closes them; undefined where there is none.
 *
 * @param landlock the ABI of the target
 */
export function lossByWaysOut(ways: readonly WayOut[], landlock: number): string | undefined {
  if (ways.length === 0) return undefined;
  const told = sentences.flatMap(([what, of]) => {
    const open = of.filter((way) => ways.includes(way));
    return open.length === 0 ? [] : [`${what} (${open.join(', ')})`];
  });
  const paths = landlock === 0 ? 'choose a target with Landlock and restrict paths' : 'restrict paths';
  const remedies = new Set(ways.map((way) => remedyOf[way] ?? paths));
  return `a process that stays root can ${told.join(', ')}: ${[...remedies].join(', ')}`;
}

const sentences: readonly (readonly [string, readonly WayOut[]])[] = [
  ['leave its control group', ['cgroup.procs', 'clone3']],
  ['take programs away', ['bpf']],
  ['work through the kernel', ['/proc/sys and /sys', 'modules', 'kexec', 'raw memory']],
  ['work through other processes', ['ptrace']],
];

const refuseCalls = 'refuse the calls (`level: medium`)';

const remedyOf: Readonly<Partial<Record<WayOut, string>>> = {
  clone3: refuseCalls,
  bpf: refuseCalls,
  modules: refuseCalls,
  kexec: refuseCalls,
  'raw memory': 'drop `sys_rawio`',
};

/** `O_WRONLY` and `O_RDWR` within `O_ACCMODE`; with both bits a file can be neither read nor written (open(2)). */
function writes(filesystem: string): readonly KnownCall[] {
  return [1n, 2n].map((value) => ({
    hook: 'file_open',
    values: { filesystem },
    bits: { flags: { mask: 3n, value } },
  }));
}

/** `CLONE_INTO_CGROUP` of linux/sched.h. */
const intoCgroup = 0x2_0000_0000n;
const cloneIntoGroup: KnownCall = {
  hook: 'task_alloc',
  bits: { clone_flags: { mask: intoCgroup, value: intoCgroup } },
};

/**
 * Commands of bpf(2) that only look: lookups in maps, next ids, information, queries, BTF, statistics (linux/bpf.h). All
 * others, and those that later kernels have, may detach, replace or overrule a program, or write one's map.
 */
const looking: ReadonlySet<number> = new Set([1, 4, 11, 12, 15, 16, 18, 19, 20, 23, 24, 31, 32]);
const everyCommand = 64;

function changingCommands(): readonly KnownCall[] {
  const numbers = Array.from({ length: everyCommand }, (_, number) => number).filter((number) => !looking.has(number));
  return numbers.map((number) => ({ hook: 'bpf', values: { cmd: BigInt(number) } }));
}

/** Whether what a pattern stands for, or lies beneath it, may be in a folder or above it. */
function mayMeet(pattern: string, folder: string): boolean {
  const left = componentsOf(pattern);
  const right = componentsOf(folder);
  return right.every((component, at) => left[at] === undefined || matchesGlob(component, left[at]));
}

function isWithin(folder: string, above: string): boolean {
  const components = componentsOf(folder);
  return componentsOf(above).every((component, at) => component === components[at]);
}

function componentsOf(path: string): readonly string[] {
  return path.split('/').filter((component) => component !== '');
}
