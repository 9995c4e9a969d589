import { report } from '../../../diagnostics/report.ts';
import type { Span } from '../../../source/span.ts';
import type { Layer } from '../inherit.ts';
import { rank, writtenIn } from './classification.ts';
import { dollarText, type Lowering, listed } from './lowering.ts';
import { typeLists } from './types.ts';

const asksFor = { approval_required: 'only with an approval', requires_gpu: 'only with a GPU' } as const;

/** Says where the template is wider than what it inherits: the limit of the other stays. */
export function checkNarrowing({ layers, own, diagnostics }: Lowering): void {
  const wider = (span: Span, written: string, layer: Layer, place: Span, limit: string) => {
    const related = [{ span: place, label: 'stays in force' }];
    diagnostics.push(report('POL5304', span, { written, parent: layer.name, limit }, { related }));
  };
  const metadata = own.document.policy_metadata?.value;
  const limits = metadata?.resource_limits?.value;
  for (const layer of layers.slice(0, -1)) {
    const theirs = layer.document.policy_metadata?.value;
    const other = theirs?.resource_limits?.value;
    for (const { value, span } of typeLists.flatMap((key) => limits?.[key]?.value ?? [])) {
      const list = typeLists
        .map((key) => other?.[key])
        .find((each) => each?.value.every((type) => type.value !== value));
      if (list === undefined || list.value.length === 0) continue;
      wider(span, value, layer, list.span, listed(list.value.map((type) => type.value)));
    }
    const profiles = theirs?.allowed_profiles;
    for (const { value, span } of metadata?.allowed_profiles?.value ?? []) {
      if (profiles === undefined || profiles.value.some((each) => each.value === value)) continue;
      wider(span, value, layer, profiles.span, listed(profiles.value.map((each) => each.value)));
    }
    const most = limits?.max_hourly_cost;
    const ceiling = other?.max_hourly_cost;
    if (most !== undefined && ceiling !== undefined && most.value > ceiling.value) {
      wider(most.span, dollarText(most.value), layer, ceiling.span, dollarText(ceiling.value));
    }
    const [classified] = writtenIn(own);
    const [inherited] = writtenIn(layer);
    if (classified !== undefined && inherited !== undefined && rank(classified) < rank(inherited)) {
      wider(classified.span, classified.value, layer, inherited.span, inherited.value);
    }
    for (const key of ['approval_required', 'requires_gpu'] as const) {
      const asked = theirs?.[key];
      const waived = metadata?.[key];
      if (asked?.value === true && waived?.value === false)
        wider(waived.span, 'false', layer, asked.span, asksFor[key]);
    }
  }
}
