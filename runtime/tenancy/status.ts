import { type LimitIdentity, limitIdentities } from '../../compiler/backends/kuadrant/limit-identity.ts';
import type { Tenancy } from './desired.ts';
import { kindOf, placeOf, placeText } from './kinds.ts';
import { amountText, leftOut, subjectOf, subjectOfLimit } from './limit-subject.ts';
import { liveObjects } from './plan.ts';
import type { Answer, Cluster, ObjectPlace } from './port.ts';
import { type Readiness, readinessOf } from './readiness.ts';

export interface TenancyStatus {
  readonly policies: readonly PolicyStatus[];
  readonly limits: readonly LimitStatus[];
}

export interface PolicyStatus {
  readonly place: ObjectPlace;
  /** Absent where there is no such object. */
  readonly generation?: number;
  readonly readiness?: Readiness;
}

/** A limit as it stands in the cluster. */
export interface LimitStatus {
  /** `tier free`, `team research of tier standard` */
  readonly subject: string;
  readonly tiers: readonly string[];
  readonly teams: readonly string[];
  readonly users: readonly string[];
  /** `10,000 tokens in 1 h for each team` */
  readonly text: string;
  readonly identity: LimitIdentity;
  /** Whether the policy that holds it is in force. */
  readonly inForce: boolean;
}

/** What the operator says of each policy, and which limits are in force. */
export async function statusOf(tenancy: Tenancy, cluster: Cluster): Promise<Answer<TenancyStatus>> {
  const listed = await liveObjects(tenancy, cluster);
  if (!listed.ok) return listed;
  const live = new Map(listed.value.map((each) => [placeText(each.place), each]));
  const policies: PolicyStatus[] = [];
  for (const wanted of tenancy.objects) {
    const kind = kindOf(wanted);
    if (kind === undefined) continue;
    const place = placeOf(wanted, kind);
    if (!live.has(placeText(place))) policies.push({ place });
  }
  const limits: LimitStatus[] = [];
  for (const { place, object } of live.values()) {
    const readiness = readinessOf(object);
    const { generation } = object.metadata;
    policies.push({ place, readiness, ...(generation === undefined ? {} : { generation }) });
    for (const identity of limitIdentities(object)) {
      const subject = subjectOf(identity);
      limits.push({
        subject: subjectOfLimit(identity),
        ...subject,
        text: amountText(identity),
        identity,
        inForce: readiness.ready,
      });
    }
  }
  return { ok: true, value: { policies, limits } };
}

/** The limits that may bind a team: those that name it or its tier and do not leave it out. */
export function limitsOfTeam(limits: readonly LimitStatus[], team: string): readonly LimitStatus[] {
  const tiers = new Set(limits.flatMap((limit) => (limit.teams.includes(team) ? limit.tiers : [])));
  // A team that no limit names is of the tier that its keys say, which the policies do not know.
  const isOfTier = (limit: LimitStatus) =>
    tiers.size === 0 || limit.tiers.length === 0 || limit.tiers.some((tier) => tiers.has(tier));
  return limits.filter((limit) =>
    limit.teams.length === 0
      ? isOfTier(limit) && !leftOut(limit.identity).includes(`team ${team}`)
      : limit.teams.includes(team),
  );
}
