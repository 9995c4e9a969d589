import type { Spend, WindowSpend } from './spend.ts';

/** The attributes that budgets limit. */
export type BudgetAttribute = 'hourly_spend' | 'daily_spend' | 'monthly_spend';

/**
 * The arithmetic of a budget: `$0.42/h running + $0.19/h this = $0.61/h exceeds $0.50/h`. Amounts have as many digits as
 * it takes for the sum to be right as it stands, and for the difference to the limit to be seen.
 *
 * @param limit US dollars an hour, a day or a month
 */
export function budgetText(attribute: BudgetAttribute, spend: Spend, limit: number): string {
  switch (attribute) {
    case 'hourly_spend': {
      const { running, this: own, total } = spend.hour;
      return sum([running, own], total, limit, (texts, all, most, verdict) => {
        return `${texts[0]}/h running + ${texts[1]}/h this = ${all}/h ${verdict} ${most}/h`;
      });
    }
    case 'daily_spend':
      return windowText(spend.day, limit, 'today', 'until 00:00 UTC', 'a day');
    case 'monthly_spend':
      return windowText(spend.month, limit, 'this month', "until the month's end", 'a month');
    default: {
      const unreachable: never = attribute;
      return unreachable;
    }
  }
}

function windowText(window: WindowSpend, limit: number, when: string, until: string, each: string): string {
  const { spent, running, this: own, total } = window;
  return sum([spent, running, own], total, limit, (texts, all, most, verdict) => {
    const [before, left, planned] = texts;
    return `${before} spent ${when} + ${left} running ${until} + ${planned} this = ${all} ${verdict} ${most} ${each}`;
  });
}

function sum(
  parts: readonly number[],
  total: number,
  limit: number,
  write: (parts: readonly string[], total: string, limit: string, verdict: string) => string,
): string {
  const digits = [2, 3, 4, 5, 6, 7, 8].find((count) => isTelling(parts, total, limit, count)) ?? 9;
  const text = (dollars: number) => `$${dollars.toFixed(digits)}`;
  return write(parts.map(text), text(total), text(limit), total > limit ? 'exceeds' : 'is within');
}

/** Whether amounts of so many digits add up, and compare with the limit as the amounts themselves do. */
function isTelling(parts: readonly number[], total: number, limit: number, digits: number): boolean {
  const units = (dollars: number) => Math.round(Number(dollars.toFixed(digits)) * 10 ** digits);
  const added = parts.reduce((all, part) => all + units(part), 0);
  // A small part must not be read as nothing.
  if (parts.some((part) => part > 0 && units(part) === 0) || added !== units(total)) return false;
  return units(limit) / 10 ** digits === limit && units(total) > units(limit) === total > limit;
}
