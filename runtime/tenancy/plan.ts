import { isOurs, labelsOf, type Tenancy } from './desired.ts';
import { type FieldChange, fieldChanges } from './field-changes.ts';
import { isMap, under } from './json.ts';
import { kindOf, placeOf, placeText, tenancyKinds } from './kinds.ts';
import { type LimitChange, limitChanges } from './limit-changes.ts';
import type { Answer, Cluster, KubernetesObject, ObjectPlace } from './port.ts';

/**
 * What is to be done with one object.
 * - `create`, `update`, `delete`, `unchanged`.
 * - `foreign`: an object of this name is there that is not of this policy; nothing may be done with it.
 */
export interface PlanStep {
  readonly action: 'create' | 'update' | 'delete' | 'unchanged' | 'foreign';
  readonly place: ObjectPlace;
  /** Of all but `delete`. */
  readonly wanted?: KubernetesObject;
  /** Of all but `create`. */
  readonly live?: KubernetesObject;
  /** Of `update`. */
  readonly changes: readonly FieldChange[];
}

export interface TenancyPlan {
  readonly policy: string;
  readonly hash: string;
  readonly server: string;
  /** In the order in which they are done. */
  readonly steps: readonly PlanStep[];
  readonly limits: readonly LimitChange[];
}

/** Compares what is to be with what is there: one list for each kind and namespace, and a look at each name that is not listed. */
export async function planTenancy(tenancy: Tenancy, cluster: Cluster): Promise<Answer<TenancyPlan>> {
  const listed = await liveObjects(tenancy, cluster);
  if (!listed.ok) return listed;
  const live = new Map(listed.value.map(({ place, object }) => [placeText(place), { place, object }]));
  const steps: PlanStep[] = [];
  for (const wanted of tenancy.objects) {
    const kind = kindOf(wanted);
    if (kind === undefined) continue;
    const place = placeOf(wanted, kind);
    const found = live.get(placeText(place))?.object;
    live.delete(placeText(place));
    if (found !== undefined) {
      steps.push(stepFor(place, wanted, found));
      continue;
    }
    const other = await cluster.read(place);
    if (other.ok) {
      const ours = isOurs(other.value, tenancy.policy);
      steps.push(
        ours
          ? stepFor(place, wanted, other.value)
          : { action: 'foreign', place, wanted, live: other.value, changes: [] },
      );
    } else if (other.failure.kind === 'not-found') steps.push({ action: 'create', place, wanted, changes: [] });
    else return other;
  }
  for (const { place, object } of live.values()) steps.push({ action: 'delete', place, live: object, changes: [] });
  const { policy, hash } = tenancy;
  const limits = limitChanges(
    steps.flatMap(({ live }) => (live === undefined ? [] : [live])),
    tenancy.objects,
  );
  return { ok: true, value: { policy, hash, server: cluster.server, steps: inSafeOrder(steps), limits } };
}

/** The objects of a policy, in one list for each kind and namespace. */
export async function liveObjects(
  tenancy: Pick<Tenancy, 'policy' | 'objects'>,
  cluster: Cluster,
): Promise<Answer<readonly { readonly place: ObjectPlace; readonly object: KubernetesObject }[]>> {
  const namespaces = [...new Set(tenancy.objects.map(({ metadata }) => metadata.namespace))].sort();
  const labels = labelsOf(tenancy.policy);
  const found: { place: ObjectPlace; object: KubernetesObject }[] = [];
  for (const namespace of namespaces) {
    for (const kind of tenancyKinds) {
      const listed = await cluster.list(kind, namespace, labels);
      if (!listed.ok) {
        // A cluster that does not know the kind has none of it; applying one will say so.
        if (listed.failure.kind === 'not-found') continue;
        return listed;
      }
      for (const object of listed.value) found.push({ place: placeOf(object, kind), object });
    }
  }
  return { ok: true, value: found };
}

/** Whether an apply of the plan changes anything. */
export function changesAnything({ steps }: TenancyPlan): boolean {
  return steps.some(({ action }) => action !== 'unchanged');
}

function stepFor(place: ObjectPlace, wanted: KubernetesObject, live: KubernetesObject): PlanStep {
  const changes = fieldChanges(wanted, live);
  return { action: changes.length === 0 ? 'unchanged' : 'update', place, wanted, live, changes };
}

/**
 * At no time is more let in than before or after, as far as an order can see to that: limits are there before keys are let
 * in, and an AuthPolicy, without which everybody is let in, goes last. Limits whose conditions read what the AuthPolicy does
 * not export yet would hold for nobody, so then it is changed first.
 */
function inSafeOrder(steps: readonly PlanStep[]): readonly PlanStep[] {
  const isDelete = ({ action }: PlanStep) => action === 'delete';
  const isAuth = ({ place }: PlanStep) => place.kind.kind === 'AuthPolicy';
  const kept = steps.filter((step) => !isDelete(step));
  const early = kept.filter((step) => isAuth(step) && step.live !== undefined && exportsMore(step));
  const late = kept.filter((step) => isAuth(step) && !early.includes(step));
  return [...early, ...kept.filter((step) => !isAuth(step)), ...late, ...steps.filter(isDelete)];
}

function exportsMore({ wanted, live }: PlanStep): boolean {
  const path = ['spec', 'rules', 'response', 'success', 'filters', 'identity', 'json', 'properties'];
  const after = under(wanted, ...path);
  const before = under(live, ...path);
  return isMap(after) && Object.keys(after).some((name) => under(before, name) === undefined);
}
