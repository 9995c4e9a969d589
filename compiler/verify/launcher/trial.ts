import { decodeAarch64 } from './aarch64.ts';
import { Call, setResult } from './call.ts';
import { Code, Fault } from './code.ts';
import type { LoadedFile } from './elf.ts';
import { type CallOutcome, perform } from './kernel.ts';
import { signal, watchParent } from './parent.ts';
import { Process } from './processor.ts';
import { copyWorld, freshWorld, type Scenario, type World } from './world.ts';
import { decodeX8664 } from './x86-64.ts';

/** How a launcher's run ended. */
export interface Trial {
  readonly world: World;
  readonly end: Exclude<CallOutcome, { kind: 'returned' | 'forked' }>;
  /** What each parent that stayed behind did, from the outermost. */
  readonly parents: readonly ParentReport[];
  readonly arguments: Arguments;
  /** How each of the alternatives ended, in their order. */
  readonly alternatives: readonly Outcome[];
}

/** Another course of events from the first call of a name on. */
export interface Alternative {
  readonly from: string;
  readonly scenario: Scenario;
}

export interface Outcome {
  readonly world: World;
  readonly end: Trial['end'];
}

export interface ParentReport {
  readonly deadline: number | undefined;
  /** The signal that it gets when who started it ends; 0 for none. */
  readonly deathSignal: number;
  /** Whether it keeps the starter's socket. */
  readonly holds: boolean;
}

/** What the launcher finds on its stack. */
export interface Arguments {
  readonly command: string;
  /** Addresses of the program's argv and envp. */
  readonly argv: number;
  readonly envp: number;
}

/**
 * A launcher that is being tried. Its routines are known from the first run on; a quick trial follows what comes from
 * several places up to them, a thorough one to its end.
 */
export interface Launcher {
  readonly file: LoadedFile;
  readonly code: Code;
  /** The memory of the running process's stack. */
  readonly stack: Uint8Array;
  readonly thorough: boolean;
  /** Where it goes with a failed call. */
  readonly failureRoutine: number;
  /** The register that holds the address of the running step's name. */
  readonly stepRegister: number;
  /** True once a parent has lived all lives. */
  parentKnown: boolean;
}

/** AT_RANDOM: no byte twice, so that no word can stand for another. */
export const randomBytes = Uint8Array.from({ length: 16 }, (_, index) => 0xa1 + index * 3);

/** A launcher runs a few thousand instructions, and some for each entry of its tables; more is a loop that never ends. */
function mostInstructions({ regions }: LoadedFile): number {
  return regions.reduce((most, { bytes }) => most + 2 * bytes.length, 200_000);
}
/** From a failed call to the routine that reports it. */
const mostToReport = 20;

const stackTop = 0x7fff_0000;

const start: Scenario = {
  privileged: false,
  executables: [],
  pathsAreFiles: false,
  hardLimit: 0n,
  execError: 0,
};

/**
 * Starts a launcher without a command: it must say so and end with 125, by the routine to which all failures go.
 *
 * @throws Fault where it does anything else.
 */
export function startLauncher(file: LoadedFile, thorough: boolean, supervised: boolean): Launcher {
  const code = new Code(
    file.regions.find((region) => region.executable),
    file.machine === 'x86_64' ? decodeX8664 : decodeAarch64,
  );
  const size = file.regions.reduce((sum, region) => sum + region.bytes.length, usualStack);
  const stack = new Uint8Array(size);
  const launcher: Launcher = { file, code, stack, thorough, failureRoutine: -1, stepRegister: -1, parentKnown: false };
  const { process } = processAt(launcher, ['launcher']);
  const scenario = { ...start, supervised };
  const world = freshWorld(scenario);
  const end = process.aside(() => run(launcher, process, world, scenario, undefined));
  const said = /^polc launcher: ([^\n]+): errno 22 \(EINVAL\)\n$/.exec(world.output);
  if (end.kind !== 'exited' || end.code !== 125 || said === null)
    throw new Fault(`without a command it ${describeEnd(end)} and says ${JSON.stringify(world.output)}`);
  const failureRoutine = process.firstBranch;
  process.run(code, mostToReport, failureRoutine);
  const stepRegister = process.low.findIndex((at) => process.hasConstant(at) && process.text(at) === said[1]);
  return { ...launcher, failureRoutine, stepRegister };
}

/**
 * Runs a launcher from its first instruction until it execs or exits, and aside from that each alternative, from where it
 * begins. Where failures are asked for, it also goes on from each place that makes a system call with that call failed
 * (EIO): it must not reach the exec.
 *
 * @throws Fault where it does what no launcher may.
 */
export function tryLauncher(
  launcher: Launcher,
  scenario: Scenario,
  command: string,
  failures: boolean,
  alternatives: readonly Alternative[],
): Trial {
  const { process, argv, envp } = processAt(launcher, ['launcher', command, 'argument']);
  const world = freshWorld(scenario);
  const parents: ParentReport[] = [];
  const outcomes: Outcome[] = [];
  const watch: Watch = { parents, sites: failures ? new Set() : undefined, alternatives: [...alternatives], outcomes };
  const end = run(launcher, process, world, scenario, watch);
  return { world, end, parents, arguments: { command, argv, envp }, alternatives: outcomes };
}

/** What a run collects besides its end. */
interface Watch {
  readonly parents: ParentReport[];
  /** The places whose calls have failed once. */
  readonly sites: Set<number> | undefined;
  /** Those that have not begun. */
  readonly alternatives: Alternative[];
  readonly outcomes: Outcome[];
}

function run(
  launcher: Launcher,
  process: Process,
  world: World,
  scenario: Scenario,
  watch: Watch | undefined,
): Trial['end'] {
  const { machine } = launcher.file;
  const { code } = launcher;
  for (let left = process.run(code, mostInstructions(launcher.file), -1); ; left = process.run(code, left, -1)) {
    const call = new Call(process, machine);
    if (watch !== undefined) branchOff(call, launcher, process, world, scenario, watch);
    const outcome = perform(call, process, world, scenario, machine);
    if (outcome.kind === 'forked') {
      const told = scenario.bound === true ? signal.power : signal.kill;
      if (world.generation > 0 && (world.deathSignal !== told || world.parentSeen !== told))
        throw new Fault('a child outlives its parent');
      if (watch !== undefined) {
        const seen = watchParent(process, world, machine, code, launcher.parentKnown && !launcher.thorough);
        watch.parents.push({ ...seen, deathSignal: world.deathSignal });
        launcher.parentKnown = true;
      }
      world.generation += 1;
      world.deathSignal = 0;
      setResult(process, 0);
    } else if (outcome.kind !== 'returned') return outcome;
  }
}

/** Tries, aside, what else may come of a call. */
function branchOff(
  call: Call,
  launcher: Launcher,
  process: Process,
  world: World,
  scenario: Scenario,
  watch: Watch,
): void {
  const { machine } = launcher.file;
  while (watch.alternatives[0]?.from === call.name) {
    const other = watch.alternatives.shift()!.scenario;
    const after = copyWorld(world);
    const end = process.aside(() => {
      const outcome = perform(call, process, after, other, machine);
      if (outcome.kind === 'forked') throw new Fault('an alternative begins with a fork');
      return outcome.kind === 'returned' ? run(launcher, process, after, other, undefined) : outcome;
    });
    watch.outcomes.push({ world: after, end });
  }
  if (watch.sites === undefined || mayFail.includes(call.name)) return;
  // The place of a call: its code, and where that code returns to if it is a routine.
  const link = machine === 'x86_64' ? process.load(process.pointer(4), 4) : process.low[30]!;
  const site = process.counter * 2 ** 22 + (link % 2 ** 22);
  if (watch.sites.has(site)) return;
  watch.sites.add(site);
  failAt(call.name, launcher, process, world, scenario);
}

/** Calls whose failure is no failure of the launcher, or that cannot fail. */
const mayFail: readonly string[] = ['close', 'faccessat', 'geteuid', 'getegid', 'getppid'];

/** A failed call is followed to its report, or to the routine that makes all reports. */
function failAt(name: string, launcher: Launcher, process: Process, world: World, scenario: Scenario): void {
  if (!launcher.thorough) {
    // What exec does with its errors is followed to the end among the alternatives.
    if (name === 'execve') return;
    if (process.text(process.pointer(launcher.stepRegister)) === '') throw new Fault(`${name} fails without a name`);
    const [low, high] = [process.low[0]!, process.high[0]!];
    setResult(process, -5);
    const isReported = process.leadsTo(launcher.code, launcher.failureRoutine, mostToReport);
    process.set(0, low, high);
    if (!isReported) throw new Fault(`when ${name} fails, the launcher goes on`);
    return;
  }
  const after = copyWorld(world);
  const end = process.aside(() => {
    setResult(process, -5);
    return run(launcher, process, after, { ...scenario, execError: 0 }, undefined);
  });
  if (end.kind !== 'exited' || end.code !== (name === 'execve' ? 126 : 125)) {
    throw new Fault(`when ${name} fails, the launcher ${describeEnd(end)}`);
  }
  if (!/^polc launcher: [^:\n][^\n]*: errno 5 \(EIO\)\n$/.test(after.output)) {
    throw new Fault(`when ${name} fails, the launcher says ${JSON.stringify(after.output)}`);
  }
}

function describeEnd(end: Trial['end']): string {
  return end.kind === 'exited' ? `exits with ${end.code}` : 'goes on';
}

const environment = ['PAT=/c', 'PATH=/a::/b', 'HOME=/'];

/** What lies below the stack pointer, where the launcher may count on nothing. */
const garbage = 0xa5;
/** For the stack's first page, and more than the launcher's variables need besides a copy of its filter. */
const usualStack = 0x6000;

/**
 * The System V ABI's initial stack: argc, argv, NULL, envp, NULL, auxv; the texts and AT_RANDOM above. The process takes
 * the stack over from the one before it; the file is never written to.
 */
function processAt({ file, stack }: Pick<Launcher, 'file' | 'stack'>, argv: readonly string[]) {
  const bytes = stack.fill(garbage);
  const size = bytes.length;
  const view = new DataView(bytes.buffer);
  const base = stackTop - size;
  let at = size - 8;
  bytes.fill(0, at);
  const place = (text: string) => {
    bytes[--at] = 0;
    at -= text.length;
    for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
    return base + at;
  };
  const commands = argv.map(place);
  const variables = environment.map(place);
  at -= randomBytes.length;
  bytes.set(randomBytes, at);
  const words = [argv.length, ...commands, 0, ...variables, 0, 6, 4096, 25, base + at, 0, 0];
  at = (at - words.length * 8) & ~15;
  for (const [index, word] of words.entries()) {
    view.setUint32(at + index * 8, word, true);
    view.setUint32(at + index * 8 + 4, 0, true);
  }
  const pointer = base + at;
  const process = new Process([...file.regions, { start: base, bytes, writable: true, executable: false }]);
  process.counter = file.entry;
  if (file.machine === 'x86_64') process.set(4, pointer, 0);
  else process.stackPointer = pointer;
  return { process, argv: pointer + 16, envp: pointer + 16 + argv.length * 8 };
}
