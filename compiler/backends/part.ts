import type { Limit, Obligation, Point, Policy } from '../ir/policy.ts';

/** What of a policy a backend looks at. */
export interface Looked {
  readonly points: readonly Point[];
  limit?(limit: Limit): boolean;
  obligation?(obligation: Obligation): boolean;
  /** Whether it looks at the levels that a program may be moved to. */
  readonly levels?: boolean;
}

/** The policy with that alone: no name, and no other decision, limit or obligation. */
export function partOf(policy: Policy, { points, limit, obligation, levels }: Looked): Policy {
  return {
    name: '',
    decisions: policy.decisions.filter(({ point }) => points.includes(point)),
    limits: limit === undefined ? [] : policy.limits.filter(limit),
    obligations: obligation === undefined ? [] : policy.obligations.filter(obligation),
    ...(levels === true && policy.adaptive !== undefined ? { adaptive: policy.adaptive } : {}),
  };
}
