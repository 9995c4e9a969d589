import { isMap } from '../json.ts';
import type { Json, KubernetesObject } from '../port.ts';
import { type Places, recordLabels, teamPlace } from './places.ts';
import type { TeamDocument } from './records.ts';

/** The key of the Secret's data. */
const dataKey = 'team.json';

/** The Secret that holds a team. */
export function teamSecret(places: Places, name: string, team: TeamDocument): KubernetesObject {
  const { kind, namespace, name: objectName } = teamPlace(places, name);
  const labels = { ...recordLabels(places.policy, 'team'), [places.keys.labels.team]: name };
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: objectName, namespace, labels },
    type: 'Opaque',
    data: { [dataKey]: Buffer.from(JSON.stringify(team)).toString('base64') },
  };
}

/** The team that a Secret holds; undefined where it holds none. */
export function teamIn(
  places: Places,
  secret: KubernetesObject,
): { readonly name: string; readonly team: TeamDocument } | undefined {
  const name = secret.metadata.labels?.[places.keys.labels.team];
  const text = isMap(secret.data) ? secret.data[dataKey] : undefined;
  if (name === undefined || typeof text !== 'string') return undefined;
  // Only the Secret of this very name is the team's: a copy of it is nobody's.
  if (secret.metadata.name !== teamPlace(places, name).name) return undefined;
  const team = teamOf(readJson(Buffer.from(text, 'base64').toString('utf8')));
  return team === undefined ? undefined : { name, team };
}

function teamOf(value: Json | undefined): TeamDocument | undefined {
  if (!isMap(value) || typeof value.tier !== 'string') return undefined;
  const { tier, overrides, users } = value;
  if ((overrides !== undefined && !isMap(overrides)) || (users !== undefined && !isMap(users))) return undefined;
  const members: Record<string, NonNullable<TeamDocument['users']>[string]> = {};
  for (const [user, each] of Object.entries(users ?? {})) {
    if (!isMap(each)) return undefined;
    Object.defineProperty(members, user, { value: each, enumerable: true });
  }
  return {
    tier,
    ...(overrides === undefined ? {} : { overrides }),
    ...(users === undefined ? {} : { users: members }),
  };
}

export function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
