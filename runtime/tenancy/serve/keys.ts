import { hash } from 'node:crypto';
import type { ClusterFailure, JsonMap } from '../port.ts';
import { callProblem } from '../problems.ts';
import { errorsOf } from './carry-out.ts';
import { desiredText } from './desired-text.ts';
import { eventsOf } from './events.ts';
import { type Finding, findingOf } from './finding.ts';
import { keyIn, keySecret, newKey } from './key-secret.ts';
import { holderOf, readKeys } from './keys-in-step.ts';
import type { Operation } from './operation.ts';
import { keyPlace } from './places.ts';
import type { Refusal } from './plan-change.ts';
import type { ServiceWorld } from './platform.ts';
import { noRecords } from './records.ts';
import { readRecords } from './stored-records.ts';
import { auditOf, tell } from './tell.ts';

/** Keys of a member at once: a token of a team may not fill the cluster. */
const mostKeys = 100;

/** What became of a key. */
export type KeyOutcome =
  /** `key` is there where one was made: it is nowhere else but in its Secret. */
  | { readonly ok: true; readonly result: JsonMap; readonly key?: string }
  | { readonly ok: false; readonly refusal: Refusal }
  | { readonly ok: false; readonly failure: ClusterFailure };

/** Makes the key that an operation asks for. The journal and the audit log get its digest. Throws JournalFailure, AuditFailure. */
export async function createKey(operation: Operation, service: ServiceWorld): Promise<KeyOutcome> {
  const { world, places, platform } = service;
  const { change, actor, id: operationId } = operation;
  if (change.kind !== 'create-key') throw new Error('not a key to be made');
  const { team, user, id } = change;
  const holding = async () => {
    const read = await readRecords(world.cluster, places);
    if (!read.ok) return { failure: read.failure };
    const compiled = platform.compile(desiredText(read.value, places.templates));
    const { enforceAt } = compiled;
    if (enforceAt === undefined) {
      const detail = errorsOf(compiled)[0]?.message ?? 'the policy is wrong';
      return { refusal: { because: 'conflict', detail } as const };
    }
    const holder = holderOf(read.value, enforceAt.budgets, { team, user });
    if (holder !== undefined) return { holder, enforceAt };
    const detail = read.value.teams.has(team)
      ? `the team \`${team}\` has no member \`${user}\``
      : `there is no team \`${team}\``;
    return { refusal: { because: 'not-found', detail } as const };
  };
  const held = await holding();
  if (held.holder === undefined) return give(operation, held, service);
  const { holder, enforceAt } = held;
  const others = await readKeys(world.cluster, places, { team, user });
  if (!others.ok) return give(operation, { failure: others.failure }, service);
  if (others.value.length >= mostKeys) {
    const detail = `\`${user}\` has ${mostKeys} keys already`;
    return give(operation, { refusal: { because: 'conflict', detail } }, service);
  }
  const key = newKey();
  const about = { action: 'tenancy.create-key', subject: `key ${id} of ${user} of team ${team}` };
  const digest = hash('sha256', key, 'hex');
  auditOf(world, actor, { ...about, decision: 'begun', facts: { operation: operationId, key_sha256: digest } });
  const made = await world.cluster.apply(keySecret(places, enforceAt, id, key, holder));
  if (!made.ok) {
    // Whether it is there is not known after every failure.
    return unmade(operation, { failure: made.failure }, service);
  }
  // The team may have gone, or have got another tier, while the key was made.
  const now = await holding();
  if (now.holder === undefined || now.holder.tier !== holder.tier || now.holder.budget !== holder.budget) {
    const refusal = { because: 'conflict', detail: `the team \`${team}\` changed meanwhile` } as const;
    return unmade(operation, now.holder === undefined ? now : { refusal }, service);
  }
  auditOf(world, actor, { ...about, decision: 'made', facts: { operation: operationId, key_sha256: digest } });
  const result = { id, team, user, tier: holder.tier, key_sha256: digest };
  finish(operation, 'done', result, service);
  await tell(eventsOf(change, noRecords, noRecords, places), world);
  return { ok: true, result, key };
}

/** Deletes the key that an operation names. Throws JournalFailure, AuditFailure. */
export async function deleteKey(operation: Operation, service: ServiceWorld): Promise<KeyOutcome> {
  const { world, places } = service;
  const { change, actor, id: operationId } = operation;
  if (change.kind !== 'delete-key') throw new Error('not a key to be deleted');
  const { team, id } = change;
  const found = await world.cluster.read(keyPlace(places, id));
  if (!found.ok && found.failure.kind !== 'not-found') return give(operation, { failure: found.failure }, service);
  const key = found.ok ? keyIn(places, found.value) : undefined;
  if (key?.team !== team) {
    const refusal = { because: 'not-found', detail: `the team \`${team}\` has no key \`${id}\`` } as const;
    return give(operation, { refusal }, service);
  }
  const about = { action: 'tenancy.delete-key', subject: `key ${id} of ${key.user} of team ${team}` };
  auditOf(world, actor, { ...about, decision: 'begun', facts: { operation: operationId } });
  const deleted = await world.cluster.delete(keyPlace(places, id), key.secret.metadata.uid ?? '');
  if (!deleted.ok) return give(operation, { failure: deleted.failure }, service);
  auditOf(world, actor, { ...about, decision: 'deleted', facts: { operation: operationId } });
  const result = { id, team };
  finish(operation, 'done', result, service);
  await tell(eventsOf(change, noRecords, noRecords, places), world);
  return { ok: true, result };
}

/**
 * Ends what was under way when the process ended: a key that nobody was shown is deleted, one that was to be deleted is.
 *
 * @returns false where the cluster does not let it yet
 */
export async function settleKey(operation: Operation, service: ServiceWorld): Promise<boolean> {
  const { change } = operation;
  if (change.kind === 'delete-key') return (await deleteKey(operation, service)).ok || isOverNow(operation, service);
  if (change.kind !== 'create-key' || !(await removeKey(change.id, service))) return false;
  const help = 'ask for another';
  const message = 'the service ended before the key could be shown';
  const cutOff: Finding = { code: 'cut-off', severity: 'error', message, help };
  finish(operation, 'failed', undefined, service, operation.undoing ?? [cutOff]);
  return true;
}

/** Deletes what may have been made; where the cluster does not let it now, the checks of the service do. */
async function unmade(operation: Operation, why: Why, service: ServiceWorld): Promise<KeyOutcome> {
  const { change, id } = operation;
  if (change.kind !== 'create-key' || (await removeKey(change.id, service))) return give(operation, why, service);
  service.operations.note({ event: 'undoing', operation: id, findings: [findingFor(why, service)] });
  return outcomeFor(why);
}

async function removeKey(id: string, { world, places }: ServiceWorld): Promise<boolean> {
  const found = await world.cluster.read(keyPlace(places, id));
  if (!found.ok) return found.failure.kind === 'not-found';
  if (keyIn(places, found.value) === undefined) return true;
  return (await world.cluster.delete(keyPlace(places, id), found.value.metadata.uid ?? '')).ok;
}

function isOverNow({ id }: Operation, { operations }: ServiceWorld): boolean {
  return operations.get(id)?.finished !== undefined;
}

interface Why {
  readonly refusal?: Refusal;
  readonly failure?: ClusterFailure;
}

const policyIsWrong: Refusal = { because: 'conflict', detail: 'the policy is wrong' };

function give(operation: Operation, why: Why, service: ServiceWorld): KeyOutcome {
  finish(operation, 'failed', undefined, service, [findingFor(why, service)]);
  return outcomeFor(why);
}

function outcomeFor({ failure, refusal = policyIsWrong }: Why): KeyOutcome {
  return failure === undefined ? { ok: false, refusal } : { ok: false, failure };
}

function findingFor({ failure, refusal = policyIsWrong }: Why, { places }: ServiceWorld): Finding {
  if (failure !== undefined) return findingOf(callProblem(places.policy, failure));
  const help = 'look at what is there, and ask again';
  return { code: refusal.because, severity: 'error', message: refusal.detail, help };
}

function finish(
  { id }: Operation,
  state: 'done' | 'failed',
  result: JsonMap | undefined,
  { world, operations }: ServiceWorld,
  findings: readonly Finding[] = [],
): void {
  const time = new Date(world.now()).toISOString();
  const entry = { event: 'finished', operation: id, time, state, findings } as const;
  operations.note(result === undefined ? entry : { ...entry, result });
}
