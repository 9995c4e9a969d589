import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { AwsFailure } from '../aws/failure.ts';
import type { AwsPort, Tags } from './aws/port.ts';
import type { ApplyOutcome, ApplyResult } from './outcome.ts';
import type { Plan } from './plan.ts';
import { placeBoundary, undoBoundary } from './state/boundaries.ts';
import { BoundaryLedger } from './state/boundary-ledger.ts';
import { collision, type FoundDocument, findDocument, isForeign, NameTaken, placeDocument } from './state/documents.ts';
import { endedRecord, endResponse, putResponse } from './state/end-response.ts';
import { responseParameter } from './state/places.ts';
import { callProblem, placeOf, undoProblem, unreadableBoundaryProblem, unreadableProblem } from './state/problems.ts';
import { removeStale } from './state/remove-stale.ts';
import {
  expiryAfter,
  hasActed,
  isOver,
  laterExpiry,
  type ResponseRecord,
  readResponse,
  shortened,
  untoldOf,
  withActed,
  withoutActed,
  withUntold,
  writeResponse,
} from './state/response-record.ts';
import { loadResponses, type Response } from './state/responses.ts';
import { writeTags } from './state/tags.ts';
import { type TrackedPort, trackCalls } from './state/tracked-port.ts';
import { takeBack, type Undo } from './state/undo.ts';

export interface ApplyOptions {
  /** In milliseconds since 1970. */
  readonly now: number;
  /** Who approved the response; absent where it is automatic. */
  readonly approver?: string;
  /** Lists the calls and makes none that changes anything. A plan of the mode dry-run is never more than that. */
  readonly dryRun?: boolean;
}

/**
 * Carries a plan out: creates its deny policies, attaches them, and sets its boundaries; publishing and notifying are
 * not its part. All of it or nothing: where a call fails, what was done is taken back, and after a crash the same plan
 * again, or a rollback, goes on from the record that was written first. Never rejects for what AWS answers.
 *
 * A breach is acted on once, also when its response has ended; another breach of the same policy makes a response that
 * is in force last longer, and brings it up to the policy of today. Two runs at a time may undo each other's steps:
 * whoever calls this holds the lock (`withLock`).
 */
export async function applyPlan(plan: Plan, port: AwsPort, options: ApplyOptions): Promise<ApplyOutcome> {
  const { now, approver, dryRun = false } = options;
  const tracked = trackCalls(port, dryRun || plan.mode === 'dry-run');
  const outcome = (result: ApplyResult, diagnostics: readonly Diagnostic[], expires?: string): ApplyOutcome => ({
    policy: plan.policy,
    breach: plan.breach,
    result,
    untold: [],
    ...(expires === undefined ? {} : { expires }),
    dryRun: tracked.dryRun,
    calls: tracked.calls,
    diagnostics,
  });
  try {
    const { record, problems } = await currentRecord(plan.policy, tracked);
    if (problems.length > 0) return outcome('failed', problems);
    const isKnown = record !== undefined && hasActed(record, plan.breach);
    const untold = isKnown ? untoldOf(record, plan.breach) : [];
    if (isKnown && record.phase === 'ended') return { ...outcome('ended', []), untold };
    const isRepair = isKnown && record.phase === 'active';
    if (isRepair) {
      if (isOver(record.expires, now)) return outcome('ended', []);
      if (record.policyHash !== plan.policyHash) return { ...outcome('unchanged', [], record.expires), untold };
    }
    const next = isRepair ? record : nextRecord(plan, record, now, approver);
    if (!restricts(plan) && (record === undefined || record.phase === 'ended')) {
      const problems = await remember({ ...next, phase: 'ended' }, record, tracked);
      return problems.length === 0
        ? { ...outcome('applied', []), untold: untoldOf(next, plan.breach) }
        : outcome('failed', problems);
    }
    const found = await lookUp(plan, next, tracked);
    if (found.problems.length > 0) return outcome('failed', found.problems);
    const run: Run = { plan, previous: record, next, isRepair, found, port: tracked, undo: [] };
    const diagnostics = await carryOut(run);
    if (diagnostics.some(({ severity }) => severity === 'error')) return outcome('failed', diagnostics);
    const result = isRepair ? 'unchanged' : record?.phase === 'active' ? 'extended' : 'applied';
    return { ...outcome(result, diagnostics, next.expires), untold: isRepair ? untold : untoldOf(next, plan.breach) };
  } catch (error) {
    return outcome('failed', [callProblem(error)]);
  }
}

/**
 * Notes who is still to be told of the response to a breach. What fails here has the same event again tell twice rather
 * than never.
 */
export async function noteUntold(
  { policy, breach }: Pick<Plan, 'policy' | 'breach'>,
  left: readonly string[],
  port: Pick<AwsPort, 'parameter' | 'putParameter'>,
): Promise<void> {
  const name = responseParameter(policy);
  try {
    const record = readResponse((await port.parameter(name)) ?? '');
    if (record === undefined) return;
    const next = withUntold(record, breach, left);
    await port.putParameter(name, writeResponse(next), { overwrite: true, secret: false });
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
  }
}

function restricts({ denied, documents, boundaries }: Plan): boolean {
  return (denied.length > 0 && documents.length > 0) || boundaries.length > 0;
}

/** All there is to do for a plan that restricts nobody: it is carried out once. */
async function remember(
  record: ResponseRecord,
  previous: ResponseRecord | undefined,
  port: TrackedPort,
): Promise<readonly Diagnostic[]> {
  try {
    await putResponse(record, port);
    return [];
  } catch (error) {
    // It may have been written all the same, and would keep the same breach from being told when it comes up again.
    const name = responseParameter(record.policy);
    const undo = () => (previous === undefined ? port.deleteParameter(name) : putResponse(previous, port));
    return [callProblem(error), ...(await takeBack([undo])).map((left) => undoProblem(left, record.policy))];
  }
}

/** The record, after a response that was being ended has ended. */
async function currentRecord(
  policy: string,
  port: TrackedPort,
): Promise<{ readonly record: ResponseRecord | undefined; readonly problems: readonly Diagnostic[] }> {
  const name = responseParameter(policy);
  const text = await port.parameter(name);
  const record = text === undefined ? undefined : readResponse(text);
  if (text !== undefined && record === undefined) return { record, problems: [unreadableProblem(name)] };
  if (record?.phase !== 'ending') return { record, problems: [] };
  const { responses, ledger } = await loadResponses(port);
  const response = responses.find((each) => each.policy === policy);
  const diagnostics = response === undefined ? [] : await endResponse(response, ledger, port);
  return {
    record: endedRecord(record),
    problems: diagnostics.filter(({ severity }) => severity === 'error'),
  };
}

/** What the record says once the plan is carried out. */
function nextRecord(
  plan: Plan,
  previous: ResponseRecord | undefined,
  now: number,
  approver: string | undefined,
): ResponseRecord {
  const running = previous === undefined || previous.phase === 'ended' ? undefined : previous;
  const fresh = expiryAfter(plan.ttlMinutes, now);
  const isLasting = running !== undefined && !isOver(running.expires, now);
  // The second run for one breach, after a crash, does not make the response last longer.
  const expires = !isLasting
    ? fresh
    : hasActed(running, plan.breach)
      ? running.expires
      : laterExpiry(running.expires, fresh);
  const next: ResponseRecord = {
    policy: plan.policy,
    phase: 'active',
    policyHash: plan.policyHash,
    breach: shortened(plan.breach),
    ...(approver === undefined ? {} : { approver: shortened(approver) }),
    since: isLasting ? running.since : new Date(now).toISOString(),
    expires,
    documents: [],
    ...(previous?.untold === undefined ? {} : { untold: previous.untold }),
    acted: withActed(previous?.acted ?? [], plan.breach),
  };
  return withUntold(next, plan.breach, [...plan.topics, ...(plan.notify === undefined ? [] : [plan.notify.parameter])]);
}

interface Found {
  readonly documents: readonly FoundDocument[];
  /** By ARN, the boundary that each principal has. */
  readonly boundaries: ReadonlyMap<string, string | undefined>;
  readonly ledger: BoundaryLedger;
  readonly tags: Tags;
  /** Why the plan cannot be carried out. */
  readonly problems: readonly Diagnostic[];
}

/** All that is read, before anything changes. */
async function lookUp(plan: Plan, next: ResponseRecord, port: TrackedPort): Promise<Found> {
  const problems: Diagnostic[] = [];
  const tags = writeTags({ ...next, approver: next.approver, principals: plan.denied });
  if (tags === undefined) {
    problems.push(report('POL8027', placeOf(plan.policy), { number: plan.denied.length }));
  }
  const boundaries = new Map<string, string | undefined>();
  for (const principal of new Set([...plan.denied, ...plan.boundaries.map((each) => each.principal)])) {
    const existing = await port.principal(principal);
    if (existing === undefined) problems.push(report('POL8022', placeOf(principal), { principal }));
    else boundaries.set(principal, existing.boundary);
  }
  const documents: FoundDocument[] = [];
  const [first] = plan.denied;
  for (const document of first === undefined ? [] : plan.documents) {
    const found = await findDocument(document, first!, port);
    if (isForeign(found, plan.policy)) problems.push(collision(found));
    documents.push(found);
  }
  // After the principals: the boundary that another run has just set is never taken for the one that was there before,
  // since the record of it was written earlier.
  const ledger = await BoundaryLedger.load(port);
  for (const each of ledger.unreadable) {
    if (each.policy === plan.policy) problems.push(unreadableBoundaryProblem(each));
  }
  return { documents, boundaries, ledger, tags: tags ?? {}, problems };
}

interface Run {
  readonly plan: Plan;
  readonly previous: ResponseRecord | undefined;
  readonly next: ResponseRecord;
  /** The response is in force for this very breach: only what is missing of it is put back. */
  readonly isRepair: boolean;
  readonly found: Found;
  readonly port: TrackedPort;
  readonly undo: Undo;
}

async function carryOut(run: Run): Promise<readonly Diagnostic[]> {
  const { plan, previous, next, isRepair, found, port } = run;
  const documents = [...new Set([...(previous?.documents ?? []), ...found.documents.map(({ arn }) => arn)])];
  const diagnostics: Diagnostic[] = [];
  try {
    if (!isRepair)
      await putResponse({ ...next, phase: isInForce(previous) ? 'extending' : 'applying', documents }, port);
    const settled = previous?.phase === 'active';
    const response = { policy: plan.policy, tags: found.tags, principals: plan.denied };
    for (const document of found.documents) {
      diagnostics.push(...(await placeDocument(document, response, settled, port, run.undo)));
    }
    for (const wanted of plan.boundaries) diagnostics.push(...(await place(wanted, settled, run)));
    if (!isRepair) await putResponse({ ...next, documents }, port);
  } catch (error) {
    const problem = error instanceof NameTaken ? error.diagnostic : callProblem(error);
    return [...diagnostics, problem, ...(await takeAllBack(run))];
  }
  const stale = await removeStale(
    plan,
    documents,
    found.documents.map(({ arn }) => arn),
    found.ledger,
    port,
  );
  return [...diagnostics, ...stale.diagnostics, ...(await forget(run, documents, stale.left))];
}

async function place(
  { principal, boundary }: Plan['boundaries'][number],
  settled: boolean,
  { plan, next, found, port, undo }: Run,
): Promise<readonly Diagnostic[]> {
  const { ledger } = found;
  const current = found.boundaries.get(principal);
  const wanted = { policy: plan.policy, principal, boundary, breach: next.breach, expires: next.expires };
  undo.push(undoBoundary(wanted, current, ledger, port));
  return placeBoundary(wanted, current, settled, ledger, port);
}

/** The record without the deny policies that are gone. */
async function forget(
  { next, previous, isRepair, port }: Run,
  documents: readonly string[],
  left: readonly string[],
): Promise<readonly Diagnostic[]> {
  const known = isRepair ? (previous?.documents ?? []) : documents;
  if (known.length === left.length) return [];
  try {
    await putResponse({ ...next, documents: left }, port);
  } catch {
    // The record names what is no more: the next run drops it.
  }
  return [];
}

function isInForce(record: ResponseRecord | undefined): boolean {
  return record?.phase === 'active' || record?.phase === 'extending';
}

/** After a failure: back to the response that was in force, or to none. */
async function takeAllBack(run: Run): Promise<readonly Diagnostic[]> {
  const { plan, previous, next, isRepair, port, undo } = run;
  const problem = (error: unknown) => undoProblem(error, plan.policy);
  if (isInForce(previous)) {
    const errors = await takeBack(undo);
    if (errors.length > 0 || isRepair) return errors.map(problem);
    return (await takeBack([() => putResponse(previous!, port)])).map(problem);
  }
  // A run before that crashed belongs to the same response, so everything goes, and no breach counts as acted on.
  const earlier = previous?.phase === 'applying' ? previous.acted.slice(0, -1) : (previous?.acted ?? []);
  const ending: ResponseRecord = { ...next, phase: 'ending', acted: withoutActed(earlier, plan.breach) };
  const errors = [...(await takeBack([() => putResponse(ending, port)]))];
  try {
    const { responses, ledger } = await loadResponses(port);
    const left: Response | undefined = responses.find(({ policy }) => policy === plan.policy);
    if (left === undefined) return [];
    const named = { ...left, record: ending };
    const remains = previous?.phase === 'ended' ? previous : endedRecord(ending);
    return (await endResponse(named, ledger, port, { problem, remains })).filter(
      ({ severity }) => severity === 'error',
    );
  } catch (error) {
    return [...errors, error].map(problem);
  }
}
