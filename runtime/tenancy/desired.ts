import { createHash } from 'node:crypto';
import { limitIdentities } from '../../compiler/backends/kuadrant/limit-identity.ts';
import { isMap, under } from './json.ts';
import { kindOf, tenancyKinds } from './kinds.ts';
import { subjectOf } from './limit-subject.ts';
import type { Json, KubernetesObject } from './port.ts';
import { documentsIn } from './yaml-documents.ts';

/** What the cluster is to hold for one tenancy. */
export interface Tenancy {
  /** The policy's name. */
  readonly policy: string;
  /** The sha-256 of the policy's source, for the audit log. */
  readonly hash: string;
  /** In the order in which they are applied. */
  readonly objects: readonly KubernetesObject[];
}

/** The label that tells the objects of one policy from those of others. */
const policyLabel = 'polc/policy';

/**
 * The annotation with a digest of what was applied. Where it is that of the policy, the policy has not changed since, and
 * whatever differs was changed by others.
 */
export const appliedAnnotation = 'polc/applied';

/** The labels of every object of a policy, by which they are found again. */
export function labelsOf(policy: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/managed-by': 'polc', [policyLabel]: labelValue(policy) };
}

/**
 * Reads the artifact `policies.yaml` of a compiled tenancy.
 *
 * @throws Error where it is not what the backend writes, which the build has validated
 */
export function tenancyOf(policy: string, hash: string, policies: string): Tenancy {
  const objects = documentsIn('policies.yaml', policies).map((value) => objectOf(value, labelsOf(policy)));
  const order = (object: KubernetesObject) => tenancyKinds.findIndex(({ kind }) => kind === object.kind);
  return { policy, hash, objects: objects.sort((one, other) => order(one) - order(other)) };
}

/** The tiers that limits of these objects speak of, sorted. */
export function tiersOf(objects: readonly KubernetesObject[]): readonly string[] {
  const tiers = objects.flatMap(limitIdentities).flatMap((limit) => subjectOf(limit).tiers);
  return [...new Set(tiers)].sort();
}

/** Whether an object of the cluster is one that polc wrote for this policy, or that somebody wrote from what polc built. */
export function isOurs({ metadata }: KubernetesObject, policy: string): boolean {
  const labels = metadata.labels ?? {};
  if (labels['app.kubernetes.io/managed-by'] !== 'polc') return false;
  const of = labels[policyLabel];
  return of === undefined || of === labelValue(policy);
}

function objectOf(value: Json, labels: Readonly<Record<string, string>>): KubernetesObject {
  if (!isObject(value) || kindOf(value) === undefined) throw new Error('policies.yaml holds what is no policy');
  const labelled = { ...value, metadata: { ...value.metadata, labels: { ...value.metadata.labels, ...labels } } };
  const digest = createHash('sha256').update(JSON.stringify(labelled)).digest('hex').slice(0, 16);
  const annotations = { ...value.metadata.annotations, [appliedAnnotation]: digest };
  return { ...labelled, metadata: { ...labelled.metadata, annotations } };
}

export function isObject(value: Json | undefined): value is KubernetesObject {
  if (!isMap(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string') return false;
  const { metadata } = value;
  return typeof under(metadata, 'name') === 'string' && typeof under(metadata, 'namespace') === 'string';
}

/** A policy's name as a label may hold it: at most 63 characters (Labels and Selectors, "Syntax and character set"). */
function labelValue(policy: string): string {
  if (/^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/.test(policy)) return policy;
  const digest = createHash('sha256').update(policy).digest('hex').slice(0, 16);
  const head = policy.replace(/[^\w.-]+/g, '-').slice(0, 40);
  return `p${head}-${digest}`;
}
