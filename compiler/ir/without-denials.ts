import type { Decision } from './policy.ts';

/** The decision as it is where nothing takes back what its rules allow: what Landlock makes of one in which denials win. */
export function withoutDenials(decision: Decision): Decision {
  if (decision.combine !== 'deny-overrides') return decision;
  return { ...decision, rules: decision.rules.filter(({ effect }) => effect.kind === 'allow') };
}
