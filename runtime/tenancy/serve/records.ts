import type { Json, JsonMap } from '../port.ts';

/** A team as its Secret says it: the keys of a team of the dialect. */
export interface TeamDocument extends JsonMap {
  readonly tier: string;
  /** What holds in place of what the tier says. */
  readonly overrides?: JsonMap;
  /** Its members. */
  readonly users?: Readonly<Record<string, JsonMap>>;
}

/** A new version of a tier that not every team of it has yet. */
export interface PendingTier extends JsonMap {
  readonly settings: JsonMap;
  /** The teams that have it, sorted. */
  readonly teams: readonly string[];
  /** RFC 3339, in UTC. */
  readonly since: string;
}

/** What the cluster holds besides the platform's own files: the truth that the service works from. */
export interface Records {
  readonly teams: ReadonlyMap<string, TeamDocument>;
  /** The texts of the ConfigMap by key: `tier-standard-policy.yaml`. */
  readonly templates: ReadonlyMap<string, string>;
  /** By tier. */
  readonly pending: ReadonlyMap<string, PendingTier>;
}

export const noRecords: Records = { teams: new Map(), templates: new Map(), pending: new Map() };

/** One record as it is to be; null where it is to be gone. Writing it twice is writing it once. */
export type RecordWrite =
  | { readonly record: 'team'; readonly name: string; readonly value: TeamDocument | null }
  | { readonly record: 'template'; readonly name: string; readonly value: string | null }
  | { readonly record: 'pending'; readonly name: string; readonly value: PendingTier | null };

/** The records after some writes. */
export function withWrites(records: Records, writes: readonly RecordWrite[]): Records {
  const teams = new Map(records.teams);
  const templates = new Map(records.templates);
  const pending = new Map(records.pending);
  for (const write of writes) {
    if (write.record === 'team') put(teams, write.name, write.value);
    else if (write.record === 'template') put(templates, write.name, write.value);
    else put(pending, write.name, write.value);
  }
  return { teams, templates, pending };
}

/** What takes writes back, the last first. */
export function inverse(records: Records, writes: readonly RecordWrite[]): readonly RecordWrite[] {
  return [...writes].reverse().map((write): RecordWrite => {
    const { record, name } = write;
    if (record === 'team') return { record, name, value: records.teams.get(name) ?? null };
    if (record === 'template') return { record, name, value: records.templates.get(name) ?? null };
    return { record, name, value: records.pending.get(name) ?? null };
  });
}

/** The teams of a tier, sorted. */
export function teamsOf(records: Records, tier: string): readonly string[] {
  return [...records.teams].flatMap(([name, team]) => (team.tier === tier ? [name] : [])).sort();
}

export function templateKey(tier: string): string {
  return `tier-${tier}-policy.yaml`;
}

function put<T>(map: Map<string, T>, name: string, value: T | null): void {
  if (value === null) map.delete(name);
  else map.set(name, value);
}

/** A map without some keys. */
export function without(map: JsonMap, ...keys: readonly string[]): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

/** The same value whatever the order of keys. */
export function canonical(value: Json | undefined): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}
