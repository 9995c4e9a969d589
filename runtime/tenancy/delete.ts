import { report } from '../../compiler/diagnostics/report.ts';
import { type ApplyOptions, type ApplyOutcome, alone } from './apply.ts';
import type { Tenancy } from './desired.ts';
import { removeJournal } from './journal.ts';
import { placeText } from './kinds.ts';
import { liveObjects } from './plan.ts';
import type { ObjectPlace } from './port.ts';
import { callProblem, tenancySpan } from './problems.ts';
import { tellEvents } from './tell-events.ts';
import { record, type TenancyWorld } from './world.ts';

export interface DeleteOutcome extends Pick<ApplyOutcome, 'diagnostics'> {
  /** In their order; of a dry run, what would be. */
  readonly deleted: readonly ObjectPlace[];
  readonly complete: boolean;
}

/**
 * Deletes what polc wrote for a policy, each object by its uid, the AuthPolicy last: without it everybody is let in. What a
 * call refuses is left and said; another run goes on.
 *
 * @throws AuditFailure before anything is changed
 */
export async function deleteTenancy(
  tenancy: Tenancy,
  { dryRun }: Pick<ApplyOptions, 'dryRun'>,
  world: TenancyWorld,
): Promise<DeleteOutcome> {
  const deleted: ObjectPlace[] = [];
  const { policy } = tenancy;
  async function work(journal: string | undefined): Promise<ApplyOutcome> {
    const listed = await liveObjects(tenancy, world.cluster);
    if (!listed.ok) return { result: 'refused', diagnostics: [callProblem(policy, listed.failure)] };
    const objects = listed.value;
    if (!dryRun && objects.length > 0) {
      const reasons = objects.map(({ place }) => `delete ${placeText(place)}`);
      record(world, tenancy, { action: 'tenancy.delete', decision: 'begun', reasons });
    }
    const found = [];
    for (const { place, object } of objects) {
      const answer = await world.cluster.delete(place, object.metadata.uid ?? '', { dryRun });
      if (answer.ok) deleted.push(place);
      else if (answer.failure.kind === 'conflict') {
        const reason = answer.failure.message;
        found.push(report('POL8130', tenancySpan(policy), { object: placeText(place), reason }));
      } else found.push(callProblem(policy, answer.failure));
    }
    const failed = found.some(({ severity }) => severity === 'error');
    if (!dryRun && !failed) {
      // What an earlier run would put back is not wanted any more.
      if (journal !== undefined) removeJournal(journal);
      if (objects.length > 0) {
        record(world, tenancy, { action: 'tenancy.delete', decision: 'deleted' });
        const about = objects.map(({ object }) => object);
        const told = { type: 'Normal', reason: 'PoliciesDeleted', action: 'Delete' } as const;
        found.push(...(await tellEvents(policy, about, { ...told, notes: [`Policies of ${policy} deleted`] }, world)));
      }
    }
    return { result: failed ? 'incomplete' : 'applied', diagnostics: found };
  }
  const { diagnostics, result } = dryRun ? await work(undefined) : await alone(policy, world, work);
  return { deleted, complete: result === 'applied', diagnostics };
}
