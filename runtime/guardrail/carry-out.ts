import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { applyPlan } from './apply.ts';
import { AwsFailure } from './aws/port.ts';
import type { News } from './notify/message.ts';
import { topicMessage } from './notify/message.ts';
import type { ApplyOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { planSpan } from './plan-span.ts';
import { audit, type ResponseWorld, recordOf } from './world.ts';

/** A plan that was carried out, or that was refused. */
export interface CarriedOut {
  readonly outcome: ApplyOutcome;
  /** Those of the outcome, and of telling. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Carries a plan out, tells topics and people, and writes to the audit log before and after. What cannot be told does not
 * take the response back: it is said.
 *
 * @param approver who approved it; absent where the policy acts by itself
 * @throws AuditFailure before anything was done
 */
export async function carryOut(plan: Plan, world: ResponseWorld, approver?: string): Promise<CarriedOut> {
  const { policy, policyHash, breach } = plan;
  const record = (decision: string, found: readonly Diagnostic[]) =>
    recordOf(world, {
      action: 'guardrail.act',
      subject: breach,
      decision,
      reasons: found.map(({ code, message }) => ({ text: `${code} ${message}` })),
      policyHash,
      facts: { policy, mode: plan.mode.replace('-', '_'), ...(approver === undefined ? {} : { approver }) },
    });
  audit(world, [record('begun', [])]);
  const outcome = await applyPlan(plan, world.port, {
    now: world.now(),
    dryRun: world.dryRun,
    ...(approver === undefined ? {} : { approver }),
  });
  const diagnostics = [...outcome.diagnostics];
  const isNew = outcome.result === 'applied' || outcome.result === 'extended';
  if (isNew && !world.dryRun) diagnostics.push(...(await tellTopics(plan, world)));
  const news = newsOf(plan, outcome, approver);
  if (news !== undefined) diagnostics.push(...(await tellPeople(plan, news, world)));
  audit(world, [record(outcome.result, diagnostics)]);
  return { outcome, diagnostics };
}

function newsOf(plan: Plan, outcome: ApplyOutcome, approver: string | undefined): News | undefined {
  switch (outcome.result) {
    case 'applied':
    case 'extended':
      return {
        kind: 'responded',
        plan,
        expires: outcome.expires ?? 'never',
        ...(approver === undefined ? {} : { by: approver }),
      };
    case 'failed':
      return { kind: 'failed', plan, reasons: outcome.diagnostics.map(({ message }) => message) };
    case 'unchanged':
    case 'ended':
      // The breach was acted on before, and told.
      return undefined;
    default: {
      const unreachable: never = outcome.result;
      return unreachable;
    }
  }
}

async function tellTopics(plan: Plan, { port }: ResponseWorld): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  const { subject, message } = topicMessage(plan);
  for (const topic of plan.topics) {
    try {
      await port.publish(topic, subject, message);
    } catch (error) {
      if (!(error instanceof AwsFailure)) throw error;
      found.push(report('POL8062', planSpan(plan), { topic, reason: `${error.message} (${error.code})` }));
    }
  }
  return found;
}

/** Tells people where the policy says how; a warning where that failed. */
export async function tellPeople(
  plan: Pick<Plan, 'policy' | 'notify'>,
  news: News,
  { tell, dryRun }: Pick<ResponseWorld, 'tell' | 'dryRun'>,
): Promise<readonly Diagnostic[]> {
  const parameter = plan.notify?.parameter;
  if (tell === undefined || parameter === undefined || dryRun) return [];
  const delivery = await tell(parameter, news);
  if (delivery.ok) return [];
  return [report('POL8055', planSpan(plan), { policy: plan.policy, parameter, reason: delivery.reason })];
}
