import { and, attribute, compare, inSet, literal, not, type Predicate } from '../../../expressions/predicate.ts';
import type { Origin, Quota } from '../../../ir/policy.ts';
import type { Span } from '../../../source/span.ts';
import type { Team, Tier } from '../model.ts';
import { effective, type Layers } from '../settings.ts';
import type { SettingName } from '../shape.ts';
import type { Lowering } from './lowering.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** What one setting limits, as the places that speak of somebody say it. */
interface Amount {
  readonly amount: number;
  readonly windowMilliseconds: number;
  readonly topic: string;
  readonly span: Span;
}

interface LimitedBy {
  readonly field: SettingName;
  readonly resource: Quota['resource'];
  amountOf(layers: Layers): Amount | undefined;
}

/**
 * The quotas of each tier. Every team has its own, and so has every user who says something else; teams that the policy
 * does not name, but whose keys say the tier, are each held to what the tier says. Nothing is joined here: that is left
 * to the pass merge-quotas.
 */
export function lowerQuotas({ tiers, gathered }: Lowering): readonly Quota[] {
  const months = gathered.said.months_as_hours?.value;
  const limits: readonly LimitedBy[] = [
    tokens('token_limit_per_hour', HOUR),
    tokens('token_limit_per_day', 24 * HOUR),
    ...(months === undefined ? [] : [tokens('token_limit_per_month', months * HOUR)]),
    { field: 'burst_limit', resource: 'requests', amountOf: burstOf },
  ];
  return tiers.flatMap((tier) => quotasOf(tier, limits));
}

function tokens(
  field: 'token_limit_per_hour' | 'token_limit_per_day' | 'token_limit_per_month',
  windowMilliseconds: number,
): LimitedBy {
  return {
    field,
    resource: 'tokens',
    amountOf(layers) {
      const found = effective(layers, field);
      return found && { amount: found.value, windowMilliseconds, topic: found.topic, span: found.said.span };
    },
  };
}

function burstOf(layers: Layers): Amount | undefined {
  const found = effective(layers, 'burst_limit');
  const windowMilliseconds = effective(layers, 'rate_limit_window')?.value ?? MINUTE;
  return found && { amount: found.value, windowMilliseconds, topic: found.topic, span: found.said.span };
}

function quotasOf(tier: Tier, limits: readonly LimitedBy[]): readonly Quota[] {
  const quotas: Quota[] = [];
  const whole = tier.teams.map((team) => and(...team.of));
  const others = notNamed(tier);
  for (const limit of limits) {
    const { field, resource } = limit;
    const ofTier = limit.amountOf(tier.layers);
    // One object for the thousands of teams that say nothing else.
    const origin = ofTier === undefined ? undefined : { span: ofTier.span };
    const add = (id: string, when: Predicate, amount: Amount, counters: Quota['counters'], from: Origin) =>
      quotas.push({
        id,
        topic: amount.topic,
        origin: from,
        resource,
        amount: amount.amount,
        windowMilliseconds: amount.windowMilliseconds,
        when,
        counters,
      });
    if (ofTier !== undefined && origin !== undefined) {
      add(`quota/${tier.name}/${field}`, others, ofTier, byTeam, origin);
    }
    tier.teams.forEach((team, index) => {
      const id = `quota/${tier.name}/${team.name}`;
      if (!team.special) {
        if (ofTier !== undefined && origin !== undefined) {
          add(`${id}/${field}`, whole[index]!, ofTier, inCommon, origin);
        }
        return;
      }
      const apart: string[] = [];
      const amount = limit.amountOf(team.layers);
      for (const user of team.users) {
        const own = limit.amountOf(user.layers);
        if (own === undefined || (amount !== undefined && isSame(own, amount))) continue;
        apart.push(user.name);
        const when = and(...team.of, compare(attribute('user'), '==', literal(user.name)));
        add(`${id}/${user.name}/${field}`, when, own, inCommon, { span: own.span });
      }
      if (amount === undefined) return;
      const when = apart.length === 0 ? whole[index]! : withoutUsers(team, apart);
      add(`${id}/${field}`, when, amount, inCommon, { span: amount.span });
    });
  }
  return quotas;
}

/** Whether nothing of its own is said: who is at both is counted in common. */
function isSame(one: Amount, other: Amount): boolean {
  return one.topic === other.topic && one.windowMilliseconds === other.windowMilliseconds;
}

const byTeam = [attribute('team')];
const inCommon: Quota['counters'] = [];

/** That a request is of the tier, and of no team that the policy names. */
function notNamed({ is, teams }: Tier): Predicate {
  if (teams.length === 0) return is;
  return and(
    is,
    not(
      inSet(
        attribute('team'),
        teams.map(({ name }) => name),
      ),
    ),
  );
}

function withoutUsers(team: Team, users: readonly string[]): Predicate {
  return and(...team.of, not(inSet(attribute('user'), users)));
}
