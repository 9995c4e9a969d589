import type { Value } from '../../compiler/expressions/predicate.ts';
import type { Cause, CostEvent } from './cost-event.ts';
import type { LocalClock } from './local-time.ts';

/**
 * An attribute of the point `cost-event` for one cause of an event; undefined is unknown.
 *
 * The account of a budget's event is the account that has the budget, unless a budget map tells whose spending it
 * counts; an anomaly's is that of the root cause, since the account that watches may be another.
 *
 * @param at when the event is evaluated, in milliseconds since 1970
 */
export function attributeOf(
  event: CostEvent,
  cause: Cause,
  name: string,
  at: number,
  clock: LocalClock,
): Value | undefined {
  const value = plainAttributeOf(event, cause, name, at, clock);
  // The two attributes of the point that are integers, which predicates have as bigint.
  return typeof value === 'number' && name.includes('@') ? BigInt(value) : value;
}

/** The same with integers as numbers, as generated JavaScript takes them. */
export function plainAttributeOf(
  event: CostEvent,
  cause: Cause,
  name: string,
  at: number,
  clock: LocalClock,
): string | number | boolean | undefined {
  switch (name) {
    case 'source':
      return event.source;
    case 'account':
      return accountOf(event, cause);
    case 'amount':
      return event.amount;
    case 'service':
      return cause.service;
    case 'region':
      return cause.region;
    case 'forecast':
      return event.forecast;
    case 'rate_change':
      return event.rateChange;
    default:
      if (name.startsWith('tag:')) return event.tags.get(name.slice('tag:'.length));
      if (name.startsWith('minute@')) return clock.at(name.slice('minute@'.length), at)?.minute;
      if (name.startsWith('weekday@')) return clock.at(name.slice('weekday@'.length), at)?.weekday;
      return undefined;
  }
}

export function accountOf(event: CostEvent, cause: Cause): string | undefined {
  return cause.account ?? (event.source === 'budgets' ? event.account : undefined);
}
