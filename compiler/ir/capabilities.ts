import { capabilityNames } from '../tables/capabilities.ts';
import { decide } from './evaluate.ts';
import type { Decision } from './policy.ts';

/**
 * The capabilities that a decision at `capability` lets a process keep, as a set of 64 bits in the kernel's order. A bit
 * that has no name yet is asked for as `#41`, so that it is what `otherwise` says; what is undecided is dropped.
 */
export function keptCapabilities(decision: Decision): bigint {
  const names = capabilityNames();
  let kept = 0n;
  for (let bit = 0; bit < 64; bit++) {
    const name = names[bit] ?? `#${bit}`;
    const attribute = (asked: string) => (asked === 'capability' ? name : undefined);
    const verdict = decide(decision, { attribute, parameter: () => undefined });
    if (verdict?.effect.kind === 'allow') kept |= 1n << BigInt(bit);
  }
  return kept;
}
