import { randomBytes } from 'node:crypto';
import { keyTemplate } from '../../../compiler/backends/kuadrant/key-template.ts';
import type { Budget, EnforceAt } from '../../../compiler/ir/obligation.ts';
import { isMap, under } from '../json.ts';
import { ownedPart } from '../owned-fields.ts';
import type { JsonMap, KubernetesObject } from '../port.ts';
import { keyPlace, type Places, recordLabels } from './places.ts';
import { without } from './records.ts';

/** Whose a key is, and what its Secret says besides. */
export interface KeyHolder {
  readonly team: string;
  readonly user: string;
  readonly tier: string;
  /** What stands in the annotation of the budget; undefined where there is none. */
  readonly budget: string | undefined;
}

/** A key of the cluster, without the key itself. */
export interface StoredKey extends KeyHolder {
  readonly id: string;
  readonly created: string | undefined;
  readonly secret: KubernetesObject;
}

/** 128 random bits: what the Secret is named by. */
export function newKeyId(): string {
  return randomBytes(16).toString('hex');
}

/** 256 random bits, in characters that headers take as they are. */
export function newKey(): string {
  return randomBytes(32).toString('base64url');
}

/** The Secret that Authorino looks a key up in: it compares the key itself, so the Secret holds it in plain. */
export function keySecret(
  places: Places,
  enforceAt: EnforceAt,
  id: string,
  key: string,
  holder: KeyHolder,
): KubernetesObject {
  const { kind, namespace, name } = keyPlace(places, id);
  const template = keyTemplate(enforceAt);
  const chosen = isTemplate(template) ? textsOf(under(template, 'metadata', 'labels')) : {};
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name,
      namespace,
      labels: { ...chosen, ...labelsOfHolder(places, holder) },
      annotations: { ...budgetOf(places, holder), [places.keys.annotations.spent]: '0' },
    },
    type: 'Opaque',
    data: { api_key: Buffer.from(key).toString('base64') },
  };
}

/** What a Secret of the service's keys says; undefined where it lacks a label, or is of another policy. */
export function keyIn(
  { policy, keys: { labels, annotations } }: Places,
  secret: KubernetesObject,
): StoredKey | undefined {
  const { name, creationTimestamp, labels: said = {}, annotations: noted = {} } = secret.metadata;
  const team = said[labels.team];
  const user = said[labels.user];
  const tier = said[labels.tier];
  const id = /^api-key-([0-9a-f]{32})$/.exec(name)?.[1];
  const ours = Object.entries(recordLabels(policy, 'key')).every(([label, value]) => said[label] === value);
  if (!ours || id === undefined || team === undefined || user === undefined || tier === undefined) return undefined;
  const created = typeof creationTimestamp === 'string' ? creationTimestamp : undefined;
  return { id, team, user, tier, budget: noted[annotations.budget], created, secret };
}

/** What polc applied of a key's Secret, for another holder; what was spent is left to whoever wrote it last. */
export function keyFor(places: Places, { secret }: StoredKey, holder: KeyHolder): KubernetesObject {
  const { apiVersion, kind, metadata } = secret;
  const part = ownedPart(secret);
  const owned = isMap(part.metadata) ? part.metadata : {};
  const annotations = textsOf(
    without(isMap(owned.annotations) ? owned.annotations : {}, places.keys.annotations.budget),
  );
  const { uid, name, namespace } = metadata;
  return {
    ...part,
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...(uid === undefined ? {} : { uid }),
      labels: { ...textsOf(owned.labels), ...labelsOfHolder(places, holder) },
      annotations: { ...annotations, ...budgetOf(places, holder) },
    },
  };
}

/** What a key of a user may spend, as its Secret has it: of several budgets, the one that names most counts. */
export function budgetFor(
  budgets: readonly Budget[],
  { tier, team, user }: Pick<KeyHolder, 'tier' | 'team' | 'user'>,
): string | undefined {
  let found: Budget | undefined;
  const names = (budget: Budget) => (budget.user === undefined ? 0 : 2) + (budget.team === undefined ? 0 : 1);
  for (const budget of budgets) {
    if (budget.tier !== tier) continue;
    if (budget.team !== undefined && budget.team !== team) continue;
    if (budget.user !== undefined && budget.user !== user) continue;
    if (found === undefined || names(budget) > names(found)) found = budget;
  }
  return found === undefined ? undefined : String(found.dollars);
}

function labelsOfHolder({ policy, keys: { labels } }: Places, { team, user, tier }: KeyHolder) {
  return { ...recordLabels(policy, 'key'), [labels.team]: team, [labels.user]: user, [labels.tier]: tier };
}

function budgetOf({ keys: { annotations } }: Places, { budget }: KeyHolder): Readonly<Record<string, string>> {
  return budget === undefined ? {} : { [annotations.budget]: budget };
}

function isTemplate(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isTemplate(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (typeof each === 'string' ? [[key, each]] : [])),
  );
}
