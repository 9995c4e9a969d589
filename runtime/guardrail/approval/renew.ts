import { randomBytes } from 'node:crypto';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import { AwsFailure } from '../../aws/failure.ts';
import type { AwsPort } from '../aws/port.ts';
import { breachDigest, tokenOf } from './ask.ts';
import { noPlace, timeText, usedBefore } from './decide.ts';
import { ensureApprovalKey } from './key.ts';
import {
  type ApprovalRequest,
  parameterLimit,
  readRequest,
  readUsed,
  requestFolder,
  requestText,
  usedFolder,
  usedText,
} from './request.ts';
import { approvalLifetime } from './token.ts';

/** A request that nobody has answered. */
export interface WaitingRequest {
  /** More than one where renewing it was interrupted. */
  readonly ids: readonly string[];
  readonly request: ApprovalRequest;
}

/**
 * The requests that wait for an answer, in the order of their policies and breaches.
 *
 * @param now milliseconds since 1970
 * @throws AwsFailure
 */
export async function waitingRequests(
  port: Pick<AwsPort, 'parametersBelow'>,
  now: number,
): Promise<readonly WaitingRequest[]> {
  const answered = new Set<string>();
  const decided = new Set<string>();
  for (const { name, value } of await port.parametersBelow(usedFolder)) {
    answered.add(name.slice(usedFolder.length + 1));
    const used = readUsed(value);
    if (used !== undefined && used.choice !== 'replace' && used.expires > now) decided.add(used.plan);
  }
  const found = new Map<string, WaitingRequest>();
  for (const { name, value } of await port.parametersBelow(requestFolder)) {
    const id = name.slice(requestFolder.length + 1);
    const request = readRequest(value);
    if (request === undefined || request.expires <= now || answered.has(id)) continue;
    // What an interrupted renewal left, when somebody answered by the token before.
    if (decided.has(request.plan)) continue;
    found.set(request.plan, { ids: [...(found.get(request.plan)?.ids ?? []), id], request });
  }
  return [...found.values()].sort((left, right) => (left.request.breach < right.request.breach ? -1 : 1));
}

export type Renewal =
  | {
      readonly ok: true;
      readonly id: string;
      readonly token: string;
      /** Milliseconds since 1970. */
      readonly expires: number;
      /** Notes that the message was delivered. */
      readonly told: (port: Pick<AwsPort, 'putParameter'>) => Promise<void>;
    }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/**
 * Puts a new request in the place of one that waits: its token is good for an hour, and the one before counts no more,
 * which is settled by the mark that every use of a token has to make. The new request is written first, so that a crash
 * leaves one that can be answered.
 *
 * @param by who renews it, for whoever comes with the token before
 * @throws AwsFailure
 */
export async function renewRequest(
  { ids, request }: WaitingRequest,
  by: string,
  port: Pick<AwsPort, 'parameter' | 'putParameter' | 'deleteParameter'>,
  now: number,
): Promise<Renewal> {
  const key = await ensureApprovalKey(port);
  const renewed: ApprovalRequest = { ...request, expires: now + approvalLifetime, told: false };
  const [text, toldText] = [renewed, { ...renewed, told: true }].map(requestText);
  if (typeof text !== 'string' || typeof toldText !== 'string') {
    const { policy } = request;
    return no(report('POL8061', noPlace, { policy, size: parameterLimit + 1, limit: parameterLimit }));
  }
  const newId = randomBytes(16).toString('base64url');
  const name = `${requestFolder}/${newId}`;
  await port.putParameter(name, text, { overwrite: false, secret: false });
  for (const old of ids) {
    const used = await replaceUse(old, request, by, port, now);
    if (used === undefined) continue;
    await port.deleteParameter(name);
    return no(usedBefore(used));
  }
  for (const old of ids) await port.deleteParameter(`${requestFolder}/${old}`);
  return {
    ok: true,
    id: newId,
    token: tokenOf(newId, renewed, key),
    expires: renewed.expires,
    told: (by) => by.putParameter(name, toldText, { overwrite: true, secret: false }),
  };
}

/**
 * Uses a token up in favour of another.
 *
 * @returns the mark of whoever was first; undefined where nobody was
 */
async function replaceUse(
  id: string,
  { plan, breach, expires }: ApprovalRequest,
  by: string,
  port: Pick<AwsPort, 'parameter' | 'putParameter'>,
  now: number,
): Promise<string | undefined> {
  const name = `${usedFolder}/${id}`;
  const at = timeText(now);
  const mark = usedText({ choice: 'replace', plan, breach: breachDigest(breach), by, at, done: true, expires });
  try {
    await port.putParameter(name, mark, { overwrite: false, secret: false });
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsFailure) || error.code !== 'ParameterAlreadyExists') throw error;
    // Somebody has answered meanwhile, or the call was tried again after it had its effect.
    const used = (await port.parameter(name)) ?? '';
    return readUsed(used)?.choice === 'replace' ? undefined : used;
  }
}

function no(diagnostic: Diagnostic): Renewal {
  return { ok: false, diagnostic };
}
