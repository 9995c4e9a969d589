import { decodeInstructions } from '../../backends/seccomp/instruction.ts';
import { interpret } from '../../backends/seccomp/interpret.ts';
import { auditArchitecture } from '../../tables/architectures.ts';
import { type Call, error, setResult } from './call.ts';
import { Fault } from './code.ts';
import { capabilities, limit, prctl } from './credentials.ts';
import type { LoadedFile } from './elf.ts';
import { addRule, createRuleset, restrictSelf } from './landlock.ts';
import { textOf } from './memory.ts';
import { bringUp, mount, unshare } from './namespaces.ts';
import type { Process } from './processor.ts';
import { capability, holds, open, type Scenario, starter, type World } from './world.ts';

/** What a call did besides returning. */
export type CallOutcome =
  | { readonly kind: 'returned' }
  | { readonly kind: 'forked' }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'executed'; readonly path: string; readonly argv: number; readonly envp: number };

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
    // SECCOMP_RET_USER_NOTIF: the supervisor lets one call pass unseen, the first exec.
    if (run?.action === 0x7fc0_0000 && call.name === 'execve' && filter.listener !== undefined) continue;
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

function answer(call: Call, process: Process, world: World, scenario: Scenario): number {
  switch (call.name) {
    case 'close_range': {
      const first = 3 + (scenario.supervised === true ? 1 : 0) + (scenario.bound === true ? 1 : 0);
      if (call.int(0) !== first || call.int(1) !== -1 || call.int(2) !== 0) return -error.inval;
      for (const number of world.descriptors.keys()) if (number >= first) world.descriptors.delete(number);
      return 0;
    }
    case 'openat': {
      // O_PATH | O_CLOEXEC, O_WRONLY | O_CLOEXEC
      if (call.int(0) !== -100 || ![0x28_0000, 0x8_0001].includes(call.int(2))) return -error.inval;
      if (world.domains.length > 0) return -error.acces;
      const path = process.text(call.pointer(1));
      return open(world, { path, closeOnExec: (call.int(2) & 0x8_0000) !== 0 });
    }
    case 'close':
      return world.descriptors.delete(call.int(0)) ? 0 : -error.badf;
    case 'pipe2':
      return makePipe(call, process, world);
    case 'read':
      return readPipe(call, world, scenario);
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
    case 'getsockopt':
      return peerOf(call, process, world, scenario);
    case 'getppid':
      world.starterSeen = world.deathSignal;
      return scenario.starterGone === true ? 1 : starterOf(scenario);
    case 'prctl':
      return prctl(call, world);
    case 'capget':
      return capabilities(call, process, world, false);
    case 'capset':
      return capabilities(call, process, world, true);
    case 'landlock_create_ruleset':
      return createRuleset(call, process, world);
    case 'landlock_add_rule':
      return addRule(call, process, world, scenario);
    case 'landlock_restrict_self':
      return restrictSelf(call, world);
    case 'prlimit64':
      return limit(call, process, world, scenario);
    case 'seccomp': {
      const flags = call.int(1);
      // SECCOMP_FILTER_FLAG_NEW_LISTENER, and WAIT_KILLABLE_RECV with it
      if (call.int(0) !== 1 || ![0, 8, 40].includes(flags)) return -error.inval;
      if (!world.noNewPrivileges && !holds(world, capability.sysAdmin)) return -error.acces;
      const length = process.load(call.pointer(2), 2);
      const at = process.load(call.pointer(2) + 8, 8);
      const bytes = process.bytes(at, length * 8).slice();
      const instructions = decodeInstructions(bytes);
      if (flags === 0) {
        world.filters.push({ bytes, instructions });
        return 0;
      }
      const listener = open(world, { path: 'listener', closeOnExec: true });
      world.filters.push({ bytes, instructions, listener });
      return listener;
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

/** The process that started the launcher, and made the socket. */
function starterOf({ privileged }: Scenario): number {
  return privileged ? 771 : 4711;
}

/** getsockopt(2) of SO_PEERCRED: the process, user and group of who made a socket. */
function peerOf(call: Call, process: Process, world: World, scenario: Scenario): number {
  if (call.int(1) !== 1 || call.int(2) !== 17 || process.load(call.pointer(4), 4) !== 12) return -error.inval;
  const file = world.descriptors.get(call.int(0));
  if (file === undefined) return -error.badf;
  if (file.path !== starter) return -error.notsock;
  for (const [index, value] of [starterOf(scenario), 55, 56].entries())
    process.store(call.pointer(3) + index * 4, 4, value);
  return 0;
}

const pipe = { reading: 'pipe to read', writing: 'pipe to write' } as const;

/** pipe2(2) of O_CLOEXEC | O_NONBLOCK. */
function makePipe(call: Call, process: Process, world: World): number {
  if (call.int(1) !== 0x8_0800) return -error.inval;
  for (const [index, path] of [pipe.reading, pipe.writing].entries()) {
    const number = open(world, { path, closeOnExec: true, madeIn: world.generation });
    process.store(call.pointer(0) + index * 4, 4, number);
  }
  return 0;
}

/** Of a pipe to which nobody writes: its end (0) once nobody could, which says that the parent is gone where it alone could. */
function readPipe(call: Call, world: World, scenario: Scenario): number {
  const file = world.descriptors.get(call.int(0));
  if (file?.path !== pipe.reading || call.int(2) < 1) return -error.badf;
  if ([...world.descriptors.values()].some(({ path }) => path === pipe.writing)) return -error.again;
  if (file.madeIn !== world.generation - 1) throw new Fault('a child looks for another process than its parent');
  if (scenario.parentGone === true) return 0;
  world.parentSeen = world.deathSignal;
  return -error.again;
}

function write(call: Call, process: Process, world: World): number {
  const file = world.descriptors.get(call.int(0));
  const bytes = process.bytes(call.pointer(1), call.int(2));
  const text = textOf(bytes);
  if (file === undefined) return -error.badf;
  if (call.int(0) === 2) world.output += text;
  else if (file.path === 'supervisor') world.reported += text;
  else if (file.path.startsWith('/proc/self/')) world.identityMaps.push(`${file.path} ${text}`);
  // A new user namespace or a mount could have taken the caller's way to the cgroup.
  else if (file.path.endsWith('/tasks') && text === '0' && world.namespaces === 0) world.cgroups.push(file.path);
  else return -error.perm;
  return bytes.length;
}
