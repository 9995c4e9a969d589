import type { Change } from './change.ts';
import { newKeyId } from './key-secret.ts';
import { createKey, deleteKey, type KeyOutcome } from './keys.ts';
import { readKeys } from './keys-in-step.ts';
import type { Operation } from './operation.ts';
import type { ServiceWorld } from './platform.ts';
import { type Answered, clusterProblem, problem } from './problem.ts';
import { type Asked, answered, namePattern, type Route } from './routes.ts';
import { notAccepted, refusalProblem } from './submit.ts';

export const keyRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/teams/{team}/keys',
    summary: 'List the API keys of a team, without the keys themselves.',
    who: ['admin', 'reader', 'team'],
    answers: { 200: 'The keys by their ids.' },
    changes: false,
    answer: async ({ service, path: { team = '' } }) => {
      const { world, places } = service.parts;
      const keys = await readKeys(world.cluster, places, { team });
      if (!keys.ok) return clusterProblem(keys.failure);
      return answered(200, {
        keys: keys.value.map(({ id, user, tier, created = null }) => ({ id, user, tier, created })),
      });
    },
  },
  {
    method: 'POST',
    path: '/teams/{team}/keys',
    summary: 'Make an API key for a member. It is shown in this answer only.',
    who: ['admin', 'team'],
    body: {
      type: 'object',
      description: 'Whose key it is.',
      properties: { user: { type: 'string', description: 'A member of the team.', pattern: namePattern } },
      required: ['user'],
    },
    answers: { 201: 'The key; null where the same Idempotency-Key has been shown it before.' },
    changes: true,
    answer: async (asked) => {
      const { team = '' } = asked.path;
      const change = { kind: 'create-key', team, user: String(asked.body.user), id: newKeyId() } as const;
      return atOnce(change, asked, createKey, ({ result, key = null }) => answered(201, { ...result, key }));
    },
  },
  {
    method: 'DELETE',
    path: '/teams/{team}/keys/{key}',
    summary: 'Delete an API key.',
    who: ['admin', 'team'],
    answers: { 204: 'The key is deleted.' },
    changes: true,
    answer: (asked) => {
      const { team = '', key = '' } = asked.path;
      return atOnce({ kind: 'delete-key', team, id: key }, asked, deleteKey, () => answered(204, null));
    },
  },
];

/** Does what waits for nothing, and answers what became of it. */
async function atOnce(
  change: Extract<Change, { readonly kind: 'create-key' | 'delete-key' }>,
  { service, caller, repeat }: Asked,
  act: (operation: Operation, parts: ServiceWorld) => Promise<KeyOutcome>,
  say: (outcome: Extract<KeyOutcome, { readonly ok: true }>) => Answered,
): Promise<Answered> {
  const { operations } = service.parts;
  const actor = caller?.name ?? '';
  const isRepeated = repeat !== undefined && operations.repeated(actor, repeat.key) !== undefined;
  const inTheWay = isRepeated ? undefined : operations.onTeam(change.team);
  if (inTheWay !== undefined) {
    const detail = `the team \`${change.team}\` is being changed`;
    return problem(409, detail, { headers: { 'retry-after': '5' }, fields: { operation: inTheWay.id } });
  }
  const accepted = operations.accept(change, actor, repeat);
  if (!accepted.ok) return notAccepted(accepted.because);
  const { operation } = accepted;
  if (accepted.repeated) {
    if (operation.result !== undefined) return say({ ok: true, result: operation.result });
    const [first] = operation.findings;
    return problem(409, first?.message ?? 'the same request is being answered', { headers: { 'retry-after': '1' } });
  }
  const outcome = await act(operation, service.parts);
  if (outcome.ok) return say(outcome);
  return 'refusal' in outcome ? refusalProblem(outcome.refusal) : clusterProblem(outcome.failure);
}
