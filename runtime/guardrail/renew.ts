import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { AwsFailure } from '../aws/failure.ts';
import { noPlace, planOf } from './approval/decide.ts';
import { type Renewal, renewRequest, type WaitingRequest, waitingRequests } from './approval/renew.ts';
import type { AwsPort } from './aws/port.ts';
import { tellPeople } from './carry-out.ts';
import { withLock } from './lock.ts';
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
  const work = async (port: AwsPort): Promise<readonly Renewed[]> => {
    const waiting = await waitingRequests(port, world.now());
    const renewed: Renewed[] = [];
    for (const each of waiting) {
      if (policy === undefined || each.request.policy === policy)
        renewed.push(await renew(each, guardrails, port, world));
    }
    return renewed;
  };
  const failed = (diagnostic: Diagnostic) => ({ requests: [], diagnostics: [diagnostic] });
  try {
    const locked = world.dryRun
      ? { ok: true as const, value: await work(world.port) }
      : await withLock(world.port, world, work);
    if (!locked.ok) return failed(report('POL8065', noPlace, { time: locked.until }));
    const requests: RenewedRequest[] = [];
    // Without the lock: where Slack does not answer, many requests would keep responses waiting for minutes.
    for (const { request, tell } of locked.value) {
      requests.push(tell === undefined ? request : { ...request, diagnostics: await tell() });
    }
    return { requests, diagnostics: [] };
  } catch (error) {
    return failed(callProblem(error));
  }
}

interface Renewed {
  readonly request: RenewedRequest;
  /** Tells people of the new token. */
  readonly tell?: () => Promise<readonly Diagnostic[]>;
}

async function renew(
  waiting: WaitingRequest,
  guardrails: Guardrails,
  port: AwsPort,
  world: ResponseWorld,
): Promise<Renewed> {
  const { policy, breach, plan: digest, event } = waiting.request;
  const head = { policy, breach };
  const found = planOf({ policy, plan: digest }, event, guardrails);
  if (!found.ok) return { request: { ...head, result: 'failed', diagnostics: [found.diagnostic] } };
  if (world.dryRun) return { request: { ...head, result: 'would_renew', diagnostics: [] } };
  const { plan } = found;
  const before = waiting.ids.join(' ');
  const write = (decision: string, facts: Readonly<Record<string, string>>, reason?: string) =>
    audit(world, [
      recordOf(world, {
        action: 'guardrail.renew',
        subject: breach,
        decision,
        reasons: reason === undefined ? [] : [{ text: reason }],
        policy_hash: plan.policyHash,
        facts: { policy, mode: plan.mode.replace('-', '_'), ...facts },
      }),
    ]);
  const refused = (diagnostic: Diagnostic): Renewed => {
    write('refused', { approval: before }, `${diagnostic.code} ${diagnostic.message}`);
    return { request: { ...head, result: 'failed', diagnostics: [diagnostic] } };
  };
  write('begun', { approval: before });
  let renewal: Renewal;
  try {
    renewal = await renewRequest(waiting, world.actor, port, world.now());
  } catch (error) {
    return refused(callProblem(error));
  }
  if (!renewal.ok) return refused(renewal.diagnostic);
  const { id, token, expires, told } = renewal;
  write('renewed', { approval: id, replaced: before });
  return {
    request: { ...head, result: 'renewed', token, expires, diagnostics: [] },
    async tell() {
      const diagnostics = await tellPeople(plan, { kind: 'asks', plan, ways: world.ways(token), expires }, world);
      try {
        if (diagnostics.length === 0) await told(world.port);
      } catch (error) {
        // The token counts, and whoever runs this has to see it; the next event of the breach has people told again.
        callProblem(error);
      }
      return diagnostics;
    },
  };
}

/** @throws what is not of AWS */
function callProblem(error: unknown): Diagnostic {
  if (!(error instanceof AwsFailure)) throw error;
  const { action, code, message } = error;
  return report('POL8058', noPlace, { action, reason: `${message} (${code})` });
}
