import { classifications } from '../../compiler/ir/launch-facts.ts';
import type { Written } from './written-yaml.ts';

/** What a profile and an invitation can limit, as options. */
export const limitOptions = {
  'template-whitelist': {
    type: 'list',
    value: 'NAME,...',
    doc: 'the templates that may be launched; `*` stands for any characters',
    also: ['allowed-templates'],
  },
  'template-blacklist': {
    type: 'list',
    value: 'NAME,...',
    doc: 'templates that may not, whatever allows them',
    also: ['denied-templates'],
  },
  'image-whitelist': {
    type: 'list',
    value: 'NAME,...',
    doc: 'the images that may be launched, by id or name',
    also: ['ami-whitelist', 'allowed-images'],
  },
  'max-instance-types': {
    type: 'list',
    value: 'TYPE,...',
    doc: 'the instance types that may be launched',
    also: ['allowed-instance-types'],
  },
  'allowed-regions': { type: 'list', value: 'REGION,...', doc: 'where may be launched' },
  'forbidden-regions': {
    type: 'list',
    value: 'REGION,...',
    doc: 'where nothing is launched',
    also: ['denied-regions'],
  },
  'max-hourly-cost': { type: 'number', value: 'DOLLARS', doc: 'the most that one instance may cost in an hour' },
  'max-hourly-budget': { type: 'number', value: 'DOLLARS', doc: 'the most that all that runs may cost in an hour' },
  'max-daily-budget': { type: 'number', value: 'DOLLARS', doc: 'the most that may be spent in a day' },
  'max-monthly-budget': { type: 'number', value: 'DOLLARS', doc: 'the most that may be spent in a month' },
  'required-tags': { type: 'list', value: 'KEY,...', doc: 'the tags that a launch has to ask for' },
  'required-frameworks': {
    type: 'list',
    value: 'NAME,...',
    doc: 'the compliance frameworks that a template has to be made for',
    also: ['compliance-required'],
  },
  clearance: {
    type: 'choice',
    choices: classifications,
    doc: 'the highest classification that may be launched',
    also: ['security-clearance'],
  },
} as const;

/** The keys of a policy by option, the first that is written and the others that say the same. */
const keys: Readonly<Record<keyof typeof limitOptions, readonly [key: string, ...others: string[]]>> = {
  'template-whitelist': ['allowed_templates', 'template_whitelist'],
  'template-blacklist': ['denied_templates', 'template_blacklist'],
  'image-whitelist': ['allowed_images', 'image_whitelist', 'ami_whitelist'],
  'max-instance-types': ['allowed_instance_types', 'max_instance_types'],
  'allowed-regions': ['allowed_regions'],
  'forbidden-regions': ['forbidden_regions', 'denied_regions'],
  'max-hourly-cost': ['max_hourly_cost'],
  'max-hourly-budget': ['max_hourly_budget'],
  'max-daily-budget': ['max_daily_budget'],
  'max-monthly-budget': ['max_monthly_budget'],
  'required-tags': ['required_tags'],
  'required-frameworks': ['required_frameworks', 'compliance_required'],
  clearance: ['clearance', 'security_clearance', 'compliance_level'],
};

type LimitValues = { readonly [Name in keyof typeof limitOptions]: readonly string[] | string | number | undefined };

/** The limits that were asked for, as fields of a policy. */
export function limitFieldsOf(options: LimitValues): readonly (readonly [key: string, value: Written])[] {
  return limitNames.flatMap((name): readonly (readonly [string, Written])[] => {
    const value = options[name];
    return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[keys[name][0], value]];
  });
}

/** The keys under which a policy may say what one of these fields says. */
export function keysLike(key: string): readonly string[] {
  return Object.values(keys).find(([first]) => first === key) ?? [key];
}

const limitNames = [
  'template-whitelist',
  'template-blacklist',
  'image-whitelist',
  'max-instance-types',
  'allowed-regions',
  'forbidden-regions',
  'max-hourly-cost',
  'max-hourly-budget',
  'max-daily-budget',
  'max-monthly-budget',
  'required-tags',
  'required-frameworks',
  'clearance',
] as const;
