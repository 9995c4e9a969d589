import { printPredicate, printValue } from '../expressions/print.ts';
import { classifications } from './launch-facts.ts';
import type { LimitBody } from './launch-limits.ts';

/** What people call what a launch says of itself. */
const nouns: Readonly<Record<string, string>> = {
  template: 'template',
  instance_type: 'instance type',
  hourly_cost: 'cost of the instance',
  hourly_spend: 'cost of all that runs',
  daily_spend: 'spent in a day',
  monthly_spend: 'spent in a month',
  image_age: 'age of the image',
  base_outdated: 'newer base image',
  approved: 'approved',
  encrypted: 'all volumes encrypted',
};

/** A limit in words: `instance type: t3.large, t3.medium`, `cost of the instance: at most $0.15 an hour`. */
export function printLimit(limit: LimitBody): string {
  switch (limit.kind) {
    case 'one-of':
      return `${noun(limit.attributes)}: ${limit.values.length === 0 ? 'none is left' : limit.values.join(', ')}`;
    case 'none-of':
      return `${noun(limit.attributes)}: not ${limit.values.join(', ')}`;
    case 'at-most':
      return `${noun([limit.attribute])}: ${limit.strict ? 'under' : 'at most'} ${amount(limit.attribute, limit.bound)}`;
    case 'at-least':
      return `${noun([limit.attribute])}: ${limit.strict ? 'over' : 'at least'} ${amount(limit.attribute, limit.bound)}`;
    case 'tagged':
      return `tag ${limit.tag}: not empty`;
    case 'is':
      return `${noun([limit.attribute])}: ${typeof limit.value === 'boolean' ? (limit.value ? 'yes' : 'no') : printed(limit.value)}`;
    case 'condition':
      return printPredicate(limit.holds);
    default: {
      const unreachable: never = limit;
      return unreachable;
    }
  }
}

function noun([name = '']: readonly string[]): string {
  const family = /^(framework|data|tag):(.*)$/.exec(name);
  if (family !== null) return `${family[1] === 'data' ? 'rule' : family[1]} ${family[2]}`;
  return nouns[name] ?? name.replaceAll('_', ' ');
}

function printed(value: Parameters<typeof printValue>[0]): string {
  return typeof value === 'string' ? value : printValue(value);
}

function amount(attribute: string, bound: number | bigint): string {
  if (attribute === 'classification' || attribute === 'clearance')
    return classifications[Number(bound)] ?? String(bound);
  if (attribute === 'image_age') return `${bound} days`;
  if (attribute === 'hourly_cost' || attribute === 'hourly_spend') return `${dollars(bound)} an hour`;
  return attribute.endsWith('_spend') ? dollars(bound) : String(bound);
}

/** Cents, and as many further digits as there are. */
export function dollars(bound: number | bigint): string {
  const cents = Number(bound).toFixed(2);
  return `$${Number(cents) === Number(bound) ? cents : bound}`;
}
