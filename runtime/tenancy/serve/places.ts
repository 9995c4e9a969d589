import { createHash } from 'node:crypto';
import type { EnforceAt } from '../../../compiler/ir/obligation.ts';
import { labelsOf } from '../desired.ts';
import { configMaps } from '../kinds.ts';
import type { ObjectKind, ObjectPlace } from '../port.ts';

export const secrets: ObjectKind = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' };

/** The label that tells the Secrets of teams from those of keys. */
const recordLabel = 'polc/record';

/** Where the service keeps what it knows. */
export interface Places {
  readonly policy: string;
  /** What the platform's files say of keys: their namespace, labels and annotations. */
  readonly keys: Pick<EnforceAt, 'keys' | 'labels' | 'annotations'>;
  readonly templates: { readonly namespace: string; readonly name: string };
}

export function templatesPlace({ templates }: Places): ObjectPlace {
  return { kind: configMaps, ...templates };
}

/** A ConfigMap of its own, so that the one of the templates holds templates only. */
export function pendingPlace({ templates: { namespace, name } }: Places): ObjectPlace {
  return { kind: configMaps, namespace, name: `${name}-pending` };
}

export function teamPlace({ keys }: Places, team: string): ObjectPlace {
  return { kind: secrets, namespace: keys.keys.namespace, name: teamSecretName(team) };
}

export function keyPlace({ keys }: Places, id: string): ObjectPlace {
  return { kind: secrets, namespace: keys.keys.namespace, name: `api-key-${id}` };
}

export function recordLabels(policy: string, record: 'team' | 'key'): Readonly<Record<string, string>> {
  return { ...labelsOf(policy), [recordLabel]: record };
}

/** `team-research-config`; a team whose name no object can have goes by a digest of it. */
function teamSecretName(team: string): string {
  const plain = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(team);
  return plain ? `team-${team}-config` : `team.${createHash('sha256').update(team).digest('hex').slice(0, 32)}.config`;
}
