import { hash, randomBytes } from 'node:crypto';
import type { AwsPort } from '../aws/port.ts';
import type { Plan } from '../plan.ts';
import { planDigest } from '../plan-digest.ts';
import { ensureApprovalKey } from './key.ts';
import {
  type ApprovalRequest,
  parameterLimit,
  readRequest,
  readUsed,
  requestFolder,
  requestText,
  usedFolder,
} from './request.ts';
import { approvalLifetime, isTokenForm, signApproval } from './token.ts';

/**
 * What came of asking.
 * - `ask`: send the token to people, then call `told`.
 * - `asked`: people have been asked about this breach and have not answered yet.
 * - `decided`: somebody has answered within the last hour.
 * - `too-large`: the request does not fit into a parameter.
 */
export type Asking =
  | {
      readonly kind: 'ask';
      /** Of the request: what the audit log knows an approval by. */
      readonly id: string;
      readonly token: string;
      /** Milliseconds since 1970. */
      readonly expires: number;
      /** Notes that the message was delivered: until then, the next event of the breach sends it again. */
      readonly told: (port: Pick<AwsPort, 'putParameter'>) => Promise<void>;
    }
  | { readonly kind: 'asked'; readonly expires: number }
  | { readonly kind: 'decided'; readonly choice: 'approve' | 'reject'; readonly by: string }
  | { readonly kind: 'too-large'; readonly size: number };

type Port = Pick<AwsPort, 'parameter' | 'parametersBelow' | 'putParameter'>;

/**
 * Keeps a request for approval of a plan and makes the token that approves or rejects it. The same breach is asked about
 * once, also where the event comes again in a new message, as long as callers hold the lock (`withLock`).
 *
 * @param now milliseconds since 1970
 * @throws AwsFailure
 */
export async function askForApproval(plan: Plan, port: Port, now: number): Promise<Asking> {
  const digest = planDigest(plan);
  const replaced = new Set<string>();
  for (const { name, value } of await port.parametersBelow(usedFolder)) {
    const used = readUsed(value);
    if (used === undefined || used.plan !== digest || used.expires <= now) continue;
    if (used.choice !== 'replace') return { kind: 'decided', choice: used.choice, by: used.by };
    replaced.add(name.slice(usedFolder.length + 1));
  }
  const open = await openRequest(digest, replaced, port, now);
  if (open?.request.told === true) return { kind: 'asked', expires: open.request.expires };
  const id = open?.id ?? randomBytes(16).toString('base64url');
  const request: ApprovalRequest = open?.request ?? {
    policy: plan.policy,
    plan: digest,
    breach: plan.breach,
    expires: now + approvalLifetime,
    told: false,
    event: plan.event,
  };
  const texts = [request, { ...request, told: true }].map(requestText);
  const [text, toldText] = texts;
  if (typeof text !== 'string' || typeof toldText !== 'string') {
    const sizes = texts.map((each) => (typeof each === 'string' ? each.length : each.size));
    return { kind: 'too-large', size: Math.max(...sizes) };
  }
  const key = await ensureApprovalKey(port);
  const token = tokenOf(id, request, key);
  if (!isTokenForm(token)) return { kind: 'too-large', size: parameterLimit + token.length };
  const name = `${requestFolder}/${id}`;
  if (open === undefined) await port.putParameter(name, text, { overwrite: false, secret: false });
  return {
    kind: 'ask',
    id,
    token,
    expires: request.expires,
    told: (by) => by.putParameter(name, toldText, { overwrite: true, secret: false }),
  };
}

/** The token that answers a request. */
export function tokenOf(id: string, { policy, plan, breach, expires }: ApprovalRequest, key: Uint8Array): string {
  return signApproval({ id, policy, plan, breach: breachDigest(breach), expires }, key);
}

/** The sha-256 of a breach key, in hexadecimal: it is as long whatever the budget is called. */
export function breachDigest(breach: string): string {
  return hash('sha256', breach, 'hex');
}

/** The request about the same plan that has not run out. */
async function openRequest(
  plan: string,
  replaced: ReadonlySet<string>,
  port: Pick<AwsPort, 'parametersBelow'>,
  now: number,
): Promise<{ readonly id: string; readonly request: ApprovalRequest } | undefined> {
  for (const { name, value } of await port.parametersBelow(requestFolder)) {
    const request = readRequest(value);
    const id = name.slice(requestFolder.length + 1);
    if (request === undefined || request.plan !== plan || request.expires <= now || replaced.has(id)) continue;
    return { id, request };
  }
  return undefined;
}
