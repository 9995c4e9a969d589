import { report } from '../../../diagnostics/report.ts';
import type { DescribeTemplate, StartInstance } from '../../../ir/obligation.ts';
import type { Span } from '../../../source/span.ts';
import { instanceType } from '../../../tables/instance-types.ts';
import { dollarText, type Lowering } from './lowering.ts';

/** Estimated prices against the limits of all layers: a launch whose price is over one, or not known, is refused. */
export function checkCosts(
  { costs }: DescribeTemplate,
  { instanceType: type }: StartInstance,
  lowering: Lowering,
): void {
  const limits = lowering.layers.flatMap(
    ({ document }) => document.policy_metadata?.value.resource_limits?.value.max_hourly_cost ?? [],
  );
  const [first] = [...limits].sort((left, right) => left.value - right.value);
  if (first === undefined || first.value === 0) return;
  const prices = new Map(costs);
  const defaultArchitecture = type === undefined ? undefined : instanceType(type)?.architecture;
  const related = [{ span: first.span, label: `at most ${dollarText(first.value)}` }];
  for (const [of, price] of costs) {
    if (price <= first.value) continue;
    const isDefault = of === type || (of === defaultArchitecture && !prices.has(type ?? ''));
    const values = { of, price: dollarText(price), limit: dollarText(first.value) };
    const span = priceSpan(of, lowering) ?? first.span;
    lowering.diagnostics.push(
      isDefault ? report('POL5309', span, values, { related }) : report('POL5310', span, values, { related }),
    );
  }
  if (type === undefined || prices.has(type) || prices.has(defaultArchitecture ?? '')) return;
  lowering.diagnostics.push(report('POL5311', first.span, { type }));
}

function priceSpan(of: string, { layers }: Lowering): Span | undefined {
  const entries = layers.flatMap(({ document }) => [
    ...(document.policy_metadata?.value.cost_estimates?.value ?? []),
    ...(document.instance_defaults?.value.estimated_cost_per_hour?.value ?? []),
  ]);
  return entries.findLast(({ key }) => key.value === of)?.value.span;
}
