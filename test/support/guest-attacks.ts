import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, type Call, type Ran, transfer } from './guest.ts';
import { secret } from './guest-world.ts';

const follow = 1;
const oflags = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
const read = 1n << 1n;
const write = 1n << 6n;
/** What a guest asks for that wants to do anything with a folder. */
const everything = (1n << 28n) - 1n;
const forFolder = everything & ~((1n << 0n) | (1n << 6n) | (1n << 8n) | (1n << 22n));

/** Calls with which a guest tries to take what its policy does not give it. */
export interface Attack {
  readonly name: string;
  readonly calls: (root: string) => readonly Call[];
  readonly preopens?: (root: string) => Readonly<Record<string, string>>;
  /** What somebody else does to the folders while the guest yields. */
  readonly meanwhile?: (root: string) => void;
  /** True where Node's WASI holds it too: it is real under a host that joins names. */
  readonly naive?: true;
  /** True where WasmEdge does not hold it by itself either. */
  readonly inWasmEdge?: true;
  /** Whether it took what it should not have; default: whether it read the secret. */
  readonly took?: (ran: Ran, root: string) => boolean;
}

const opened = (path: string, flags = 0, at = 0, fd: number | { from: number } = 3): Call => [
  'path_open',
  fd,
  flags,
  path,
  0,
  read,
  0n,
  0,
  { out: at },
];
const openedFolder = (path: string, at = 0, fd: number | { from: number } = 3): Call => [
  'path_open',
  fd,
  0,
  path,
  oflags.directory,
  forFolder,
  everything,
  0,
  { out: at },
];
const reading = (at = 0): Call => ['fd_read', { from: at }, ...transfer];
const writing = (at = 0): Call => ['fd_write', { from: at }, ...transfer];
const openedToWrite = (path: string, create = 0, fd = 3): Call => [
  'path_open',
  fd,
  0,
  path,
  create,
  write | (1n << 2n),
  0n,
  0,
  { out: 0 },
];
const factsOf = (path: string): Call => ['path_filestat_get', 3, 0, path, { out: 3 }];
const renamed = (from: string, to: string, fromFd = 3, toFd = 3): Call => ['path_rename', fromFd, from, toFd, to];

export const attacks: readonly Attack[] = [
  { name: '`..`', naive: true, calls: () => [opened('../rw-private/key'), reading()] },
  { name: '`..` behind a folder', naive: true, calls: () => [opened('q/../../key'), reading()] },
  { name: '`..` behind a link', naive: true, calls: () => [opened('up/../key'), reading()] },
  { name: '`..` with a backslash', naive: true, calls: () => [opened('..\\key'), reading()] },
  { name: '`..` before a NUL', naive: true, calls: () => [opened('../key\0/../mine'), reading()] },
  { name: 'an absolute path', naive: true, calls: (root) => [opened(`${root}/key`), reading()] },
  { name: 'a link, not to be followed', calls: () => [opened('link'), reading()] },
  { name: 'a folder that is a link, not to be followed', calls: () => [opened('up/key'), reading()] },
  { name: 'a folder that is a link, to be followed', calls: () => [opened('up/key', follow), reading()] },
  { name: 'a folder that is a link, with dots and slashes', calls: () => [opened('.//up/./key', follow), reading()] },
  {
    name: 'a folder that is a link, deeper',
    calls: () => [opened('d/a/key', follow), reading()],
  },
  {
    name: 'a descriptor of a folder that is a link',
    calls: () => [openedFolder('up'), opened('key', 0, 1, { from: 0 }), reading(1)],
  },
  {
    name: 'what a folder that is a link holds',
    calls: () => [openedFolder('up'), ['fd_readdir', { from: 0 }, ...buffer, 0n, { out: 5 }]],
    took: ({ memory }) => Buffer.from(memory).includes('key\0') || Buffer.from(memory).includes('key'),
  },
  {
    name: 'a link of the guest, not to be followed',
    calls: () => [['path_symlink', 'd/a/../outside', 3, 'own'], opened('own/key'), reading()],
  },
  {
    name: 'a link of the guest, to be followed',
    calls: () => [['path_symlink', 'd/a/../outside', 3, 'own'], opened('own/key', follow), reading()],
  },
  {
    name: 'a file made through a link to nothing',
    calls: () => [openedToWrite('dangling', oflags.create)],
    took: (_, root) => existsSync(join(root, 'outside/made')),
  },
  {
    name: 'a file made in a folder that is a link',
    calls: () => [openedToWrite('up/made', oflags.create)],
    took: (_, root) => existsSync(join(root, 'outside/made')),
  },
  {
    name: 'a folder made in a folder that is a link',
    calls: () => [['path_create_directory', 3, 'up/made']],
    took: (_, root) => existsSync(join(root, 'outside/made')),
  },
  {
    name: 'a file removed in a folder that is a link',
    calls: () => [['path_unlink_file', 3, 'up/key']],
    took: (_, root) => !existsSync(join(root, 'outside/key')),
  },
  {
    name: 'a file moved out of a folder that is a link',
    calls: () => [renamed('up/key', 'got'), opened('got'), reading()],
  },
  {
    name: 'a file linked out of a folder that is a link',
    calls: () => [['path_link', 3, 0, 'up/key', 3, 'got'], opened('got'), reading()],
  },
  {
    name: 'a link of a link',
    calls: () => [['path_link', 3, 0, 'link', 3, 'got'], opened('got'), reading()],
  },
  {
    name: 'a file truncated through a link',
    calls: () => [openedToWrite('link', oflags.truncate)],
    took: (_, root) => readFileSync(join(root, 'outside/key'), 'utf8') !== secret,
  },
  {
    name: 'facts about what a link leads to',
    calls: () => [['path_filestat_get', 3, 0, 'up/key', { out: 3 }]],
    took: ({ errors }) => errors[0] === 0,
  },
  {
    name: 'times set through a folder that is a link',
    calls: () => [['path_filestat_set_times', 3, 0, 'up/key', 1n, 1n, 1 + 4]],
    took: ({ errors }) => errors[0] === 0,
  },
  {
    name: 'a folder swapped under a descriptor for one with a link',
    calls: () => [
      openedFolder('q/a'),
      renamed('q', 'q2'),
      renamed('d', 'q'),
      opened('key', 0, 1, { from: 0 }),
      reading(1),
    ],
  },
  {
    name: 'a folder swapped under a descriptor, and listed',
    calls: () => [
      openedFolder('q/a'),
      renamed('q', 'q2'),
      renamed('d', 'q'),
      ['fd_readdir', { from: 0 }, ...buffer, 0n, { out: 5 }],
    ],
    took: ({ errors, memory }) => errors[3] === 0 && Buffer.from(memory.subarray(16_400, 17_424)).includes('key'),
  },
  {
    name: 'a link moved to where a folder was',
    calls: () => [
      openedFolder('q/b'),
      ['path_remove_directory', 3, 'q/b'],
      renamed('d/a', 'q/b'),
      opened('key', 0, 1, { from: 0 }),
      reading(1),
    ],
  },
  {
    name: 'a folder that was gone through before, replaced by a link',
    calls: () => [factsOf('q/a'), ['sched_yield'], opened('q/key'), reading()],
    meanwhile: (root) => {
      renameSync(join(root, 'rw/q'), join(root, 'away'));
      symlinkSync('../outside', join(root, 'rw/q'));
    },
  },
  {
    name: 'a folder that was gone through before, moved out, with a link to itself where it was',
    calls: () => [factsOf('q/a'), ['sched_yield'], opened('q/a/key'), reading()],
    meanwhile: (root) => {
      renameSync(join(root, 'rw/q'), join(root, 'outside/q'));
      writeFileSync(join(root, 'outside/q/a/key'), secret);
      symlinkSync('../outside/q', join(root, 'rw/q'));
    },
  },
  {
    name: 'a folder that was gone through before, removed and made again with a link in it',
    calls: () => [factsOf('q/a'), ['sched_yield'], opened('q/a/key'), reading()],
    meanwhile: (root) => {
      rmSync(join(root, 'rw/q'), { recursive: true });
      mkdirSync(join(root, 'rw/q'));
      symlinkSync('../../outside', join(root, 'rw/q/a'));
    },
  },
  {
    name: 'a file that was opened before, replaced by a link',
    calls: () => [
      opened('mine'),
      ['fd_close', { from: 0 }],
      ['sched_yield'],
      opened('mine', 0, 1),
      ['fd_renumber', { from: 1 }, { from: 0 }],
      reading(),
    ],
    meanwhile: (root) => {
      rmSync(join(root, 'rw/mine'));
      symlinkSync('../outside/key', join(root, 'rw/mine'));
    },
  },
  {
    name: 'a folder of the host that the policy does not name',
    inWasmEdge: true,
    preopens: (root) => ({ [root]: root }),
    calls: () => [opened('key'), reading()],
  },
  {
    name: 'another folder of the host by the name of that of the policy',
    inWasmEdge: true,
    preopens: (root) => ({ [`${root}/rw`]: `${root}/rw`, [`${root}/./rw/`]: `${root}/outside` }),
    calls: () => [opened('key', 0, 0, 4), reading()],
  },
  {
    name: 'another folder of the host by the name of that of the policy, before it',
    inWasmEdge: true,
    preopens: (root) => ({ [`.//${root}/rw`]: `${root}/outside`, [`${root}/rw`]: `${root}/rw` }),
    calls: () => [opened('key'), reading()],
  },
  {
    name: 'two other folders of the host by the name of that of the policy',
    inWasmEdge: true,
    preopens: (root) => ({
      [`${root}/rw`]: `${root}/rw`,
      [`${root}/rw/`]: `${root}/ro`,
      [`${root}/rw//`]: `${root}/outside`,
    }),
    calls: () => [opened('key', 0, 0, 5), reading()],
  },
  {
    name: 'a folder of the host by a name without its `/`, of which a part may be left out',
    inWasmEdge: true,
    preopens: (root) => ({ [`${root.slice(1)}/rw`]: `${root}/outside` }),
    calls: () => [opened('key'), reading()],
  },
  {
    name: 'a folder of the host beside that of the policy, renumbered onto it',
    inWasmEdge: true,
    preopens: (root) => ({ [`${root}/rw`]: `${root}/rw`, '/elsewhere': `${root}/outside` }),
    calls: () => [['fd_renumber', 4, 3], opened('key'), reading()],
  },
  {
    name: 'a folder of the host beside that of the policy, opened as `.` and renumbered',
    inWasmEdge: true,
    preopens: (root) => ({ [`${root}/rw`]: `${root}/rw`, '/elsewhere': `${root}/outside` }),
    calls: () => [openedFolder('.', 0, 4), ['fd_renumber', { from: 0 }, 3], opened('key'), reading()],
  },
  {
    name: 'a file to read only, written',
    inWasmEdge: true,
    calls: () => [openedToWrite('given', 0, 4), writing()],
    took: ({ errors }) => errors[1] === 0,
  },
  {
    name: 'a file to read only, truncated',
    inWasmEdge: true,
    calls: () => [openedToWrite('given', oflags.truncate, 4)],
    took: (_, root) => readFileSync(join(root, 'ro/given'), 'utf8') !== 'given',
  },
  {
    name: 'a file made where one may only read',
    inWasmEdge: true,
    calls: () => [openedToWrite('made', oflags.create, 4)],
    took: (_, root) => existsSync(join(root, 'ro/made')),
  },
  {
    name: 'a file to read only, linked to where one may write',
    inWasmEdge: true,
    calls: () => [['path_link', 4, 0, 'given', 3, 'got'], openedToWrite('got'), writing()],
    took: ({ errors }) => errors[2] === 0,
  },
  {
    name: 'a file to read only, moved to where one may write',
    inWasmEdge: true,
    calls: () => [renamed('given', 'got', 4, 3)],
    took: (_, root) => !existsSync(join(root, 'ro/given')),
  },
  {
    name: 'a descriptor above the most',
    inWasmEdge: true,
    calls: () => Array.from({ length: 70 }, () => opened('mine')),
    took: ({ errors }) => errors.at(-1) === 0,
  },
];

/** Whether an attack took what it should not have. */
export function tookSomething({ took }: Attack, ran: Ran, root: string): boolean {
  return took?.(ran, root) ?? ran.text.includes(secret);
}

/** What the policy allows, but for the last of them, which is not there. */
export const allowedCalls: readonly Call[] = [
  opened('mine'),
  reading(),
  ['fd_close', { from: 0 }],
  ['path_create_directory', 3, 'new'],
  openedToWrite('new/file', oflags.create),
  writing(),
  ['fd_close', { from: 0 }],
  openedFolder('new', 1),
  opened('file', 0, 2, { from: 1 }),
  reading(2),
  renamed('new', 'newer'),
  ['path_filestat_get', 3, 0, 'newer/file', { out: 4 }],
  ['path_unlink_file', 3, './/newer/file'],
  ['path_remove_directory', 3, 'newer/'],
  opened('given', 0, 3, 4),
  ['path_readlink', 3, 'link', ...buffer, { out: 6 }],
  ['fd_renumber', { from: 3 }, { from: 2 }],
  ['fd_close', { from: 2 }],
  opened('none'),
];
