import { report } from '../../../diagnostics/report.ts';
import type { Span } from '../../../source/span.ts';
import type { MatchDocument } from '../shape.ts';
import type { Lowering } from './lowering.ts';

type Source = 'budgets' | 'anomaly';

/** What the events of a source never say. Source: the messages of AWS Budgets and of Cost Anomaly Detection. */
const unsaid: readonly {
  readonly key: 'services' | 'regions' | 'tags';
  readonly source: Source;
  readonly advice: string;
}[] = [
  { key: 'services', source: 'budgets', advice: 'say what each budget is for with `--budget-map`' },
  { key: 'regions', source: 'budgets', advice: 'say what each budget is for with `--budget-map`' },
  { key: 'tags', source: 'budgets', advice: 'say what each budget is for with `--budget-map`' },
  { key: 'tags', source: 'anomaly', advice: 'use a budget that is filtered by the tag' },
];

/**
 * Says which conditions are unknown for which source. Unknown is neither yes nor no: people are told of such an event,
 * and nothing acts by itself.
 */
export function checkSources({ document, diagnostics }: Lowering): void {
  const match = document.match?.value;
  const sources = match?.source;
  if (match === undefined || sources === undefined) return;
  const chosen = new Set<Source>(sources.value.map(({ value }) => value));
  for (const key of ['services', 'regions', 'tags'] as const) {
    const condition = match[key];
    const silent = unsaid.filter((each) => each.key === key && chosen.has(each.source));
    if (condition === undefined || silent.length === 0) continue;
    const values = { field: `match.${key}`, source: silent.map(({ source }) => `\`${source}\``).join(' and ') };
    const span = condition.key ?? condition.span;
    const options = { related: [{ span: sources.span, label: 'where the events come from' }], help: silent[0]!.advice };
    diagnostics.push(
      silent.length === chosen.size
        ? report('POL5047', span, values, options)
        : report('POL5065', span, values, options),
    );
  }
  if (match.cost_rate_change !== undefined) {
    diagnostics.push(report('POL5066', match.cost_rate_change.span, {}));
  }
  checkForecast(match, chosen, sources.span);

  function checkForecast({ forecast_overage: forecast }: MatchDocument, from: ReadonlySet<Source>, span: Span): void {
    if (forecast?.value !== true || from.has('budgets') || from.size === 0) return;
    const why = 'an anomaly is spent already, never a forecast';
    const related = [{ span, label: 'only anomalies' }];
    diagnostics.push(report('POL5048', forecast.span, { why }, { related }));
  }
}
