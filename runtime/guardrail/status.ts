import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { AwsPort } from './aws/port.ts';
import { isOwn } from './state/boundaries.ts';
import type { BoundaryLedger, BoundaryRecord } from './state/boundary-ledger.ts';
import { callProblem } from './state/problems.ts';
import { isOver } from './state/response-record.ts';
import { loadResponses, type Response } from './state/responses.ts';
import { taggedPrincipals } from './state/tags.ts';
import { type TrackedPort, trackCalls } from './state/tracked-port.ts';

export interface GuardrailStatus {
  /** In the order of the policies' ids. */
  readonly responses: readonly ResponseStatus[];
  /** What could not be read. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ResponseStatus {
  readonly policy: string;
  /** The sha-256 of the policy's source, in hexadecimal, where it is known. */
  readonly policyHash?: string;
  /** The latest breach that the response is for, where it is known. */
  readonly breach?: string;
  readonly approver?: string;
  /** RFC 3339, in UTC. */
  readonly since?: string;
  /** RFC 3339 in UTC, or `never`. */
  readonly expires: string;
  /**
   * `active` is in force; `expired` waits for a rollback; `applying` and `ending` were begun and not finished: the same
   * event again finishes the first, a rollback both.
   */
  readonly state: 'active' | 'expired' | 'applying' | 'ending';
  readonly documents: readonly DocumentStatus[];
  readonly boundaries: readonly BoundaryStatus[];
}

export interface DocumentStatus {
  readonly arn: string;
  /** Principals of the response that it is attached to. */
  readonly attached: readonly string[];
  /** Principals of the response that it was detached from. */
  readonly missing: readonly string[];
  /** Principals that somebody else attached it to; a rollback detaches it from them too. */
  readonly surplus: readonly string[];
}

export interface BoundaryStatus {
  readonly principal: string;
  readonly boundary: string;
  /** What a rollback puts back; absent where there was none. */
  readonly before?: string;
  /**
   * `set` is in force; `covered` by the boundary of a later response; `changed` by hand, so that a rollback leaves it;
   * `gone` where the principal is.
   */
  readonly state: 'set' | 'covered' | 'changed' | 'gone';
}

/**
 * The responses that are in force, or not wholly gone. Makes no changing call, and never rejects for what AWS answers.
 *
 * @param now in milliseconds since 1970
 */
export async function statusOf(port: AwsPort, now: number): Promise<GuardrailStatus> {
  const tracked = trackCalls(port, true);
  try {
    const { responses, ledger } = await loadResponses(tracked);
    const found: ResponseStatus[] = [];
    for (const response of responses) found.push(await statusOfResponse(response, ledger, tracked, now));
    return { responses: found, diagnostics: responses.flatMap(({ diagnostics }) => diagnostics) };
  } catch (error) {
    return { responses: [], diagnostics: [callProblem(error)] };
  }
}

async function statusOfResponse(
  response: Response,
  ledger: BoundaryLedger,
  port: TrackedPort,
  now: number,
): Promise<ResponseStatus> {
  const { policy, record, expires } = response;
  const documents: DocumentStatus[] = [];
  for (const { arn, tags } of response.documents) {
    documents.push(documentStatus(arn, taggedPrincipals(arn, tags), await port.attachments(arn)));
  }
  for (const arn of response.otherDocuments) {
    const existing = await port.getPolicy(arn);
    if (existing === undefined) continue;
    documents.push(documentStatus(arn, taggedPrincipals(arn, existing.tags), await port.attachments(arn)));
  }
  const boundaries: BoundaryStatus[] = [];
  for (const boundary of ledger.ofPolicy(policy)) boundaries.push(await boundaryStatus(boundary, ledger, port));
  return {
    policy,
    ...(record === undefined ? {} : { policyHash: record.policyHash, breach: record.breach, since: record.since }),
    ...(record?.approver === undefined ? {} : { approver: record.approver }),
    expires,
    state: stateOf(response, now),
    documents,
    boundaries,
  };
}

/** Where the record is lost, what is there is taken to be in force. */
function stateOf({ record, expires }: Response, now: number): ResponseStatus['state'] {
  if (record?.phase === 'ending' || record?.phase === 'ended') return 'ending';
  if (isOver(expires, now)) return 'expired';
  return record === undefined || record.phase === 'active' ? 'active' : 'applying';
}

function documentStatus(arn: string, expected: readonly string[], attached: readonly string[]): DocumentStatus {
  return {
    arn,
    attached: expected.filter((principal) => attached.includes(principal)),
    missing: expected.filter((principal) => !attached.includes(principal)),
    surplus: attached.filter((principal) => !expected.includes(principal)),
  };
}

async function boundaryStatus(
  record: BoundaryRecord,
  ledger: BoundaryLedger,
  port: TrackedPort,
): Promise<BoundaryStatus> {
  const { principal, set, before } = record;
  const status = (state: BoundaryStatus['state']): BoundaryStatus => ({
    principal,
    boundary: set,
    ...(before === null ? {} : { before }),
    state,
  });
  const found = await port.principal(principal);
  if (found === undefined) return status('gone');
  if (ledger.above(record) !== undefined) return status('covered');
  return status(isOwn(record, found.boundary ?? null) ? 'set' : 'changed');
}
