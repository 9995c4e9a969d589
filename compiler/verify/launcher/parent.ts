import { Call, setResult } from './call.ts';
import { type Code, Fault } from './code.ts';
import type { LoadedFile } from './elf.ts';
import type { Process } from './processor.ts';
import type { ParentReport } from './trial.ts';
import { starter, type World } from './world.ts';

const child = 4242;
const anotherChild = 4243;
export const signal = { kill: 9, alarm: 14, terminate: 15, child: 17, power: 30 } as const;
const fromProcess = 0;
const fromKernel = 0x80;
const mostInstructions = 20_000;

interface Arrival {
  readonly signal: number;
  /** si_code */
  readonly code: number;
  /** What wait4 then finds, one answer a call; 0 ends it. */
  readonly ended?: readonly (readonly [process: number, status: number])[];
}

/** A life of a parent: what arrives, which signals it must have sent to its child, and its exit code. */
interface Script {
  readonly arrivals: readonly Arrival[];
  readonly sent: readonly number[];
  readonly code: number;
}

const exited3: Arrival = {
  signal: signal.child,
  code: 1,
  ended: [
    [anotherChild, 0],
    [child, 3 << 8],
  ],
};
const segfault: Arrival = { signal: signal.child, code: 2, ended: [[child, 11]] };
const killed: Arrival = { signal: signal.child, code: 2, ended: [[child, signal.kill]] };
const reaped: Arrival = { signal: signal.child, code: 1, ended: [[anotherChild, 0]] };

/** EINTR: a signal that is not waited for was handled. */
const interrupted: Arrival = { signal: -4, code: 0 };

const lives: readonly [Script, ...Script[]] = [
  { arrivals: [{ signal: signal.terminate, code: fromProcess }, reaped, exited3], sent: [signal.terminate], code: 3 },
  { arrivals: [interrupted, { signal: signal.terminate, code: fromKernel }, segfault], sent: [], code: 128 + 11 },
  { arrivals: [{ signal: signal.alarm, code: fromProcess }, exited3], sent: [signal.alarm], code: 3 },
];

const pastDeadline: Script = {
  arrivals: [{ signal: signal.alarm, code: fromKernel }, killed],
  sent: [signal.kill],
  code: 124,
};

/** The starter has ended: the first parent ends its child. */
const starterGone: Script = {
  arrivals: [{ signal: signal.power, code: fromProcess }, reaped, killed],
  sent: [signal.kill],
  code: 128 + signal.kill,
};

/** The first parent has ended: init leaves, whatever its child does, which somebody may trace. */
const parentGone: Script = {
  arrivals: [{ signal: signal.power, code: fromProcess }],
  sent: [],
  code: 128 + signal.kill,
};

/** What wait4 finds of a namespace that was killed: processes, a signal (EINTR), and at last nobody (ECHILD). */
const remainder: readonly number[] = [anotherChild, -4, child, -10];

/**
 * Follows a parent from the fork on, through several lives, or through one where another parent of the same code has
 * lived the others. It must have hidden its memory, forward what processes send, reap,
 * kill at the deadline and end as its child did. Bound to its starter, the second one, and it alone, kills its whole namespace
 * before it ends, and waits for everybody there.
 *
 * @throws Fault where it does anything else.
 */
export function watchParent(
  forked: Process,
  world: World,
  machine: LoadedFile['machine'],
  code: Code,
  briefly: boolean,
): Pick<ParentReport, 'deadline' | 'holds'> {
  const bound = [...world.descriptors.values()].some(({ path }) => path === starter);
  const awaited = [1, 2, 3, 10, 12, 14, 15, 17, ...(bound ? [signal.power] : [])].reduce(
    (mask, number) => mask | (1 << (number - 1)),
    0,
  );
  if ((Number(world.signalMask) & awaited) !== awaited) throw new Fault('a parent forks before it blocks signals');
  if (!world.childActionDefault) throw new Fault('a parent forks with SIGCHLD ignored');
  if (world.dumpable) throw new Fault('a parent forks before it hides its memory');
  if (world.descriptors.get(7)?.path === 'inherited') throw new Fault('a parent keeps what it inherited');
  const [first, ...others] = lives;
  const init = bound && world.generation > 0;
  const life = (script: Script) => forked.aside(() => live(forked, machine, code, script, awaited, init));
  const deadline = life(first);
  if (!briefly) {
    for (const script of others) life(script);
    if (deadline !== undefined) life(pastDeadline);
  }
  if (init) life(parentGone);
  else if (bound && !briefly) life(starterGone);
  return { deadline, holds: bound };
}

/** @returns the deadline that it set, in milliseconds. */
function live(
  process: Process,
  machine: LoadedFile['machine'],
  code: Code,
  script: Script,
  awaited: number,
  init: boolean,
): number | undefined {
  setResult(process, child);
  const arrivals = [...script.arrivals];
  let ended: (readonly [number, number])[] = [];
  const sent: number[] = [];
  let remaining: number[] | undefined;
  let deadline: number | undefined;
  for (let left = process.run(code, mostInstructions, -1); ; left = process.run(code, left, -1)) {
    const call = new Call(process, machine);
    switch (call.name) {
      case 'setitimer': {
        const field = (at: number) => process.load(call.pointer(1) + at, 8);
        if (call.int(0) !== 0 || field(0) + field(8) !== 0) throw new Fault('a parent sets another timer');
        deadline = field(16) * 1000 + field(24) / 1000;
        setResult(process, 0);
        break;
      }
      case 'rt_sigtimedwait': {
        const arrival = arrivals.shift();
        const mask = process.load(call.pointer(0), 4);
        if (arrival === undefined || mask !== awaited || call.pointer(2) !== 0)
          throw new Fault('a parent waits too long');
        process.store(call.pointer(1) + 8, 4, arrival.code);
        ended = [...(arrival.ended ?? [])];
        setResult(process, arrival.signal);
        break;
      }
      case 'kill':
        if (init && call.int(0) === -1 && call.int(1) === signal.kill) {
          if (arrivals.length + ended.length > 0) throw new Fault('init kills its namespace too soon');
          remaining ??= [...remainder];
          setResult(process, 0);
          break;
        }
        if (call.int(0) !== child) throw new Fault('a parent kills another process');
        sent.push(call.int(1));
        setResult(process, 0);
        break;
      case 'wait4': {
        if (call.int(0) === -1 && call.int(2) === 0x4000_0000 && remaining !== undefined) {
          if (call.pointer(1) !== 0) process.store(call.pointer(1), 4, signal.kill);
          setResult(process, remaining.shift() ?? -10);
          break;
        }
        // WNOHANG, so that it never sleeps there, and __WALL, so that it sees threads too; any other is an error (wait(2)).
        if (call.int(0) !== -1 || call.int(2) !== 0x4000_0001) throw new Fault('a parent calls wait4 otherwise');
        const [which, status] = ended.shift() ?? [0, 0];
        if (which !== 0) process.store(call.pointer(1), 4, status);
        setResult(process, which);
        break;
      }
      case 'exit_group': {
        if (init && remaining?.length !== 0) throw new Fault('init ends before its namespace is empty');
        if (call.int(0) !== script.code)
          throw new Fault(`a parent ends with ${call.int(0)} in place of ${script.code}`);
        if (sent.join() !== script.sent.join()) throw new Fault(`a parent sends the signals ${sent.join()}`);
        return deadline;
      }
      default:
        throw new Fault(`a parent calls ${call.name}`);
    }
  }
}
