import { decodeAarch64 } from './aarch64.ts';
import type { LoadedFile, Region } from './elf.ts';
import {
  type Call,
  type CallOutcome,
  callOf,
  copyWorld,
  freshWorld,
  perform,
  type Scenario,
  setResult,
  type World,
} from './kernel.ts';
import { watchParent } from './parent.ts';
import { Fault, type Instruction, Process } from './processor.ts';
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
}

/** What the launcher finds on its stack. */
export interface Arguments {
  readonly command: string;
  /** Addresses of the program's argv and envp. */
  readonly argv: number;
  readonly envp: number;
}

/** AT_RANDOM: no byte twice, so that no word can stand for another. */
export const randomBytes = Uint8Array.from({ length: 16 }, (_, index) => 0xa1 + index * 3);

/** A launcher runs a few thousand instructions; more is a loop that never ends. */
const mostInstructions = 200_000;

const stackTop = 0x7fff_0000;

/**
 * Runs a launcher from its first instruction until it execs or exits, and from where an alternative begins, a copy of it.
 * Where failures are asked for, a copy goes on from each place that makes a system call with that call failed (EIO): it
 * must not reach the exec.
 *
 * @throws Fault where it does what no launcher may.
 */
export function tryLauncher(
  file: LoadedFile,
  scenario: Scenario,
  command: string,
  failures: boolean,
  alternatives: readonly Alternative[],
): Trial {
  const stack = startStack(command);
  const process = new Process([...file.regions.map(copyRegion), stack.region]);
  process.counter = file.entry;
  if (file.machine === 'x86_64') process.set(4, stack.pointer, 0);
  else process.stackPointer = stack.pointer;
  const world = freshWorld(scenario);
  const parents: ParentReport[] = [];
  const outcomes: Outcome[] = [];
  const watch: Watch = { parents, sites: failures ? new Set() : undefined, alternatives: [...alternatives], outcomes };
  const end = run(file, process, world, scenario, watch);
  return { world, end, parents, arguments: { command, argv: stack.argv, envp: stack.envp }, alternatives: outcomes };
}

/** What a run collects besides its end. */
interface Watch {
  readonly parents: ParentReport[];
  /** The places whose calls have failed once. */
  readonly sites: Set<string> | undefined;
  /** Those that have not begun. */
  readonly alternatives: Alternative[];
  readonly outcomes: Outcome[];
}

/** A machine's processor, which remembers how each address of a file decodes, since code never changes. */
interface Processor {
  readonly step: Instruction;
  /** Runs one instruction of a run without failures, and remembers that it did. */
  readonly stepOnward: Instruction;
  /** Whether a run without failures has run the instruction at an address. */
  isBeaten(address: number): boolean;
  /** Where the launcher goes with a failed call, once a run has shown it to end in a report. */
  failureRoutine: number | undefined;
}

function processorOf(file: LoadedFile): Processor {
  const known = processors.get(file);
  if (known !== undefined) return known;
  const decode = file.machine === 'x86_64' ? decodeX8664 : decodeAarch64;
  const code = file.regions.find((region) => region.executable);
  const start = code?.start ?? 0;
  const decoded: (Instruction | undefined)[] = new Array(code?.bytes.length ?? 0);
  const beaten = new Uint8Array(decoded.length);
  const step: Instruction = (process) => {
    const at = process.counter;
    let instruction = decoded[at - start];
    if (instruction === undefined) {
      instruction = decode(process, at);
      decoded[at - start] = instruction;
    }
    return instruction(process);
  };
  const processor: Processor = {
    step,
    stepOnward(process) {
      beaten[process.counter - start] = 1;
      return step(process);
    },
    isBeaten: (address) => beaten[address - start] === 1,
    failureRoutine: undefined,
  };
  processors.set(file, processor);
  return processor;
}

/** As long as the file is in use. */
const processors = new WeakMap<LoadedFile, Processor>();

function run(
  file: LoadedFile,
  process: Process,
  world: World,
  scenario: Scenario,
  watch: Watch | undefined,
): Trial['end'] {
  const processor = processorOf(file);
  const step = watch === undefined ? processor.step : processor.stepOnward;
  for (let count = 0; count < mostInstructions; count++) {
    if (!step(process)) continue;
    const call = callOf(process, file.machine);
    if (watch !== undefined) branchOff(call, file, process, world, scenario, watch);
    const outcome = perform(call, process, world, scenario, file.machine);
    if (outcome.kind === 'forked') {
      if (world.generation > 0 && world.deathSignal !== 9) throw new Fault('a child outlives its parent');
      watch?.parents.push(watchParent(process, world, file.machine, processor.step));
      world.generation += 1;
      world.deathSignal = 0;
      setResult(process, 0);
    } else if (outcome.kind !== 'returned') return outcome;
  }
  throw new Fault('it does not end');
}

/** Tries, in copies, what else may come of a call. */
function branchOff(
  call: Call,
  file: LoadedFile,
  process: Process,
  world: World,
  scenario: Scenario,
  watch: Watch,
): void {
  while (watch.alternatives[0]?.from === call.name) {
    const other = watch.alternatives.shift()!.scenario;
    const copy = process.fork();
    const after = copyWorld(world);
    const outcome = perform(callOf(copy, file.machine), copy, after, other, file.machine);
    if (outcome.kind === 'forked') throw new Fault('an alternative begins with a fork');
    const end = outcome.kind === 'returned' ? run(file, copy, after, other, undefined) : outcome;
    watch.outcomes.push({ world: after, end });
  }
  if (watch.sites === undefined) return;
  const site = siteOf(process, file, call.name);
  if (watch.sites.has(site)) return;
  watch.sites.add(site);
  failAt(call.name, file, process, world, scenario);
}

/** The place of a call: its code, and where that code returns to if it is a routine. */
function siteOf(process: Process, { machine }: LoadedFile, name: string): string {
  const link = machine === 'x86_64' ? process.load(process.pointer(4), 4) : process.low[30];
  return `${process.counter} ${link} ${name}`;
}

/** Calls whose failure is no failure of the launcher, or that cannot fail. */
const mayFail: readonly string[] = ['close', 'faccessat', 'geteuid', 'getegid'];

/**
 * The first call that fails is followed to its report; the others until they arrive, with the error, where the first one
 * left the beaten path, for what follows is the same code.
 */
function failAt(name: string, file: LoadedFile, process: Process, world: World, scenario: Scenario): void {
  if (mayFail.includes(name)) return;
  const processor = processorOf(file);
  const copy = process.fork();
  setResult(copy, -5);
  if (processor.failureRoutine !== undefined && name !== 'execve') {
    for (let count = 0; count < 100; count++) {
      if (copy.counter === processor.failureRoutine) {
        if ((copy.low[0]! | 0) === -5) return;
        break;
      }
      if (processor.step(copy)) break;
    }
    throw new Fault(`when ${name} fails, the launcher goes on`);
  }
  const after = copyWorld(world);
  // What comes right after a call is known once a call has succeeded there.
  const onBeatenPath = processor.isBeaten(copy.counter);
  for (let count = 0; count < 100 && processor.isBeaten(copy.counter); count++) if (processor.step(copy)) break;
  const routine = copy.counter;
  const end = run(file, copy, after, { ...scenario, execError: 0 }, undefined);
  const expected = name === 'execve' ? 126 : 125;
  if (end.kind !== 'exited' || end.code !== expected) {
    throw new Fault(`when ${name} fails, the launcher ${end.kind === 'exited' ? `exits with ${end.code}` : 'goes on'}`);
  }
  if (!/^polc launcher: [^\n]+: errno 5 \(EIO\)\n$/.test(after.output)) {
    throw new Fault(`when ${name} fails, the launcher says ${JSON.stringify(after.output)}`);
  }
  if (name !== 'execve' && onBeatenPath) processor.failureRoutine = routine;
}

function copyRegion(region: Region): Region {
  return region.writable ? { ...region, bytes: region.bytes.slice() } : region;
}

/** The System V ABI's initial stack: argc, argv, NULL, envp, NULL, auxv; the texts and AT_RANDOM above. */
function startStack(command: string) {
  const texts = ['launcher', command, 'argument', 'PAT=/wrong', 'PATH=/first::/second', 'HOME=/'].map((text) =>
    new TextEncoder().encode(`${text}\0`),
  );
  const size = 0x1000;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const start = stackTop - size;
  let at = size - 8;
  const place = (content: Uint8Array) => {
    at -= content.length;
    bytes.set(content, at);
    return start + at;
  };
  const addresses = texts.map(place);
  const random = place(randomBytes);
  const words = [3, ...addresses.slice(0, 3), 0, ...addresses.slice(3), 0, 6, 4096, 25, random, 0, 0];
  at = (at - words.length * 8) & ~15;
  for (const [index, word] of words.entries()) view.setUint32(at + index * 8, word, true);
  const pointer = start + at;
  const region: Region = { start, bytes, writable: true, executable: false };
  return { region, pointer, argv: pointer + 16, envp: pointer + 40 };
}
