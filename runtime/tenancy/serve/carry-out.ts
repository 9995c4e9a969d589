import { applyTenancy, restoreTenancy } from '../apply.ts';
import { callProblem } from '../problems.ts';
import { subjectOf, teamOfChange } from './change.ts';
import { desiredText } from './desired-text.ts';
import { eventsOf, failureEvent } from './events.ts';
import { type Finding, findingOf, mostTelling } from './finding.ts';
import { inheritance } from './inheritance.ts';
import { bringKeysInStep } from './keys-in-step.ts';
import { isOver, type Operation } from './operation.ts';
import { planChange, type Refusal } from './plan-change.ts';
import type { CompiledTenancy, ServiceWorld } from './platform.ts';
import { inverse, type RecordWrite, withWrites } from './records.ts';
import { readRecords, writeRecord } from './stored-records.ts';
import { auditOf, tell } from './tell.ts';

/** Between two attempts to take a round back, in milliseconds; it doubles up to the second. */
const pauses = { first: 1000, longest: 30_000 };

/**
 * Carries an operation out, or on: round for round until nothing of it is left to do. A round is what is to be, compiled,
 * applied with rollback, and then written into the records; where that fails, records and policies become what they were
 * before the round. Rounds that are committed stay. Events and records of the audit log may be there twice after a crash.
 *
 * @param stopped says that the process is to end: what is not done yet is done by the next one
 * @throws JournalFailure, AuditFailure
 */
export async function carryOut(id: string, service: ServiceWorld, stopped: () => boolean): Promise<void> {
  const { operations } = service;
  const late: Finding[] = [];
  for (;;) {
    const operation = operations.get(id);
    if (operation === undefined || isOver(operation) || stopped()) return;
    const outcome = operation.undoing === undefined ? await nextRound(operation, service) : undefined;
    if (outcome === 'over') {
      finish(operation, 'done', late, service);
      return;
    }
    if (outcome !== undefined && 'late' in outcome) {
      late.push(...outcome.late);
      continue;
    }
    if (outcome !== undefined) {
      await fail(operation, outcome, service);
      return;
    }
    const undone = await takeBack(id, service, stopped);
    if (undone !== undefined) await fail(operation, undone, service);
    return;
  }
}

/** A round that is in force, with what its keys still lack. */
interface Committed {
  readonly late: readonly Finding[];
}

/** `undefined` where the round has to be taken back; findings where nothing of it was done. */
async function nextRound(
  operation: Operation,
  service: ServiceWorld,
): Promise<'over' | Committed | undefined | readonly Finding[]> {
  const { world, places, platform, operations, timeout } = service;
  const { id, change, actor, begun } = operation;
  if (change.kind === 'create-key' || change.kind === 'delete-key') return 'over';
  const read = await readRecords(world.cluster, places);
  if (!read.ok) return begun === undefined ? [findingOf(callProblem(places.policy, read.failure))] : undefined;
  const records = read.value;
  const planned =
    begun === undefined
      ? planChange(change, records, operation.rounds, new Date(world.now()).toISOString())
      : { ok: true as const, writes: begun.writes };
  if (!planned.ok) return [refusalFinding(planned.refusal)];
  const { writes } = planned;
  const repairs = change.kind === 'repair';
  if (writes.length === 0 && (!repairs || operation.rounds > 0)) return 'over';
  const before = begun === undefined ? records : withWrites(records, begun.undo);
  const after = withWrites(records, writes);
  const compiled = platform.compile(desiredText(after, places.templates));
  const { tenancy, enforceAt } = compiled;
  if (tenancy === undefined || enforceAt === undefined) {
    if (begun === undefined) return errorsOf(compiled);
    startUndo(operation, errorsOf(compiled), service);
    return undefined;
  }
  const about = { action: `tenancy.${change.kind}`, subject: subjectOf(change), hash: tenancy.hash };
  if (begun === undefined) {
    auditOf(world, actor, { ...about, decision: 'begun', facts: { operation: id } });
    operations.note({ event: 'begun', operation: id, writes, undo: inverse(records, writes) });
  }
  const outcome = await applyTenancy(tenancy, { timeout, force: repairs, dryRun: false }, { ...world, actor });
  const isApplied = outcome.result === 'applied' || outcome.result === 'unchanged';
  service.metrics.applied(isApplied ? 'success' : 'failure');
  const findings = outcome.diagnostics.map((each) =>
    each.code === 'POL8122'
      ? { ...findingOf(each), help: 'take the fields back with `POST /repair`' }
      : findingOf(each),
  );
  if (!isApplied) {
    // Then the cluster is as it was, and no record has been written; after a crash that is not known.
    if (begun === undefined && outcome.result !== 'incomplete') return findings;
    startUndo(operation, findings, service);
    return undefined;
  }
  for (const write of writes) {
    const written = await writeRecord(world.cluster, places, write);
    if (written.ok) continue;
    startUndo(operation, [findingOf(callProblem(places.policy, written.failure))], service);
    return undefined;
  }
  const reasons = inheritance(change, before, after);
  auditOf(world, actor, { ...about, decision: 'in force', reasons, facts: { operation: id } });
  // What fails here is found and done by the checks, and said: a key may open until then what it should not.
  const keys = await bringKeysInStep(world.cluster, places, enforceAt, after, teamOfChange(change));
  await tell(eventsOf(change, before, after, places), world);
  operations.note({ event: 'committed', operation: id });
  return { late: lateKeys(keys, service) };
}

function lateKeys(keys: Awaited<ReturnType<typeof bringKeysInStep>>, { places }: ServiceWorld): readonly Finding[] {
  const [failure] = keys.ok ? keys.value.failures : [keys.failure];
  if (failure === undefined) return [];
  const help = 'keys follow with the next check of the service; look at `GET /readyz` until `drift` succeeds';
  return [{ ...findingOf(callProblem(places.policy, failure)), severity: 'warning', help }];
}

/**
 * Makes records and policies what they were before the round, however often that has to be tried.
 *
 * @returns why the round failed; undefined where the process is to end first
 */
async function takeBack(
  id: string,
  service: ServiceWorld,
  stopped: () => boolean,
): Promise<readonly Finding[] | undefined> {
  const { world, operations } = service;
  for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.longest)) {
    const { undoing = [], begun } = operations.get(id) ?? {};
    if (begun === undefined || (await isTakenBack(begun.undo, service))) return undoing;
    if (stopped()) return undefined;
    await world.pause(pause);
    if (stopped()) return undefined;
  }
}

async function isTakenBack(undo: readonly RecordWrite[], service: ServiceWorld): Promise<boolean> {
  const { world, places, platform, timeout } = service;
  const read = await readRecords(world.cluster, places);
  if (!read.ok) return false;
  for (const write of undo) {
    const written = await writeRecord(world.cluster, places, write);
    if (!written.ok) return false;
  }
  const { tenancy } = platform.compile(desiredText(withWrites(read.value, undo), places.templates));
  if (tenancy === undefined) return (await restoreTenancy(places.policy, world)).result !== 'incomplete';
  const outcome = await applyTenancy(tenancy, { timeout, waits: false, force: false, dryRun: false }, world);
  if (outcome.result === 'incomplete') return false;
  // What others have made of the policies meanwhile stays, and is drift; a call that failed is made again.
  return outcome.diagnostics.every(({ code }) => code !== 'POL8120');
}

function startUndo(operation: Operation, findings: readonly Finding[], { operations }: ServiceWorld): void {
  operations.note({ event: 'undoing', operation: operation.id, findings });
}

async function fail(operation: Operation, findings: readonly Finding[], service: ServiceWorld): Promise<void> {
  finish(operation, 'failed', findings, service);
  const detail = findings.find(({ severity }) => severity === 'error')?.message ?? 'it was taken back';
  await tell([failureEvent(operation.change, detail, service.places)], service.world);
}

function finish(
  { id, change, actor, accepted }: Operation,
  state: 'done' | 'failed',
  findings: readonly Finding[],
  { world, operations, metrics }: ServiceWorld,
): void {
  const time = new Date(world.now()).toISOString();
  if (state === 'failed') {
    const reasons = findings.map(({ code, message }) => `${code} ${message}`);
    const action = `tenancy.${change.kind}`;
    auditOf(world, actor, {
      action,
      subject: subjectOf(change),
      decision: 'failed',
      reasons,
      facts: { operation: id },
    });
  } else metrics.synchronised(world.now() - Date.parse(accepted));
  operations.note({ event: 'finished', operation: id, time, state, findings });
}

/** What keeps a compiled tenancy from being applied. */
export function errorsOf({ diagnostics }: CompiledTenancy): readonly Finding[] {
  const wrong = diagnostics.filter(({ severity }) => severity === 'error');
  const errors = mostTelling(wrong).map((each) => findingOf(each));
  if (errors.length > 0) return errors;
  const help = 'name a gateway or a route in `targets`';
  return [{ code: 'target', severity: 'error', message: 'the policy names no gateway and no route', help }];
}

/** A refusal as a finding; its code is no diagnostic's, since no policy is wrong. */
function refusalFinding({ because, detail }: Refusal): Finding {
  const help = because === 'not-found' ? 'make it first' : 'look at what is there, and ask again';
  return { code: because, severity: 'error', message: detail, help };
}
