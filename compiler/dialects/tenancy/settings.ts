import type { Located } from '../../schema/shape.ts';
import type { YamlNode } from '../../source/tree.ts';
import type { Share } from './amount.ts';
import type { LimitName, SettingName, Settings, TokenLimitName } from './setting-fields.ts';

/** One place that may say a setting. */
export interface Layer {
  readonly settings: Settings;
  /** The dotted path of the place: `tiers.standard`, `teams.blue.overrides`. */
  readonly topic: string;
  /** As it was written, with what is wrong in it. */
  readonly node: YamlNode;
}

/** The places that speak of a tier, a team or a user, the one that counts most first. */
export type Layers = readonly Layer[];

/** A setting as the first place says it that says it at all. */
export interface Effective<T> {
  readonly value: T;
  readonly said: Located<T>;
  /** The dotted path of the field. */
  readonly topic: string;
}

/** A limit that may be a share of the team's. */
export type EffectiveAmount = Effective<number | Share>;

/** The settings that say what each user may use, or what holds near the end of the budget. */
type Users = NonNullable<Settings['per_user']>['value'];

export function effective<Name extends SettingName>(
  layers: Layers,
  name: Name,
): Effective<NonNullable<Settings[Name]>['value']> | undefined {
  return firstSaid(
    layers,
    name,
    (settings): Located<NonNullable<Settings[Name]>['value']> | undefined => settings[name],
  );
}

/** What each user may use, always or, where `near` is true, near the end of the budget. */
export function effectivePerUser(layers: Layers, name: LimitName, near: boolean): EffectiveAmount | undefined {
  return firstSaid(
    layers,
    `${near ? 'near_budget.' : ''}per_user.${name}`,
    (settings) => usersIn(settings, near)?.[name],
  );
}

/** What may be used of a model, by the name or pattern that the policy gives it. */
export function effectivePerModel(layers: Layers, model: string, name: TokenLimitName): EffectiveAmount | undefined {
  return firstSaid(
    layers,
    `per_model.${model}.${name}`,
    ({ per_model: models }) => models?.value.find(({ key }) => key.value === model)?.value.value[name],
  );
}

/** What a team may use near the end of its budget. */
export function effectiveNearBudget(layers: Layers, name: LimitName): EffectiveAmount | undefined {
  return firstSaid(layers, `near_budget.${name}`, ({ near_budget: near }) => near?.value[name]);
}

const usualPart = 80;

/** The percentage of the budget from which on that holds. */
export function nearFrom(layers: Layers): number {
  return firstSaid(layers, 'near_budget.at', ({ near_budget: near }) => near?.value.at)?.value ?? usualPart;
}

/** Whether a place writes a setting that cannot be read, which has been said of it there. */
export function isMisread(layers: Layers, name: SettingName): boolean {
  return layers.some(
    ({ settings, node }) =>
      settings[name] === undefined && node.kind === 'map' && node.entries.some(({ key }) => key.text === name),
  );
}

/** Whether some place limits each user. */
export function limitsUsers(layers: Layers): boolean {
  return layers.some(({ settings }) => [false, true].some((near) => usersIn(settings, near) !== undefined));
}

/** The names and patterns of models that some place limits, in the order in which they are met. */
export function limitedModels(layers: Layers): readonly string[] {
  const found = layers.flatMap(({ settings }) => settings.per_model?.value.map(({ key }) => key.value) ?? []);
  return found.length < 2 ? found : [...new Set(found)];
}

export function usersIn({ per_user: always, near_budget: near }: Settings, isNear: boolean): Users | undefined {
  return isNear ? near?.value.per_user?.value : always?.value;
}

function firstSaid<T>(
  layers: Layers,
  name: string,
  saidIn: (settings: Settings) => Located<T> | undefined,
): Effective<T> | undefined {
  for (const { settings, topic } of layers) {
    const said = saidIn(settings);
    if (said !== undefined) return { value: said.value, said, topic: `${topic}.${name}` };
  }
  return undefined;
}
