import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import type { AuditReason } from '../audit/record.ts';
import { applyPlan } from './apply.ts';
import { askForApproval } from './approval/ask.ts';
import type { HashedGuardrail } from './approval/decide.ts';
import { parameterLimit } from './approval/request.ts';
import { AwsFailure } from './aws/port.ts';
import { carryOut, tellPeople } from './carry-out.ts';
import type { CostEvent } from './cost-event.ts';
import { type Evaluation, type EvaluationOptions, evaluateGuardrail } from './evaluate.ts';
import { readEvents } from './events/read-events.ts';
import { withLock } from './lock.ts';
import type { ApplyOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { breachKey, planFor } from './plan-for.ts';
import { planSpan } from './plan-span.ts';
import { audit, type Guardrails, type ResponseWorld, recordOf } from './world.ts';

/**
 * What one policy did about one event.
 * - `passes`: the event does not call for a response.
 * - `undecided`: something that the policy asks about is unknown. Nothing is done.
 * - `would-respond`: in the mode dry_run, or in a dry run.
 * - `asked`, `waiting`, `answered`: approval was asked for now, was asked for before, or was given or refused before.
 * - `acted`: carried out, as `outcome` says.
 * - `failed`: nothing was done, as the diagnostics say.
 */
export interface PolicyResponse {
  readonly policy: string;
  readonly mode: Plan['mode'];
  readonly breach: string;
  readonly result: 'passes' | 'undecided' | 'would-respond' | 'asked' | 'waiting' | 'answered' | 'acted' | 'failed';
  readonly plan?: Plan;
  /** Of `undecided`: the attributes that are unknown. */
  readonly missing?: readonly string[];
  /** Of `asked`, where there is nobody to send it to: with it whoever runs this can answer. */
  readonly token?: string;
  /** Of `acted`, and of a dry run. */
  readonly outcome?: ApplyOutcome;
  readonly diagnostics: readonly Diagnostic[];
}

export interface EventResponse {
  readonly event: CostEvent;
  /** In the order of the policies' ids, in which they were carried out. */
  readonly policies: readonly PolicyResponse[];
}

export interface Response {
  readonly events: readonly EventResponse[];
  /** Of reading the events; those of each policy stand with it. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads events and lets every guardrail respond to each by its mode. Every decision is in the audit log before it is
 * carried out. An event that cannot be read is refused, with no call made for it.
 *
 * @param path what messages call the text
 * @throws AuditFailure: what was not carried out by then is not
 */
export async function respondTo(
  text: string,
  path: string,
  guardrails: Guardrails,
  world: ResponseWorld,
  options: Omit<EvaluationOptions, 'at'> = {},
): Promise<Response> {
  const { events, diagnostics } = readEvents(text, path);
  const refused = diagnostics.filter(({ severity }) => severity === 'error');
  audit(
    world,
    refused.map(({ code, message, span }) =>
      recordOf(world, {
        action: 'guardrail.read',
        subject: path,
        decision: 'refused',
        reasons: [{ text: `${code} ${message}`, span }],
        policyHash: '',
      }),
    ),
  );
  const ordered = [...guardrails].sort((left, right) => (left.compiled.policy < right.compiled.policy ? -1 : 1));
  const responses: EventResponse[] = [];
  for (const event of events) responses.push(await respondToEvent(event, ordered, world, options));
  return { events: responses, diagnostics };
}

async function respondToEvent(
  event: CostEvent,
  guardrails: Guardrails,
  world: ResponseWorld,
  options: Omit<EvaluationOptions, 'at'>,
): Promise<EventResponse> {
  const at = world.now();
  const evaluated = guardrails.map((guardrail) => ({
    guardrail,
    evaluation: evaluateGuardrail(guardrail.compiled, event, { ...options, at }),
  }));
  audit(
    world,
    evaluated.map(({ guardrail, evaluation }) => evaluationRecord(guardrail, evaluation, world)),
  );
  const policies: PolicyResponse[] = [];
  for (const { guardrail, evaluation } of evaluated) policies.push(await respond(guardrail, evaluation, world));
  return { event: evaluated[0]?.evaluation.event ?? event, policies };
}

function evaluationRecord({ compiled, hash }: HashedGuardrail, evaluation: Evaluation, world: ResponseWorld) {
  const { outcome, by, undecided, event } = evaluation;
  const reasons: AuditReason[] = (outcome === 'passes' ? [by] : undecided).flatMap((condition) =>
    condition === undefined
      ? []
      : [
          {
            text: `${condition.topic} ${outcome === 'passes' ? 'lets it pass' : 'is unknown'}`,
            span: { file: condition.at.file, start: condition.at.start, end: condition.at.end },
          },
        ],
  );
  return recordOf(world, {
    action: 'guardrail.evaluate',
    subject: breachKey(compiled.policy, event),
    decision: outcome,
    reasons,
    policyHash: hash,
    facts: { policy: compiled.policy, mode: compiled.mode.replace('-', '_'), event: event.id.slice(0, 200) },
  });
}

async function respond(
  { compiled, hash }: HashedGuardrail,
  { outcome, event, missing }: Evaluation,
  world: ResponseWorld,
): Promise<PolicyResponse> {
  const plan = planFor(compiled, hash, event);
  const { policy, mode, breach } = plan;
  const head = { policy, mode, breach };
  if (outcome === 'passes') return { ...head, result: 'passes', diagnostics: [] };
  if (outcome === 'unknown') {
    const names = missing.map((name) => `\`${name}\``).join(', ');
    const undecided = report('POL8060', planSpan(plan), { policy, missing: names });
    const told = await tellPeople(plan, { kind: 'undecided', plan, missing }, world);
    return { ...head, result: 'undecided', missing, diagnostics: [undecided, ...told] };
  }
  switch (mode) {
    case 'dry-run': {
      const diagnostics = await tellPeople(plan, { kind: 'would-respond', plan }, world);
      return { ...head, result: 'would-respond', plan, diagnostics };
    }
    case 'manual':
      return world.dryRun ? rehearse(plan, world) : ask(plan, world);
    case 'auto': {
      const carried = await carryOut(plan, world);
      const failed = carried.outcome.result === 'failed';
      const result = failed ? 'failed' : world.dryRun ? 'would-respond' : 'acted';
      return { ...head, result, plan, ...carried };
    }
    default: {
      const unreachable: never = mode;
      return unreachable;
    }
  }
}

/** What asking for approval would come to, and what an approval would do. Nobody is asked. */
async function rehearse(plan: Plan, world: ResponseWorld): Promise<PolicyResponse> {
  const { policy, mode, breach } = plan;
  const head = { policy, mode, breach, plan };
  const outcome = await applyPlan(plan, world.port, { now: world.now(), dryRun: true });
  if (isAnswered(outcome)) return { ...head, result: 'answered', diagnostics: [] };
  const result = outcome.result === 'failed' ? 'failed' : 'would-respond';
  return { ...head, result, outcome, diagnostics: outcome.diagnostics };
}

/** A breach that was acted on is not asked about again. */
function isAnswered({ result }: ApplyOutcome): boolean {
  return result === 'unchanged' || result === 'ended';
}

async function ask(plan: Plan, world: ResponseWorld): Promise<PolicyResponse> {
  const { policy, mode, breach, policyHash } = plan;
  const head = { policy, mode, breach, plan };
  const write = (decision: string, reason?: string) =>
    audit(world, [
      recordOf(world, {
        action: 'guardrail.ask',
        subject: breach,
        decision,
        reasons: reason === undefined ? [] : [{ text: reason }],
        policyHash,
        facts: { policy, mode },
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
    const { token, expires, told } = asking;
    write('asked');
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
    const { action, code, message } = error;
    return failed(report('POL8058', planSpan(plan), { action, reason: `${message} (${code})` }));
  }
}
