import { report } from '../../../diagnostics/report.ts';
import type { Obligation } from '../../../ir/policy.ts';
import { first, type Lowering, origin } from './lowering.ts';

/** `adaptive:` as transitions, one a trigger. */
export function lowerAdaptive({ layers, diagnostics }: Lowering): readonly Obligation[] {
  const upgrade = first(layers, (document) => document.adaptive?.value.auto_upgrade);
  const downgrade = first(layers, (document) => document.adaptive?.value.auto_downgrade);
  const triggers = first(layers, (document) => document.adaptive?.value.triggers);
  if (triggers === undefined) return [];
  const seen = new Set<string>();
  return triggers.value.flatMap((item) =>
    item.value.flatMap(({ key, value }): readonly Obligation[] => {
      const to = value.value === 'upgrade' ? upgrade : downgrade;
      if (to === undefined) {
        diagnostics.push(report('POL5019', value.span, { direction: value.value, key: `auto_${value.value}` }));
        return [];
      }
      if (seen.has(key.value)) {
        diagnostics.push(report('POL5020', key.span, { trigger: key.value }));
        return [];
      }
      seen.add(key.value);
      return [
        {
          id: `transition/${key.value}`,
          topic: `adaptive.triggers.${key.value}`,
          origin: origin(key.span, triggers.by),
          kind: 'transition',
          event: key.value,
          to: to.value,
        },
      ];
    }),
  );
}
