import { report } from '../../../diagnostics/report.ts';
import { attribute, inSet } from '../../../expressions/predicate.ts';
import { distinct, type Lowering, originOf } from './lowering.ts';
import type { PassingRule } from './match.ts';
import { lowerWindows } from './windows.ts';

/** One rule for the exempt accounts, and one for each time window: events pass where it holds. */
export function lowerExemptions(lowering: Lowering): readonly PassingRule[] {
  return [...lowerAccounts(lowering), ...lowerWindows(lowering)];
}

/** Of the exempt accounts those whose events would be looked at: an event of any other account passes anyway. */
function lowerAccounts(lowering: Lowering): readonly PassingRule[] {
  const { document, diagnostics } = lowering;
  const exempt = document.exceptions?.value.accounts;
  const watched = document.match?.value.account_ids;
  if (exempt === undefined) return [];
  const alive: string[] = [];
  for (const { value, span } of distinct(exempt.value, (account) => account, lowering)) {
    if (watched === undefined || watched.value.some((account) => account.value === value)) {
      alive.push(value);
      continue;
    }
    diagnostics.push(
      report(
        'POL5040',
        span,
        { account: value },
        { related: [{ span: watched.span, label: 'the accounts that are looked at' }] },
      ),
    );
  }
  if (alive.length === 0) return [];
  if (watched?.value.every(({ value }) => alive.includes(value))) {
    const related = [{ span: watched.span, label: 'each of these accounts is exempt' }];
    diagnostics.push(report('POL5048', exempt.span, { why: 'every account that it looks at is exempt' }, { related }));
  }
  const when = inSet(attribute('account'), alive);
  const origin = originOf(exempt.span, lowering);
  return [{ topic: 'exceptions.accounts', origin, when, effect: { kind: 'allow' } }];
}
