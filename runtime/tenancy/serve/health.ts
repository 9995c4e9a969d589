import { labelsOf } from '../desired.ts';
import { driftOf } from '../drift.ts';
import { tenancyKinds } from '../kinds.ts';
import { statusOf } from '../status.ts';
import { errorsOf } from './carry-out.ts';
import { desiredText } from './desired-text.ts';
import { bringKeysInStep } from './keys-in-step.ts';
import type { ServiceWorld } from './platform.ts';
import { readRecords } from './stored-records.ts';

/** What readiness is made of, in the order in which it is answered. */
export const checkNames = ['operator', 'templates', 'policies', 'drift'] as const;
export type CheckName = (typeof checkNames)[number];

/** What a check of the cluster found. */
export interface Health {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** When all of it was looked at: while an operation is under way, some is as it was then. */
  readonly wholeAt: number;
  /** Why a check fails; a check that is not here succeeds. */
  readonly failing: ReadonlyMap<CheckName, string>;
  readonly activeTeams: number | undefined;
  readonly drifted: number | undefined;
}

/**
 * Looks at the whole of what the service answers for, and brings keys in step that are not.
 * - `operator`: the API server answers, knows Kuadrant's kinds, and the operator has looked at every policy that is there.
 * - `templates`: templates and teams compile. `policies`: each is accepted and enforced. `drift`: nothing differs.
 *
 * @param before what the last check found, where an operation is under way: while policies change, what it said of them counts
 * @param keys whether keys may be changed
 */
export async function checkHealth(
  service: ServiceWorld,
  { keys: mayChange, before }: { readonly keys: boolean; readonly before?: Health },
): Promise<Health> {
  const { world, places, platform } = service;
  const { cluster } = world;
  const failing = new Map<CheckName, string>();
  const health = (rest: Partial<Health> = {}): Health => {
    for (const name of checkNames) if (!known.has(name)) failing.set(name, 'it could not be looked at');
    const at = world.now();
    const wholeAt = before?.wholeAt ?? at;
    return { at, wholeAt, failing, activeTeams: undefined, drifted: undefined, ...rest };
  };
  const known = new Set<CheckName>();
  const say = (name: CheckName, problem: string | undefined) => {
    known.add(name);
    if (problem !== undefined) failing.set(name, problem);
  };
  for (const kind of tenancyKinds) {
    const listed = await cluster.list(kind, places.keys.keys.namespace, labelsOf(places.policy));
    if (listed.ok) continue;
    say('operator', `\`${listed.failure.call}\` failed: ${listed.failure.message}`);
    return health();
  }
  const read = await readRecords(cluster, places);
  if (!read.ok) {
    say('operator', `\`${read.failure.call}\` failed: ${read.failure.message}`);
    return health();
  }
  const records = read.value;
  const compiled = platform.compile(desiredText(records, places.templates));
  const { tenancy, enforceAt } = compiled;
  if (tenancy === undefined || enforceAt === undefined) {
    say('operator', undefined);
    say('templates', errorsOf(compiled)[0]?.message ?? 'they do not compile');
    return health();
  }
  say('templates', undefined);
  if (before !== undefined) {
    say('operator', before.failing.get('operator'));
    say('policies', before.failing.get('policies'));
    say('drift', before.failing.get('drift'));
    return health({ activeTeams: before.activeTeams, drifted: before.drifted });
  }
  const status = await statusOf(tenancy, cluster);
  const drift = await driftOf(tenancy, cluster);
  if (!status.ok || !drift.ok) {
    const failure = status.ok ? (drift.ok ? undefined : drift.failure) : status.failure;
    say('operator', `\`${failure?.call}\` failed: ${failure?.message}`);
    return health();
  }
  const { policies } = status.value;
  const unseen = policies.find(({ readiness }) => readiness !== undefined && !readiness.current);
  say(
    'operator',
    unseen === undefined ? undefined : `${unseen.place.kind.kind} ${unseen.place.name}: ${unseen.readiness?.reason}`,
  );
  const unready = policies.find(({ readiness }) => readiness?.ready !== true);
  const { kind, name } = unready?.place ?? {};
  say('policies', unready && `${kind?.kind} ${name}: ${unready.readiness?.reason ?? 'it is not there'}`);
  let wrongKeys = 0;
  if (mayChange) {
    const keys = await bringKeysInStep(cluster, places, enforceAt, records);
    if (!keys.ok) {
      say('drift', `\`${keys.failure.call}\` failed: ${keys.failure.message}`);
      return health();
    }
    wrongKeys = keys.value.failures.length;
  }
  const drifted = drift.value.drift.length + wrongKeys;
  say('drift', drifted === 0 ? undefined : `${drifted} objects differ from the policy`);
  const activeTeams = unready === undefined ? records.teams.size : 0;
  return health({ activeTeams, drifted });
}
