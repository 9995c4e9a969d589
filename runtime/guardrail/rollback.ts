import type { AwsPort } from './aws/port.ts';
import type { EndedResponse, RollbackOutcome, Selection } from './outcome.ts';
import { endResponse } from './state/end-response.ts';
import { callProblem } from './state/problems.ts';
import { isDue, loadResponses, type Response, type Responses } from './state/responses.ts';
import { trackCalls } from './state/tracked-port.ts';

export interface RollbackOptions {
  /** In milliseconds since 1970. */
  readonly now: number;
  /** Lists the calls and makes none that changes anything. */
  readonly dryRun?: boolean;
}

/**
 * Ends responses: detaches and deletes their deny policies, and puts back the permissions boundaries that were there
 * before. It goes on after a failure and reports all; another rollback finishes the work. Never rejects.
 */
export async function rollback(
  selection: Selection,
  port: AwsPort,
  { now, dryRun = false }: RollbackOptions,
): Promise<RollbackOutcome> {
  const tracked = trackCalls(port, dryRun);
  let loaded: Responses;
  try {
    loaded = await loadResponses(tracked);
  } catch (error) {
    return { ended: [], dryRun, diagnostics: [callProblem(error)] };
  }
  const { responses, ledger } = loaded;
  const ended: EndedResponse[] = [];
  for (const response of responses.filter((each) => isSelected(each, selection, now))) {
    const { record } = response;
    const start = tracked.calls.length;
    const diagnostics = await endResponse(response, ledger, tracked);
    ended.push({
      policy: response.policy,
      ...(record === undefined ? {} : { breach: record.breach, policyHash: record.policyHash }),
      complete: !diagnostics.some(({ severity }) => severity === 'error'),
      calls: tracked.calls.slice(start),
      diagnostics,
    });
  }
  return { ended, dryRun, diagnostics: [] };
}

function isSelected(response: Response, selection: Selection, now: number): boolean {
  if ('policy' in selection) return response.policy === selection.policy;
  return 'all' in selection || isDue(response, now);
}
