import { type LimitIdentity, limitIdentities } from '../../compiler/backends/kuadrant/limit-identity.ts';
import { grouped } from '../../compiler/diagnostics/grouped.ts';
import { under } from './json.ts';
import { amountText, leftOut, subjectOf, subjectOfLimit, windowText } from './limit-subject.ts';
import type { KubernetesObject } from './port.ts';

/**
 * What becomes of one limit.
 * - `added`, `removed`.
 * - `amount`, `conditions`: the limit stays the same to the rate limiter, and what was counted is kept.
 * - `reset`: its window or what it counts by changes, so that its counters begin at zero.
 * - `moved`: the whole policy goes to another gateway or route, where its limits are counted anew.
 * - `renamed`: another name for the same conditions, window and counters: its counters begin at zero, and metrics tell the new name.
 */
export interface LimitChange {
  readonly change: 'added' | 'removed' | 'amount' | 'conditions' | 'reset' | 'moved' | 'renamed';
  /** `TokenRateLimitPolicy llm/platform-tiers` */
  readonly object: string;
  /** The name of the limit, as the metrics of the rate limiter have it: the one before, where it has one; `*` of `moved`. */
  readonly limit: string;
  /** Of `renamed`. */
  readonly to?: string;
  /** Whether what was counted until now is forgotten. */
  readonly resets: boolean;
  /** What it means, in words. */
  readonly meaning: string;
}

/** Compares the limits of the objects that are there with those that are to be there. */
export function limitChanges(
  live: readonly KubernetesObject[],
  wanted: readonly KubernetesObject[],
): readonly LimitChange[] {
  const before = byName(live);
  const after = byName(wanted);
  const changes: LimitChange[] = movedObjects(live, wanted);
  const gone: LimitIdentity[] = [];
  const fresh: LimitIdentity[] = [];
  for (const [name, rates] of before) {
    const others = after.get(name);
    if (others === undefined) gone.push(...rates);
    else changes.push(...sameName(rates, others));
  }
  for (const [name, rates] of after) if (!before.has(name)) fresh.push(...rates);
  const shapes = new Map<string, LimitIdentity[]>();
  for (const each of gone) shapes.set(shape(each), [...(shapes.get(shape(each)) ?? []), each]);
  const tiers = tiersByTeam([...before.values()].flat());
  const renamed = new Set<LimitIdentity>();
  for (const each of fresh) {
    const old = shapes.get(shape(each))?.shift();
    if (old === undefined) changes.push(added(each, tiers));
    else {
      renamed.add(old);
      changes.push({
        ...of(old, 'renamed', true, `${subject(old)}: ${amountText(each)}, under another name, begins at zero`),
        to: each.limit,
      });
    }
  }
  return [...changes, ...gone.filter((each) => !renamed.has(each)).map(removed)];
}

/**
 * Policies that stay and go to another target. The rate limiter counts for each route apart (kuadrant-operator,
 * `LimitsNamespaceFromRoute`).
 */
function movedObjects(live: readonly KubernetesObject[], wanted: readonly KubernetesObject[]): LimitChange[] {
  const targets = new Map(live.map((object) => [placeOfObject(object), targetText(object)]));
  return wanted.flatMap((object) => {
    const place = placeOfObject(object);
    const before = targets.get(place);
    const after = targetText(object);
    if (before === undefined || before === after) return [];
    const isAuth = object.kind === 'AuthPolicy';
    const then = isAuth
      ? `${before} asks for no keys by it any more`
      : 'what was counted stays only on routes of both, and the first is limited by it no more';
    const meaning = `${place} goes from ${before} to ${after}: ${then}`;
    return [{ change: 'moved', object: place, limit: '*', resets: !isAuth, meaning }];
  });
}

function placeOfObject({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return `${kind} ${namespace}/${name}`;
}

/** `Gateway web`, `HTTPRoute models, rule-1` */
function targetText(object: KubernetesObject): string {
  const [kind, name, section] = ['kind', 'name', 'sectionName'].map((key) => under(object, 'spec', 'targetRef', key));
  return `${kind} ${name}${section === undefined ? '' : `, ${section}`}`;
}

function sameName(before: readonly LimitIdentity[], after: readonly LimitIdentity[]): readonly LimitChange[] {
  const changes: LimitChange[] = [];
  const left = [...after];
  const unmatched: LimitIdentity[] = [];
  for (const old of before) {
    const at = left.findIndex(({ id }) => id === old.id);
    if (at === -1) {
      unmatched.push(old);
      continue;
    }
    const [now] = left.splice(at, 1);
    if (now !== undefined) changes.push(...kept(old, now));
  }
  // A rate of the same limit that is counted otherwise: the first that has gone stands for the first that is new.
  for (const old of unmatched) {
    const now = left.shift();
    if (now === undefined) {
      changes.push(removed(old));
      continue;
    }
    const why = old.seconds === now.seconds ? 'is counted by something else' : `in ${windowText(old.seconds)} before`;
    changes.push(of(old, 'reset', true, `${subject(now)}: ${amountText(now)}, ${why}, begins at zero`));
  }
  return [...changes, ...left.map((each) => added(each))];
}

function kept(old: LimitIdentity, now: LimitIdentity): readonly LimitChange[] {
  const changes: LimitChange[] = [];
  if (old.amount !== now.amount) {
    const meaning = `${subject(now)}: ${amountText(now)}, ${grouped(old.amount)} before; what was counted stays`;
    changes.push(of(old, 'amount', false, meaning));
  }
  if (JSON.stringify(old.when) !== JSON.stringify(now.when)) {
    const without = leftOut(now).filter((name) => !leftOut(old).includes(name));
    const also = leftOut(old).filter((name) => !leftOut(now).includes(name));
    const whom = [
      ...(without.length === 0 ? [] : [`no more for ${without.join(', ')}`]),
      ...(also.length === 0 ? [] : [`now also for ${also.join(', ')}`]),
    ];
    const difference = whom.length === 0 ? 'for other requests than before' : whom.join(' and ');
    const stays = now.amount === 0 ? '' : '; what was counted stays';
    const meaning = `${subject(now)}: ${amountText(now)}, ${difference}${stays}`;
    changes.push(of(old, 'conditions', false, meaning));
  }
  return changes;
}

function added(limit: LimitIdentity, before: Tiers = new Map()): LimitChange {
  if (limit.amount === 0) return of(limit, 'added', false, `${subject(limit)} ${amountText(limit)}`);
  const { tiers, teams } = subjectOf(limit);
  const [team = ''] = teams;
  const old = [...(before.get(team) ?? [])].filter((tier) => !tiers.includes(tier));
  const moved = teams.length === 1 && tiers.length === 1 && old.length > 0 ? ` (of tier ${old.join(', ')} before)` : '';
  const text = `${subject(limit)}${moved} may use ${amountText(limit)}${own(limit, 'from now on apart')}`;
  return of(limit, 'added', false, text);
}

function removed(limit: LimitIdentity): LimitChange {
  if (limit.amount === 0) return of(limit, 'removed', true, `${subject(limit)} is refused no more`);
  const rest = own(limit, 'and counts in the limits of its tier, if any');
  return of(limit, 'removed', true, `${subject(limit)} has no limit of ${amountText(limit)} any more${rest}`);
}

/** By team, the tiers that its limits speak of. */
type Tiers = ReadonlyMap<string, ReadonlySet<string>>;

function tiersByTeam(limits: readonly LimitIdentity[]): Tiers {
  const found = new Map<string, Set<string>>();
  for (const limit of limits) {
    const { teams, tiers } = subjectOf(limit);
    for (const team of teams) found.set(team, new Set([...(found.get(team) ?? []), ...tiers]));
  }
  return found;
}

/** What follows for a team or a user that is named. */
function own(limit: LimitIdentity, text: string): string {
  const { teams, users } = subjectOf(limit);
  return teams.length + users.length === 0 ? '' : `, ${text}`;
}

function of(limit: LimitIdentity, change: LimitChange['change'], resets: boolean, meaning: string): LimitChange {
  return { change, object: objectText(limit), limit: limit.limit, resets, meaning };
}

function subject(limit: LimitIdentity): string {
  return subjectOfLimit(limit);
}

function objectText({ kind, namespace, policy }: LimitIdentity): string {
  return `${kind} ${namespace}/${policy}`;
}

/** All that two limits share of which one takes the other's place. */
function shape({ kind, namespace, seconds, counters, when }: LimitIdentity): string {
  return JSON.stringify([kind, namespace, seconds, counters, when]);
}

function byName(objects: readonly KubernetesObject[]): ReadonlyMap<string, readonly LimitIdentity[]> {
  const found = new Map<string, LimitIdentity[]>();
  for (const object of objects) {
    for (const identity of limitIdentities(object)) {
      const name = `${objectText(identity)} ${identity.limit}`;
      const list = found.get(name);
      if (list === undefined) found.set(name, [identity]);
      else list.push(identity);
    }
  }
  return found;
}
