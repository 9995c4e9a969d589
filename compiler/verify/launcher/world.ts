import type { Instruction } from '../../backends/seccomp/instruction.ts';

/** The place where a launcher is tried. */
export interface Scenario {
  /** True for root with every capability, false for an ordinary user with none. */
  readonly privileged: boolean;
  /** Files that may be executed; every other path exists too, but not for faccessat. */
  readonly executables: readonly string[];
  /** True where every path that a Landlock rule names is a file, but `/`. */
  readonly pathsAreFiles: boolean;
  /** The hard limit of every resource. */
  readonly hardLimit: bigint;
  /** The error that execve returns; 0 where it succeeds. */
  readonly execError: number;
  /** True where descriptor 3 leads to a supervisor, who takes the filter's listener. */
  readonly supervised?: boolean;
  /** True where the next descriptor is the starter's socket, with what has to outlive the program in it. */
  readonly bound?: boolean;
  /** True where the starter has ended before anybody asked, and another is the launcher's parent. */
  readonly starterGone?: boolean;
  /** True where the first parent ends before its child has asked to be told of that. */
  readonly parentGone?: boolean;
}

export interface Domain {
  readonly handledPaths: bigint;
  readonly handledPorts: bigint;
  readonly scoped: bigint;
  readonly paths: { readonly path: string; readonly access: bigint }[];
  readonly ports: { readonly port: bigint; readonly access: bigint }[];
  /** Whether what a program is refused that it has executed makes audit records. */
  readonly logged?: true;
}

export interface Descriptor {
  readonly path: string;
  readonly closeOnExec: boolean;
  readonly domain?: Domain;
  /** Of an end of a pipe: the generation of who made it. */
  readonly madeIn?: number;
}

interface Filter {
  readonly bytes: Uint8Array;
  /** The descriptor of its listener; absent where nobody is asked. */
  readonly listener?: number;
  readonly instructions: readonly Instruction[];
}

/** What the calls so far have changed. */
export interface World {
  readonly descriptors: Map<number, Descriptor>;
  readonly cgroups: string[];
  cgroupAtBirth: string | undefined;
  affinity: string | undefined;
  namespaces: number;
  ownUser: boolean;
  readonly identityMaps: string[];
  loopbackUp: boolean;
  readonly mounts: string[];
  directoryEntered: boolean;
  noNewPrivileges: boolean;
  readonly domains: Domain[];
  effective: bigint;
  permitted: bigint;
  inheritable: bigint;
  bounding: bigint;
  ambient: bigint;
  readonly limits: Map<number, readonly [soft: bigint, hard: bigint]>;
  readonly filters: Filter[];
  signalMask: bigint;
  childActionDefault: boolean;
  deathSignal: number;
  /** The signal that was asked for when it was last looked whose child this is; 0 where nobody has looked. */
  starterSeen: number;
  /** The signal that a child had asked for when it found that its parent lives; 0 where none has looked. */
  parentSeen: number;
  /** False where other processes of the same user may not read its memory (PR_SET_DUMPABLE). */
  dumpable: boolean;
  /** The generations of forks behind this process. */
  generation: number;
  output: string;
  /** What was written to the supervisor. */
  reported: string;
}

export const everyCapability = (1n << 41n) - 1n;
/** What the descriptor of the starter's socket leads to. */
export const starter = 'starter';
/** SIGCHLD's action and mask as the caller of the launcher had them. */
export const inheritedMask = 0x1000n;

export function freshWorld(scenario: Scenario): World {
  const held = scenario.privileged ? everyCapability : 0n;
  const inherited = (path: string): Descriptor => ({ path, closeOnExec: false });
  const descriptors = new Map([0, 1, 2, 7].map((number) => [number, inherited('inherited')]));
  if (scenario.supervised === true) descriptors.set(3, inherited('supervisor'));
  if (scenario.bound === true) descriptors.set(scenario.supervised === true ? 4 : 3, inherited(starter));
  return {
    descriptors,
    cgroups: [],
    cgroupAtBirth: undefined,
    affinity: undefined,
    namespaces: 0,
    ownUser: false,
    identityMaps: [],
    loopbackUp: false,
    mounts: [],
    directoryEntered: true,
    noNewPrivileges: false,
    domains: [],
    effective: held,
    permitted: held,
    inheritable: 0n,
    bounding: everyCapability,
    ambient: 0n,
    limits: new Map(),
    filters: [],
    signalMask: inheritedMask,
    childActionDefault: false,
    deathSignal: 0,
    starterSeen: 0,
    parentSeen: 0,
    dumpable: true,
    generation: 0,
    output: '',
    reported: '',
  };
}

export function copyWorld(world: World): World {
  return {
    ...world,
    descriptors: new Map(world.descriptors),
    cgroups: [...world.cgroups],
    identityMaps: [...world.identityMaps],
    mounts: [...world.mounts],
    domains: [...world.domains],
    limits: new Map(world.limits),
    filters: [...world.filters],
  };
}

/** Capabilities that the kernel asks for, by their number. */
export const capability = { setpcap: 8n, netAdmin: 12n, sysAdmin: 21n } as const;

export function holds(world: World, bit: bigint): boolean {
  return ((world.effective >> bit) & 1n) === 1n;
}

/** Gives a descriptor the lowest free number. */
export function open(world: World, descriptor: Descriptor): number {
  let number = 0;
  while (world.descriptors.has(number)) number++;
  world.descriptors.set(number, descriptor);
  return number;
}
