import { attribute, inSet } from '../../../expressions/predicate.ts';
import type { Decision } from '../../../ir/policy.ts';
import { first, type Lowering, origin } from './lowering.ts';

/** The `capability` decision: those that are listed are kept, every other one is dropped. */
export function lowerCapabilities({ layers }: Lowering): Decision | undefined {
  const kept = first(layers, (document) => document.security?.value.capabilities);
  if (kept === undefined) return undefined;
  return {
    point: 'capability',
    combine: 'union-of-allows',
    rules: kept.value.map((entry, index) => ({
      id: `capability/${index}`,
      topic: `security.capabilities[${index}]`,
      origin: origin(entry.span, kept.by),
      when: inSet(attribute('capability'), [entry.value]),
      effect: { kind: 'allow' },
    })),
    otherwise: {
      id: 'capability/otherwise',
      topic: 'security.capabilities',
      origin: origin(kept.span, kept.by),
      effect: { kind: 'deny' },
    },
  };
}
