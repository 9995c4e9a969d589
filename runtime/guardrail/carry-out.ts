import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { AwsFailure } from '../aws/failure.ts';
import { applyPlan, noteUntold } from './apply.ts';
import { failedCall } from './aws/failed-call.ts';
import type { AwsPort } from './aws/port.ts';
import { withLock } from './lock.ts';
import type { News } from './notify/message.ts';
import { topicMessage } from './notify/message.ts';
import type { ApplyOutcome, ChangingCall } from './outcome.ts';
import type { Plan } from './plan.ts';
import { planSpan } from './plan-span.ts';
import { audit, type ResponseWorld, recordOf, toldAction } from './world.ts';

/** A plan that was carried out, or that was refused. */
export interface CarriedOut {
  readonly outcome: ApplyOutcome;
  /** Those of the outcome, and of telling. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Carries a plan out, tells topics and people, and writes to the audit log before and after, while no other run changes
 * guardrails. What cannot be told does not take the response back: it is said, and a topic is told when the same event
 * comes again. So is what a crash kept from being told.
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
      policy_hash: policyHash,
      facts: { policy, mode: plan.mode.replace('-', '_'), ...(approver === undefined ? {} : { approver }) },
    });
  audit(world, [record('begun', [])]);
  const work = async (port: AwsPort): Promise<CarriedOut> => {
    const outcome = await applyPlan(plan, port, {
      now: world.now(),
      dryRun: world.dryRun,
      ...(approver === undefined ? {} : { approver }),
    });
    if (world.dryRun) return { outcome: withPublishing(plan, outcome), diagnostics: outcome.diagnostics };
    const { published, found } = await tell(plan, outcome, approver, world, port);
    const calls = [...outcome.calls, ...published.map(publishCall)];
    return { outcome: { ...outcome, calls }, diagnostics: [...outcome.diagnostics, ...found] };
  };
  const done = world.dryRun ? await work(world.port) : await alone(plan, world, work);
  audit(world, [record(done.outcome.result, done.diagnostics)]);
  return done;
}

/** The outcome of a dry run with the calls that would tell topics. */
export function withPublishing({ topics }: Plan, outcome: ApplyOutcome): ApplyOutcome {
  if (outcome.result === 'failed') return outcome;
  const untold = outcome.untold.filter((each) => topics.includes(each));
  return { ...outcome, calls: [...outcome.calls, ...untold.map(publishCall)] };
}

function publishCall(topic: string): ChangingCall {
  return { action: 'sns:Publish', on: topic };
}

/** Under the lock; where that is not to be had, the plan has failed, and nothing was done. */
async function alone(plan: Plan, world: ResponseWorld, work: (port: AwsPort) => Promise<CarriedOut>) {
  const failed = async (problem: Diagnostic): Promise<CarriedOut> => {
    const { policy, breach } = plan;
    const head = { policy, breach, result: 'failed', untold: [], dryRun: false, calls: [] } as const;
    const outcome: ApplyOutcome = { ...head, diagnostics: [problem] };
    const { found } = await tell(plan, outcome, undefined, world, world.port);
    return { outcome, diagnostics: [problem, ...found] };
  };
  try {
    const locked = await withLock(world.port, world, work);
    return locked.ok ? locked.value : await failed(report('POL8065', planSpan(plan), { time: locked.until }));
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    return failed(failedCall(error, planSpan(plan)));
  }
}

/** Those who have not been told of the response yet, and people of one that failed. */
async function tell(
  plan: Plan,
  outcome: ApplyOutcome,
  approver: string | undefined,
  world: ResponseWorld,
  port: AwsPort,
): Promise<{ readonly found: readonly Diagnostic[]; readonly published: readonly string[] }> {
  const { untold, result } = outcome;
  if (untold.length === 0 && result !== 'failed') return { found: [], published: [] };
  const topics = untold.filter((each) => plan.topics.includes(each));
  const { found, left } = await tellTopics(plan, topics, port);
  const isToTell = result === 'failed' || untold.some((each) => each === plan.notify?.parameter);
  const told = isToTell ? await tellPeople(plan, newsOf(plan, outcome, approver), world) : [];
  if (untold.length > 0) await noteUntold(plan, left, port);
  return { found: [...found, ...told], published: topics.filter((topic) => !left.includes(topic)) };
}

function newsOf(plan: Plan, outcome: ApplyOutcome, approver: string | undefined): News {
  switch (outcome.result) {
    case 'applied':
    case 'extended':
    case 'unchanged':
    case 'ended':
      return {
        kind: 'responded',
        plan,
        expires: outcome.expires ?? 'never',
        ...(approver === undefined ? {} : { by: approver }),
      };
    case 'failed':
      return { kind: 'failed', plan, reasons: outcome.diagnostics.map(({ message }) => message) };
    default: {
      const unreachable: never = outcome.result;
      return unreachable;
    }
  }
}

async function tellTopics(
  plan: Plan,
  topics: readonly string[],
  port: AwsPort,
): Promise<{ readonly found: readonly Diagnostic[]; readonly left: readonly string[] }> {
  const found: Diagnostic[] = [];
  const left: string[] = [];
  const { subject, message } = topicMessage(plan);
  for (const topic of topics) {
    try {
      await port.publish(topic, subject, message);
    } catch (error) {
      if (!(error instanceof AwsFailure)) throw error;
      left.push(topic);
      found.push(report('POL8062', planSpan(plan), { topic, reason: `${error.message} (${error.code})` }));
    }
  }
  return { found, left };
}

/**
 * Tells people of what came of a breach without changing anything, once: the log remembers who was told, also where the
 * breach comes in a new message. A log that begins anew, as on each new machine of AWS Lambda, has them told again.
 */
export async function tellOnce(
  plan: Plan,
  news: News & { readonly kind: 'would-respond' | 'undecided' | 'held' },
  world: ResponseWorld,
): Promise<readonly Diagnostic[]> {
  const { policy, policyHash, breach, notify } = plan;
  const decision = news.kind.replace('-', '_');
  const entry = { action: toldAction, subject: breach, decision, policy_hash: policyHash };
  if (world.tell === undefined || notify === undefined || world.audit.remembers?.(entry) === true) return [];
  const found = await tellPeople(plan, news, world);
  if (found.length === 0)
    audit(world, [recordOf(world, { ...entry, facts: { policy, mode: plan.mode.replace('-', '_') } })]);
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
