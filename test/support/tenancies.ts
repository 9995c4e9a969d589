import fc from 'fast-check';
import type { Requests } from '../../compiler/ir/grants.ts';

/** A tenancy policy as plain values, in the words of the dialect. */
export interface TenancyPlan {
  readonly platform_default?: PlannedSettings;
  readonly tiers: Readonly<Record<string, PlannedSettings & { readonly extends?: string }>>;
  readonly teams: Readonly<Record<string, PlannedTeam>>;
}

interface PlannedTeam {
  readonly tier: string;
  readonly overrides?: PlannedSettings;
  readonly users?: Readonly<Record<string, { readonly overrides?: PlannedSettings }>>;
}

export interface PlannedSettings {
  readonly token_limit_per_hour?: number;
  readonly token_limit_per_day?: number;
  readonly token_limit_per_month?: number;
  readonly budget_usd_monthly?: number;
  readonly models_allowed?: readonly string[];
  readonly rate_limit_window?: string;
  readonly burst_limit?: number;
  readonly enable_budget_enforcement?: boolean;
  readonly per_user?: PlannedLimits;
  readonly per_model?: Readonly<Record<string, PlannedLimits>>;
  readonly near_budget?: PlannedLimits & { readonly at?: string; readonly per_user?: PlannedLimits };
}

/** The limits of users, of models (those of tokens only), and near the end of a budget. */
interface PlannedLimits {
  readonly token_limit_per_hour?: number | string;
  readonly token_limit_per_day?: number | string;
  readonly burst_limit?: number | string;
}

export const plannedModels = ['small', 'large', 'large-2', 'coder', 'older'] as const;

/** Amounts of each kind are in a range of their own, so that a request tells by which it is bound. */
const limits = (least: number, names: readonly (keyof PlannedLimits)[] = tokenNames) =>
  fc.record(
    Object.fromEntries(names.map((name) => [name, fc.integer({ min: least, max: least + 1 })])) as {
      [Name in keyof PlannedLimits]: fc.Arbitrary<number>;
    },
    { requiredKeys: [] },
  );
const tokenNames = ['token_limit_per_hour', 'token_limit_per_day'] as const;
const limitNames = [...tokenNames, 'burst_limit'] as const;

const nearBudget = fc
  .tuple(
    fc.constantFrom(undefined, '50%', '90%'),
    limits(40, limitNames),
    fc.option(limits(50, limitNames), { nil: undefined, freq: 1 }),
  )
  .map(([at, own, users]) => ({
    ...(at === undefined ? {} : { at }),
    ...own,
    ...(users === undefined ? {} : { per_user: users }),
  }));

const settings: fc.Arbitrary<PlannedSettings> = fc.record(
  {
    token_limit_per_hour: fc.integer({ min: 1, max: 3 }),
    token_limit_per_day: fc.integer({ min: 1, max: 3 }),
    token_limit_per_month: fc.integer({ min: 1, max: 3 }),
    budget_usd_monthly: fc.constantFrom(1, 2.5),
    models_allowed: fc.uniqueArray(fc.constantFrom(...plannedModels, 'large*', '*er'), { minLength: 1, maxLength: 3 }),
    rate_limit_window: fc.constantFrom('30s', '1m', '60s', '1h'),
    burst_limit: fc.integer({ min: 1, max: 3 }),
    enable_budget_enforcement: fc.boolean(),
    per_user: limits(10, limitNames),
    per_model: fc.record({ large: limits(20), '*er': limits(30) }, { requiredKeys: [] }),
    near_budget: nearBudget,
  },
  { requiredKeys: [] },
);

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 3 });

const tierNames = ['free', 'standard', 'premium'] as const;
const teamNames = ['blue', 'green', 'red', 'grey', '7'] as const;
const userNames = ['alice', 'bob'] as const;

/** Plans of at most three tiers, of which later ones may extend earlier ones, and five teams. */
export const tenancyPlan: fc.Arbitrary<TenancyPlan> = fc
  .tuple(
    maybe(settings),
    fc.array(fc.tuple(settings, fc.nat(5)), { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(2), maybe(settings), fc.array(maybe(maybe(settings)), { maxLength: 2 })), {
      maxLength: 5,
    }),
  )
  .map(([common, tiers, teams]) => ({
    // What holds near the end of a budget needs one.
    platform_default: { budget_usd_monthly: 1, ...common },
    tiers: Object.fromEntries(
      tiers.map(([own, base], index) => [
        tierNames[index]!,
        base < index ? { ...own, extends: tierNames[base]! } : own,
      ]),
    ),
    teams: Object.fromEntries(
      teams.map(([tier, overrides, users], index) => [
        teamNames[index]!,
        {
          tier: tierNames[tier % tiers.length]!,
          ...(overrides === undefined ? {} : { overrides }),
          users: Object.fromEntries(
            users.map((own, at) => [userNames[at]!, own === undefined ? {} : { overrides: own }]),
          ),
        },
      ]),
    ),
  }));

/** The attributes of a request; those of `request` that no tenancy policy speaks of are left out. */
export const tenancyRequest: fc.Arbitrary<Requests['attributes']> = fc.record({
  tier: fc.constantFrom(...tierNames, 'unheard-of'),
  team: fc.constantFrom(...teamNames, 'unnamed', 'other', ''),
  user: fc.constantFrom(...userNames, 'carol', ''),
  model: fc.constantFrom(...plannedModels, 'unheard-of'),
  spent: fc.constantFrom(0, 0.5, 0.9, 1, 2.1, 2.5, 3),
  budget: fc.constantFrom(1, 2.5),
});

/** Requests of the users of each team, for two models, with little and with most of the budget spent. */
export function requestsOfAll({ teams }: TenancyPlan): readonly Requests['attributes'][] {
  return Object.entries(teams).flatMap(([team, { tier }]) =>
    [...userNames, 'carol'].flatMap((user) =>
      ['small', 'large'].flatMap((model) => [0, 0.95].map((spent) => ({ tier, team, user, model, spent, budget: 1 }))),
    ),
  );
}

/** What binds a request: an amount in a window, and with whom it is counted. */
export interface Bound {
  readonly resource: 'requests' | 'tokens';
  readonly windowMilliseconds: number;
  readonly amount: number;
  readonly bucket: string;
}

/** What a plan means for a request, in the plainest words: undefined where it is refused. */
export function meaningOf(plan: TenancyPlan, request: Requests['attributes']): readonly Bound[] | undefined {
  const tierName = String(request.tier);
  const teamName = String(request.team);
  const userName = String(request.user);
  if (plan.tiers[tierName] === undefined || teamName === '') return undefined;
  const listed = plan.teams[teamName];
  const team = listed?.tier === tierName ? listed : undefined;
  const apart = Object.values(team?.users ?? {}).some(({ overrides }) => overrides !== undefined);

  const ofTeam: PlannedSettings[] = [];
  if (team?.overrides !== undefined) ofTeam.push(team.overrides);
  for (let name: string | undefined = tierName; name !== undefined; name = plan.tiers[name]?.extends) {
    ofTeam.push(plan.tiers[name] ?? {});
  }
  ofTeam.push(plan.platform_default ?? {});
  const limitsUsers = ofTeam.some(({ per_user, near_budget }) => (per_user ?? near_budget?.per_user) !== undefined);
  if ((apart || limitsUsers) && userName === '') return undefined;
  const own = team?.users?.[userName]?.overrides;
  const ofUser = own === undefined ? ofTeam : [own, ...ofTeam];
  const says = <Name extends keyof PlannedSettings>(name: Name, layers = ofUser) =>
    layers.find((each) => each[name] !== undefined)?.[name];

  const budgeted = says('budget_usd_monthly') !== undefined && says('enable_budget_enforcement') !== false;
  if (budgeted && Number(request.spent) >= Number(request.budget)) return undefined;
  const models = says('models_allowed');
  if (models !== undefined && !models.some((each) => fits(each, String(request.model)))) return undefined;

  const model = String(request.model);
  const common = `${tierName}/${teamName}`;
  const bounds: Bound[] = [];
  const add = (kind: (layers: readonly PlannedSettings[]) => Said | undefined, counted = '') => {
    const said = kind(ofUser);
    if (said === undefined || !said.holds) return;
    const ofOthers = kind(ofTeam);
    const alone = own !== undefined && JSON.stringify(said.key(layerOf)) !== JSON.stringify(ofOthers?.key(layerOf));
    const { resource, windowMilliseconds, amount } = said;
    bounds.push({
      resource,
      windowMilliseconds,
      amount,
      bucket: alone ? `${common}/${userName}` : `${common}${counted}`,
    });
  };
  const layerOf = (layer: PlannedSettings) => ofUser.indexOf(layer);
  const patterns = ['large', '*er'];
  for (const name of [...limitNames, 'token_limit_per_month'] as const) {
    const isBurst = name === 'burst_limit';
    const hours = { token_limit_per_hour: 1, token_limit_per_day: 24, token_limit_per_month: 720, burst_limit: 0 }[
      name
    ];
    const resource = isBurst ? 'requests' : 'tokens';
    /** What the first layer says that says it, unless `holds` is false of the request; `key` tells it from another limit. */
    const said = (
      layers: readonly PlannedSettings[],
      amountIn: (layer: PlannedSettings) => number | string | undefined,
      holds: boolean,
    ): Said | undefined => {
      const layer = layers.find((each) => amountIn(each) !== undefined);
      if (layer === undefined) return undefined;
      const amount = Number(amountIn(layer));
      const windowMilliseconds = isBurst
        ? lengthOf(layers.find((each) => each.rate_limit_window !== undefined)?.rate_limit_window)
        : hours * 3_600_000;
      return {
        resource,
        windowMilliseconds,
        amount,
        holds,
        key: (of) => [of(layer), windowMilliseconds],
      };
    };
    const limitIn = (of: PlannedLimits | undefined) => (name === 'token_limit_per_month' ? undefined : of?.[name]);
    const isSaid = (layers: readonly PlannedSettings[], in_: (layer: PlannedSettings) => PlannedLimits | undefined) =>
      layers.some((each) => limitIn(in_(each)) !== undefined);
    /** Of how much of the budget on the request is near its end, where that is asked and the budget enforced. */
    const nearAt = (layers: readonly PlannedSettings[], asked: boolean) => {
      const first = <T>(of: (layer: PlannedSettings) => T | undefined) =>
        layers.map(of).find((each) => each !== undefined);
      if (!asked || first((each) => each.enable_budget_enforcement) === false) return undefined;
      if (first((each) => each.budget_usd_monthly) === undefined) return undefined;
      return Number.parseInt(first((each) => each.near_budget?.at) ?? '80', 10) / 100;
    };
    const share = Number(request.spent) / Number(request.budget);
    const isNear = (at: number | undefined) => at !== undefined && share >= at;
    const near = (layer: PlannedSettings) => layer.near_budget;
    const nearUser = (layer: PlannedSettings) => layer.near_budget?.per_user;
    const ofModel = (pattern: string) => (layer: PlannedSettings) => (isBurst ? undefined : layer.per_model?.[pattern]);

    add((layers) => {
      const at = nearAt(layers, isSaid(layers, near));
      const apart = patterns.filter((pattern) => isSaid(layers, ofModel(pattern)));
      const isApart = apart.some((pattern) => fits(pattern, model));
      return said(layers, (layer) => layer[name], !isNear(at) && !isApart);
    });
    for (const pattern of patterns) {
      const counted = pattern.includes('*') ? `/model ${model}` : `/model ${pattern}`;
      add((layers) => {
        const at = nearAt(layers, isSaid(layers, near));
        return said(layers, (each) => limitIn(ofModel(pattern)(each)), fits(pattern, model) && !isNear(at));
      }, counted);
    }
    if (own?.[name] === undefined) {
      add((layers) => {
        const at = nearAt(layers, isSaid(layers, nearUser));
        return said(layers, (each) => limitIn(each.per_user), !isNear(at));
      }, `/user ${userName}`);
    }
    for (const [where, counted] of [
      [near, ''],
      [nearUser, `/user ${userName}`],
    ] as const) {
      add((layers) => {
        const at = nearAt(layers, true);
        return said(layers, (each) => limitIn(where(each)), isNear(at));
      }, counted);
    }
  }
  return bounds;
}

/** A limit that some layer says. */
interface Said {
  readonly resource: Bound['resource'];
  readonly windowMilliseconds: number;
  readonly amount: number;
  readonly holds: boolean;
  readonly key: (layerOf: (layer: PlannedSettings) => number) => readonly unknown[];
}

function fits(allowed: string, model: string): boolean {
  if (allowed.endsWith('*')) return model.startsWith(allowed.slice(0, -1));
  return allowed.startsWith('*') ? model.endsWith(allowed.slice(1)) : allowed === model;
}

function lengthOf(window: string | undefined): number {
  return window === '30s' ? 30_000 : window === '1h' ? 3_600_000 : 60_000;
}
