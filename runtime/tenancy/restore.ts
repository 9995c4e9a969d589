import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { isOurs } from './desired.ts';
import { fieldChanges } from './field-changes.ts';
import type { Before } from './journal.ts';
import { isMap } from './json.ts';
import { placeText } from './kinds.ts';
import { merged, ownedPart, sharedPart, without } from './owned-fields.ts';
import {
  type Cluster,
  type ClusterFailure,
  fieldManager,
  type Json,
  type JsonMap,
  type KubernetesObject,
  restoringManager,
} from './port.ts';
import { tenancySpan } from './problems.ts';

export interface Restored {
  /** What could not be put back. */
  readonly left: readonly Before[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Puts back what was there: the last first. It goes on after a failure, may be run again, and leaves alone what others have
 * made or deleted meanwhile.
 */
export async function restore(policy: string, befores: readonly Before[], cluster: Cluster): Promise<Restored> {
  const left: Before[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const before of [...befores].reverse()) {
    const outcome = await restoreOne(policy, before, cluster);
    if (outcome === 'done') continue;
    const object = placeText(before.place);
    if (typeof outcome === 'string') {
      diagnostics.push(report('POL8130', tenancySpan(policy), { object, reason: outcome }));
      continue;
    }
    left.unshift(before);
    const reason = `\`${outcome.call}\` failed: ${outcome.message}`;
    diagnostics.push(report('POL8124', tenancySpan(policy), { object, reason }));
  }
  return { left, diagnostics };
}

/** Why it was left alone is a text; a failure can be tried again. */
async function restoreOne(
  policy: string,
  { place, object: before, wanted }: Before,
  cluster: Cluster,
): Promise<'done' | string | ClusterFailure> {
  const found = await cluster.read(place);
  if (!found.ok && found.failure.kind !== 'not-found') return found.failure;
  const live = found.ok ? found.value : undefined;
  if (live !== undefined && !isOurs(live, policy) && live.metadata.uid !== before?.metadata.uid) {
    return 'it has not the labels of the policy';
  }
  if (before === undefined) {
    if (live === undefined) return 'done';
    const deleted = await cluster.delete(place, live.metadata.uid ?? '');
    return deleted.ok ? 'done' : deleted.failure;
  }
  if (live === undefined) return (await makeAgain(before, cluster)) ?? 'done';
  const old = configurationBefore(before, wanted);
  if (fieldChanges(old, live).length === 0) return 'done';
  const { uid } = live.metadata;
  const metadata = uid === undefined ? old.metadata : { ...old.metadata, uid };
  const applied = await cluster.apply({ ...old, metadata }, { force: true });
  return applied.ok ? 'done' : applied.failure;
}

/**
 * Makes an object that is gone as it was, with what others had written into it. That stays theirs as far as it can: it is
 * given to a manager of its own, so that no later apply of polc takes it away.
 */
async function makeAgain(before: KubernetesObject, cluster: Cluster): Promise<ClusterFailure | undefined> {
  const whole = configurationOf(before, wholePart(before));
  const ofOthers = without(wholePart(before), ownedPart(before));
  const made = await cluster.apply(whole, { force: true });
  if (!made.ok) return made.failure;
  if (Object.keys(ofOthers).length === 0) return undefined;
  for (const [part, manager] of [
    [ofOthers, restoringManager],
    [ownedPart(before), fieldManager],
  ] as const) {
    const given = await cluster.apply(configurationOf(before, part), { force: true, manager });
    if (!given.ok) return given.failure;
  }
  return undefined;
}

/** All of an object but what the server writes. */
function wholePart({
  apiVersion: _version,
  kind: _kind,
  status: _status,
  metadata,
  ...rest
}: KubernetesObject): JsonMap {
  const { labels = {}, annotations = {} } = metadata;
  return { ...rest, metadata: { labels, annotations } };
}

/**
 * What to apply so that the object becomes as it was: the fields that polc owned, and those that the run has taken over
 * from others, each with its value of then.
 */
function configurationBefore(before: KubernetesObject, wanted: KubernetesObject | undefined): KubernetesObject {
  const taken: JsonMap = wanted === undefined ? {} : sharedPart(before, wanted);
  return configurationOf(before, merged(ownedPart(before), taken));
}

/** A part of an object as a configuration that can be applied. */
function configurationOf({ apiVersion, kind, metadata: named }: KubernetesObject, part: JsonMap): KubernetesObject {
  const { name, namespace } = named;
  const { labels, annotations } = merged({ labels: {}, annotations: {} }, metadataOf(part));
  const metadata = {
    name,
    namespace,
    ...(isFilled(labels) ? { labels: textsOf(labels) } : {}),
    ...(isFilled(annotations) ? { annotations: textsOf(annotations) } : {}),
  };
  const { status: _status, ...rest } = part;
  return { ...rest, apiVersion, kind, metadata };
}

function metadataOf(part: JsonMap): JsonMap {
  return isMap(part.metadata) ? part.metadata : {};
}

function isFilled(value: Json | undefined): value is JsonMap {
  return isMap(value) && Object.keys(value).length > 0;
}

function textsOf(map: JsonMap): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
