import type { Backend, PlacedBackend } from '../../compiler/backends/backend.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { emitLauncher, launcher } from '../../compiler/backends/launcher/index.ts';
import type { Surroundings } from '../../compiler/backends/launcher/lower.ts';
import { liveTransitions } from '../../compiler/backends/seccomp/supervised.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { validateLauncher } from '../../compiler/verify/launcher/index.ts';
import { allocatorHere } from './allocator.ts';
import { groupLimits, type PlannedGroup, planControlGroup } from './control-group.ts';
import type { LocalMachine } from './machine.ts';
import { expandPatterns } from './path-patterns.ts';
import { affinityHere } from './processors.ts';
import { unseparated } from './separation.ts';
import { laterLimits } from './supervisor/level-limits.ts';

/** What was found out about this machine for one policy. */
export interface LocalSurroundings {
  readonly expansions: ReadonlyMap<string, readonly string[]>;
  /** Undefined where no limit needs one, or where there is no place for one: then the problem is given. */
  readonly group?: PlannedGroup;
  readonly groupProblem?: string;
  /** True where no Landlock domain keeps the program from the memory of processes of the same user. */
  readonly unseparated: boolean;
  /** Why the processors of the policy are not to be had here; one line. */
  readonly affinityProblem?: string;
  /** Why the allocator of the policy cannot be preloaded here; one line. */
  readonly allocatorProblem?: string;
  readonly forLauncher: Surroundings;
}

/** A backend that writes the launcher for this machine at this moment, and has it checked against the same. */
export interface LocalLauncher {
  readonly backend: Backend;
  /** The same, and what is loaded into the kernel beside it. */
  readonly backends: readonly PlacedBackend[];
  /** Undefined until a policy came so far as to be emitted. */
  surroundings(): LocalSurroundings | undefined;
}

/** What a launcher may count on beside itself. */
export interface Beside {
  /** The control group that the policy's limits need. */
  readonly group: boolean;
  /** Programs of the kernel for that group, which end with the process that attached them. */
  readonly programs: boolean;
}

export function localLauncher(local: LocalMachine, beside: Beside): LocalLauncher {
  let found: LocalSurroundings | undefined;
  const backend: Backend = {
    ...launcher,
    // A policy that asks for nothing here is started all the same; its losses are judged as any other's.
    applies: () => true,
    // With a control group the limits on it count too, which a built launcher leaves alone.
    part: (policy) => policy,
    emit(policy, target) {
      found = surroundingsOf(policy, local, beside);
      return emitLauncher(policy, target, found.forLauncher);
    },
    validate: (policy, target, artifacts) => validateLauncher(policy, target, artifacts, found?.forLauncher),
  };
  return { backend, backends: beside.programs ? [backend, bpfLsm] : [backend], surroundings: () => found };
}

function surroundingsOf(policy: Policy, local: LocalMachine, beside: Beside): LocalSurroundings {
  const expansions = expandPatterns(policy, local.target.landlock);
  const programs = beside.programs && bpfLsm.wantedBy?.(policy, local.target) === true;
  const supervised = isSupervised(policy, local, programs);
  const limits = [...groupLimits(policy), ...(supervised ? laterLimits(policy) : [])];
  const planned = beside.group && (limits.length > 0 || programs) ? planGroup(policy, limits, local, programs) : {};
  const alone = unseparated(policy, local);
  const affinity = affinityHere(policy);
  const allocator = allocatorHere(policy, local, expansions);
  return {
    expansions,
    ...planned,
    unseparated: alone,
    ...(affinity.problem === undefined ? {} : { affinityProblem: affinity.problem }),
    ...(allocator.problem === undefined ? {} : { allocatorProblem: allocator.problem }),
    forLauncher: {
      expansions,
      separate: !alone,
      byRun: true,
      ...(programs ? { bound: true } : {}),
      ...(policy.adaptive === undefined ? {} : { supervised }),
      ...(allocator.library === undefined ? {} : { allocator: allocator.library }),
      ...(affinity.node === undefined ? {} : { processors: affinity.node }),
      ...(planned.group === undefined ? {} : { cgroup: planned.group.joined }),
    },
  };
}

/** Whether somebody is to move the program to a stricter level: something may fire, and the listener can be taken (Linux 5.6). */
function isSupervised(policy: Policy, { target: { kernel } }: LocalMachine, programs: boolean): boolean {
  if (kernel.major < 5 || (kernel.major === 5 && kernel.minor < 6)) return false;
  return liveTransitions(policy).some(({ when, recorded }) => when !== undefined || recorded === undefined || programs);
}

function planGroup(
  policy: Policy,
  limits: ReturnType<typeof groupLimits>,
  local: LocalMachine,
  programs: boolean,
): Pick<LocalSurroundings, 'group' | 'groupProblem'> {
  try {
    return { group: planControlGroup(policy.name, limits, local.target.cgroup, programs) };
  } catch (error) {
    return { groupProblem: error instanceof Error ? error.message : String(error) };
  }
}
