import { isOurs, labelsOf } from '../desired.ts';
import type { Answer, Cluster, KubernetesObject } from '../port.ts';
import { pendingKey, readPending, readTemplates, writeKey } from './config-maps.ts';
import { type Places, pendingPlace, recordLabels, secrets, teamPlace, templatesPlace } from './places.ts';
import type { Records, RecordWrite, TeamDocument } from './records.ts';
import { teamIn, teamSecret } from './team-secret.ts';

/** Reads what the cluster holds: one list and two objects. */
export async function readRecords(cluster: Cluster, places: Places): Promise<Answer<Records>> {
  const { namespace } = places.keys.keys;
  const listed = await cluster.list(secrets, namespace, recordLabels(places.policy, 'team'));
  if (!listed.ok) return listed;
  const templates = await readTemplates(cluster, places.templates);
  if (!templates.ok) return templates;
  const pending = await readPending(cluster, places);
  if (!pending.ok) return pending;
  const teams = new Map<string, TeamDocument>();
  for (const secret of listed.value) {
    const found = teamIn(places, secret);
    if (found !== undefined) teams.set(found.name, found.team);
  }
  return { ok: true, value: { teams, templates: templates.value, pending: pending.value } };
}

/** Writes one record; what was written is given where it is still there. */
export async function writeRecord(
  cluster: Cluster,
  places: Places,
  write: RecordWrite,
): Promise<Answer<KubernetesObject | undefined>> {
  const labels = labelsOf(places.policy);
  switch (write.record) {
    case 'team':
      // The record is the service's own, whoever touched it.
      return writeTeam(cluster, places, write.name, write.value);
    case 'template':
      return writeKey(cluster, templatesPlace(places), write.name, write.value, labels);
    case 'pending': {
      const text = write.value === null ? null : JSON.stringify(write.value);
      return writeKey(cluster, pendingPlace(places), pendingKey(write.name), text, labels);
    }
    default: {
      const unreachable: never = write;
      return unreachable;
    }
  }
}

async function writeTeam(
  cluster: Cluster,
  places: Places,
  name: string,
  team: TeamDocument | null,
): Promise<Answer<KubernetesObject | undefined>> {
  const place = teamPlace(places, name);
  const live = await cluster.read(place);
  if (!live.ok && live.failure.kind !== 'not-found') return live;
  if (live.ok && !isOurs(live.value, places.policy)) {
    const message = `a Secret \`${place.name}\` is there that is not of the policy`;
    return {
      ok: false,
      failure: { kind: 'conflict', call: `patch secrets ${place.namespace}/${place.name}`, message },
    };
  }
  if (team !== null) return cluster.apply(teamSecret(places, name, team), { force: true });
  if (!live.ok) return { ok: true, value: undefined };
  const deleted = await cluster.delete(place, live.value.metadata.uid ?? '');
  return deleted.ok ? { ok: true, value: undefined } : deleted;
}
