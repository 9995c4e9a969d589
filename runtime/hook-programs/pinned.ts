import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { BpfManifest } from '../../compiler/backends/bpf-lsm/manifest.ts';
import type { Bpf } from '../kernel/bpf.ts';
import { KernelRefusal } from '../kernel/system-calls.ts';
import { replaceFile } from '../replace-file.ts';
import type { AttachedPrograms } from './attach.ts';
import { eventsMap } from './events.ts';
import { type LoadedMap, type LoadedObject, refusedBy } from './load.ts';
import type { LoadRefusal } from './refusal.ts';

/** What is known of programs that were pinned, beside what the kernel holds. Gone with the machine's next start, as they are. */
export interface PinnedRecord {
  readonly version: 1;
  readonly name: string;
  readonly policy: string;
  /** Where the policy or the object was read. */
  readonly file: string;
  /** The SHA-256 digest of the policy's sources, as a bundle's manifest has it. */
  readonly hash: string;
  /** RFC 3339. */
  readonly loaded: string;
  readonly cgroup: string;
  /** Whether the group was made for them, and goes with them. */
  readonly ownGroup: boolean;
  readonly description: BpfManifest;
}

export interface PinnedPlaces {
  /** Below it a folder for each name, with the links and the map of records. */
  readonly pins: string;
  /** A file for each name. */
  readonly records: string;
}

/** The file system of pins, and what is forgotten when the machine starts. */
export const pinnedPlaces: PinnedPlaces = { pins: '/sys/fs/bpf/polc', records: '/run/polc/sandbox' };

/** Letters, digits, `_` and `-`: bpffs takes no dots. */
export const pinnedName = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$/;

/** The group made for a pin. By its end no pin's group can be taken for one that ends with the polc that made it. */
export function pinGroupName(name: string): string {
  return `polc-${name}.pin`;
}

/** Whether something of that name is pinned or written down. */
export function isPinned(name: string, { pins, records }: PinnedPlaces = pinnedPlaces): boolean {
  return existsSync(join(pins, name)) || existsSync(join(records, `${name}.json`));
}

/**
 * Pins the links of programs that are in force, so that they outlive this process, and writes down what they are. All or
 * nothing.
 */
export function pinPrograms(
  bpf: Bpf,
  { maps }: LoadedObject,
  { links }: AttachedPrograms,
  record: PinnedRecord,
  places: PinnedPlaces = pinnedPlaces,
): LoadRefusal | undefined {
  const folder = join(places.pins, record.name);
  try {
    makeFolder(places.pins);
    if (isOfOthers(places.pins)) {
      return {
        by: 'kernel',
        problem: othersMayChange(places.pins),
        help: `remove ${places.pins}, which polc makes for itself alone`,
      };
    }
    mkdirSync(folder);
  } catch (error) {
    return {
      by: 'kernel',
      problem: `nothing can be pinned at ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      help: 'mount the file system of pins: `mount -t bpf bpf /sys/fs/bpf`',
    };
  }
  try {
    for (const { name, descriptor } of links) bpf.pin(descriptor, join(folder, name));
    const events = maps.get(eventsMap);
    if (events !== undefined) bpf.pin(events.descriptor, join(folder, eventsMap));
    mkdirSync(places.records, { recursive: true, mode: 0o700 });
    replaceFile(join(places.records, `${record.name}.json`), `${JSON.stringify(record, undefined, 2)}\n`);
    return undefined;
  } catch (error) {
    removePins(folder);
    if (error instanceof KernelRefusal) return refusedBy(error, `pin the programs at ${folder}`);
    throw error;
  }
}

/** Where no file system of pins is mounted sysfs answers ENOENT, upon which Node's `recursive` would try for ever. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** Whether something else is there than a folder that this user alone may change. */
function isOfOthers(folder: string): boolean {
  const status = lstatSync(folder);
  return !status.isDirectory() || status.uid !== process.geteuid?.() || (status.mode & 0o22) !== 0;
}

function othersMayChange(folder: string): string {
  return `others may change ${folder}, and so take pins away or put their own in place of them`;
}

/**
 * The names of what is pinned in a folder, without following links.
 *
 * @throws Error where polc has not made it so: what it names may lie anywhere
 */
function pinsIn(folder: string): readonly string[] {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  if (status === undefined) return [];
  const above = dirname(folder);
  if (isOfOthers(above)) throw new Error(othersMayChange(above));
  if (!status.isDirectory()) throw new Error(`${folder} is no folder, and nothing of it was touched`);
  return readdirSync(folder);
}

/**
 * Unpins what has a name, whatever is left of it; links that nothing else holds are detached.
 *
 * @throws Error where it lies in what polc has not made
 */
export function unpin(name: string, places: PinnedPlaces = pinnedPlaces): void {
  removePins(join(places.pins, name));
  rmSync(join(places.records, `${name}.json`), { force: true });
  for (const folder of [places.pins, places.records, dirname(places.records)]) {
    try {
      rmdirSync(folder);
    } catch {
      // Something else is in it.
    }
  }
}

/** Where `struct bpf_link_info` has the ids of the link and of its program. */
const linkAt = { id: 4, program: 8 };

/** How long a kernel is waited for that lets go of a link later than its pin. */
const patience = 10_000;

/**
 * The same, and waits until no program of that name decides any more. A kernel detaches what was unpinned a moment later: first
 * it forgets the link's id, then it detaches the program, and then it gives that up (`bpf_link_free`, kernel/bpf/syscall.c).
 *
 * @returns false where some are still there, since something else holds them
 * @throws KernelRefusal, or Error where it lies in what polc has not made
 */
export async function unpinWhole(bpf: Bpf, name: string, places: PinnedPlaces = pinnedPlaces): Promise<boolean> {
  const folder = join(places.pins, name);
  const links = pinsIn(folder).filter((entry) => entry !== eventsMap);
  const ids = links.map((entry) => {
    const descriptor = bpf.getPinned(join(folder, entry));
    const information = bpf.information(descriptor);
    closeSync(descriptor);
    return { link: information.getUint32(linkAt.id, true), program: information.getUint32(linkAt.program, true) };
  });
  unpin(name, places);
  const end = performance.now() + patience;
  if (!(await areGone(() => ids.some(({ link }) => isThere(bpf, 'link', link)), end))) return false;
  // What is detached may still be held by others, such as a listing of programs.
  await areGone(() => ids.some(({ program }) => isThere(bpf, 'program', program)), end);
  return true;
}

async function areGone(areThere: () => boolean, end: number): Promise<boolean> {
  while (areThere()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function isThere(bpf: Bpf, of: 'link' | 'program', id: number): boolean {
  try {
    closeSync(bpf.byId(of, id));
    return true;
  } catch (error) {
    if (error instanceof KernelRefusal && error.code === 'ENOENT') return false;
    throw error;
  }
}

function removePins(folder: string): void {
  for (const entry of pinsIn(folder)) unlinkSync(join(folder, entry));
  if (existsSync(folder)) rmdirSync(folder);
}

/** What is pinned: the links that are there, and what is known of them. */
export interface PinnedPrograms {
  readonly name: string;
  /** Undefined where the record is gone. */
  readonly record: PinnedRecord | undefined;
  /** The names of the programs whose links are pinned. */
  readonly links: readonly string[];
}

/** Everything that is pinned or written down, by name. */
export function allPinned(places: PinnedPlaces = pinnedPlaces): readonly PinnedPrograms[] {
  const listed = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  const names = new Set([
    ...listed(places.pins),
    ...listed(places.records).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : [])),
  ]);
  return [...names].sort().map((name) => ({
    name,
    record: readRecord(join(places.records, `${name}.json`)),
    links: listed(join(places.pins, name)).filter((entry) => entry !== eventsMap),
  }));
}

function readRecord(file: string): PinnedRecord | undefined {
  try {
    const record: PinnedRecord = JSON.parse(readFileSync(file, 'utf8'));
    return record.version === 1 ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes of a ring buffer's map: `max_entries` of `struct bpf_map_info`. */
const entriesAt = 16;

/**
 * Opens the map of records that is pinned; undefined where the programs record nothing. The caller closes it.
 *
 * @throws KernelRefusal
 */
export function pinnedEvents(bpf: Bpf, name: string, places: PinnedPlaces = pinnedPlaces): LoadedMap | undefined {
  const path = join(places.pins, name, eventsMap);
  if (!existsSync(path)) return undefined;
  const descriptor = bpf.getPinned(path);
  try {
    return { name: eventsMap, descriptor, entries: bpf.information(descriptor).getUint32(entriesAt, true) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
