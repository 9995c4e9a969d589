import { decodeInstructions, type Instruction } from '../../backends/seccomp/instruction.ts';
import { interpret } from '../../backends/seccomp/interpret.ts';
import { auditArchitecture } from '../../tables/architectures.ts';
import { syscallName } from '../../tables/syscalls.ts';
import { Fault } from './code.ts';
import type { LoadedFile } from './elf.ts';
import { textOf } from './memory.ts';
import type { Process } from './processor.ts';

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
}

export interface Domain {
  readonly handledPaths: bigint;
  readonly handledPorts: bigint;
  readonly scoped: bigint;
  readonly paths: { readonly path: string; readonly access: bigint }[];
  readonly ports: { readonly port: bigint; readonly access: bigint }[];
}

interface Descriptor {
  readonly path: string;
  readonly closeOnExec: boolean;
  readonly domain?: Domain;
}

interface Filter {
  readonly bytes: Uint8Array;
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
  /** False where other processes of the same user may not read its memory (PR_SET_DUMPABLE). */
  dumpable: boolean;
  /** The generations of forks behind this process. */
  generation: number;
  output: string;
}

/** What a call did besides returning. */
export type CallOutcome =
  | { readonly kind: 'returned' }
  | { readonly kind: 'forked' }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'executed'; readonly path: string; readonly argv: number; readonly envp: number };

export const everyCapability = (1n << 41n) - 1n;
const infinity = (1n << 64n) - 1n;
const error = {
  perm: 1,
  noent: 2,
  badf: 9,
  acces: 13,
  notdir: 20,
  inval: 22,
  nosys: 38,
  toobig: 7,
  nomsg: 42,
} as const;
const capability = { setpcap: 8n, netAdmin: 12n, sysAdmin: 21n } as const;
/** execute, write_file, read_file, truncate, ioctl_dev: the rights that landlock(7) lets a rule on a file have. */
const rightsOfFiles = 0xc007n;
const newUser = 0x1000_0000;
const newMount = 0x2_0000;
const newNetwork = 0x4000_0000;
/** SIGCHLD's action and mask as the caller of the launcher had them. */
export const inheritedMask = 0x1000n;

export function freshWorld(scenario: Scenario): World {
  const held = scenario.privileged ? everyCapability : 0n;
  const inherited = (path: string): Descriptor => ({ path, closeOnExec: false });
  return {
    descriptors: new Map([0, 1, 2, 7].map((number) => [number, inherited('inherited')])),
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
    dumpable: true,
    generation: 0,
    output: '',
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

const argumentRegisters = { x86_64: [7, 6, 2, 10, 8, 9], aarch64: [0, 1, 2, 3, 4, 5] } as const;
const numberRegister = { x86_64: 0, aarch64: 8 } as const;

/** One system call of a process, with its arguments decoded from the machine's registers. */
export class Call {
  readonly name: string;
  readonly number: number;
  private readonly process: Process;
  private readonly registers: readonly number[];

  constructor(process: Process, machine: LoadedFile['machine']) {
    this.process = process;
    this.registers = argumentRegisters[machine];
    this.number = process.low[numberRegister[machine]]!;
    this.name = syscallName(machine, this.number) ?? `#${this.number}`;
  }

  /** As the kernel's functions take most of them: the low 32 bits, signed. */
  int(index: number): number {
    return this.process.low[this.registers[index]!]! | 0;
  }

  pointer(index: number): number {
    return this.process.pointer(this.registers[index]!);
  }

  wide(index: number): bigint {
    return this.process.wide(this.registers[index]!);
  }
}

/** Puts what the call returned where the machine wants it. */
export function setResult(process: Process, result: number): void {
  process.set(0, result >>> 0, result < 0 ? 0xffff_ffff : 0);
}

/**
 * A model of the kernel's answers, as far as a launcher asks. It refuses (EPERM) what the kernel refuses in the same
 * state, so that a wrong order fails here as it would there; a call that it does not know is ENOSYS.
 */
export function perform(
  call: Call,
  process: Process,
  world: World,
  scenario: Scenario,
  machine: LoadedFile['machine'],
): CallOutcome {
  askFilters(call, world, machine);
  if (call.name === 'exit_group') return { kind: 'exited', code: call.int(0) & 0xff };
  if (call.name === 'clone' || call.name === 'clone3') return fork(call, process, world);
  if (call.name === 'execve' && scenario.execError === 0) {
    return { kind: 'executed', path: process.text(call.pointer(0)), argv: call.pointer(1), envp: call.pointer(2) };
  }
  setResult(process, answer(call, process, world, scenario));
  return { kind: 'returned' };
}

function askFilters(call: Call, world: World, machine: LoadedFile['machine']): void {
  for (const filter of world.filters) {
    const run = interpret(filter.instructions, {
      number: call.number,
      architecture: auditArchitecture[machine],
      arguments: [0, 1, 2, 3, 4, 5].map((index) => call.wide(index)),
    });
    // SECCOMP_RET_ALLOW and SECCOMP_RET_LOG
    if (run?.action === 0x7fff_0000 || run?.action === 0x7ffc_0000) continue;
    throw new Fault(`the filter refuses the launcher's own ${call.name}`);
  }
}

function fork(call: Call, process: Process, world: World): CallOutcome {
  if (call.name === 'clone') {
    if (call.int(0) !== 17 || call.pointer(1) !== 0) throw new Fault('clone with flags of its own');
  } else {
    const base = call.pointer(0);
    const [flags, exitSignal] = [process.load(base, 8), process.load(base + 32, 8)];
    if (call.int(1) !== 88 || flags !== 2 ** 33 || exitSignal !== 17) throw new Fault('clone3 with flags of its own');
    for (const field of [8, 16, 24, 40, 48, 56, 64, 72])
      if (process.load(base + field, 8) !== 0) throw new Fault('clone3 with a stack');
    world.cgroupAtBirth = world.descriptors.get(process.load(base + 80, 8))?.path ?? 'no descriptor';
  }
  return { kind: 'forked' };
}

function holds(world: World, bit: bigint): boolean {
  return ((world.effective >> bit) & 1n) === 1n;
}

function open(world: World, descriptor: Descriptor): number {
  let number = 0;
  while (world.descriptors.has(number)) number++;
  world.descriptors.set(number, descriptor);
  return number;
}

function answer(call: Call, process: Process, world: World, scenario: Scenario): number {
  switch (call.name) {
    case 'close_range':
      if (call.int(0) !== 3 || call.int(1) !== -1 || call.int(2) !== 0) return -error.inval;
      for (const number of world.descriptors.keys()) if (number >= 3) world.descriptors.delete(number);
      return 0;
    case 'openat': {
      // O_PATH | O_CLOEXEC, O_WRONLY | O_CLOEXEC
      if (call.int(0) !== -100 || ![0x28_0000, 0x8_0001].includes(call.int(2))) return -error.inval;
      if (world.domains.length > 0) return -error.acces;
      const path = process.text(call.pointer(1));
      return open(world, { path, closeOnExec: (call.int(2) & 0x8_0000) !== 0 });
    }
    case 'close':
      return world.descriptors.delete(call.int(0)) ? 0 : -error.badf;
    case 'write':
      return write(call, process, world);
    case 'geteuid':
    case 'getegid':
      if (world.ownUser && world.identityMaps.length < 3) return 65_534;
      return scenario.privileged ? 0 : call.name === 'geteuid' ? 1000 : 1001;
    case 'sched_setaffinity':
      world.affinity = [...process.bytes(call.pointer(2), call.int(1))].join(',');
      return call.int(0) === 0 ? 0 : -error.inval;
    case 'unshare':
      return unshare(call.int(0), world);
    case 'socket':
      return open(world, { path: 'socket', closeOnExec: (call.int(1) & 0x8_0000) !== 0 });
    case 'ioctl':
      return bringUp(call, process, world);
    case 'getcwd':
      for (const [index, letter] of [...'/work\0'].entries())
        process.store(call.pointer(0) + index, 1, letter.charCodeAt(0));
      return 6;
    case 'chdir':
      world.directoryEntered = process.text(call.pointer(0)) === '/work';
      return 0;
    case 'mount':
      return mount(call, process, world);
    case 'rt_sigaction': {
      if (call.int(0) !== 17 || call.int(3) !== 8) return -error.inval;
      if (call.pointer(2) !== 0) process.store(call.pointer(2), 4, world.childActionDefault ? 0 : 1);
      world.childActionDefault = process.load(call.pointer(1), 4) === 0;
      return 0;
    }
    case 'rt_sigprocmask': {
      if (call.int(3) !== 8) return -error.inval;
      const given = BigInt(process.load(call.pointer(1), 4));
      if (call.pointer(2) !== 0) process.store(call.pointer(2), 4, Number(world.signalMask));
      if (call.int(0) === 0) world.signalMask |= given;
      else if (call.int(0) === 2) world.signalMask = given;
      else return -error.inval;
      return 0;
    }
    case 'prctl':
      return prctl(call, world);
    case 'capget':
      return capabilities(call, process, world, false);
    case 'capset':
      return capabilities(call, process, world, true);
    case 'landlock_create_ruleset': {
      const size = call.int(1);
      const field = (at: number) => (at < size ? process.loadWide(call.pointer(0) + at) : 0n);
      if (![8, 16, 24].includes(size) || call.int(2) !== 0) return -error.toobig;
      const domain: Domain = {
        handledPaths: field(0),
        handledPorts: field(8),
        scoped: field(16),
        paths: [],
        ports: [],
      };
      return open(world, { path: 'ruleset', closeOnExec: true, domain });
    }
    case 'landlock_add_rule':
      return addRule(call, process, world, scenario);
    case 'landlock_restrict_self': {
      const domain = world.descriptors.get(call.int(0))?.domain;
      if (domain === undefined || call.int(1) !== 0) return -error.badf;
      if (!world.noNewPrivileges && !holds(world, capability.sysAdmin)) return -error.perm;
      world.domains.push(domain);
      return 0;
    }
    case 'prlimit64':
      return limit(call, process, world, scenario);
    case 'seccomp': {
      if (call.int(0) !== 1 || call.int(1) !== 0) return -error.inval;
      if (!world.noNewPrivileges && !holds(world, capability.sysAdmin)) return -error.acces;
      const length = process.load(call.pointer(2), 2);
      const at = process.load(call.pointer(2) + 8, 8);
      const bytes = process.bytes(at, length * 8).slice();
      world.filters.push({ bytes, instructions: decodeInstructions(bytes) });
      return 0;
    }
    case 'faccessat': {
      const path = process.text(call.pointer(1));
      if (call.int(2) === 0) return path.endsWith('/.') ? -error.notdir : -error.noent;
      if (call.int(0) !== -100 || call.int(2) !== 1) return -error.inval;
      return scenario.executables.includes(path) ? 0 : -error.noent;
    }
    case 'execve':
      return -scenario.execError;
    default:
      return -error.nosys;
  }
}

function write(call: Call, process: Process, world: World): number {
  const file = world.descriptors.get(call.int(0));
  const bytes = process.bytes(call.pointer(1), call.int(2));
  const text = textOf(bytes);
  if (file === undefined) return -error.badf;
  if (call.int(0) === 2) world.output += text;
  else if (file.path.startsWith('/proc/self/')) world.identityMaps.push(`${file.path} ${text}`);
  // A new user namespace or a mount could have taken the caller's way to the cgroup.
  else if (file.path.endsWith('/tasks') && text === '0' && world.namespaces === 0) world.cgroups.push(file.path);
  else return -error.perm;
  return bytes.length;
}

function unshare(flags: number, world: World): number {
  const own = (flags & newUser) !== 0;
  if (!own && !holds(world, capability.sysAdmin)) return -error.perm;
  if (own) {
    world.ownUser = true;
    world.effective = everyCapability;
    world.permitted = everyCapability;
    world.bounding = everyCapability;
  }
  world.namespaces |= flags;
  return 0;
}

function bringUp(call: Call, process: Process, world: World): number {
  const request = call.pointer(2);
  if (call.int(1) !== 0x8914 || process.text(request) !== 'lo') return -error.inval;
  // In the host's network namespace the call would change the host.
  if ((world.namespaces & newNetwork) === 0 || !holds(world, capability.netAdmin)) return -error.perm;
  world.loopbackUp = (process.load(request + 16, 2) & 1) === 1;
  return 0;
}

function mount(call: Call, process: Process, world: World): number {
  if (!holds(world, capability.sysAdmin) || (world.namespaces & newMount) === 0) return -error.perm;
  if (world.domains.length > 0) return -error.perm;
  const target = process.text(call.pointer(1));
  const flags = call.int(3);
  if (call.pointer(2) === 0) {
    if (flags !== 0x4_4000) return -error.inval;
    world.mounts.push(`private ${target}`);
    return 0;
  }
  const type = process.text(call.pointer(2));
  world.mounts.push(`${type} ${target} ${flags} ${process.text(call.pointer(4))}`);
  world.directoryEntered = false;
  return 0;
}

function prctl(call: Call, world: World): number {
  const rest = [2, 3, 4].map((index) => call.int(index));
  switch (call.int(0)) {
    case 1:
      world.deathSignal = call.int(1);
      return 0;
    case 4:
      if (call.int(1) !== 0) return -error.inval;
      world.dumpable = false;
      return 0;
    case 24: {
      const bit = BigInt(call.int(1));
      if (bit >= 41n) return -error.inval;
      if (!holds(world, capability.setpcap)) return -error.perm;
      world.bounding &= ~(1n << bit);
      return 0;
    }
    case 38:
      if (call.int(1) !== 1 || rest.some((value) => value !== 0)) return -error.inval;
      world.noNewPrivileges = true;
      return 0;
    case 47: {
      if (call.int(1) === 4) {
        world.ambient = 0n;
        return rest.some((value) => value !== 0) ? -error.inval : 0;
      }
      const bit = 1n << BigInt(call.int(2));
      if (call.int(1) !== 2 || call.int(3) !== 0 || call.int(4) !== 0) return -error.inval;
      if ((world.permitted & world.inheritable & bit) === 0n) return -error.perm;
      world.ambient |= bit;
      return 0;
    }
    default:
      return -error.inval;
  }
}

/** capget(2) and capset(2), version 3: two structures of effective, permitted and inheritable. */
function capabilities(call: Call, process: Process, world: World, change: boolean): number {
  const header = call.pointer(0);
  const data = call.pointer(1);
  if (process.load(header, 4) !== 0x2008_0522 || process.load(header + 4, 4) !== 0) return -error.inval;
  const names = ['effective', 'permitted', 'inheritable'] as const;
  const given = { effective: 0n, permitted: 0n, inheritable: 0n };
  for (const [index, name] of names.entries()) {
    for (const half of [0, 1]) {
      const at = data + half * 12 + index * 4;
      if (!change) process.store(at, 4, Number((world[name] >> BigInt(half * 32)) & 0xffff_ffffn));
      else given[name] |= BigInt(process.load(at, 4)) << BigInt(half * 32);
    }
  }
  if (!change) return 0;
  if ((given.permitted & ~world.permitted) !== 0n || (given.effective & ~given.permitted) !== 0n) return -error.perm;
  if ((given.inheritable & ~(world.inheritable | world.permitted)) !== 0n) return -error.perm;
  Object.assign(world, given);
  world.ambient &= given.permitted & given.inheritable;
  return 0;
}

function addRule(call: Call, process: Process, world: World, scenario: Scenario): number {
  const domain = world.descriptors.get(call.int(0))?.domain;
  const at = call.pointer(2);
  if (domain === undefined || call.int(3) !== 0) return -error.badf;
  const access = process.loadWide(at);
  if (access === 0n) return -error.nomsg;
  if (call.int(1) === 1) {
    const descriptor = world.descriptors.get(process.load(at + 8, 4));
    if (descriptor === undefined) return -error.badf;
    if ((access & ~domain.handledPaths) !== 0n) return -error.inval;
    if (scenario.pathsAreFiles && descriptor.path !== '/' && (access & ~rightsOfFiles) !== 0n) return -error.inval;
    domain.paths.push({ path: descriptor.path, access });
    return 0;
  }
  if (call.int(1) !== 2 || (access & ~domain.handledPorts) !== 0n) return -error.inval;
  domain.ports.push({ port: process.loadWide(at + 8), access });
  return 0;
}

function limit(call: Call, process: Process, world: World, scenario: Scenario): number {
  const resource = call.int(1);
  const [soft, hard] = world.limits.get(resource) ?? [scenario.hardLimit === infinity ? 1024n : 1n, scenario.hardLimit];
  if (call.int(0) !== 0) return -error.perm;
  if (call.pointer(3) !== 0) {
    for (const [index, value] of [soft, hard].entries()) {
      process.store(call.pointer(3) + index * 8, 4, Number(value & 0xffff_ffffn));
      process.store(call.pointer(3) + index * 8 + 4, 4, Number(value >> 32n));
    }
  }
  if (call.pointer(2) === 0) return 0;
  const wanted = [process.loadWide(call.pointer(2)), process.loadWide(call.pointer(2) + 8)] as const;
  if (wanted[0] > wanted[1]) return -error.inval;
  if (wanted[1] > hard) return -error.perm;
  world.limits.set(resource, wanted);
  return 0;
}
