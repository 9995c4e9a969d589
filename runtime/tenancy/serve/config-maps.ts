import { isList, isMap, under } from '../json.ts';
import { configMaps } from '../kinds.ts';
import { merged, ownedPart } from '../owned-fields.ts';
import type { Answer, Cluster, JsonMap, KubernetesObject, ObjectPlace } from '../port.ts';
import { type Places, pendingPlace } from './places.ts';
import type { PendingTier } from './records.ts';
import { readJson } from './team-secret.ts';

/** The texts of the templates by key; none where there is no ConfigMap. */
export async function readTemplates(
  cluster: Cluster,
  place: Places['templates'],
): Promise<Answer<ReadonlyMap<string, string>>> {
  return textsAt(cluster, { kind: configMaps, ...place });
}

export async function readPending(cluster: Cluster, places: Places): Promise<Answer<ReadonlyMap<string, PendingTier>>> {
  const texts = await textsAt(cluster, pendingPlace(places));
  if (!texts.ok) return texts;
  const pending = new Map<string, PendingTier>();
  for (const [key, text] of texts.value) {
    const found = pendingOf(text);
    if (found !== undefined && key.endsWith('.json')) pending.set(key.slice(0, -'.json'.length), found);
  }
  return { ok: true, value: pending };
}

export function pendingKey(tier: string): string {
  return `${tier}.json`;
}

/**
 * Makes one key of a ConfigMap what it is to be, and lets all others be. A key that somebody else applied stays theirs: that
 * is a conflict.
 */
export async function writeKey(
  cluster: Cluster,
  place: ObjectPlace,
  key: string,
  value: string | null,
  labels: Readonly<Record<string, string>>,
): Promise<Answer<KubernetesObject | undefined>> {
  const live = await cluster.read(place);
  if (!live.ok && live.failure.kind !== 'not-found') return live;
  const before = live.ok ? live.value : undefined;
  if (value === null && under(before, 'data', key) === undefined) return { ok: true, value: before };
  const part = before === undefined ? {} : ownedPart(before);
  const data = Object.fromEntries([
    ...Object.entries(isMap(part.data) ? part.data : {}).filter(([name]) => name !== key),
    ...(value === null ? [] : [[key, value]]),
  ]);
  const { kind, namespace, name } = place;
  const own = before === undefined ? { labels } : metadataIn(part);
  const uid = before?.metadata.uid;
  const metadata = { ...own, namespace, name, ...(uid === undefined ? {} : { uid }) };
  const written = await cluster.apply({ apiVersion: kind.apiVersion, kind: kind.kind, metadata, data });
  if (!written.ok || value !== null || under(written.value, 'data', key) === undefined) return written;
  const message = `others wrote \`${key}\``;
  return { ok: false, failure: { kind: 'conflict', call: `patch configmaps ${namespace}/${name}`, message } };
}

function metadataIn(part: JsonMap): { readonly labels?: Readonly<Record<string, string>> } {
  const labels = merged({}, isMap(part.metadata) && isMap(part.metadata.labels) ? part.metadata.labels : {});
  const texts = Object.entries(labels).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : []));
  return texts.length === 0 ? {} : { labels: Object.fromEntries(texts) };
}

async function textsAt(cluster: Cluster, place: ObjectPlace): Promise<Answer<ReadonlyMap<string, string>>> {
  const found = await cluster.read(place);
  if (!found.ok) return found.failure.kind === 'not-found' ? { ok: true, value: new Map() } : found;
  const data = isMap(found.value.data) ? found.value.data : {};
  const texts = Object.entries(data).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  );
  return { ok: true, value: new Map(texts) };
}

function pendingOf(text: string): PendingTier | undefined {
  const value = readJson(text);
  if (!isMap(value) || !isMap(value.settings) || !isList(value.teams) || typeof value.since !== 'string') {
    return undefined;
  }
  const teams = value.teams.filter((each) => typeof each === 'string');
  return { settings: value.settings, teams, since: value.since };
}
