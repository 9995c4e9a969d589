import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from './desired.ts';
import { isList, isMap, under } from './json.ts';
import { kindOf, placeOf, tenancyKinds } from './kinds.ts';
import type { Json, KubernetesObject, ObjectPlace } from './port.ts';
import { syncFolder } from './sync-folder.ts';

/** What an object was before a run changed it. */
export interface Before {
  readonly place: ObjectPlace;
  /** As it was, and the fields of it that the run writes; undefined where there was none. */
  readonly object: KubernetesObject | undefined;
  readonly wanted: KubernetesObject | undefined;
}

/**
 * What a run that changes a cluster leaves until it is done: with it the next run ends in what was before or in what is to
 * be. `applying` may go on either way; `restoring` goes back first.
 */
export interface Journal {
  readonly policy: string;
  readonly server: string;
  readonly phase: 'applying' | 'restoring';
  /** RFC 3339, in UTC. */
  readonly since: string;
  readonly befores: readonly Before[];
}

/** A journal that cannot be read or written. */
export class JournalFailure extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(reason);
    this.name = 'JournalFailure';
    this.path = path;
  }
}

/** One for each policy and cluster. */
export function journalPath(folder: string, policy: string, server: string): string {
  const digest = createHash('sha256').update(`${policy}\n${server}`).digest('hex').slice(0, 16);
  return join(folder, `${policy.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 80)}-${digest}.json`);
}

/** The journal of a run that ended early; undefined where there is none. Throws `JournalFailure`. */
export function readJournal(path: string): Journal | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new JournalFailure(path, codeOf(error) ?? String(error));
  }
  const journal = journalIn(text);
  if (journal === undefined) throw new JournalFailure(path, 'it is no journal of this version of polc');
  return journal;
}

/** Replaces the journal as a whole; it is on the disk (fsync(2)) when this returns. Throws `JournalFailure`. */
export function writeJournal(path: string, { befores, ...rest }: Journal): void {
  const fields = befores.map(({ place: { kind, namespace, name }, object, wanted }) => ({
    kind: kind.kind,
    namespace,
    name,
    object: object ?? null,
    wanted: wanted ?? null,
  }));
  try {
    const made = `${path}.new`;
    const descriptor = openSync(made, 'w', 0o600);
    try {
      const bytes = Buffer.from(JSON.stringify({ version: 1, ...rest, befores: fields }));
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(made, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw new JournalFailure(path, codeOf(error) ?? String(error));
  }
}

/** Throws `JournalFailure`. */
export function removeJournal(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw new JournalFailure(path, codeOf(error) ?? String(error));
  }
}

function journalIn(text: string): Journal | undefined {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isMap(value) || value.version !== 1) return undefined;
  const { policy, server, phase, since, befores } = value;
  if (typeof policy !== 'string' || typeof server !== 'string' || typeof since !== 'string') return undefined;
  if ((phase !== 'applying' && phase !== 'restoring') || !isList(befores)) return undefined;
  const read = befores.map(beforeIn);
  return read.every((each) => each !== undefined) ? { policy, server, phase, since, befores: read } : undefined;
}

function beforeIn(value: Json): Before | undefined {
  const name = under(value, 'name');
  const namespace = under(value, 'namespace');
  const kind = tenancyKinds.find((each) => each.kind === under(value, 'kind'));
  if (typeof name !== 'string' || typeof namespace !== 'string' || kind === undefined) return undefined;
  const object = objectIn(under(value, 'object'));
  const wanted = objectIn(under(value, 'wanted'));
  if (object === 'wrong' || wanted === 'wrong') return undefined;
  return { place: { kind, namespace, name }, object, wanted };
}

function objectIn(value: Json | undefined): KubernetesObject | undefined | 'wrong' {
  if (value === null) return undefined;
  return isObject(value) && kindOf(value) !== undefined ? value : 'wrong';
}

/** What a step of a run finds. */
export function beforeOf(wanted: KubernetesObject | undefined, live: KubernetesObject | undefined): Before | undefined {
  const object = wanted ?? live;
  const kind = object === undefined ? undefined : kindOf(object);
  return object === undefined || kind === undefined
    ? undefined
    : { place: placeOf(object, kind), object: live, wanted };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
