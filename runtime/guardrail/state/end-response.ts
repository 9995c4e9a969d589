import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { restoreBoundary } from './boundaries.ts';
import type { BoundaryLedger } from './boundary-ledger.ts';
import { responseParameter } from './places.ts';
import { callProblem } from './problems.ts';
import { type ResponseRecord, writeResponse } from './response-record.ts';
import type { Response } from './responses.ts';
import type { TrackedPort } from './tracked-port.ts';

export interface EndOptions {
  /** What is said of a call that fails. */
  readonly problem?: (error: unknown) => Diagnostic;
  /** The record once all is gone; undefined leaves none. */
  readonly remains?: ResponseRecord | undefined;
}

/**
 * Takes a response back: detaches and deletes its deny policies and takes its boundaries out of their piles. It goes on
 * after a failure; what is left, the next rollback takes.
 *
 * The record says `ending` before anything else changes, so that a crash cannot leave a response that seems in force.
 *
 * @returns the problems; the response is wholly gone where none of them is an error
 */
export async function endResponse(
  response: Response,
  ledger: BoundaryLedger,
  port: TrackedPort,
  { problem = callProblem, remains = endedRecord(response.record) }: EndOptions = {},
): Promise<readonly Diagnostic[]> {
  const { policy, record } = response;
  const diagnostics: Diagnostic[] = [...response.diagnostics];
  const attempt = async (step: () => Promise<readonly Diagnostic[] | undefined>): Promise<boolean> => {
    try {
      diagnostics.push(...((await step()) ?? []));
      return true;
    } catch (error) {
      diagnostics.push(problem(error));
      return false;
    }
  };

  if (record !== undefined && record.phase !== 'ending') {
    await attempt(() => putResponse({ ...record, phase: 'ending' }, port));
  }
  for (const arn of [...response.documents.map((each) => each.arn), ...response.otherDocuments]) {
    await removeDocument(arn, response, port, attempt);
  }
  for (const boundary of ledger.ofPolicy(policy)) await attempt(() => restoreBoundary(boundary, ledger, port));
  if (record !== undefined && !diagnostics.some(({ severity }) => severity === 'error')) {
    await attempt(() => leave(policy, remains, port));
  }
  return diagnostics;
}

type Attempt = (step: () => Promise<readonly Diagnostic[] | undefined>) => Promise<boolean>;

async function removeDocument(arn: string, response: Response, port: TrackedPort, attempt: Attempt): Promise<void> {
  let principals: readonly string[] | undefined;
  const isListed = response.documents.some((each) => each.arn === arn);
  await attempt(async () => {
    // A policy that the record names need not have come to be.
    if (isListed || (await port.getPolicy(arn)) !== undefined) principals = await port.attachments(arn);
    return undefined;
  });
  if (principals === undefined) return;
  let isFree = true;
  for (const principal of principals) {
    isFree = (await attempt(() => none(port.detach(principal, arn)))) && isFree;
  }
  if (isFree) await attempt(() => none(port.deletePolicy(arn)));
}

async function none(step: Promise<void>): Promise<undefined> {
  await step;
}

export async function putResponse(record: ResponseRecord, port: TrackedPort): Promise<undefined> {
  const options = { overwrite: true, secret: false };
  await port.putParameter(responseParameter(record.policy), writeResponse(record), options);
}

/** What remains of a response: the breaches that were acted on. */
export function endedRecord(record: ResponseRecord | undefined): ResponseRecord | undefined {
  if (record === undefined || record.acted.length === 0) return undefined;
  const { untold: _, ...rest } = record;
  return { ...rest, phase: 'ended', documents: [] };
}

async function leave(policy: string, remains: ResponseRecord | undefined, port: TrackedPort): Promise<undefined> {
  if (remains === undefined) await port.deleteParameter(responseParameter(policy));
  else await putResponse(remains, port);
}
