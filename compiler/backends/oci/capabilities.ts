import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../../ir/policy.ts';
import { capabilityNames } from '../../tables/capabilities.ts';

/** `process.capabilities`, undefined where the policy does not decide about capabilities. */
export function processCapabilities(policy: Policy) {
  const decision = decisionAt(policy, 'capability');
  if (decision === undefined) return undefined;
  const kept = keptCapabilities(decision).map((name) => `CAP_${name.toUpperCase()}`);
  // Nothing is inherited over an exec by a program that has no right to it: both sets stay empty.
  return { bounding: kept, effective: kept, permitted: kept, inheritable: [], ambient: [] };
}

function keptCapabilities(decision: Decision): readonly string[] {
  return capabilityNames().filter((capability) => {
    const attribute = (name: string) => (name === 'capability' ? capability : undefined);
    return decide(decision, { attribute, parameter: () => undefined })?.effect.kind === 'allow';
  });
}
