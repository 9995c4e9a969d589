import { keptCapabilities } from '../../ir/capabilities.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import { capabilityNames } from '../../tables/capabilities.ts';

/** `process.capabilities`, undefined where the policy does not decide about capabilities. */
export function processCapabilities(policy: Policy) {
  const decision = decisionAt(policy, 'capability');
  if (decision === undefined) return undefined;
  const bits = keptCapabilities(decision);
  const kept = capabilityNames()
    .filter((_, bit) => (bits >> BigInt(bit)) & 1n)
    .map((name) => `CAP_${name.toUpperCase()}`);
  // Nothing is inherited over an exec by a program that has no right to it: both sets stay empty.
  return { bounding: kept, effective: kept, permitted: kept, inheritable: [], ambient: [] };
}
