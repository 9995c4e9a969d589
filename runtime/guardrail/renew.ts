import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { noPlace, planOf } from './approval/decide.ts';
import { type Renewal, renewRequest, type WaitingRequest, waitingRequests } from './approval/renew.ts';
import { AwsFailure, type AwsPort } from './aws/port.ts';
import { tellPeople } from './carry-out.ts';
import { withLock } from './lock.ts';
import type { Plan } from './plan.ts';
import { audit, type Guardrails, type ResponseWorld, recordOf } from './world.ts';

/** What became of a request that waited for an answer. */
export interface RenewedRequest {
  readonly policy: string;
  readonly breach: string;
  readonly result: 'renewed' | 'would_renew' | 'failed';
  /** Of `renewed`: with it whoever runs this can answer. */
  readonly token?: string;
  /** Of `renewed`: milliseconds since 1970. */
  readonly expires?: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Asks again for what nobody has answered, by new tokens: the ones before, which were lost or seen by others, count no
 * more. People are told of the new ones.
 *
 * @param policy only the requests of this policy
 * @throws AuditFailure
 */
export async function renewRequests(
  policy: string | undefined,
  guardrails: Guardrails,
  world: ResponseWorld,
): Promise<{ readonly requests: readonly RenewedRequest[]; readonly diagnostics: readonly Diagnostic[] }> {
  const work = async (port: AwsPort): Promise<readonly RenewedRequest[]> => {
    const waiting = await waitingRequests(port, world.now());
    const renewed: RenewedRequest[] = [];
    for (const each of waiting) {
      if (policy === undefined || each.request.policy === policy)
        renewed.push(await renew(each, guardrails, port, world));
    }
    return renewed;
  };
  const failed = (diagnostic: Diagnostic) => ({ requests: [], diagnostics: [diagnostic] });
  try {
    if (world.dryRun) return { requests: await work(world.port), diagnostics: [] };
    const locked = await withLock(world.port, world, work);
    if (!locked.ok) return failed(report('POL8065', noPlace, { time: locked.until }));
    return { requests: locked.value, diagnostics: [] };
  } catch (error) {
    return failed(callProblem(error));
  }
}

async function renew(
  waiting: WaitingRequest,
  guardrails: Guardrails,
  port: AwsPort,
  world: ResponseWorld,
): Promise<RenewedRequest> {
  const { policy, breach, plan: digest, event } = waiting.request;
  const head = { policy, breach };
  const found = planOf({ policy, plan: digest }, event, guardrails);
  if (!found.ok) return { ...head, result: 'failed', diagnostics: [found.diagnostic] };
  if (world.dryRun) return { ...head, result: 'would_renew', diagnostics: [] };
  const { plan } = found;
  const write = (decision: string, reason?: string) =>
    audit(world, [
      recordOf(world, {
        action: 'guardrail.renew',
        subject: breach,
        decision,
        reasons: reason === undefined ? [] : [{ text: reason }],
        policy_hash: plan.policyHash,
        facts: { policy, mode: plan.mode.replace('-', '_'), approval: waiting.ids.join(' ') },
      }),
    ]);
  const refused = (diagnostic: Diagnostic): RenewedRequest => {
    write('refused', `${diagnostic.code} ${diagnostic.message}`);
    return { ...head, result: 'failed', diagnostics: [diagnostic] };
  };
  write('begun');
  let renewal: Renewal;
  try {
    renewal = await renewRequest(waiting, world.actor, port, world.now());
  } catch (error) {
    return refused(callProblem(error));
  }
  if (!renewal.ok) return refused(renewal.diagnostic);
  const { token, expires, told } = renewal;
  write('renewed');
  const diagnostics = await tellOfRenewal(plan, token, expires, world);
  try {
    if (diagnostics.length === 0) await told(port);
  } catch (error) {
    // The token counts, and whoever runs this has to see it; the next event of the breach has people told again.
    callProblem(error);
  }
  return { ...head, result: 'renewed', token, expires, diagnostics };
}

/** @throws what is not of AWS */
function callProblem(error: unknown): Diagnostic {
  if (!(error instanceof AwsFailure)) throw error;
  const { action, code, message } = error;
  return report('POL8058', noPlace, { action, reason: `${message} (${code})` });
}

function tellOfRenewal(plan: Plan, token: string, expires: number, world: ResponseWorld) {
  return tellPeople(plan, { kind: 'asks', plan, ways: world.ways(token), expires }, world);
}
