import { report } from '../../../diagnostics/report.ts';
import { attribute, compare, inSet, literal, not, type Predicate } from '../../../expressions/predicate.ts';
import type { Rule } from '../../../ir/policy.ts';
import type { Span } from '../../../source/span.ts';
import type { MatchDocument } from '../shape.ts';
import { checkRegions, distinct, type Lowering, originOf, refuseEmpty } from './lowering.ts';

export type PassingRule = Omit<Rule, 'id'>;

/** One rule for each condition of `match`, in the order of the reference: an event passes where the condition fails. */
export function lowerMatch(lowering: Lowering): readonly PassingRule[] {
  const match = lowering.document.match?.value;
  if (match === undefined) return [];
  for (const key of ['source', 'account_ids', 'services', 'regions', 'tags'] as const) {
    refuseEmpty(match[key], `match.${key}`, lowering);
  }
  checkAmounts(match, lowering);
  const rules: PassingRule[] = [];
  const passes = (key: string, span: Span, when: Predicate) => {
    const origin = originOf(span, lowering);
    rules.push({ topic: `match.${key}`, origin, when, effect: { kind: 'allow' } });
  };
  const among = (name: string, values: readonly string[]) => not(inSet(attribute(name), values));
  const same = (value: string) => value;

  const { source, account_ids: accounts, services, regions, min_amount_usd: min, max_amount_usd: max } = match;
  if (source !== undefined) {
    const values = distinct(source.value, same, lowering).map(({ value }) => value);
    passes('source', source.span, among('source', values));
  }
  if (accounts !== undefined) {
    const values = distinct(accounts.value, same, lowering).map(({ value }) => value);
    passes('account_ids', accounts.span, among('account', values));
  }
  if (min !== undefined) passes('min_amount_usd', min.span, compare(attribute('amount'), '<', literal(min.value)));
  if (max !== undefined) passes('max_amount_usd', max.span, compare(attribute('amount'), '>', literal(max.value)));
  if (services !== undefined) {
    const families = distinct(services.value, ({ names }) => names.join('\n'), lowering);
    // An event that was not made by Cost Explorer may name the family as the author does.
    const names = families.flatMap(({ value }) => [value.written, ...value.names]);
    passes('services', services.span, among('service', names));
  }
  if (regions !== undefined) {
    checkRegions(regions.value, lowering);
    const values = distinct(regions.value, same, lowering).map(({ value }) => value);
    passes('regions', regions.span, among('region', values));
  }
  const { cost_rate_change: rate, forecast_overage: forecast } = match;
  if (rate !== undefined) {
    const { inclusive, percent } = rate.value;
    passes('cost_rate_change', rate.span, compare(attribute('rate_change'), inclusive ? '<' : '<=', literal(percent)));
  }
  if (forecast !== undefined) {
    passes('forecast_overage', forecast.span, compare(attribute('forecast'), '==', literal(!forecast.value)));
  }
  lowerTags(match, passes, lowering);
  return rules;
}

function lowerTags(
  { tags }: MatchDocument,
  passes: (key: string, span: Span, when: Predicate) => void,
  lowering: Lowering,
): void {
  const whole = (tags?.value ?? []).flatMap((each, index) => {
    const { key, value } = each.value;
    return key === undefined || value === undefined
      ? []
      : [{ ...each, value: { index, key: key.value, value: value.value } }];
  });
  const values = new Map<string, { readonly value: string; readonly span: Span }>();
  for (const { value: tag, span } of distinct(whole, ({ key, value }) => `${key}\n${value}`, lowering)) {
    const other = values.get(tag.key);
    if (other !== undefined) {
      lowering.diagnostics.push(
        report(
          'POL5048',
          span,
          { why: `the tag \`${tag.key}\` cannot be both \`${other.value}\` and \`${tag.value}\`` },
          { related: [{ span: other.span, label: 'asks for the other value' }] },
        ),
      );
    }
    values.set(tag.key, { value: tag.value, span });
    passes(`tags[${tag.index}]`, span, not(compare(attribute(`tag:${tag.key}`), '==', literal(tag.value))));
  }
}

function checkAmounts({ min_amount_usd: min, max_amount_usd: max }: MatchDocument, lowering: Lowering): void {
  const { document, diagnostics } = lowering;
  if (min !== undefined && max !== undefined && max.value <= min.value) {
    const related = [{ span: min.span, label: 'the least amount' }];
    diagnostics.push(report('POL5030', max.span, {}, { related }));
  }
  const mode = document.mode;
  if (min?.value === 0 && mode !== undefined && mode.value !== 'dry_run') {
    const related = [{ span: mode.span, label: mode.value === 'auto' ? 'acts by itself' : 'asks each time' }];
    diagnostics.push(report('POL5032', min.span, {}, { related }));
  }
}
