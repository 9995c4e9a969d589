import type { CompiledGuardrail } from '../../../compiler/backends/guardrail/format.ts';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import { AwsFailure } from '../../aws/failure.ts';
import type { AwsPort } from '../aws/port.ts';
import type { CostEvent } from '../cost-event.ts';
import type { Plan } from '../plan.ts';
import { planDigest } from '../plan-digest.ts';
import { planFor } from '../plan-for.ts';
import { breachDigest } from './ask.ts';
import { approvalKey } from './key.ts';
import {
  type ApprovalRequest,
  readRequest,
  readUsed,
  requestFolder,
  type UsedApproval,
  usedFolder,
  usedText,
} from './request.ts';
import { type Approval, isTokenForm, readApproval } from './token.ts';

/** A guardrail that events are evaluated against, with the hash of the policy that it was made of. */
export interface HashedGuardrail {
  readonly compiled: CompiledGuardrail;
  readonly hash: string;
}

export type Choice = Exclude<UsedApproval['choice'], 'replace'>;

/** An approval that may be used. */
export interface OpenApproval {
  readonly approval: Approval;
  readonly event: CostEvent;
  /** What is approved; absent where the policies were not given, which is enough to reject. */
  readonly plan?: Plan;
}

export type Opening =
  | { readonly ok: true; readonly open: OpenApproval }
  | {
      readonly ok: false;
      readonly diagnostic: Diagnostic;
      /** What the token says, where it was issued here. */
      readonly approval?: Approval;
    };

/** No file holds a token, and it is a secret: findings about one have no place. */
export const noPlace = { file: '', start: 0, end: 0 };

/**
 * Looks at an approval without using it: whether it was issued here, has not run out, has not been used, and is for what
 * the policies say now. Makes no changing call, so that it serves to show what would happen.
 *
 * @param guardrails undefined where the approval is to be rejected: that needs no policy
 * @param now milliseconds since 1970
 * @throws AwsFailure
 */
export async function openApproval(
  token: string,
  guardrails: readonly HashedGuardrail[] | undefined,
  port: Pick<AwsPort, 'parameter'>,
  now: number,
): Promise<Opening> {
  // Without the form there is no need to ask anybody.
  const forged: Opening = { ok: false, diagnostic: report('POL8050', noPlace, {}) };
  if (!isTokenForm(token)) return forged;
  const key = await approvalKey(port);
  const approval = key === undefined ? undefined : readApproval(token, key);
  if (approval === undefined) return forged;
  const no = (diagnostic: Diagnostic): Opening => ({ ok: false, diagnostic, approval });
  if (now >= approval.expires) return no(report('POL8051', noPlace, { time: timeText(approval.expires) }));
  const used = await port.parameter(`${usedFolder}/${approval.id}`);
  if (used !== undefined && (guardrails === undefined || unfinished(used, approval) === undefined)) {
    return no(usedBefore(used));
  }
  const request = readRequest((await port.parameter(`${requestFolder}/${approval.id}`)) ?? '');
  if (request === undefined || !isAbout(request, approval)) return no(report('POL8054', noPlace, {}));
  const { event } = request;
  if (guardrails === undefined) return { ok: true, open: { approval, event } };
  const found = planOf(approval, event, guardrails);
  return found.ok ? { ok: true, open: { approval, event, plan: found.plan } } : no(found.diagnostic);
}

/** What was asked for, made again from the policy; a finding where that would do something else now. */
export function planOf(
  { policy, plan: digest }: Pick<Approval, 'policy' | 'plan'>,
  event: CostEvent,
  guardrails: readonly HashedGuardrail[],
): { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly diagnostic: Diagnostic } {
  const found = guardrails.find(({ compiled }) => compiled.policy === policy);
  if (found === undefined) return { ok: false, diagnostic: report('POL8064', noPlace, { policy }) };
  const plan = planFor(found.compiled, found.hash, event);
  if (plan.mode !== 'manual' || planDigest(plan) !== digest) {
    return { ok: false, diagnostic: report('POL8052', noPlace, { policy }) };
  }
  return { ok: true, plan };
}

/** An approval that counts: as whose it is carried out; or why it does not. */
export type Claim =
  | { readonly ok: true; readonly by: string }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/**
 * Uses an approval up: of several who decide, one does, since the parameter can be made once. It is done before anything
 * is carried out. Whoever approves after that goes on with what was approved and not finished.
 *
 * @throws AwsFailure
 */
export async function claimApproval(
  { approval }: OpenApproval,
  choice: Choice,
  by: string,
  port: Pick<AwsPort, 'parameter' | 'putParameter'>,
  now: number,
): Promise<Claim> {
  const { id, breach, plan, expires } = approval;
  const name = `${usedFolder}/${id}`;
  const value = usedText({ choice, breach, plan, by, at: timeText(now), done: choice === 'reject', expires });
  try {
    await port.putParameter(name, value, { overwrite: false, secret: false });
    return { ok: true, by };
  } catch (error) {
    if (!(error instanceof AwsFailure) || error.code !== 'ParameterAlreadyExists') throw error;
    const text = (await port.parameter(name)) ?? '';
    const used = choice === 'approve' ? unfinished(text, approval) : undefined;
    return used === undefined ? { ok: false, diagnostic: usedBefore(text) } : { ok: true, by: used.by };
  }
}

/** The mark of an approval whose response was not carried out to its end. */
function unfinished(text: string, { plan, breach }: Approval): UsedApproval | undefined {
  const used = readUsed(text);
  const isOpen = used?.choice === 'approve' && !used.done && used.plan === plan && used.breach === breach;
  return isOpen ? used : undefined;
}

/**
 * Marks an approval whose response is carried out, and removes the request. What fails here does no harm: the breach
 * counts as acted on, and both go when they have run out.
 */
export async function finishApproval(
  open: OpenApproval,
  by: string,
  port: Pick<AwsPort, 'putParameter' | 'deleteParameter'>,
  now: number,
): Promise<void> {
  const { id, breach, plan, expires } = open.approval;
  const value = usedText({ choice: 'approve', breach, plan, by, at: timeText(now), done: true, expires });
  try {
    await port.putParameter(`${usedFolder}/${id}`, value, { overwrite: true, secret: false });
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
  }
  await closeRequest(open, port);
}

/** Removes a request that was answered. What fails here is removed when it has run out. */
export async function closeRequest({ approval }: OpenApproval, port: Pick<AwsPort, 'deleteParameter'>): Promise<void> {
  try {
    await port.deleteParameter(`${requestFolder}/${approval.id}`);
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
  }
}

/** Both stay an hour longer than they count, since clocks differ. */
const grace = 3_600_000;

/**
 * Removes the requests and the marks of use whose approvals have run out.
 *
 * @returns the names of the parameters, which in a dry run are still there
 * @throws AwsFailure
 */
export async function removeOldApprovals(
  port: Pick<AwsPort, 'parametersBelow' | 'deleteParameter'>,
  now: number,
  dryRun: boolean,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const [folder, read] of [
    [requestFolder, readRequest],
    [usedFolder, readUsed],
  ] as const) {
    for (const { name, value } of await port.parametersBelow(folder)) {
      const expires = read(value)?.expires;
      // What cannot be read was not written here, and is left to whoever wrote it.
      if (expires === undefined || now < expires + grace) continue;
      if (!dryRun) await port.deleteParameter(name);
      removed.push(name);
    }
  }
  return removed;
}

function isAbout(request: ApprovalRequest, { policy, plan, breach, expires }: Approval): boolean {
  return (
    request.policy === policy &&
    request.plan === plan &&
    breachDigest(request.breach) === breach &&
    request.expires === expires
  );
}

/** @param text the mark of the use */
export function usedBefore(text: string): Diagnostic {
  const used = readUsed(text);
  const how = used === undefined ? 'it is not known how' : `${choiceWords[used.choice]} by ${used.by} at ${used.at}`;
  // Whoever was told of the new one has it, and `renew` makes another.
  const help = 'use the latest message, or ask once more with `polc guardrail renew`';
  return report('POL8053', noPlace, { how }, used?.choice === 'replace' ? { help } : {});
}

const choiceWords = { approve: 'approved', reject: 'rejected', replace: 'replaced by a new one' } as const;

/** RFC 3339 in UTC. */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}
