import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import type { Plan, PlannedResponse } from '../../runtime/guardrail/plan.ts';

/** A plan as programs read it, with the names of seed 003. */
export interface PlanFields {
  readonly matched_policy_id: string;
  readonly mode: 'dry_run' | 'manual' | 'auto';
  readonly ttl_minutes: number;
  readonly policy_hash: string;
  readonly breach: string;
  /** Why nothing of it is done, as it follows on “the event is”; absent where it is. */
  readonly held?: string;
  readonly actions: readonly PlannedAction[];
  readonly notify?: Plan['notify'];
}

export type PlannedAction =
  | {
      readonly type: 'attach_deny_policy';
      readonly principals: readonly string[];
      readonly deny: readonly string[];
      /** Absent: in every region. */
      readonly regions?: readonly string[];
      readonly documents: Plan['documents'];
    }
  | {
      readonly type: 'set_permission_boundary';
      readonly principals: readonly string[];
      readonly boundary_arn: string;
    }
  | { readonly type: 'send_sns'; readonly topic_arn: string }
  | { readonly type: 'notify_only' };

/**
 * @param policy the policy that the plan is of, which knows the regions
 * @param held why nothing of it is done
 */
export function planFields(plan: Plan, policy: Policy, held?: string): PlanFields {
  const { notify } = plan;
  return {
    matched_policy_id: plan.policy,
    mode: plan.mode === 'dry-run' ? 'dry_run' : plan.mode,
    ttl_minutes: plan.ttlMinutes,
    policy_hash: plan.policyHash,
    breach: plan.breach,
    ...(held === undefined ? {} : { held }),
    actions: plannedActions(plan, policy),
    ...(notify === undefined ? {} : { notify }),
  };
}

/** What a plan does, without notifications to people. @param policy the policy that it is of, which knows the regions */
export function plannedActions(plan: PlannedResponse, policy: Policy): readonly PlannedAction[] {
  const actions: PlannedAction[] = [];
  const { denied, documents, boundaries, topics } = plan;
  if (denied.length > 0 && documents.length > 0) {
    const regions = deniedRegions(policy);
    const where = regions.length === 0 ? {} : { regions };
    actions.push({ type: 'attach_deny_policy', principals: denied, deny: plan.actions, ...where, documents });
  }
  for (const boundary of new Set(boundaries.map((each) => each.boundary))) {
    const principals = boundaries.filter((each) => each.boundary === boundary).map(({ principal }) => principal);
    actions.push({ type: 'set_permission_boundary', principals, boundary_arn: boundary });
  }
  for (const topic of topics) actions.push({ type: 'send_sns', topic_arn: topic });
  return actions.length === 0 ? [{ type: 'notify_only' }] : actions;
}

/** The regions in which a policy denies; empty where it denies in all of them. */
function deniedRegions(policy: Policy): readonly string[] {
  const rules = decisionAt(policy, 'aws-request')?.rules ?? [];
  return [...(mentionedValues(rules.map(({ when }) => when)).get('region') ?? [])].map(String).sort();
}
