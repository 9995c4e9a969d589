import { dirname } from 'node:path';
import { servedBy } from '../../../compiler/backends/launcher/filter-steps.ts';
import { planOf, type Surroundings } from '../../../compiler/backends/launcher/lower.ts';
import type { LandlockStep, LaunchStep, Machine } from '../../../compiler/backends/launcher/plan.ts';
import { compileSyscallDecision } from '../../../compiler/backends/seccomp/compile.ts';
import { encodeInstructions } from '../../../compiler/backends/seccomp/instruction.ts';
import { decisionAt, type Policy } from '../../../compiler/ir/policy.ts';
import { rlimit } from '../../../compiler/tables/rlimits.ts';
import { syscallNumber } from '../../../compiler/tables/syscalls.ts';
import type { Target } from '../../../compiler/target.ts';
import { validateProgram } from '../../../compiler/verify/seccomp/validate-program.ts';
import type { PlannedGroup } from '../control-group.ts';

/**
 * What each program of a server is put into, as Python reads it: JSON without truth values is a Python literal. 0 and 1
 * stand for those, and numbers that may pass 2^53 are decimal texts.
 */
export interface SandboxPlan {
  readonly numbers: Readonly<Record<string, number>>;
  readonly affinity: readonly number[];
  /** CLONE_NEW*, a PID namespace always, with which ends what a program leaves behind, and one of mounts for its /proc. */
  readonly namespaces: number;
  /** 1 where a plain start makes namespaces as well. */
  readonly asksForNamespaces: 0 | 1;
  readonly loopback: 0 | 1;
  readonly layers: readonly (readonly [path: string, bytes: number])[];
  readonly landlock: {
    /** struct landlock_ruleset_attr, in hexadecimal digits. */
    readonly attribute: string;
    readonly paths: readonly (readonly [path: string, access: number, optional: 0 | 1])[];
    readonly ports: readonly (readonly [port: number, access: number])[];
  };
  /** The bits to keep; empty where the policy says nothing of capabilities. */
  readonly capabilities: string;
  readonly limits: readonly (readonly [resource: number, ceiling: string])[];
  /** `struct sock_filter[]`, in hexadecimal digits; empty where there is none. */
  readonly filter: string;
  /** Milliseconds; 0 for none. */
  readonly deadline: number;
  /** The file of a control group that a process joins by writing 0. */
  readonly groupFile: 'tasks' | 'cgroup.procs';
  readonly groups: readonly {
    readonly parent: string;
    readonly files: readonly (readonly [name: string, text: string, optional: 0 | 1])[];
  }[];
}

const flags = {
  network: 0x4000_0000,
  mount: 0x2_0000,
  pid: 0x2000_0000,
  ipc: 0x800_0000,
  uts: 0x400_0000,
} as const;

const calls = [
  ...['capget', 'capset', 'close_range', 'flock', 'ioctl', 'landlock_add_rule', 'landlock_create_ruleset'],
  ...['landlock_restrict_self', 'madvise', 'mount', 'prctl', 'prlimit64', 'seccomp', 'socket', 'unshare'],
];

/**
 * The launcher's plan for a program that is forked and not executed: without the steps that lead to an exec, and with a
 * filter that permits none but the policy's own. The filter is proven to be the policy's.
 *
 * @returns the reason where there is no such plan
 */
export function sandboxPlan(
  policy: Policy,
  target: Target,
  machine: Machine,
  { cgroup: _, ...surroundings }: Surroundings,
  group: PlannedGroup | undefined,
): SandboxPlan | { readonly problem: string } {
  const { plan } = planOf(policy, target, machine, surroundings);
  const step = <Kind extends LaunchStep['kind']>(kind: Kind) =>
    plan.steps.find((each): each is Extract<LaunchStep, { readonly kind: Kind }> => each.kind === kind);
  const landlock = step('landlock');
  if (landlock === undefined) return { problem: 'no Landlock domain would keep the programs of one server apart' };
  const filter = filterOf(policy, target, machine);
  if ('problem' in filter) return filter;
  const kinds = step('namespaces')?.kinds ?? [];
  const capabilities = step('capabilities')?.keep;
  return {
    numbers: Object.fromEntries(calls.map((name) => [name, syscallNumber(machine, name) ?? -1])),
    affinity: step('cpu-affinity')?.cpus ?? [],
    namespaces: kinds.reduce<number>((sum, kind) => sum | flags[kind], flags.pid | flags.mount),
    asksForNamespaces: kinds.length > 0 ? 1 : 0,
    loopback: step('loopback-up') === undefined ? 0 : 1,
    layers: (step('private-layers')?.layers ?? []).map(({ path, bytes }) => [path, bytes]),
    landlock: rulesOf(landlock),
    capabilities: capabilities === undefined ? '' : String(capabilities),
    limits: (step('resource-limits')?.limits ?? []).map(({ resource, ceiling }) => [
      rlimit(resource)!.number,
      String(ceiling),
    ]),
    filter: filter.hexadecimal,
    deadline: step('supervise')?.deadline ?? 0,
    groupFile: group?.joined.version === 2 ? 'cgroup.procs' : 'tasks',
    groups: (group?.folders ?? []).map(({ path, files }) => ({
      parent: dirname(path),
      files: files.map(({ name, text }) => [name, text, isSwapFile(name) ? 1 : 0]),
    })),
  };
}

function rulesOf({ abi, handledPaths, handledPorts, scoped, paths, ports }: LandlockStep): SandboxPlan['landlock'] {
  const attribute = Buffer.alloc(24);
  for (const [index, bits] of [handledPaths, handledPorts, scoped].entries())
    attribute.writeBigUInt64LE(bits, index * 8);
  return {
    // It grew with the ABI; a kernel refuses bytes that it does not know.
    attribute: attribute.subarray(0, abi >= 6 ? 24 : abi >= 4 ? 16 : 8).toString('hex'),
    paths: paths.map(({ path, access, optional }) => [path, Number(access), optional ? 1 : 0]),
    ports: ports.map(({ port, access }) => [port, Number(access)]),
  };
}

function filterOf(
  policy: Policy,
  target: Target,
  machine: Machine,
): { readonly hexadecimal: string } | { readonly problem: string } {
  const decision = decisionAt(policy, 'syscall');
  if (decision === undefined) return { hexadecimal: '' };
  const served = servedBy(machine, target);
  const program = compileSyscallDecision(decision, served, { weights: target.weights });
  const bytes = encodeInstructions(program.instructions);
  const validation = validateProgram(bytes, decision, served, target.architectures, {});
  if (validation.status === 'refused') {
    return { problem: `the filter for forked programs could not be proven: ${validation.counterexample}` };
  }
  return { hexadecimal: Buffer.from(bytes).toString('hex') };
}

/** Swap accounting is an option of the kernel. */
function isSwapFile(name: string): boolean {
  return name.includes('swap') || name.includes('memsw');
}
