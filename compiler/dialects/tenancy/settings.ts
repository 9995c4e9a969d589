import type { Located } from '../../schema/shape.ts';
import type { SettingName, Settings } from './shape.ts';

/** One place that may say a setting. */
export interface Layer {
  readonly settings: Settings;
  /** The dotted path of the place: `tiers.standard`, `teams.blue.overrides`. */
  readonly topic: string;
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

export function effective<Name extends SettingName>(
  layers: Layers,
  name: Name,
): Effective<NonNullable<Settings[Name]>['value']> | undefined {
  for (const { settings, topic } of layers) {
    const said: Located<NonNullable<Settings[Name]>['value']> | undefined = settings[name];
    if (said !== undefined) return { value: said.value, said, topic: `${topic}.${name}` };
  }
  return undefined;
}
