import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { AwsFailure } from '../aws/failure.ts';
import { applyPlan } from './apply.ts';
import { askForApproval } from './approval/ask.ts';
import type { HashedGuardrail } from './approval/decide.ts';
import { parameterLimit } from './approval/request.ts';
import { failedCall } from './aws/failed-call.ts';
import { carryOut, tellOnce, tellPeople, withPublishing } from './carry-out.ts';
import type { Evaluation } from './evaluate.ts';
import { timelinessOf, whyHeld } from './event-age.ts';
import { withLock } from './lock.ts';
import type { ApplyOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { planFor } from './plan-for.ts';
import { planSpan } from './plan-span.ts';
import type { PolicyResponse } from './respond.ts';
import { audit, type ResponseWorld, recordOf } from './world.ts';

/**
 * Lets one policy respond to an event that it does not let pass, by its mode.
 *
 * @throws AuditFailure
 */
export async function respondByMode(
  { compiled, hash }: HashedGuardrail,
  { outcome, event, missing }: Evaluation,
  world: ResponseWorld,
): Promise<PolicyResponse> {
  const plan = planFor(compiled, hash, event);
  const { policy, mode, breach } = plan;
  const head = { policy, mode, breach };
  // Only what calls for a response gets one, whoever asks.
  if (outcome !== 'respond') {
    const names = missing.map((name) => `\`${name}\``).join(', ');
    const undecided = report('POL8060', planSpan(plan), { policy, missing: names });
    const told = await tellOnce(plan, { kind: 'undecided', plan, missing }, world);
    return { ...head, result: 'undecided', missing, diagnostics: [undecided, ...told] };
  }
  switch (mode) {
    case 'dry-run': {
      const diagnostics = await tellOnce(plan, { kind: 'would-respond', plan }, world);
      return { ...head, result: 'would_respond', plan, diagnostics };
    }
    case 'manual':
      return world.dryRun ? rehearse(plan, world) : ask(plan, world);
    case 'auto': {
      const timeliness = timelinessOf(event, world.now(), compiled.maxEventAgeMinutes);
      if (timeliness !== 'current') {
        return hold(plan, whyHeld(event, timeliness, world.now(), compiled.maxEventAgeMinutes), world);
      }
      const carried = await carryOut(plan, world);
      const failed = carried.outcome.result === 'failed';
      const result = failed ? 'failed' : world.dryRun ? 'would_respond' : 'acted';
      return { ...head, result, plan, ...carried };
    }
    default: {
      const unreachable: never = mode;
      return unreachable;
    }
  }
}

/** A response that no machine may begin by itself, since the event is old: it is told, and left to people. */
async function hold(plan: Plan, why: string, world: ResponseWorld): Promise<PolicyResponse> {
  const { policy, mode, breach, policyHash } = plan;
  const held = report('POL8066', planSpan(plan), { policy, why });
  audit(world, [
    recordOf(world, {
      action: 'guardrail.act',
      subject: breach,
      decision: 'held',
      reasons: [{ text: `${held.code} ${held.message}` }],
      policy_hash: policyHash,
      facts: { policy, mode },
    }),
  ]);
  const told = await tellOnce(plan, { kind: 'held', plan, why }, world);
  return { policy, mode, breach, result: 'held', plan, why, diagnostics: [held, ...told] };
}

/** What asking for approval would come to, and what an approval would do. Nobody is asked. */
async function rehearse(plan: Plan, world: ResponseWorld): Promise<PolicyResponse> {
  const { policy, mode, breach } = plan;
  const head = { policy, mode, breach, plan };
  const outcome = withPublishing(plan, await applyPlan(plan, world.port, { now: world.now(), dryRun: true }));
  if (isAnswered(outcome)) return { ...head, result: 'answered', diagnostics: [] };
  const result = outcome.result === 'failed' ? 'failed' : 'would_respond';
  return { ...head, result, outcome, diagnostics: outcome.diagnostics };
}

/** A breach that was acted on is not asked about again. */
function isAnswered({ result }: ApplyOutcome): boolean {
  return result === 'unchanged' || result === 'ended';
}

async function ask(plan: Plan, world: ResponseWorld): Promise<PolicyResponse> {
  const { policy, mode, breach, policyHash } = plan;
  const head = { policy, mode, breach, plan };
  const write = (decision: string, reason?: string, approval?: string) =>
    audit(world, [
      recordOf(world, {
        action: 'guardrail.ask',
        subject: breach,
        decision,
        reasons: reason === undefined ? [] : [{ text: reason }],
        policy_hash: policyHash,
        facts: { policy, mode, ...(approval === undefined ? {} : { approval }) },
      }),
    ]);
  const failed = (diagnostic: Diagnostic): PolicyResponse => {
    write('failed', `${diagnostic.code} ${diagnostic.message}`);
    return { ...head, result: 'failed', diagnostics: [diagnostic] };
  };
  try {
    // What cannot be carried out is said before anybody approves it.
    const rehearsal = await applyPlan(plan, world.port, { now: world.now(), dryRun: true });
    if (isAnswered(rehearsal)) {
      write('answered', 'the breach was acted on before');
      return { ...head, result: 'answered', diagnostics: [] };
    }
    if (rehearsal.result === 'failed') {
      const reasons = rehearsal.diagnostics.map(({ code, message }) => `${code} ${message}`);
      write('failed', reasons.join('; '));
      const told = await tellPeople(plan, { kind: 'failed', plan, reasons }, world);
      return { ...head, result: 'failed', outcome: rehearsal, diagnostics: [...rehearsal.diagnostics, ...told] };
    }
    // Alone: two tokens for one breach could be answered in two ways.
    const locked = await withLock(world.port, world, (port) => askForApproval(plan, port, world.now()));
    if (!locked.ok) return failed(report('POL8065', planSpan(plan), { time: locked.until }));
    const asking = locked.value;
    if (asking.kind === 'too-large') {
      const { size } = asking;
      return failed(report('POL8061', planSpan(plan), { policy, size, limit: parameterLimit }));
    }
    if (asking.kind === 'asked') {
      write('waiting', 'it was asked before');
      return { ...head, result: 'waiting', diagnostics: [] };
    }
    if (asking.kind === 'decided') {
      write('answered', `${asking.choice} by ${asking.by}`);
      return { ...head, result: 'answered', diagnostics: [] };
    }
    const { id, token, expires, told } = asking;
    write('asked', undefined, id);
    const { tell } = world;
    const parameter = plan.notify?.parameter;
    if (tell === undefined || parameter === undefined) {
      await told(world.port);
      return { ...head, result: 'asked', token, diagnostics: [] };
    }
    const delivery = await tell(parameter, { kind: 'asks', plan, ways: world.ways(token), expires });
    if (!delivery.ok) return failed(report('POL8056', planSpan(plan), { policy, parameter, reason: delivery.reason }));
    await told(world.port);
    return { ...head, result: 'asked', diagnostics: [] };
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    return failed(failedCall(error, planSpan(plan)));
  }
}
