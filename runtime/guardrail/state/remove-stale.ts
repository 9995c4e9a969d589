import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import type { Plan } from '../plan.ts';
import { restoreBoundary } from './boundaries.ts';
import type { BoundaryLedger } from './boundary-ledger.ts';
import { removalProblem } from './problems.ts';
import type { TrackedPort } from './tracked-port.ts';

/**
 * Takes away what a response in force had from an earlier version of its policy, once the new one is there. A failure
 * leaves the new one as it is.
 *
 * @param known ARNs of all deny policies of the response
 * @param placed ARNs of those of the new one
 * @returns `left`: those that there still are
 */
export async function removeStale(
  plan: Plan,
  known: readonly string[],
  placed: readonly string[],
  ledger: BoundaryLedger,
  port: TrackedPort,
): Promise<{ readonly left: readonly string[]; readonly diagnostics: readonly Diagnostic[] }> {
  const left: string[] = [...placed];
  const diagnostics: Diagnostic[] = [];
  for (const arn of known) {
    if (left.includes(arn)) continue;
    try {
      if ((await port.getPolicy(arn)) === undefined) continue;
      for (const principal of await port.attachments(arn)) await port.detach(principal, arn);
      await port.deletePolicy(arn);
    } catch (error) {
      left.push(arn);
      diagnostics.push(removalProblem(error));
    }
  }
  const bounded = plan.boundaries.map(({ principal }) => principal);
  for (const record of ledger.ofPolicy(plan.policy)) {
    if (bounded.includes(record.principal)) continue;
    try {
      diagnostics.push(...(await restoreBoundary(record, ledger, port)));
    } catch (error) {
      diagnostics.push(removalProblem(error));
    }
  }
  return { left, diagnostics };
}
