import { appliedAnnotation, type Tenancy } from './desired.ts';
import { type FieldChange, fieldChanges } from './field-changes.ts';
import { kindOf, placeOf, placeText } from './kinds.ts';
import { liveObjects } from './plan.ts';
import type { Answer, Cluster, KubernetesObject, ObjectPlace } from './port.ts';

/**
 * How an object differs from the policy.
 * - `missing`: it is not there, or not polc's. `surplus`: it is polc's, and the policy has no such object.
 * - `changed`: others changed fields that polc writes. `unapplied`: the policy says something else than when it was applied.
 */
export interface Drift {
  readonly place: ObjectPlace;
  readonly drift: 'missing' | 'surplus' | 'changed' | 'unapplied';
  /** Of `changed` and `unapplied`. */
  readonly fields: readonly FieldChange[];
}

export interface DriftReport {
  /** How many objects were looked at. */
  readonly objects: number;
  readonly drift: readonly Drift[];
}

/**
 * Compares the cluster with a tenancy, in one list for each kind and namespace. Fields that only others write, and those that
 * the server fills in, are no drift.
 */
export async function driftOf(tenancy: Tenancy, cluster: Cluster): Promise<Answer<DriftReport>> {
  const listed = await liveObjects(tenancy, cluster);
  if (!listed.ok) return listed;
  const live = new Map(listed.value.map((each) => [placeText(each.place), each]));
  const drift: Drift[] = [];
  for (const wanted of tenancy.objects) {
    const kind = kindOf(wanted);
    if (kind === undefined) continue;
    const place = placeOf(wanted, kind);
    const found = live.get(placeText(place));
    live.delete(placeText(place));
    if (found === undefined) {
      drift.push({ place, drift: 'missing', fields: [] });
      continue;
    }
    const all = fieldChanges(wanted, found.object);
    const sameVersion = digestOf(wanted) === digestOf(found.object);
    const fields = sameVersion || all.length === 1 ? all : all.filter(({ path }) => !isDigest(path));
    const changed = fields.filter((field) => sameVersion || isByOthers(field));
    const unapplied = fields.filter((field) => !changed.includes(field));
    if (changed.length > 0) drift.push({ place, drift: 'changed', fields: changed });
    if (unapplied.length > 0) drift.push({ place, drift: 'unapplied', fields: unapplied });
  }
  for (const { place } of live.values()) drift.push({ place, drift: 'surplus', fields: [] });
  return { ok: true, value: { objects: listed.value.length, drift } };
}

/** Of another version of the policy: who owns a field wrote what is there. */
function isByOthers({ own, owners, live }: FieldChange): boolean {
  return live !== undefined && owners.length > 0 && !own;
}

function digestOf({ metadata }: KubernetesObject): string | undefined {
  return metadata.annotations?.[appliedAnnotation];
}

/** It differs whenever anything does. */
function isDigest(path: readonly string[]): boolean {
  return path.at(-1) === appliedAnnotation;
}
