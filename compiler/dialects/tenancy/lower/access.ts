import { matchesGlob } from '../../../expressions/glob.ts';
import {
  always,
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  or,
  type Predicate,
} from '../../../expressions/predicate.ts';
import type { Contribution, Decision, Rule } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import type { Team, Tier, User } from '../model.ts';
import { effective, type Layers, limitsUsers } from '../settings.ts';
import { budgetOf } from './budget.ts';
import type { Lowering } from './lowering.ts';

/**
 * Who may use which model, first match: a key that does not say whose it is is refused, and so is a team that has spent
 * its budget; then a rule for each set of models that a tier, teams or users have. All else is refused.
 *
 * A key that lacks the label or annotation that one of the refusals asks for makes it unknown, which refuses too: nobody
 * passes the quotas by not being counted.
 */
export function lowerAccess(lowering: Lowering): Decision {
  const { tiers, start } = lowering;
  const rules: Rule[] = [
    {
      id: 'request/nobody',
      topic: 'teams',
      origin: { span: start, by: 'a key that names no team' },
      when: compare(attribute('team'), '==', literal('')),
      effect: { kind: 'deny' },
    },
    ...tiers.flatMap(namelessUsers),
    ...(lowering.gathered.said.spend_writer === undefined ? [] : tiers.flatMap((tier) => grouped(tier, 'budget'))),
    ...tiers.flatMap((tier) => grouped(tier, 'access')),
  ];
  return {
    point: 'request',
    combine: 'first-match',
    rules,
    otherwise: { id: 'request/otherwise', topic: 'tiers', origin: { span: start }, effect: { kind: 'deny' } },
  };
}

/** Where users are held apart from their team, or each is limited, a key must say whose it is. */
function namelessUsers({ name, is, span, teams, layers }: Tier): readonly Rule[] {
  const nameless = compare(attribute('user'), '==', literal(''));
  const everywhere = limitsUsers(layers);
  const apart = teams
    .filter(({ special, users, layers: own }) => special && (users.length > 0 || limitsUsers(own)))
    .map((team) => team.name);
  if (apart.length === 0 && !everywhere) return [];
  const when = everywhere ? and(is, nameless) : and(is, inSet(attribute('team'), apart), nameless);
  const origin = { span, by: 'a key that names no user' };
  return [{ id: `request/${name}/nobody`, topic: `tiers.${name}`, origin, when, effect: { kind: 'deny' } }];
}

type Aspect = 'budget' | 'access';

/** What a tier, a team or a user has of an aspect; those of one `key` have the same. */
interface Share {
  readonly key: string;
  /** Undefined where no rule is needed. */
  readonly condition: Predicate | undefined;
  readonly topic: string;
  readonly span: Span;
}

function shareOf(aspect: Aspect, layers: Layers, topic: string, span: Span): Share {
  return aspect === 'budget' ? budgetShare(layers, topic, span) : accessShare(layers, topic, span);
}

const overspent = compare(attribute('spent'), '>=', attribute('budget'));

function budgetShare(layers: Layers, topic: string, span: Span): Share {
  const budget = budgetOf(layers);
  return budget === undefined
    ? { key: '', condition: undefined, topic, span }
    : { key: 'budget', condition: overspent, topic: budget.topic, span: budget.said.span };
}

function accessShare(layers: Layers, topic: string, span: Span): Share {
  const models = effective(layers, 'models_allowed');
  // Where a model is counted apart, a request that names none would be counted nowhere.
  const limited = layers.find(({ settings }) => settings.per_model !== undefined);
  const mustName = limited !== undefined;
  if (models === undefined) {
    const said = limited?.settings.per_model;
    if (said === undefined) return { key: '*', condition: always, topic, span };
    return { key: '*?', condition: namesModel, topic: `${limited?.topic}.per_model`, span: said.key ?? said.span };
  }
  const names = [...new Set(models.value.map(({ value }) => value))].sort();
  const allowed = modelsIn(models.value);
  const isNamed = !mustName || !names.some((name) => matchesGlob('', name));
  return {
    key: [...names, ...(isNamed ? [] : ['?'])].join('\n'),
    condition: isNamed ? allowed : and(namesModel, allowed),
    topic: models.topic,
    span: models.said.span,
  };
}

const namesModel = not(compare(attribute('model'), '==', literal('')));

function modelsIn(models: readonly Located<string>[]): Predicate {
  const names = models.map(({ value }) => value);
  const patterns = [...new Set(names.filter((name) => /[*?]/.test(name)))].sort();
  const exact = names.filter((name) => !/[*?]/.test(name));
  const model = attribute('model');
  return or(
    ...(exact.length === 0 && patterns.length > 0 ? [] : [inSet(model, exact)]),
    ...patterns.map((pattern): Predicate => ({ kind: 'glob', term: model, pattern })),
  );
}

/** A rule for the tier, and one for each further share that teams or users of it have. */
function grouped(tier: Tier, aspect: Aspect): readonly Rule[] {
  const common = shareOf(aspect, tier.layers, `tiers.${tier.name}`, tier.span);
  const apart: string[] = [];
  const byShare = new Map<string, { readonly share: Share; readonly teams: Team[] }>();
  const single: Rule[] = [];
  for (const team of tier.teams) {
    if (!team.special) continue;
    const own = shareOf(aspect, team.layers, `teams.${team.name}`, team.span);
    const users = usersApart(team, own, aspect);
    if (users.length === 0 && own.key === common.key) continue;
    apart.push(team.name);
    if (users.length > 0) {
      single.push(...rulesOfTeam(tier, team, own, users, aspect));
      continue;
    }
    const group = byShare.get(own.key);
    if (group === undefined) byShare.set(own.key, { share: own, teams: [team] });
    else group.teams.push(team);
  }
  const rest = apart.length === 0 ? [] : [not(inSet(attribute('team'), apart))];
  return [
    ...ruleOf(`${aspect}/${tier.name}`, common, [tier.is, ...rest], aspect),
    ...[...byShare.values()].flatMap(({ share, teams }) => ruleOfTeams(tier, share, teams, aspect)),
    ...single,
  ];
}

interface UserApart {
  readonly user: User;
  readonly share: Share;
}

function usersApart(team: Team, own: Share, aspect: Aspect): readonly UserApart[] {
  return team.users
    .map((user) => ({ user, share: shareOf(aspect, user.layers, `teams.${team.name}.users.${user.name}`, user.span) }))
    .filter(({ share }) => share.key !== own.key);
}

function rulesOfTeam(tier: Tier, team: Team, own: Share, users: readonly UserApart[], aspect: Aspect): readonly Rule[] {
  const id = `${aspect}/${tier.name}/${team.name}`;
  const names = users.map(({ user }) => user.name);
  return [
    ...ruleOf(id, own, [...team.of, not(inSet(attribute('user'), names))], aspect),
    ...users.flatMap(({ user, share }) =>
      ruleOf(`${id}/${user.name}`, share, [...team.of, compare(attribute('user'), '==', literal(user.name))], aspect),
    ),
  ];
}

/** One rule for the teams that have the same; each keeps its own name in it. */
function ruleOfTeams(tier: Tier, share: Share, teams: readonly Team[], aspect: Aspect): readonly Rule[] {
  const [first, ...others] = teams;
  if (first === undefined) return [];
  const names = teams.map(({ name }) => name);
  const who = names.length === 1 ? [...first.of] : [tier.is, inSet(attribute('team'), names)];
  const [rule] = ruleOf(`${aspect}/${tier.name}/${first.name}`, share, who, aspect);
  if (rule === undefined) return [];
  const merged = others.flatMap((team): readonly Contribution[] => {
    const own = shareOf(aspect, team.layers, `teams.${team.name}`, team.span);
    return ruleOf(`${aspect}/${tier.name}/${team.name}`, own, team.of, aspect).map(({ id, topic, origin, when }) => ({
      id,
      topic,
      origin,
      when,
    }));
  });
  return [merged.length === 0 ? rule : { ...rule, merged }];
}

function ruleOf(id: string, share: Share, who: readonly Predicate[], aspect: Aspect): readonly Rule[] {
  const { condition, topic, span } = share;
  if (condition === undefined) return [];
  const when = condition === always ? and(...who) : and(...who, condition);
  return [{ id, topic, origin: { span }, when, effect: { kind: aspect === 'budget' ? 'deny' : 'allow' } }];
}
