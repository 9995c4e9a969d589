import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { AwsFailure } from '../aws/failure.ts';
import { removeOldApprovals } from './approval/decide.ts';
import { failedCall } from './aws/failed-call.ts';
import type { AwsPort } from './aws/port.ts';
import { tellPeople } from './carry-out.ts';
import { withLock } from './lock.ts';
import type { EndedResponse, RollbackOutcome, Selection } from './outcome.ts';
import { rollback } from './rollback.ts';
import { audit, type Guardrails, type ResponseWorld, recordOf } from './world.ts';

/**
 * Takes responses back, tells those who were told of them, and writes to the audit log. With `expired`, requests and marks
 * of approvals that have run out go too.
 *
 * @param guardrails what is loaded, by which people are told; none need be
 * @throws AuditFailure
 */
export async function endResponses(
  selection: Selection,
  guardrails: Guardrails,
  world: ResponseWorld,
): Promise<RollbackOutcome> {
  const subject = 'policy' in selection ? selection.policy : Object.keys(selection).join();
  const record = (
    on: string,
    decision: string,
    found: readonly Diagnostic[],
    { policyHash, breach }: Partial<EndedResponse> = {},
  ) =>
    recordOf(world, {
      action: 'guardrail.rollback',
      subject: on,
      decision,
      reasons: found.map(({ code, message }) => ({ text: `${code} ${message}` })),
      // Of the policy that responded, which may have been edited or be gone by now.
      policy_hash: policyHash ?? guardrails.find(({ compiled }) => compiled.policy === on)?.hash ?? '',
      ...(breach === undefined ? {} : { facts: { policy: on, breach } }),
    });
  audit(world, [record(subject, 'begun', [])]);
  const outcome = await rollBackAlone(selection, subject, world);
  const diagnostics = [...outcome.diagnostics];
  audit(
    world,
    outcome.ended.map((each) => record(each.policy, each.complete ? 'ended' : 'incomplete', each.diagnostics, each)),
  );
  for (const { policy, complete } of outcome.ended) {
    const notify = guardrails.find(({ compiled }) => compiled.policy === policy)?.compiled.response.notify;
    if (notify === undefined) continue;
    diagnostics.push(...(await tellPeople({ policy, notify }, { kind: 'ended', policy, complete }, world)));
  }
  if ('expired' in selection) diagnostics.push(...(await cleanUp(world)));
  return { ...outcome, diagnostics };
}

/** While no other run changes guardrails; where one does all the while, nothing is done. */
async function rollBackAlone(selection: Selection, subject: string, world: ResponseWorld): Promise<RollbackOutcome> {
  const work = (port: AwsPort) => rollback(selection, port, { now: world.now(), dryRun: world.dryRun });
  if (world.dryRun) return work(world.port);
  const failed = (problem: Diagnostic): RollbackOutcome => ({ ended: [], dryRun: false, diagnostics: [problem] });
  try {
    const locked = await withLock(world.port, world, work);
    const span = { file: subject, start: 0, end: 0 };
    return locked.ok ? locked.value : failed(report('POL8065', span, { time: locked.until }));
  } catch (error) {
    return failed(callProblem(error));
  }
}

/** @throws what is not of AWS */
function callProblem(error: unknown): Diagnostic {
  if (!(error instanceof AwsFailure)) throw error;
  return failedCall(error, { file: '/polc/guardrail', start: 0, end: 0 });
}

async function cleanUp({ port, now, dryRun }: ResponseWorld): Promise<readonly Diagnostic[]> {
  try {
    await removeOldApprovals(port, now(), dryRun);
    return [];
  } catch (error) {
    return [callProblem(error)];
  }
}
