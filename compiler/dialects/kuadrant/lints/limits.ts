import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { shorten } from '../../../schema/scalars.ts';
import { conditionsOf, type KuadrantPolicy, limitsOf, type RateLimit } from '../policy.ts';

/** What the API server accepts of limits and the rate limiter makes nothing of, or something else. */
export function checkLimits(policy: KuadrantPolicy, diagnostics: Diagnostic[]): void {
  if (policy.kind !== 'RateLimitPolicy' && policy.kind !== 'TokenRateLimitPolicy') return;
  const limits = limitsOf(policy);
  for (const limit of limits) {
    if (!limit.hasRates) diagnostics.push(report('POL5130', limit.key, { name: shorten(limit.name) }));
    for (const { limit: amount, limitNode } of limit.rates) {
      if (amount < 0) diagnostics.push(report('POL5131', limitNode.span, { value: amount }));
    }
  }
  const when = conditionsOf(policy)[0];
  if (policy.strategy === 'merge' && when !== undefined) {
    const key = policy.body.entries.find((entry) => entry.key.text === 'when')?.key.span ?? when.span;
    diagnostics.push(report('POL5136', key, {}));
  }
  if (policy.kind === 'TokenRateLimitPolicy') checkShadowed(limits, diagnostics);
}

/**
 * Of two token limits that match the same request only one counts (limitador #513). Whether two predicates can hold at
 * once is not decided here: limits with the same conditions do, and one without conditions matches with every other.
 */
function checkShadowed(limits: readonly RateLimit[], diagnostics: Diagnostic[]): void {
  const byConditions = new Map<string, RateLimit>();
  for (const limit of limits) {
    const key = limit.when
      .map(({ text }) => text.trim())
      .sort()
      .join('\n');
    const other = byConditions.get(key) ?? (key === '' ? byConditions.values().next().value : byConditions.get(''));
    if (other === undefined) byConditions.set(key, limit);
    else {
      diagnostics.push(
        report(
          'POL5139',
          limit.key,
          { name: shorten(limit.name), other: shorten(other.name) },
          { related: [{ span: other.key, label: 'matches the same requests' }] },
        ),
      );
    }
  }
}
