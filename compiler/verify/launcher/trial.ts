import { decodeAarch64 } from './aarch64.ts';
import type { LoadedFile, Region } from './elf.ts';
import {
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

/** What a run looks at: the process that execs; its parents too; and what it does when a call fails. */
export type Thoroughness = 'child' | 'parents' | 'failing each call';

/**
 * Runs a launcher from its first instruction until it execs or exits. Where asked for, at the first visit of each place that
 * makes a system call, a copy of the process goes on with that call failed (EIO): it must not reach the exec.
 *
 * @throws Fault where it does what no launcher may.
 */
export function tryLauncher(file: LoadedFile, scenario: Scenario, command: string, thorough: Thoroughness): Trial {
  const stack = startStack(command);
  const process = new Process([...file.regions.map(copyRegion), stack.region]);
  process.counter = file.entry;
  if (file.machine === 'x86_64') process.set(4, stack.pointer, 0);
  else process.stackPointer = stack.pointer;
  const world = freshWorld(scenario);
  const parents: ParentReport[] = [];
  const sites = thorough === 'failing each call' ? new Set<string>() : undefined;
  const end = run(file, process, world, scenario, thorough === 'child' ? undefined : parents, sites);
  return { world, end, parents, arguments: { command, argv: stack.argv, envp: stack.envp } };
}

/** A machine's processor: runs one instruction, and remembers how each address decodes, since code never changes. */
function stepper({ machine, regions }: LoadedFile): Instruction {
  const decode = machine === 'x86_64' ? decodeX8664 : decodeAarch64;
  const code = regions.find((region) => region.executable);
  const start = code?.start ?? 0;
  const decoded: (Instruction | undefined)[] = new Array(code?.bytes.length ?? 0);
  return (process) => {
    const at = process.counter;
    let instruction = decoded[at - start];
    if (instruction === undefined) {
      instruction = decode(process, at);
      decoded[at - start] = instruction;
    }
    return instruction(process);
  };
}

/** The processor of each file, as long as the file is in use. */
const steppers = new WeakMap<LoadedFile, Instruction>();

function stepperOf(file: LoadedFile): Instruction {
  let step = steppers.get(file);
  if (step === undefined) {
    step = stepper(file);
    steppers.set(file, step);
  }
  return step;
}

function run(
  file: LoadedFile,
  process: Process,
  world: World,
  scenario: Scenario,
  parents: ParentReport[] | undefined,
  sites: Set<string> | undefined,
): Trial['end'] {
  const step = stepperOf(file);
  for (let count = 0; count < mostInstructions; count++) {
    if (!step(process)) continue;
    const call = callOf(process, file.machine);
    const site = sites === undefined ? '' : siteOf(process, file, call.name);
    if (sites !== undefined && !sites.has(site)) {
      sites.add(site);
      failAt(call.name, file, process, world, scenario);
    }
    const outcome = perform(call, process, world, scenario, file.machine);
    if (outcome.kind === 'forked') {
      if (world.generation > 0 && world.deathSignal !== 9) throw new Fault('a child outlives its parent');
      parents?.push(watchParent(process, world, file.machine, step));
      world.generation += 1;
      world.deathSignal = 0;
      setResult(process, 0);
    } else if (outcome.kind !== 'returned') return outcome;
  }
  throw new Fault('it does not end');
}

/** The place of a call: its code, and where that code returns to if it is a routine. */
function siteOf(process: Process, { machine }: LoadedFile, name: string): string {
  const link = machine === 'x86_64' ? process.load(process.pointer(4), 4) : process.low[30];
  return `${process.counter} ${link} ${name}`;
}

/** Calls whose failure is no failure of the launcher, or that cannot fail. */
const mayFail: readonly string[] = ['close', 'faccessat', 'geteuid', 'getegid'];

function failAt(name: string, file: LoadedFile, process: Process, world: World, scenario: Scenario): void {
  if (mayFail.includes(name)) return;
  const copy = process.fork();
  const after = copyWorld(world);
  setResult(copy, -5);
  const end = run(file, copy, after, { ...scenario, execError: 0 }, undefined, undefined);
  const expected = name === 'execve' ? 126 : 125;
  if (end.kind !== 'exited' || end.code !== expected) {
    throw new Fault(`when ${name} fails, the launcher ${end.kind === 'exited' ? `exits with ${end.code}` : 'goes on'}`);
  }
  if (!/^polc launcher: [^\n]+: errno 5 \(EIO\)\n$/.test(after.output)) {
    throw new Fault(`when ${name} fails, the launcher says ${JSON.stringify(after.output)}`);
  }
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
