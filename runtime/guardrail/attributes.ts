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
      return familyMember(event, name, at, clock);
  }
}

export function accountOf(event: CostEvent, cause: Cause): string | undefined {
  return cause.account ?? (event.source === 'budgets' ? event.account : undefined);
}

function familyMember(event: CostEvent, name: string, at: number, clock: LocalClock): Value | undefined {
  if (name.startsWith('tag:')) return event.tags.get(name.slice('tag:'.length));
  if (name.startsWith('minute@')) return integer(clock.at(name.slice('minute@'.length), at)?.minute);
  if (name.startsWith('weekday@')) return integer(clock.at(name.slice('weekday@'.length), at)?.weekday);
  return undefined;
}

/** Integers are bigint in predicates. */
function integer(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
