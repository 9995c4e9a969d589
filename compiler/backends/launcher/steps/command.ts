import type { DataCollector } from '../data.ts';
import {
  add,
  address,
  branch,
  call,
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
} from '../operation.ts';
import { variables } from '../variables.ts';

const slash = 0x2f;
const colon = 0x3a;
const equals = 0x3d;
/** `/.` and NUL. */
const folderSuffix = 0x2e2f;
/** `PATH`, as four little-endian bytes. */
const path = 0x4854_4150;

/**
 * The command's file as execvp(3) finds it, but before the filter, which then sees one exec: where the name has no slash,
 * the first entry of PATH that holds an executable file of that name, and no folder.
 *
 * A path that is cut at the end of the buffer is longer than PATH_MAX, so that the kernel refuses it (ENAMETOOLONG).
 */
export function findCommand(data: DataCollector): readonly Operation[] {
  return [
    load('r0', 'variables', variables.arguments),
    load('what', 'r0', 0),
    store('what', 'variables', variables.command),
    // A slash in the name: it is the path.
    set('r0', register('what')),
    load('r2', 'r0', 0, 1),
    branch('r2', 'equal', 0, 'no-command'),
    label('name'),
    load('r2', 'r0', 0, 1),
    add('r0', 1),
    branch('r2', 'equal', slash, 'command-found'),
    branch('r2', 'not-equal', 0, 'name'),

    load('r1', 'variables', variables.environment),
    set('r0', address(data.text('/bin:/usr/bin'))), // execvp's own list where PATH is not set
    label('assignment'),
    load('r2', 'r1', 0),
    branch('r2', 'equal', 0, 'entry'),
    add('r1', 8),
    // Reads at most 5 bytes; the stack holds more after the last text (the file's name and 8 bytes of zero).
    load('result', 'r2', 0, 4),
    branch('result', 'not-equal', path, 'assignment'),
    load('result', 'r2', 4, 1),
    branch('result', 'not-equal', equals, 'assignment'),
    set('r0', register('r2')),
    add('r0', 5),

    // r0 walks over PATH, r1 over the buffer.
    label('entry'),
    set('r1', place(variables.buffer)),
    label('folder'),
    load('r2', 'r0', 0, 1),
    branch('r2', 'equal', 0, 'folder-done'),
    add('r0', 1),
    branch('r2', 'equal', colon, 'folder-done'),
    branch('r1', 'not-below', place(variables.buffer + 4096), 'folder'),
    store('r2', 'r1', 0, 1),
    add('r1', 1),
    jump('folder'),
    label('folder-done'),
    store('r2', 'variables', variables.scratch), // 0 after the last entry
    branch('r1', 'equal', place(variables.buffer), 'in-working-directory'),
    set('r2', slash),
    store('r2', 'r1', 0, 1),
    add('r1', 1),
    label('in-working-directory'),
    set('r2', register('what')),
    call('append'),
    set('r2', 0),
    store('r2', 'r1', 0, 1),
    systemCall('faccessat', -100, place(variables.buffer), 1), // AT_FDCWD, X_OK
    branch('result', 'equal', 0, 'executable'),
    branch('result', 'not-equal', -13, 'next-entry'), // EACCES: there is one, which may not be executed
    label('refused'),
    set('r2', 126),
    store('r2', 'variables', variables.exitCode),
    jump('next-entry'),
    label('executable'),
    // A folder may be "executed" as well; only of a folder does `NAME/.` exist.
    set('r2', folderSuffix),
    store('r2', 'r1', 0, 4),
    systemCall('faccessat', -100, place(variables.buffer), 0),
    branch('result', 'equal', 0, 'refused'),
    set('r2', 0),
    store('r2', 'r1', 0, 1),
    set('r2', 125),
    store('r2', 'variables', variables.exitCode),
    set('r2', place(variables.buffer)),
    store('r2', 'variables', variables.command),
    jump('command-found'),

    label('next-entry'),
    load('r2', 'variables', variables.scratch),
    branch('r2', 'not-equal', 0, 'entry'),
    load('r2', 'variables', variables.exitCode),
    set('result', -13),
    branch('r2', 'equal', 126, 'fail'),
    label('no-command'),
    set('r2', 127),
    store('r2', 'variables', variables.exitCode),
    set('result', -2),
    jump('fail'),
    label('command-found'),
    set('what', 0),
  ];
}

/**
 * execve, with the cookie in arguments that it does not use where the filter asks for one. It returns only when it fails: 127 where there is no such
 * file (or no such interpreter of a script), 126 where it may not or cannot be executed, as env(1) has it.
 */
export function execute(cookie: boolean): readonly Operation[] {
  return [
    load('what', 'variables', variables.command),
    systemCall(
      'execve',
      variable(variables.command),
      variable(variables.arguments),
      variable(variables.environment),
      ...(cookie ? [undefined, variable(variables.cookie0), variable(variables.cookie1)] : []),
    ),
    set('r2', 127),
    branch('result', 'equal', -2, 'exec-failed'),
    set('r2', 126),
    label('exec-failed'),
    store('r2', 'variables', variables.exitCode),
    jump('fail'),
  ];
}
