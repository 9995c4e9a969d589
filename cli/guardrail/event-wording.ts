import { accountOf } from '../../runtime/guardrail/attributes.ts';
import type { Cause, CostEvent } from '../../runtime/guardrail/cost-event.ts';
import { LocalClock } from '../../runtime/guardrail/local-time.ts';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** What an event says of an attribute that is known, in words. */
export function attributeText(name: string, event: CostEvent, cause: Cause, at: number): string {
  switch (name) {
    case 'source':
      return event.source === 'budgets' ? 'the event comes from AWS Budgets' : 'the event is an anomaly';
    case 'account':
      return `the account is ${accountOf(event, cause)}`;
    case 'amount':
      return `${amountNoun(event)} is ${event.amount.toFixed(2)}`;
    case 'service':
      return `the service is ${cause.service}`;
    case 'region':
      return `the region is ${cause.region}`;
    case 'forecast':
      return event.forecast ? 'the amount is a forecast' : 'the amount has been spent, it is no forecast';
    case 'rate_change':
      return changeText(event.rateChange ?? 0);
    default:
      if (name.startsWith('tag:')) {
        const key = name.slice('tag:'.length);
        return `the tag ${key} is ${event.tags.get(key)}`;
      }
      return timeText(name.slice(name.indexOf('@') + 1), at);
  }
}

function amountNoun({ source, forecast }: CostEvent): string {
  if (source === 'anomaly') return 'the total impact';
  return forecast ? 'FORECASTED amount' : 'ACTUAL amount';
}

function changeText(percent: number): string {
  if (!Number.isFinite(percent)) return 'nothing was spent in the earlier periods';
  const amount = `${Math.abs(percent).toFixed(1)}%`;
  return percent < 0
    ? `the amount is ${amount} below the mean of earlier periods`
    : `the amount exceeds the mean of earlier periods by ${amount}`;
}

function timeText(zone: string, at: number): string {
  const time = new LocalClock().at(zone, at);
  if (time === undefined) return `the time in ${zone} is unknown`;
  const two = (number: number) => String(number).padStart(2, '0');
  return `it is ${weekdays[time.weekday]} ${two(Math.floor(time.minute / 60))}:${two(time.minute % 60)} in ${zone}`;
}

/** Why an attribute is unknown, and what makes it known. */
export function unknownText(name: string, event: CostEvent, given: { budgetMap: boolean; history: boolean }): string {
  if (name === 'rate_change') {
    return given.history
      ? 'the history has no earlier period of it'
      : 'an event does not say what was spent before; use --history';
  }
  if (name.includes('@')) return `this machine knows no time zone ${name.slice(name.indexOf('@') + 1)}`;
  const noun = name.startsWith('tag:') ? `tag ${name.slice('tag:'.length)}` : name;
  if (event.source === 'anomaly') return `no root cause of the anomaly names the ${noun}`;
  return given.budgetMap
    ? `the budget map names no ${noun} for the budget \`${event.subject}\``
    : `a Budgets notification names no ${noun}; use --budget-map`;
}
