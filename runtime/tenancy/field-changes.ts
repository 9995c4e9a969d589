import { covers, isMap, under } from './json.ts';
import { otherOwners, ownedPart, ownsField } from './owned-fields.ts';
import type { Json, JsonMap, KubernetesObject } from './port.ts';

/** One field in which an object differs from what it is to be. */
export interface FieldChange {
  readonly path: readonly string[];
  /** Absent where the cluster has no such field. */
  readonly live?: Json;
  /** Absent where the field is to go. */
  readonly wanted?: Json;
  /** Who else owns the field. */
  readonly owners: readonly string[];
  /**
   * Whether polc itself wrote what is there. If not, and the field is polc's to write, somebody changed it: whoever changes
   * a field takes it over.
   */
  readonly own: boolean;
}

/**
 * What an apply of `wanted` would change, in the order of the fields. Fields that only others own, and those that the server
 * fills in, are none of it.
 */
export function fieldChanges(wanted: KubernetesObject, live: KubernetesObject): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  const change = (path: readonly string[], values: Pick<FieldChange, 'live' | 'wanted'>) =>
    changes.push({ path, ...values, owners: otherOwners(live, path), own: ownsField(live, path) });

  function differing(to: JsonMap, from: JsonMap, path: readonly string[]): void {
    for (const [key, each] of Object.entries(to)) {
      if (each === undefined || isIdentity(path, key)) continue;
      const value = under(from, key);
      const at = [...path, key];
      if (value === undefined) change(at, { wanted: each });
      else if (isMap(each) && isMap(value)) differing(each, value, at);
      else if (!covers(value, each)) change(at, { live: value, wanted: each });
    }
  }

  /** What polc wrote and no longer says goes, unless somebody else says it too. */
  function leftOver(owned: JsonMap, to: Json | undefined, path: readonly string[]): void {
    for (const [key, each] of Object.entries(owned)) {
      if (each === undefined || isIdentity(path, key)) continue;
      const at = [...path, key];
      const value = under(to, key);
      if (value === undefined) {
        if (otherOwners(live, at).length === 0) change(at, { live: each });
      } else if (isMap(each)) leftOver(each, value, at);
    }
  }

  differing(wanted, live, []);
  leftOver(ownedPart(live), wanted, []);
  return changes;
}

function isIdentity(path: readonly string[], key: string): boolean {
  if (path.length === 0) return key === 'apiVersion' || key === 'kind' || key === 'status';
  return path.length === 1 && path[0] === 'metadata' && key !== 'labels' && key !== 'annotations';
}
