import type { DataCollector } from './data.ts';
import {
  add,
  address,
  branch,
  call,
  checkedCall,
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
  variable,
} from './operation.ts';
import { messageEnd, variables, variablesBase } from './variables.ts';

/** What the program needs before its first step: where its arguments and its environment are. */
export function entry(data: DataCollector, wantsRandom: boolean, stackSize: number): readonly Operation[] {
  return [
    { kind: 'heading', text: 'start', rules: [] },
    { kind: 'stack', to: 'r0' },
    { kind: 'reserve', bytes: stackSize },
    { kind: 'stack', to: 'variables' },
    add('variables', variablesBase),
    set('r1', 125),
    store('r1', 'variables', variables.exitCode),
    set('what', 0),
    set('step', address(data.text('no command given'))),
    load('r1', 'r0', 0),
    set('result', -22), // EINVAL
    branch('r1', 'below', 2, 'fail'),
    // The stack, from low to high: argc, argv, NULL, envp, NULL, auxv (System V ABI, figure 3.9).
    add('r0', 16),
    store('r0', 'variables', variables.arguments),
    combine('r1', 'add', 'r1'),
    combine('r1', 'add', 'r1'),
    combine('r1', 'add', 'r1'),
    combine('r1', 'add', 'r0'),
    store('r1', 'variables', variables.environment),
    ...(wantsRandom ? [set('step', address(data.text('random bytes'))), ...findRandom()] : []),
  ];
}

/** AT_RANDOM (getauxval(3)), 25, which every kernel since 2.6.29 gives; without it the loop would end at AT_NULL. */
function findRandom(): readonly Operation[] {
  return [
    label('environment'),
    load('r2', 'r1', 0),
    add('r1', 8),
    branch('r2', 'not-equal', 0, 'environment'),
    label('auxiliary'),
    load('r2', 'r1', 0),
    add('r1', 16),
    branch('r2', 'equal', 0, 'fail'),
    branch('r2', 'not-equal', 25, 'auxiliary'),
    load('r2', 'r1', -8),
    store('r2', 'variables', variables.random),
  ];
}

/**
 * The failure routine, and the routines that steps call. Each calls none of the others: the return address may be in a
 * register.
 *
 * `append` copies the text at r2 to the cursor r1, at most to the end of the memory.
 * `append-number` writes r0, below 2^32, in decimal at r1; r0 and the scratch memory are lost.
 * `write-file` writes `step`'s text (at r1, r2 bytes) to the file named by `what`.
 *
 * @param cookie true where the filter asks for one: it lets the two calls of the failure routine through when it is exec
 *   that failed
 */
export function routines(data: DataCollector, cookie: boolean, writesFiles: boolean): readonly Operation[] {
  const prefix = data.text('polc launcher: ');
  const end = data.text(')\n');
  const cookies = cookie ? [variable(variables.cookie0), variable(variables.cookie1)] : [];
  return [
    {
      kind: 'heading',
      text: 'failure: say which step, what and why; end with 125, or the code that exec chose',
      rules: [],
    },
    label('fail'),
    { kind: 'negate', to: 'result' },
    store('result', 'variables', variables.status),
    set('r1', place(variables.message)),
    ...append(address(prefix)),
    ...append(register('step')),
    branch('what', 'equal', 0, 'without-object'),
    ...append(address(prefix, 'polc launcher'.length)),
    ...append(register('what')),
    label('without-object'),
    ...append(address(data.text(': errno '))),
    load('r0', 'variables', variables.status),
    call('append-number'),
    load('r0', 'variables', variables.status),
    set('r2', address(data.constant(errnoNames(), 1))),
    label('next-error'),
    load('result', 'r2', 0, 1),
    branch('result', 'equal', 0, 'without-error'),
    add('r2', 1),
    branch('result', 'equal', register('r0'), 'error-name'),
    label('skip-error'),
    load('result', 'r2', 0, 1),
    add('r2', 1),
    branch('result', 'not-equal', 0, 'skip-error'),
    jump('next-error'),
    label('error-name'),
    set('r0', register('r2')),
    ...append(address(data.text(' (E'))),
    ...append(register('r0')),
    set('r2', address(end)),
    jump('end'),
    label('without-error'),
    set('r2', address(end, 1)),
    label('end'),
    call('append'),
    set('r0', place(variables.message)),
    combine('r1', 'subtract', 'r0'),
    systemCall('write', 2, register('r0'), register('r1'), ...(cookie ? [undefined, ...cookies] : [])),
    systemCall(
      'exit_group',
      variable(variables.exitCode),
      ...(cookie ? [undefined, undefined, undefined, ...cookies] : []),
    ),

    { kind: 'heading', text: 'routine: a system call that must not fail', rules: [] },
    label(checkedCall),
    { kind: 'enter-kernel' },
    branch('result', 'less', 0, 'fail'),
    { kind: 'return' },

    { kind: 'heading', text: 'routine: append a number', rules: [] },
    label('append-number'),
    // The digits, from the last one, before a NUL; then a text like any other.
    set('r2', place(lastDigit)),
    set('result', 0),
    store('result', 'r2', 0, 1),
    label('digit'),
    { kind: 'divide-by-ten' },
    add('result', 48),
    add('r2', -1),
    store('result', 'r2', 0, 1),
    branch('r0', 'not-equal', 0, 'digit'),

    { kind: 'heading', text: 'routine: append a text', rules: [] },
    label('append'),
    load('result', 'r2', 0, 1),
    branch('result', 'equal', 0, 'appended'),
    branch('r1', 'not-below', place(messageEnd), 'appended'),
    store('result', 'r1', 0, 1),
    add('r1', 1),
    add('r2', 1),
    jump('append'),
    label('appended'),
    { kind: 'return' },

    ...(writesFiles ? writeFile() : []),
  ];
}

/** Behind the ten digits of the largest number. */
const lastDigit = variables.scratch + 16;

export function append(text: Parameters<typeof set>[1]): readonly Operation[] {
  return [set('r2', text), call('append')];
}

function writeFile(): readonly Operation[] {
  return [
    { kind: 'heading', text: 'routine: write a file', rules: [] },
    label('write-file'),
    systemCall('openat', -100, register('what'), 0x80001), // AT_FDCWD, O_WRONLY | O_CLOEXEC
    branch('result', 'less', 0, 'fail'),
    set('r0', register('result')),
    systemCall('write', register('r0'), register('r1'), register('r2')),
    branch('result', 'less', 0, 'fail'),
    systemCall('close', register('r0')),
    { kind: 'return' },
  ];
}

/** The errors that the launcher's calls give on Linux 5.9 and later, as number, name without its E, NUL: errno(3), asm-generic/errno.h. */
function errnoNames(): Uint8Array {
  // Every number is below 128, so that its character is one byte.
  const entries = errors.map(([number, name]) => `${String.fromCharCode(number)}${name.slice(1)}\0`);
  return new TextEncoder().encode(`${entries.join('')}\0`);
}

const errors: readonly (readonly [number, string])[] = [
  [1, 'EPERM'],
  [2, 'ENOENT'],
  [5, 'EIO'],
  [7, 'E2BIG'],
  [8, 'ENOEXEC'],
  [9, 'EBADF'],
  [11, 'EAGAIN'],
  [12, 'ENOMEM'],
  [13, 'EACCES'],
  [14, 'EFAULT'],
  [16, 'EBUSY'],
  [19, 'ENODEV'],
  [20, 'ENOTDIR'],
  [21, 'EISDIR'],
  [22, 'EINVAL'],
  [23, 'ENFILE'],
  [24, 'EMFILE'],
  [26, 'ETXTBSY'],
  [28, 'ENOSPC'],
  [30, 'EROFS'],
  [34, 'ERANGE'],
  [36, 'ENAMETOOLONG'],
  [38, 'ENOSYS'],
  [40, 'ELOOP'],
  [95, 'EOPNOTSUPP'],
];
