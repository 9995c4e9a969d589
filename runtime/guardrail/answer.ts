import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { AwsFailure } from '../aws/failure.ts';
import { applyPlan } from './apply.ts';
import {
  type Choice,
  claimApproval,
  closeRequest,
  finishApproval,
  noPlace,
  type OpenApproval,
  openApproval,
} from './approval/decide.ts';
import type { Approval } from './approval/token.ts';
import { failedCall } from './aws/failed-call.ts';
import { carryOut, tellPeople, withPublishing } from './carry-out.ts';
import type { ApplyOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { breachKey } from './plan-for.ts';
import { audit, type Guardrails, type ResponseWorld, recordOf } from './world.ts';

/** What came of an answer to a request for approval. */
export interface Answer {
  /** `approved` and `rejected` are decided; `refused` is an approval that does not count; `failed` one that could not be carried out. */
  readonly result: 'approved' | 'rejected' | 'refused' | 'failed';
  readonly policy?: string;
  readonly plan?: Plan;
  readonly outcome?: ApplyOutcome;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Approves or rejects by a token. It is used up before anything is carried out. Where a crash or a failed call kept the
 * response from being carried out, approving by the same token goes on with it, as long as the token is good.
 *
 * @param guardrails what is loaded; to reject, none need be
 * @param by who answers, as far as that is known
 * @throws AuditFailure
 */
export async function answerRequest(
  choice: Choice,
  token: string,
  guardrails: Guardrails,
  by: string,
  world: ResponseWorld,
): Promise<Answer> {
  try {
    const known = choice === 'approve' ? guardrails : undefined;
    const opening = await openApproval(token, known, world.port, world.now());
    if (!opening.ok) return refuse(choice, opening.diagnostic, opening.approval, by, world);
    const { open } = opening;
    const { policy, id } = open.approval;
    const { plan } = open;
    if (world.dryRun) return rehearse(choice, open, world);
    const claim = await claimApproval(open, choice, by, world.port, world.now());
    if (!claim.ok) return refuse(choice, claim.diagnostic, open.approval, by, world);
    audit(world, [
      recordOf(world, {
        action: `guardrail.${choice}`,
        subject: breachKey(policy, open.event),
        decision: choice === 'approve' ? 'approved' : 'rejected',
        policy_hash: plan?.policyHash ?? guardrails.find(({ compiled }) => compiled.policy === policy)?.hash ?? '',
        facts: { policy, approval: id, by },
      }),
    ]);
    if (plan === undefined) {
      await closeRequest(open, world.port);
      return { result: 'rejected', policy, diagnostics: await tellRejected(open, guardrails, by, world) };
    }
    const carried = await carryOut(plan, world, claim.by);
    if (carried.outcome.result === 'failed') return { result: 'failed', policy, plan, ...carried };
    await finishApproval(open, claim.by, world.port, world.now());
    return { result: 'approved', policy, plan, ...carried };
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    const diagnostic = failedCall(error, noPlace);
    return { ...refuse(choice, diagnostic, undefined, by, world), result: 'failed' };
  }
}

async function rehearse(choice: Choice, { approval, plan }: OpenApproval, world: ResponseWorld): Promise<Answer> {
  const { policy } = approval;
  if (choice === 'reject' || plan === undefined) return { result: 'rejected', policy, diagnostics: [] };
  const outcome = withPublishing(plan, await applyPlan(plan, world.port, { now: world.now(), dryRun: true }));
  const result = outcome.result === 'failed' ? 'failed' : 'approved';
  return { result, policy, plan, outcome, diagnostics: outcome.diagnostics };
}

/** @param approval what a token says that was issued here: who uses one that does not count has to be found out about */
function refuse(
  choice: Choice,
  diagnostic: Diagnostic,
  approval: Approval | undefined,
  by: string,
  world: ResponseWorld,
): Answer {
  audit(world, [
    recordOf(world, {
      action: `guardrail.${choice}`,
      subject: 'approval',
      decision: 'refused',
      reasons: [{ text: `${diagnostic.code} ${diagnostic.message}` }],
      policy_hash: '',
      facts: approval === undefined ? { by } : { policy: approval.policy, approval: approval.id, by },
    }),
  ]);
  return { result: 'refused', diagnostics: [diagnostic] };
}

async function tellRejected(
  { approval, event }: OpenApproval,
  guardrails: Guardrails,
  by: string,
  world: ResponseWorld,
): Promise<readonly Diagnostic[]> {
  const { policy } = approval;
  const notify = guardrails.find(({ compiled }) => compiled.policy === policy)?.compiled.response.notify;
  if (notify === undefined) return [];
  const plan = { policy, event, notify };
  return tellPeople(plan, { kind: 'rejected', plan, by }, world);
}
