import type { EnforceAt } from '../../../compiler/ir/obligation.ts';
import type { Answer, Cluster, ClusterFailure } from '../port.ts';
import { budgetFor, type KeyHolder, keyFor, keyIn, type StoredKey } from './key-secret.ts';
import { keyPlace, type Places, recordLabels, secrets } from './places.ts';
import type { Records } from './records.ts';

/**
 * The keys that the service has made, in one list.
 *
 * @param of whose; all where nobody is named
 */
export async function readKeys(
  cluster: Cluster,
  places: Places,
  of: Partial<Pick<KeyHolder, 'team' | 'user'>> = {},
): Promise<Answer<readonly StoredKey[]>> {
  const { keys, labels } = places.keys;
  const holder = {
    ...(of.team === undefined ? {} : { [labels.team]: of.team }),
    ...(of.user === undefined ? {} : { [labels.user]: of.user }),
  };
  const wanted = { ...recordLabels(places.policy, 'key'), ...holder };
  const listed = await cluster.list(secrets, keys.namespace, wanted);
  if (!listed.ok) return listed;
  return { ok: true, value: listed.value.flatMap((secret) => keyIn(places, secret) ?? []) };
}

/** What became of keys: those that went with their holders, those that say something else now, and what failed. */
export interface KeysInStep {
  readonly deleted: readonly StoredKey[];
  readonly changed: readonly StoredKey[];
  readonly failures: readonly ClusterFailure[];
}

/**
 * Makes keys say what the records say: a key whose team or member is gone is deleted, another has the tier and the budget of
 * its holder. It may be done again at any time, and goes on after a failure.
 *
 * @param team only the keys of this team; undefined for all
 */
export async function bringKeysInStep(
  cluster: Cluster,
  places: Places,
  { budgets }: Pick<EnforceAt, 'budgets'>,
  records: Records,
  team?: string,
): Promise<Answer<KeysInStep>> {
  const keys = await readKeys(cluster, places, team === undefined ? {} : { team });
  if (!keys.ok) return keys;
  const deleted: StoredKey[] = [];
  const changed: StoredKey[] = [];
  const failures: ClusterFailure[] = [];
  for (const key of keys.value) {
    const holder = holderOf(records, budgets, key);
    if (holder === undefined) {
      const answer = await cluster.delete(keyPlace(places, key.id), key.secret.metadata.uid ?? '');
      if (answer.ok) deleted.push(key);
      else failures.push(answer.failure);
    } else if (holder.tier !== key.tier || holder.budget !== key.budget) {
      const answer = await cluster.apply(keyFor(places, key, holder), { force: true });
      if (answer.ok) changed.push(key);
      else if (answer.failure.kind !== 'conflict') failures.push(answer.failure);
    }
  }
  return { ok: true, value: { deleted, changed, failures } };
}

/** What a key of a member is to say; undefined where there is no such member. */
export function holderOf(
  records: Records,
  budgets: EnforceAt['budgets'],
  { team, user }: Pick<KeyHolder, 'team' | 'user'>,
): KeyHolder | undefined {
  const record = records.teams.get(team);
  if (record?.users === undefined || !Object.hasOwn(record.users, user)) return undefined;
  const { tier } = record;
  return { team, user, tier, budget: budgetFor(budgets, { tier, team, user }) };
}
