import type { Surroundings } from '../../backends/launcher/lower.ts';
import { type Decision, decisionAt, type Obligation, type Policy } from '../../ir/policy.ts';
import { nodeIdentity } from '../../memory/identity.ts';
import { type Memory, Remembered } from '../../memory/remembered.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { capabilityNames } from '../../tables/capabilities.ts';
import { landlockMask } from '../../tables/landlock.ts';
import { rlimit } from '../../tables/rlimits.ts';
import type { Target } from '../../target.ts';
import { type Exemption, validateProgram } from '../seccomp/validate-program.ts';
import type { LoadedFile } from './elf.ts';
import { type PathRights, pathFault, pathRights } from './path-rights.ts';
import { allows, type Reach, reachable } from './reach.ts';
import { always, lastCalls, servedOn, supervisedFilterFault } from './supervised.ts';
import { randomBytes, type Trial } from './trial.ts';
import { everyCapability, inheritedMask, type Scenario, type World } from './world.ts';

/** What a launcher's state is compared with: the policy, and its answers, which are the same for every machine. */
export interface Demand {
  readonly policy: Policy;
  readonly target: Target;
  readonly surroundings: Surroundings;
  /** Where proofs of filters are kept; absent, nowhere. */
  readonly memory: Memory | undefined;
  readonly network: Reach;
  /** Undefined where the policy leaves paths alone. */
  readonly paths: PathRights | undefined;
  /** Undefined where the policy leaves capabilities alone. */
  readonly capabilities: bigint | undefined;
}

export function demandOf(
  policy: Policy,
  target: Target,
  surroundings: Surroundings,
  memory: Memory | undefined,
): Demand {
  const path = decisionAt(policy, 'path');
  const capability = decisionAt(policy, 'capability');
  return {
    policy,
    target,
    surroundings,
    memory,
    network: reachable(decisionAt(policy, 'socket')),
    paths:
      path?.otherwise.effect.kind === 'deny' ? pathRights(path, target.landlock, surroundings.expansions) : undefined,
    capabilities: capability && keptCapabilities(capability),
  };
}

/** Why the state in which the launcher execs is not what the policy asks for; undefined where it is. */
export function unmetDemand(demand: Demand, trial: Trial, scenario: Scenario, path: string): string | undefined {
  const { world, end } = trial;
  if (end.kind !== 'executed') return `it exits with ${end.code} and says ${JSON.stringify(world.output)}`;
  if (end.path !== path || end.argv !== trial.arguments.argv || end.envp !== trial.arguments.envp) {
    return `it execs ${end.path} with other arguments`;
  }
  if (!world.noNewPrivileges) return 'no_new_privs is not set';
  const unheard = supervision(demand, world);
  if (unheard !== undefined) return unheard;
  const leaked = [...world.descriptors].filter(([number, { closeOnExec }]) => number > 2 && !closeOnExec);
  if (leaked.length > 0) return `descriptor ${leaked[0]![0]} (${leaked[0]![1].path}) stays open`;
  if (!world.directoryEntered) return 'the working directory lies below a mount';
  return (
    isolation(demand, trial, scenario) ??
    landlock(demand, world, scenario) ??
    capabilities(demand, world, scenario) ??
    limits(demand, world, scenario)
  );
}

/** The supervisor finds the listener where it was told to, in a process whose descriptors it may take. */
function supervision({ surroundings }: Demand, world: World): string | undefined {
  const listeners = world.filters.map(({ listener }) => listener ?? 0);
  if (surroundings.supervised !== true) return listeners.every((each) => each === 0) ? undefined : 'nobody listens';
  if (listeners.length !== 1 || listeners[0] !== 3) return `the listener is descriptor ${listeners.join()}`;
  if (world.reported !== '1') return `the supervisor is told ${JSON.stringify(world.reported)}`;
  return world.dumpable ? undefined : 'the supervisor may not take the listener';
}

/** SIGPWR, which the first parent waits for. */
const starterEnds = 30;

const flag = { mount: 0x2_0000, user: 0x1000_0000, pid: 0x2000_0000, network: 0x4000_0000 } as const;

/** Whether a process of the launcher stays behind: for a deadline, for a cgroup to be born into, or for who starts it. */
export function hasParent({ policy, surroundings: { bound, cgroup } }: Demand): boolean {
  const hasDeadline = policy.limits.some((limit) => limit.resource === 'timeout');
  return hasDeadline || bound === true || bornInto(cgroup) !== undefined;
}

function bornInto(cgroup: Surroundings['cgroup']): string | undefined {
  return cgroup?.version === 2 ? cgroup.directory : cgroup?.born;
}

function isolation(
  { policy, surroundings, network }: Demand,
  { world, parents }: Trial,
  scenario: Scenario,
): string | undefined {
  const timeout = policy.limits.find((limit) => limit.resource === 'timeout')?.ceiling.amount;
  const layers = policy.obligations.filter((obligation) => obligation.kind === 'private-layer');
  const cgroup = surroundings.cgroup;
  let flags = 0;
  if (network !== 'outside') flags |= flag.network;
  const bound = surroundings.bound === true;
  if (timeout !== undefined || bound) flags |= flag.pid;
  if (layers.length > 0) flags |= flag.mount;
  if (flags !== 0 && !scenario.privileged) flags |= flag.user;
  const mounts = layers.map(({ path, bytes }) => `tmpfs ${path} 6 size=${bytes},mode=1777`);
  const maps = ['/proc/self/setgroups deny', '/proc/self/uid_map 1000 1000 1', '/proc/self/gid_map 1001 1001 1'];
  const born = bornInto(cgroup);
  const deadline = timeout === undefined ? undefined : Math.max(1, Math.ceil(timeout));
  // One that is init of a PID namespace, and one outside of it; without such a namespace, one where the cgroup wants it.
  const deadlines = (flags & flag.pid) === 0 ? [] : [deadline, undefined];
  const expectedParents = deadlines.length === 0 && born !== undefined ? [undefined] : deadlines;
  const supervised = expectedParents.length > 0;
  const affinity = policy.obligations
    .map((obligation) => processorMask(obligation, surroundings.processors))
    .find((mask) => mask !== undefined);
  const differences: readonly (readonly [what: string, is: Observed, demanded: Observed])[] = [
    ['namespaces', world.namespaces, flags],
    ['identity maps', world.identityMaps, (flags & flag.user) === 0 ? [] : maps],
    ['loopback interface', world.loopbackUp, network === 'loopback'],
    ['mounts', world.mounts, layers.length === 0 ? [] : ['private /', ...mounts]],
    ['cgroups', world.cgroups, cgroup?.version === 1 ? cgroup.directories.map((path) => `${path}/tasks`) : []],
    ['cgroup at birth', world.cgroupAtBirth ?? '', born ?? ''],
    ['signal of the starter’s death', parents[0]?.deathSignal ?? 0, bound ? starterEnds : 0],
    ['look at the starter', world.starterSeen, bound ? starterEnds : 0],
    [
      'keeping of the starter’s socket',
      parents.map(({ holds }) => (holds ? 1 : 0)),
      parents.map(() => (bound ? 1 : 0)),
    ],
    ['deadlines', parents.map((parent) => parent.deadline ?? 0), expectedParents.map((deadline) => deadline ?? 0)],
    ['signal of a parent’s death', world.deathSignal, supervised ? 9 : 0],
    ['look at the parent', world.parentSeen, supervised ? (bound ? starterEnds : 9) : 0],
    ['signal mask', world.signalMask === inheritedMask, true],
    ['action of SIGCHLD', world.childActionDefault, false],
    ['processor mask', world.affinity ?? '', affinity ?? ''],
  ];
  const found = differences.find(([, is, demanded]) => !isSame(is, demanded));
  return found && `${found[0]}: ${JSON.stringify(found[1])} in place of ${JSON.stringify(found[2])}`;
}

type Observed = boolean | number | string | readonly (number | string)[];

function isSame(left: Observed, right: Observed): boolean {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right;
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

/** sched_setaffinity's mask, byte by byte, of a list of processors; `node` are those of a NUMA node, where they are known. */
function processorMask(obligation: Obligation, node: readonly number[] | undefined): string | undefined {
  if (obligation.kind !== 'run-with' || obligation.setting !== 'cpu-affinity') return undefined;
  const listed = obligation.value === 'numa-aware' ? (node ?? [-1]) : obligation.value.split(',').map(Number);
  if (listed.some((cpu) => !Number.isInteger(cpu) || cpu < 0)) return undefined;
  const size = Math.ceil((Math.max(...listed) + 1) / 64) * 8;
  const bytes = Array.from({ length: size }, (_, index) =>
    listed.reduce((mask, cpu) => (Math.floor(cpu / 8) === index ? mask | (1 << (cpu % 8)) : mask), 0),
  );
  return bytes.join(',');
}

/** The right answers of the domain, for the paths that the policy names, above and below them, and every right. */
function landlock(
  { policy, target, paths, surroundings }: Demand,
  world: World,
  scenario: Scenario,
): string | undefined {
  const demanded = paths === undefined ? 0n : landlockMask('fs', target.landlock);
  const domain = world.domains[0];
  if (world.domains.length > 1) return 'there is more than one Landlock domain';
  if (surroundings.separate === true && target.landlock >= 2) {
    if (domain === undefined) return 'no Landlock domain keeps processes outside from the program';
    if (demanded === 0n && domain.handledPaths !== 0n) return separation(policy, target, domain);
  }
  if ((domain?.logged === true) !== logs(policy, target, surroundings, domain))
    return 'refusals of Landlock are not told as they should be';
  if ((domain?.handledPaths ?? 0n) !== demanded) return 'Landlock handles other rights';
  if (domain === undefined) return undefined;
  const fault = paths && demanded !== 0n ? pathFault(paths, domain, scenario.pathsAreFiles) : undefined;
  return fault ?? ports(decisionAt(policy, 'socket'), domain) ?? scopes(policy, target, domain.scoped);
}

/** From ABI 7 somebody may wait for what the policy's own domain refuses. */
function logs(
  { obligations, adaptive }: Policy,
  target: Target,
  { supervised }: Demand['surroundings'],
  domain: World['domains'][number] | undefined,
): boolean {
  if (supervised !== true || target.landlock < 7 || domain === undefined) return false;
  const reached = adaptive?.levels.map(({ level }) => level) ?? [];
  return obligations.some(
    (each) => each.kind === 'transition' && each.event === 'policy_violation' && reached.includes(each.to),
  );
}

/** A domain that is there for its own sake refuses nothing: what it handles it grants on `/`, and it has no scope. */
function separation(policy: Policy, target: Target, domain: World['domains'][number]): string | undefined {
  const granted = domain.paths.reduce((mask, { path, access }) => (path === '/' ? mask | access : mask), 0n);
  const refer = landlockMask('fs', 2) & ~landlockMask('fs', 1);
  if (domain.logged === true) return 'what the policy does not refuse is told as its refusal';
  if ((domain.handledPaths & refer) === 0n) return 'moving files between folders is refused';
  if ((domain.handledPaths & ~granted) !== 0n) return 'Landlock refuses what the policy leaves alone';
  return ports(decisionAt(policy, 'socket'), domain) ?? scopes(policy, target, domain.scoped);
}

function ports(decision: Decision | undefined, domain: World['domains'][number]): string | undefined {
  for (const [operation, bit] of [
    ['bind', 1n],
    ['connect', 2n],
  ] as const) {
    if ((domain.handledPorts & bit) === 0n) continue;
    if (decision === undefined) return 'Landlock handles ports that the policy leaves alone';
    const granted = new Set(domain.ports.filter((rule) => rule.access & bit).map((rule) => rule.port));
    for (const port of new Set([...granted, 0n, 1n, 22n, 53n, 80n, 443n, 65_535n])) {
      const wanted = allows(decision, { operation, protocol: 'tcp', port, outside: true });
      if (wanted !== granted.has(port)) return `${operation} of TCP port ${port} is ${wanted ? 'refused' : 'allowed'}`;
    }
  }
  return undefined;
}

function scopes(policy: Policy, target: Target, scoped: bigint): string | undefined {
  const socket = decisionAt(policy, 'socket');
  const signal = decisionAt(policy, 'signal');
  const abstract = { operation: 'connect', protocol: 'unix-abstract', outside: true };
  const demanded =
    (socket !== undefined && !allows(socket, abstract) ? 1n : 0n) |
    (signal !== undefined && !allows(signal, { outside: true }) ? 2n : 0n);
  return scoped === (demanded & landlockMask('scope', target.landlock)) ? undefined : 'Landlock has other scopes';
}

/** The capabilities that the policy lets a program keep. */
function keptCapabilities(decision: Decision): bigint {
  let kept = 0n;
  for (const [bit, name] of capabilityNames().entries()) {
    if (allows(decision, { capability: name })) kept |= 1n << BigInt(bit);
  }
  return kept;
}

function capabilities({ capabilities: kept }: Demand, world: World, scenario: Scenario): string | undefined {
  if (kept === undefined) return undefined;
  const inNamespace = world.ownUser || scenario.privileged;
  const held = inNamespace ? kept : 0n;
  const unchanged = kept === everyCapability;
  const sets = [world.effective, world.permitted, ...(unchanged ? [] : [world.inheritable, world.ambient])];
  if (sets.some((set) => set !== held)) return 'the capability sets differ from what the policy keeps';
  if (inNamespace && world.bounding !== kept) return 'the bounding set differs from what the policy keeps';
  return undefined;
}

function limits({ policy }: Demand, world: World, scenario: Scenario): string | undefined {
  const demanded = new Map<number, bigint>();
  for (const { resource, ceiling } of policy.limits) {
    const name = resource === 'disk' ? 'fsize' : resource.startsWith('rlimit:') ? resource.slice(7) : '';
    const number = rlimit(name)?.number;
    if (number === undefined) continue;
    const most = ceiling.amount === Number.POSITIVE_INFINITY ? (1n << 64n) - 1n : BigInt(Math.floor(ceiling.amount));
    const others = demanded.get(number) ?? scenario.hardLimit;
    demanded.set(number, most < others ? most : others);
  }
  for (const number of new Set([...demanded.keys(), ...world.limits.keys()])) {
    const [soft, hard] = world.limits.get(number) ?? [];
    if (soft !== demanded.get(number) || hard !== soft) return `resource limit ${number} is ${soft}`;
  }
  return undefined;
}

interface ProvenFilter {
  readonly bytes: Uint8Array;
  readonly fault: string | undefined;
}

const mostProven = 8;
const remembered = new Remembered<ProvenFilter[]>();

/**
 * The filter that was attached, proven equal to the policy with one addition: with the cookie of this process in arg4 and
 * arg5, the calls that the launcher still makes pass.
 */
export function filterFault(
  { policy, target, memory, surroundings }: Demand,
  machine: LoadedFile['machine'],
  world: World,
): string | undefined {
  if (surroundings.supervised === true) {
    return supervisedFilterFault(world.filters[0]!.bytes, policy, target, machine, cookies());
  }
  const decision = decisionAt(policy, 'syscall');
  if (decision === undefined) return world.filters.length === 0 ? undefined : 'there is a filter that nobody asked for';
  if (world.filters.length !== 1) return `there are ${world.filters.length} filters`;
  const { bytes } = world.filters[0]!;
  if (memory === undefined) return faultOfFilter(bytes, decision, target.architectures, machine);
  const key = [machine, ...target.architectures, nodeIdentity(memory, decision).key].join();
  const proven = remembered.recall(memory, key, () => []);
  const known = proven.find((each) => areEqual(each.bytes, bytes));
  if (known !== undefined) return known.fault;
  const fault = faultOfFilter(bytes, decision, target.architectures, machine);
  if (proven.push({ bytes, fault }) > mostProven) proven.shift();
  return fault;
}

function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

function faultOfFilter(
  bytes: Uint8Array,
  decision: Decision,
  architectures: readonly Architecture[],
  machine: LoadedFile['machine'],
): string | undefined {
  const served = servedOn(machine, architectures);
  const exemption: Exemption = {
    architecture: machine,
    syscalls: lastCalls.filter((name) => !always(decision, machine, name)),
    arguments: cookies(),
  };
  const validation = validateProgram(bytes, decision, served, architectures, {}, undefined, exemption);
  return validation.status === 'refused' ? `the filter: ${validation.counterexample}` : undefined;
}

function cookies(): Exemption['arguments'] {
  const view = new DataView(randomBytes.buffer);
  return [0, 8].map((at, index) => ({ index: 4 + index, value: view.getBigUint64(at, true) }));
}
