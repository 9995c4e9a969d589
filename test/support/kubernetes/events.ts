import type { JsonObject } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';

// The events of v1 and of events.k8s.io/v1 are the same objects under other names of fields. They are held under those
// of the core group.

const names: readonly (readonly [core: string, own: string])[] = [
  ['message', 'note'],
  ['involvedObject', 'regarding'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];
const toCore = new Map(names.map(([core, own]) => [own, core]));
const toOwn = new Map(names);

function renamed(object: JsonObject, table: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [table.get(name) ?? name, value]));
}

/** As it is held, from the form of its kind. */
export function toHeld(object: JsonObject, { group }: ResourceKind): JsonObject {
  return group === 'events.k8s.io' ? renamed(object, toCore) : object;
}

/** In the form of a kind, from how it is held. */
export function fromHeld(object: JsonObject, kind: ResourceKind): JsonObject {
  if (kind.kind !== 'Event') return object;
  const apiVersion = apiVersionOf(kind);
  return { ...(kind.group === 'events.k8s.io' ? renamed(object, toOwn) : object), apiVersion };
}
