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
}

export const plannedModels = ['small', 'large', 'large-2', 'coder'] as const;

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
    ...(common === undefined ? {} : { platform_default: common }),
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
  spent: fc.constantFrom(0, 1, 2.5, 3),
  budget: fc.constantFrom(1, 2.5),
});

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
  if (apart && userName === '') return undefined;

  const ofTeam: PlannedSettings[] = [];
  if (team?.overrides !== undefined) ofTeam.push(team.overrides);
  for (let name: string | undefined = tierName; name !== undefined; name = plan.tiers[name]?.extends) {
    ofTeam.push(plan.tiers[name] ?? {});
  }
  ofTeam.push(plan.platform_default ?? {});
  const own = team?.users?.[userName]?.overrides;
  const ofUser = own === undefined ? ofTeam : [own, ...ofTeam];
  const says = <Name extends keyof PlannedSettings>(name: Name, layers = ofUser) =>
    layers.find((each) => each[name] !== undefined)?.[name];

  const budgeted = says('budget_usd_monthly') !== undefined && says('enable_budget_enforcement') !== false;
  if (budgeted && Number(request.spent) >= Number(request.budget)) return undefined;
  const models = says('models_allowed');
  if (models !== undefined && !models.some((each) => fits(each, String(request.model)))) return undefined;

  const bounds: Bound[] = [];
  const common = `${tierName}/${teamName}`;
  for (const [name, hours] of [
    ['token_limit_per_hour', 1],
    ['token_limit_per_day', 24],
    ['token_limit_per_month', 720],
  ] as const) {
    const amount = says(name);
    if (amount === undefined) continue;
    const bucket = own?.[name] === undefined ? common : `${common}/${userName}`;
    bounds.push({ resource: 'tokens', windowMilliseconds: hours * 3_600_000, amount, bucket });
  }
  const burst = says('burst_limit');
  if (burst === undefined) return bounds;
  const windowMilliseconds = lengthOf(says('rate_limit_window'));
  const alone = own?.burst_limit !== undefined || windowMilliseconds !== lengthOf(says('rate_limit_window', ofTeam));
  bounds.push({
    resource: 'requests',
    windowMilliseconds,
    amount: burst,
    bucket: alone ? `${common}/${userName}` : common,
  });
  return bounds;
}

function fits(allowed: string, model: string): boolean {
  if (allowed.endsWith('*')) return model.startsWith(allowed.slice(0, -1));
  return allowed.startsWith('*') ? model.endsWith(allowed.slice(1)) : allowed === model;
}

function lengthOf(window: string | undefined): number {
  return window === '30s' ? 30_000 : window === '1h' ? 3_600_000 : 60_000;
}
