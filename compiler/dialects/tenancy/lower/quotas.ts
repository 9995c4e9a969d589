import {
  and,
  attribute,
  compare,
  inSet,
  literal,
  never,
  not,
  or,
  type Predicate,
} from '../../../expressions/predicate.ts';
import type { Origin, Quota } from '../../../ir/policy.ts';
import type { Team, Tier } from '../model.ts';
import type { Layers } from '../settings.ts';
import { type Bound, type LimitKind, limitKinds } from './bounds.ts';
import type { Lowering } from './lowering.ts';

/**
 * The quotas of each tier. Every team has its own, and so has every user who says something else; teams that the policy
 * does not name, but whose keys say the tier, are each held to what the tier says. Nothing is joined here: that is left
 * to the pass merge-quotas.
 */
export function lowerQuotas({ tiers, gathered }: Lowering): readonly Quota[] {
  const { months_as_hours: months, spend_writer: writer } = gathered.said;
  const kinds = limitKinds(months?.value, writer !== undefined, tiers.flatMap(everyLayers));
  return tiers.flatMap((tier) => quotasOf(tier, kinds));
}

/** Whoever says something of its own. */
function everyLayers({ layers, teams }: Tier): readonly Layers[] {
  const all = [layers];
  for (const team of teams) {
    if (!team.special) continue;
    all.push(team.layers);
    for (const user of team.users) all.push(user.layers);
  }
  return all;
}

function quotasOf(tier: Tier, kinds: readonly LimitKind[]): readonly Quota[] {
  const quotas: Quota[] = [];
  const others = notNamed(tier);
  const all = tier.teams.map(wholeTeam);
  const special = all.filter(({ team }) => team.special);
  for (const kind of kinds) {
    const { path, resource, counters } = kind;
    const ofTier = binding(kind.boundOf(tier.layers));
    // One object for the thousands of teams that say nothing else.
    const origin = ofTier === undefined ? undefined : { span: ofTier.span };
    const add = (id: string, who: Who, bound: Bound, by: Quota['counters'], from: Origin, whole?: Predicate) => {
      const { topic, amount, windowMilliseconds, conditions } = bound;
      const when = conditions.length === 0 ? (whole ?? and(...who)) : and(...who, ...conditions);
      quotas.push({ id, topic, origin: from, resource, amount, windowMilliseconds, when, counters: by });
    };
    if (ofTier !== undefined && origin !== undefined) {
      add(`quota/${tier.name}/${path}`, others, ofTier, [byTeam, ...counters], origin);
    }
    for (const { team, whole } of ofTier === undefined ? special : all) {
      const id = `quota/${tier.name}/${team.name}`;
      if (!team.special) {
        if (ofTier !== undefined && origin !== undefined)
          add(`${id}/${path}`, team.of, ofTier, counters, origin, whole);
        continue;
      }
      const apart: string[] = [];
      const sharing: Sharing[] = [];
      const bound = kind.boundOf(team.layers);
      for (const user of team.users) {
        const said = kind.boundOf(user.layers, user.layers[0]?.settings);
        if (said?.key === bound?.key) continue;
        const own = binding(said);
        if (own !== undefined && bound !== undefined && isSameLimit(own, bound)) {
          sharing.push({ user: user.name, conditions: own.conditions });
          continue;
        }
        apart.push(user.name);
        if (own === undefined) continue;
        const who = [...team.of, compare(attribute('user'), '==', literal(user.name))];
        const by = counters.filter((term) => term.kind !== 'attribute' || term.name !== 'user');
        add(`${id}/${user.name}/${path}`, who, own, by, { span: own.span });
      }
      if (bound === undefined || (sharing.length === 0 && binding(bound) === undefined)) continue;
      const from = { span: bound.span };
      if (sharing.length > 0) {
        const who = apart.length === 0 ? team.of : withoutUsers(team, apart);
        add(`${id}/${path}`, [...who, whereShared(bound, sharing)], { ...bound, conditions: [] }, counters, from);
      } else if (apart.length === 0) add(`${id}/${path}`, team.of, bound, counters, from, whole);
      else add(`${id}/${path}`, withoutUsers(team, apart), bound, counters, from);
    }
  }
  return quotas;
}

/** A user whose requests count in the team's limit where other conditions hold than for the rest of the team. */
interface Sharing {
  readonly user: string;
  readonly conditions: readonly Predicate[];
}

/**
 * Whether two bounds are one limit, said at one place: who says something of a model or of the end of a budget has for that
 * no second one of all that the team has.
 */
function isSameLimit(one: Bound, other: Bound): boolean {
  return (
    one.topic === other.topic && one.amount === other.amount && one.windowMilliseconds === other.windowMilliseconds
  );
}

/** A bound that some request is held to. */
function binding(bound: Bound | undefined): Bound | undefined {
  return bound?.conditions.includes(never) ? undefined : bound;
}

/** Where a request counts in a limit that users share under conditions of their own. */
function whereShared(bound: Bound, sharing: readonly Sharing[]): Predicate {
  const user = attribute('user');
  const others = not(
    inSet(
      user,
      sharing.map((each) => each.user),
    ),
  );
  return or(
    ...(binding(bound) === undefined ? [] : [and(others, ...bound.conditions)]),
    ...sharing.map((each) => and(compare(user, '==', literal(each.user)), ...each.conditions)),
  );
}

/** A team with one condition for all of its limits that add nothing to it. */
function wholeTeam(team: Team): { readonly team: Team; readonly whole: Predicate } {
  return { team, whole: and(...team.of) };
}

/** Conditions that must all hold of who makes a request. */
type Who = readonly Predicate[];

const byTeam = attribute('team');

/** That a request is of the tier, and of no team that the policy names. */
function notNamed({ is, teams }: Tier): Who {
  if (teams.length === 0) return [is];
  return [
    is,
    not(
      inSet(
        attribute('team'),
        teams.map(({ name }) => name),
      ),
    ),
  ];
}

function withoutUsers(team: Team, users: readonly string[]): Who {
  return [...team.of, not(inSet(attribute('user'), users))];
}
