import { type DataCollector, fields } from '../data.ts';
import {
  address,
  branch,
  checked,
  combine,
  jump,
  label,
  load,
  type Operation,
  place,
  register,
  set,
  store,
  systemCall,
} from '../operation.ts';
import type { Supervise } from '../plan.ts';
import { variables } from '../variables.ts';

const hangup = 1;
const interrupt = 2;
const quit = 3;
const kill = 9;
const user1 = 10;
const user2 = 12;
const alarm = 14;
const terminate = 15;
const child = 17;
const power = 30;

/** The signals that the parent waits for: its child's, its timer's, and those that it forwards. */
const awaited = [hangup, interrupt, quit, user1, user2, alarm, terminate, child];
/** The same where the starter's end is told by one. */
const awaitedBound = [...awaited, power];

export interface Supervision {
  readonly step: Supervise;
  /** A number that keeps the labels of several parents apart. */
  readonly index: number;
  /** True for the child that goes on to the program, false where it becomes a parent itself. */
  readonly last: boolean;
  /** True where a parent is told of the end of who started it: of the first the starter, of the namespace's init the first. */
  readonly bound: boolean;
}

/** The label of the code that every parent goes on with. */
const parentLabel = 'parent';

/**
 * Forks; the child goes on, and dies with its parent (PR_SET_PDEATHSIG). A bound init is told of that instead: killed, it
 * would let go of the starter's socket (exit_files) before the kernel kills who is in its namespace (exit_notify).
 *
 * The first child looks whether its parent had ended before it asked for that. The second one's parent is init, or there
 * would be no second one, and nobody outlives the init of a namespace.
 */
export function supervise({ step, index, last, bound }: Supervision, data: DataCollector): readonly Operation[] {
  const inChild = `child-${index}`;
  return [
    // The program may run as the same user: it must not read a parent's memory (ptrace(2), access mode checking), not
    // even before that parent runs for the first time. In the child exec undoes it.
    ...(index === 0 ? [...checked('prctl', 4, 0), ...blockSignals(bound, data)] : []), // PR_SET_DUMPABLE
    ...(step.bound === undefined ? [] : bind(step.bound)),
    // pipe2(O_CLOEXEC | O_NONBLOCK)
    ...(index === 0 ? checked('pipe2', place(variables.parentPipe), 0x8_0800) : []),
    ...fork(step, data),
    branch('result', 'equal', 0, inChild),
    set('r0', register('result')),
    ...(step.deadline === undefined ? [] : startTimer(step.deadline, data)),
    ...(bound ? [set('r1', last ? 1 : 0)] : []), // whether it is the namespace's init
    jump(parentLabel),
    label(inChild),
    ...checked('prctl', 1, bound && !last ? power : kill), // PR_SET_PDEATHSIG
    ...(index === 0 ? lookForParent() : []),
    ...(step.givesUp === undefined ? [] : checked('close', step.givesUp)),
    ...(last ? restoreSignals() : []),
  ];
}

/**
 * Asks for a signal at the starter's end (PR_SET_PDEATHSIG), and goes on only where who made the socket is then its parent:
 * the kernel sends the signal whenever a thread that is a parent leaves its children to another, so the last one's end is
 * told. Whether the socket is closed says nothing of that: a starter of several threads keeps it longer than its children.
 * The signal waits for the parent, which kills its child and ends after everything in the namespace has: killed itself, it
 * would give up the socket, of which init has the other copy.
 */
function bind(socket: number): readonly Operation[] {
  const { scratch } = variables;
  // struct ucred: pid, uid, gid; its size behind it.
  return [
    ...checked('prctl', 1, power),
    set('r0', 12),
    store('r0', 'variables', scratch + 16),
    ...checked('getsockopt', socket, 1, 17, place(scratch), place(scratch + 16)), // SOL_SOCKET, SO_PEERCRED
    load('r0', 'variables', scratch, 4),
    systemCall('getppid'),
    branch('result', 'equal', register('r0'), 'starter-lives'),
    set('result', -32), // EPIPE
    jump('fail'),
    label('starter-lives'),
  ];
}

/**
 * In the child: goes on only where the parent lives, which alone keeps the writing end of the pipe. A process that ends
 * closes its files before it tells its children (do_exit: exit_files, exit_notify), and reading takes the pipe's lock: so
 * where it was too late to ask for a signal, nobody has the writing end any more. getppid(2) says nothing of that in a
 * namespace, where who is outside of it has the number 0.
 */
function lookForParent(): readonly Operation[] {
  return [
    load('r0', 'variables', variables.parentPipe + 4, 4),
    ...checked('close', register('r0')),
    load('r0', 'variables', variables.parentPipe, 4),
    systemCall('read', register('r0'), place(variables.scratch), 1),
    branch('result', 'equal', -11, 'parent-lives'), // EAGAIN
    branch('result', 'less', 0, 'fail'),
    set('result', -32), // EPIPE
    jump('fail'),
    label('parent-lives'),
  ];
}

/** struct sigaction of the kernel, all zeros, is SIG_DFL: a caller that ignores SIGCHLD would make wait4 fail. */
function blockSignals(bound: boolean, data: DataCollector): readonly Operation[] {
  const defaultAction = address(data.constant(new Uint8Array(32), 8));
  return [
    ...checked('rt_sigaction', child, defaultAction, place(variables.childAction), 8),
    ...checked('rt_sigprocmask', 0, awaitedMask(bound, data), place(variables.signalMask), 8), // SIG_BLOCK
  ];
}

function restoreSignals(): readonly Operation[] {
  return [
    ...checked('rt_sigprocmask', 2, place(variables.signalMask), 0, 8), // SIG_SETMASK
    ...checked('rt_sigaction', child, place(variables.childAction), 0, 8),
  ];
}

function awaitedMask(bound: boolean, data: DataCollector): ReturnType<typeof address> {
  const signals = bound ? awaitedBound : awaited;
  return address(data.constant(fields([8, signals.reduce((sum, signal) => sum | (1 << (signal - 1)), 0)]), 8));
}

function fork(step: Supervise, data: DataCollector): readonly Operation[] {
  // SIGCHLD, no flag and no stack of its own is fork(2).
  if (step.cgroup === undefined) return checked('clone', child, 0, 0, 0, 0);
  // struct clone_args of clone(2), 88 bytes: flags, 3 pointers, exit_signal at 32, ..., cgroup at 80.
  const base = variables.scratch;
  return [
    set('what', address(data.text(step.cgroup))),
    ...checked('openat', -100, register('what'), 0x28_0000), // AT_FDCWD, O_PATH | O_CLOEXEC
    store('result', 'variables', base + 80),
    set('r0', 0),
    ...[8, 16, 24, 40, 48, 56, 64, 72].map((field) => store('r0', 'variables', base + field)),
    set('r0', 0x2_0000_0000), // CLONE_INTO_CGROUP, Linux 5.7
    store('r0', 'variables', base),
    set('r0', child),
    store('r0', 'variables', base + 32),
    ...checked('clone3', place(base), 88),
    set('what', 0),
  ];
}

/**
 * What a parent does, with the child's process id in r0: it forwards signals that a process sent (a terminal's reach the
 * child by themselves), reaps, and ends as its child did: with the exit code, with 128 and the signal, or with 124 when
 * the deadline came first (timeout(1)).
 *
 * A bound parent is told of the end of who started it. The first then kills its child. Init kills everything in its
 * namespace, and always waits for the last of it before it ends, with the socket: whoever holds it besides may be gone.
 *
 * @param bound true where r1 says whether this one is init
 */
export function parent(hidesCookie: boolean, bound: boolean, data: DataCollector): readonly Operation[] {
  const information = variables.signalInformation;
  return [
    { kind: 'heading', text: 'parent: forward signals, wait, end as the child did', rules: [] },
    label(parentLabel),
    ...(bound ? [store('r1', 'variables', variables.isInit)] : []),
    set('r2', 0),
    store('r2', 'variables', variables.deadlinePassed),
    ...(hidesCookie ? [load('r1', 'variables', variables.random), store('r2', 'r1', 0), store('r2', 'r1', 8)] : []),
    label('wait'),
    systemCall('rt_sigtimedwait', awaitedMask(bound, data), place(information), 0, 8),
    branch('result', 'less', 0, 'wait'), // EINTR
    set('r1', register('result')),
    branch('r1', 'equal', child, 'reap'),
    ...(bound
      ? [
          branch('r1', 'not-equal', power, 'starter-goes-on'),
          load('r2', 'variables', variables.isInit),
          set('r1', 128 + kill),
          branch('r2', 'not-equal', 0, 'leave'),
          set('r1', kill),
          jump('send'),
          label('starter-goes-on'),
        ]
      : []),
    load('r2', 'variables', information + 8, 4), // si_code
    branch('r1', 'not-equal', alarm, 'forward'),
    branch('r2', 'not-equal', 0x80, 'forward'), // SI_KERNEL: the timer, and no other process
    store('r1', 'variables', variables.deadlinePassed),
    set('r1', kill),
    jump('send'),
    label('forward'),
    // SI_USER is 0, SI_QUEUE and SI_TKILL are negative; what is positive came from the kernel.
    branch('r2', 'equal', 0, 'send'),
    { kind: 'shift-right', to: 'r2', bits: 31 },
    branch('r2', 'equal', 0, 'wait'),
    label('send'),
    systemCall('kill', register('r0'), register('r1')),
    jump('wait'),
    label('reap'),
    // Every child that ended, as the init of a PID namespace has to; __WALL for those with another signal of their end.
    systemCall('wait4', -1, place(variables.status), 0x4000_0001, 0), // WNOHANG | __WALL
    branch('result', 'less', 1, 'wait'),
    branch('result', 'not-equal', register('r0'), 'reap'),
    load('r1', 'variables', variables.status, 4),
    set('result', 0x7f),
    set('r2', register('r1')),
    combine('r2', 'and', 'result'), // the signal, 0 where it ended by itself
    { kind: 'shift-right', to: 'r1', bits: 8 },
    branch('r2', 'equal', 0, 'ended'),
    set('r1', 128),
    combine('r1', 'add', 'r2'),
    label('ended'),
    load('r2', 'variables', variables.deadlinePassed),
    branch('r2', 'equal', 0, 'leave'),
    set('r1', 124),
    label('leave'),
    ...(bound ? emptyNamespace() : []),
    systemCall('exit_group', register('r1')),
  ];
}

/** Of init alone: outside of a namespace of its own kill(2) of -1 would be everybody's end. */
function emptyNamespace(): readonly Operation[] {
  return [
    load('r2', 'variables', variables.isInit),
    branch('r2', 'equal', 0, 'nobody-left'),
    systemCall('kill', -1, kill),
    label('await-all'),
    systemCall('wait4', -1, 0, 0x4000_0000, 0), // __WALL
    branch('result', 'not-equal', -10, 'await-all'), // ECHILD
    label('nobody-left'),
  ];
}

/**
 * A byte to the supervisor at descriptor 3, whose number is then free, and the lowest: it will be the listener's, which
 * the supervisor takes (pidfd_getfd(2)). For that its memory must not be hidden, as it is behind a fork.
 */
export function report(data: DataCollector): readonly Operation[] {
  return [
    ...checked('prctl', 4, 1), // PR_SET_DUMPABLE
    ...checked('write', 3, address(data.text('1')), 1),
    systemCall('close', 3),
  ];
}

/** setitimer(ITIMER_REAL): SIGALRM once, after the deadline. */
function startTimer(milliseconds: number, data: DataCollector): readonly Operation[] {
  const timer = fields([8, 0], [8, 0], [8, Math.floor(milliseconds / 1000)], [8, (milliseconds % 1000) * 1000]);
  return checked('setitimer', 0, address(data.constant(timer, 8)), 0);
}
