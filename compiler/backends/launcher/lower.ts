import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { keptCapabilities } from '../../ir/capabilities.ts';
import {
  type Decision,
  decisionAt,
  idsOf,
  type Limit,
  type Obligation,
  type Policy,
  type Rule,
} from '../../ir/policy.ts';
import type { Memory } from '../../memory/remembered.ts';
import { landlockMask } from '../../tables/landlock.ts';
import { rlimit } from '../../tables/rlimits.ts';
import type { Target } from '../../target.ts';
import { type LandlockRuleset, landlockRuleset } from '../landlock/ruleset.ts';
import { tellsRefusals } from '../landlock/told-refusals.ts';
import { networkIsolation } from '../network-isolation.ts';
import { filterSteps, supervisedSteps } from './filter-steps.ts';
import type { LandlockPath, LaunchPlan, LaunchStep, Machine, NamespaceKind, ResourceLimit } from './plan.ts';

/** What is known only where the launcher will run; absent when a policy is built for any machine. */
export interface Surroundings {
  /** The cgroup that was made for the sandbox: the folder of each version 1 controller, or one of version 2. */
  readonly cgroup?: JoinedCgroup;
  /** The paths that each path pattern of the policy stands for there. */
  readonly expansions?: ReadonlyMap<string, readonly string[]>;
  /**
   * True where a process of the same user outside, unconfined, has to be kept from the program: it enters a Landlock domain
   * also where the policy asks for none, since a domain may not trace what lies outside (landlock(7), ptrace
   * restrictions). The domain refuses no path and no port, only changes of mounts. From ABI 2.
   */
  readonly separate?: boolean;
  /** The processors that `numa-aware` stands for there, ascending; absent where the machine tells of no nodes. */
  readonly processors?: readonly number[];
  /** The library of the policy's allocator, which who starts the launcher preloads for the program. */
  readonly allocator?: string;
  /** True where `polc run` starts it, which forks programs from a server where that can be, and reads files ahead. */
  readonly byRun?: boolean;
  /**
   * True where who starts the launcher gives it a descriptor 3 and answers for the filter (seccomp_unotify(2)), so that the
   * program can be moved to a stricter level. From Linux 5.6.
   */
  readonly supervised?: boolean;
  /**
   * True where what holds the program ends with who starts the launcher, such as programs of the kernel: when that process
   * ends, however it does, so do the program and all that it started. It gives the launcher a socket whose other end it alone
   * has, as descriptor 3, or 4 behind the supervisor's. What lies in that socket, such as the links of those programs, lives
   * until the last process of the program is gone.
   */
  readonly bound?: boolean;
}

export type JoinedCgroup =
  | {
      readonly version: 1;
      readonly directories: readonly string[];
      /** One of version 2 besides, which counts nothing: programs of the kernel are attached to it. */
      readonly born?: string;
    }
  | { readonly version: 2; readonly directory: string };

export interface Planned {
  readonly plan: LaunchPlan;
  readonly diagnostics: readonly Diagnostic[];
}

/** The policy as launcher's steps; plan.ts says in which order, and why. */
export function planOf(policy: Policy, target: Target, machine: Machine, surroundings: Surroundings = {}): Planned {
  const { planFor, diagnostics } = planner(policy, target, landlockRuleset(policy, target.landlock), surroundings);
  return { plan: planFor(machine), diagnostics };
}

/** The plans of one policy, which differ in the filter alone, and what is to be said of all of them. */
export interface Planner {
  planFor(machine: Machine): LaunchPlan;
  readonly diagnostics: readonly Diagnostic[];
}

const execStep: LaunchStep = { kind: 'exec', rules: [] };
const reportStep: LaunchStep = { kind: 'report', rules: [] };

/** @param ruleset the policy's for the target's Landlock ABI */
export function planner(
  policy: Policy,
  target: Target,
  ruleset: LandlockRuleset,
  surroundings: Surroundings,
  memory?: Memory,
): Planner {
  const diagnostics: Diagnostic[] = [];
  const supervised = surroundings.supervised === true;
  const beforeFilter: readonly LaunchStep[] = [
    { kind: 'close-descriptors', handed: (supervised ? 1 : 0) + (surroundings.bound === true ? 1 : 0), rules: [] },
    ...cgroupSteps(policy, surroundings.cgroup),
    ...policy.obligations.flatMap((obligation) => affinitySteps(obligation, surroundings)),
    ...isolationSteps(policy, surroundings),
    { kind: 'no-new-privileges', rules: [] },
    ...landlockSteps(ruleset, policy, surroundings, diagnostics),
    ...capabilitySteps(decisionAt(policy, 'capability')),
    ...limitSteps(policy.limits),
    { kind: 'find-command', rules: [] },
    ...(supervised ? [reportStep] : []),
  ];
  const planFor = (machine: Machine): LaunchPlan => {
    const { steps, exec } = supervised
      ? supervisedSteps(policy, target, machine)
      : filterSteps(policy, target, machine, memory);
    return { machine, steps: [...beforeFilter, ...steps, execStep], exec };
  };
  return { planFor, diagnostics };
}

function cgroupSteps(policy: Policy, cgroup: JoinedCgroup | undefined): readonly LaunchStep[] {
  if (cgroup?.version !== 1) return [];
  return [{ kind: 'join-cgroup', directories: cgroup.directories, rules: limitsInCgroups(policy) }];
}

function limitsInCgroups(policy: Policy): readonly string[] {
  const inCgroups: readonly string[] = ['memory', 'cpu', 'pids'];
  return policy.limits.filter((limit) => inCgroups.includes(limit.resource)).map((limit) => limit.id);
}

function affinitySteps(obligation: Obligation, surroundings: Surroundings): readonly LaunchStep[] {
  const cpus = affinityOf(obligation, surroundings);
  return cpus === undefined ? [] : [{ kind: 'cpu-affinity', cpus, rules: [obligation.id] }];
}

/** The processors of a list such as `0,2`, or of `numa-aware` where they are known; undefined for another obligation. */
export function affinityOf(obligation: Obligation, { processors }: Surroundings): readonly number[] | undefined {
  if (obligation.kind !== 'run-with' || obligation.setting !== 'cpu-affinity') return undefined;
  if (obligation.value === 'numa-aware') return processors;
  return /^\d{1,4}(,\d{1,4})*$/.test(obligation.value) ? obligation.value.split(',').map(Number) : undefined;
}

/**
 * A deadline brings a PID namespace, whose end is the end of every process in it: a process group or a session can be
 * left; so does being bound to who starts the launcher. Its first process stays ours, so that the program is no init, to which signals mean something else.
 */
function isolationSteps(policy: Policy, surroundings: Surroundings): readonly LaunchStep[] {
  const { cgroup, bound = false } = surroundings;
  const starter = surroundings.supervised === true ? 4 : 3;
  const network = networkIsolation(decisionAt(policy, 'socket'));
  const socketRules = idsOf(decisionAt(policy, 'socket'));
  const layers = policy.obligations.flatMap((obligation) =>
    obligation.kind === 'private-layer'
      ? [{ path: obligation.path, bytes: obligation.bytes, rule: obligation.id }]
      : [],
  );
  const timeout = policy.limits.find((limit) => limit.resource === 'timeout');
  const deadline = timeout === undefined ? undefined : Math.max(1, Math.ceil(timeout.ceiling.amount));
  const born = cgroup?.version === 2 ? cgroup.directory : cgroup?.born;
  const kinds: readonly NamespaceKind[] = [
    ...(network === 'shared' ? [] : (['network'] as const)),
    ...(layers.length === 0 ? [] : (['mount'] as const)),
    ...(deadline === undefined && !bound ? [] : (['pid'] as const)),
  ];
  const layerRules = layers.map((layer) => layer.rule);
  const timeoutRules = timeout === undefined ? [] : [timeout.id];
  const steps: LaunchStep[] = [];
  if (kinds.length > 0) {
    const rules = [...(network === 'shared' ? [] : socketRules), ...layerRules, ...timeoutRules];
    steps.push({ kind: 'namespaces', kinds, rules });
  }
  if (network === 'loopback') steps.push({ kind: 'loopback-up', rules: socketRules });
  if (layers.length > 0) steps.push({ kind: 'private-layers', layers, rules: layerRules });
  if (deadline !== undefined || born !== undefined || bound) {
    steps.push({
      kind: 'supervise',
      ...(deadline === undefined ? {} : { deadline }),
      ...(born === undefined ? {} : { cgroup: born }),
      ...(bound ? { bound: starter } : {}),
      rules: [...timeoutRules, ...(born === undefined ? [] : limitsInCgroups(policy))],
    });
  }
  if (deadline !== undefined || bound)
    steps.push({ kind: 'supervise', ...(bound ? { givesUp: starter } : {}), rules: timeoutRules });
  return steps;
}

function landlockSteps(
  ruleset: LandlockRuleset,
  policy: Policy,
  { expansions, separate, supervised }: Surroundings,
  diagnostics: Diagnostic[],
): readonly LaunchStep[] {
  if (ruleset.handledPaths === 0n && ruleset.handledPorts === 0n && ruleset.scoped === 0n) {
    return separate === true && ruleset.abi >= 2 ? [separation(ruleset.abi)] : [];
  }
  const paths = ruleset.paths.flatMap(({ path, glob, optional, access, rules }): readonly LandlockPath[] => {
    const rule: Rule = rules[0]!;
    if (!glob) return [{ path, access, optional, rule: rule.id }];
    if (expansions === undefined) {
      diagnostics.push(report('POL6030', rule.origin.span, { pattern: path }));
      return [];
    }
    const found = expansions.get(path) ?? [];
    if (found.length === 0) diagnostics.push(report('POL6031', rule.origin.span, { pattern: path }));
    // Between the search and the start a path may go: nothing is granted then, which is what the policy says.
    return found.map((each) => ({ path: each, access, optional: true, rule: rule.id }));
  });
  for (const { rules, path } of ruleset.paths) {
    // UTF-8 has at most three bytes for a UTF-16 unit.
    if (path.length * 3 <= longestPath) continue;
    const length = new TextEncoder().encode(path).length;
    if (length > longestPath) diagnostics.push(report('POL7020', rules[0]!.origin.span, { length, most: longestPath }));
  }
  const ports = ruleset.ports.map(({ port, access, rules }) => ({ port, access, rule: rules[0]?.id ?? '' }));
  const rules = (['path', 'socket', 'signal'] as const).flatMap((point) => idsOf(decisionAt(policy, point)));
  const { abi, handledPaths, handledPorts, scoped } = ruleset;
  const logged = supervised === true && tellsRefusals(policy, ruleset) ? { logged: true as const } : {};
  return [{ kind: 'landlock', abi, handledPaths, handledPorts, scoped, ...logged, paths, ports, rules }];
}

/** Handles and grants one right everywhere: `refer`, which every other ruleset of paths would refuse unasked. */
function separation(abi: number): LaunchStep {
  const access = landlockMask('fs', 2) & ~landlockMask('fs', 1);
  const paths = [{ path: '/', access, optional: false, rule: '' }];
  return { kind: 'landlock', abi, handledPaths: access, handledPorts: 0n, scoped: 0n, paths, ports: [], rules: [] };
}

/** PATH_MAX of linux/limits.h without the NUL. */
const longestPath = 4095;

function capabilitySteps(decision: Decision | undefined): readonly LaunchStep[] {
  if (decision === undefined) return [];
  const keep = keptCapabilities(decision);
  if (keep === everyCapability) return [];
  return [{ kind: 'capabilities', keep, rules: idsOf(decision) }];
}

const everyCapability = (1n << 64n) - 1n;

function limitSteps(limits: readonly Limit[]): readonly LaunchStep[] {
  const wanted = limits.flatMap((limit): readonly ResourceLimit[] => {
    const resource = resourceOf(limit);
    return resource === undefined ? [] : [{ resource, ceiling: ceilingOf(limit), rule: limit.id }];
  });
  if (wanted.length === 0) return [];
  return [{ kind: 'resource-limits', limits: wanted, rules: wanted.map((limit) => limit.rule) }];
}

/** The resource limit that enforces a limit; `disk` becomes the size of one file, for want of a better one. */
export function resourceOf(limit: Limit): string | undefined {
  if (limit.resource === 'disk') return 'fsize';
  if (!limit.resource.startsWith('rlimit:')) return undefined;
  return rlimit(limit.resource.slice('rlimit:'.length))?.name;
}

function ceilingOf({ ceiling: { amount } }: Limit): bigint {
  return amount === Number.POSITIVE_INFINITY ? (1n << 64n) - 1n : BigInt(Math.floor(amount));
}
