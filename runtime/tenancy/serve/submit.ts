import { errorsOf } from './carry-out.ts';
import type { Change } from './change.ts';
import { desiredText } from './desired-text.ts';
import { planChange, type Refusal } from './plan-change.ts';
import { type Answered, clusterProblem, problem } from './problem.ts';
import { withWrites } from './records.ts';
import { type Asked, answered } from './routes.ts';
import { readRecords } from './stored-records.ts';

/**
 * Takes a change in: what can be seen to be wrong is refused at once, all else is on the disk before the answer says so. An
 * Idempotency-Key that came before with the same request has the same answer.
 */
export async function submit(change: Change, { service, caller, repeat }: Asked): Promise<Answered> {
  const { operations, world, places, platform } = service.parts;
  const actor = caller?.name ?? '';
  const isRepeated = repeat !== undefined && operations.repeated(actor, repeat.key) !== undefined;
  // What waits may be what this change needs, or what is in its way: then its turn decides.
  if (
    !isRepeated &&
    operations.waiting().length === 0 &&
    change.kind !== 'create-key' &&
    change.kind !== 'delete-key'
  ) {
    const read = await readRecords(world.cluster, places);
    if (!read.ok) return clusterProblem(read.failure);
    const planned = planChange(change, read.value, 0, new Date(world.now()).toISOString());
    if (!planned.ok) return refusalProblem(planned.refusal);
    const compiled = platform.compile(desiredText(withWrites(read.value, planned.writes), places.templates));
    if (compiled.tenancy === undefined) {
      return problem(422, 'the policy would be wrong', { fields: { findings: errorsOf(compiled) } });
    }
  }
  const accepted = operations.accept(change, actor, repeat);
  if (!accepted.ok) return notAccepted(accepted.because);
  service.work();
  const { id } = accepted.operation;
  return { ...answered(202, { operation: id }), headers: { location: `/operations/${id}` } };
}

export function notAccepted(because: 'reused' | 'full'): Answered {
  return because === 'full'
    ? problem(429, 'too many operations wait', { headers: { 'retry-after': '30' } })
    : problem(422, 'the Idempotency-Key came with another request before');
}

export function refusalProblem({ because, detail }: Refusal): Answered {
  return problem(because === 'not-found' ? 404 : because === 'conflict' ? 409 : 422, detail);
}
