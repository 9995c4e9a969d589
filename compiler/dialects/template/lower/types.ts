import { report } from '../../../diagnostics/report.ts';
import type { Span } from '../../../source/span.ts';
import { instanceTypes } from '../../../tables/instance-types.ts';
import { type Lowering, listed } from './lowering.ts';

/** The names of the two keys of one allow-list. */
export const typeLists = ['max_instance_types', 'allowed_instance_types'] as const;

/**
 * The instance types that all layers allow, sorted; undefined where none limits them. Reports where nothing is left.
 */
export function allowedTypes(lowering: Lowering): readonly string[] | undefined {
  let allowed: readonly string[] | undefined;
  let place: Span | undefined;
  const keep = (names: ReadonlySet<string>, span: Span) => {
    const before = allowed;
    allowed = before === undefined ? [...names] : before.filter((name) => names.has(name));
    if (allowed.length > 0 || before === undefined || before.length === 0) {
      place ??= span;
      return;
    }
    const related = place === undefined ? [] : [{ span: place, label: 'allows others' }];
    lowering.diagnostics.push(report('POL5302', span, { types: listed(before) }, { related }));
  };
  for (const { document } of lowering.layers) {
    const metadata = document.policy_metadata?.value;
    for (const key of typeLists) {
      const list = metadata?.resource_limits?.value[key];
      const names = new Set(list?.value.map(({ value }) => value));
      // A list that is empty is reported as such.
      if (list !== undefined && names.size > 0) keep(names, list.span);
    }
    const gpu = metadata?.requires_gpu;
    if (gpu?.value === true) keep(new Set(typesWithGpu()), gpu.span);
  }
  return allowed === undefined ? undefined : [...allowed].sort();
}

export function typesWithGpu(): readonly string[] {
  return [...instanceTypes()].filter(({ gpus }) => gpus > 0).map(({ name }) => name);
}
