import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import type { Tenancy } from './desired.ts';
import { hold } from './hold.ts';
import {
  type Before,
  beforeOf,
  type Journal,
  JournalFailure,
  journalPath,
  readJournal,
  removeJournal,
  writeJournal,
} from './journal.ts';
import { placeText } from './kinds.ts';
import { changesAnything, type PlanStep, planTenancy, type TenancyPlan } from './plan.ts';
import type { Answer, KubernetesObject } from './port.ts';
import { applyProblem, callProblem, tenancySpan } from './problems.ts';
import { type Restored, restore } from './restore.ts';
import { appliedNotes, tellEvents } from './tell-events.ts';
import { type Waited, waitUntilReady } from './wait.ts';
import { record, type TenancyWorld } from './world.ts';

export interface ApplyOptions {
  /** How long the operator has to enforce it, in milliseconds. */
  readonly timeout: number;
  /** False where the operator need not have enforced it: what is put back is there also while it enforces nothing. */
  readonly waits?: boolean;
  /** Takes fields back that others changed. */
  readonly force: boolean;
  /** The server checks every change, and nothing is changed. */
  readonly dryRun: boolean;
}

/**
 * What became of an apply.
 * - `applied`: it is in force. `unchanged`: it was, already. `checked`: a dry run, and the server would take it.
 * - `refused`: nothing was changed. `restored`: what was there before is there again.
 * - `incomplete`: some of it could not be put back; the journal holds it.
 */
export interface ApplyOutcome {
  readonly result: 'applied' | 'unchanged' | 'checked' | 'refused' | 'restored' | 'incomplete';
  readonly plan?: TenancyPlan;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Makes the cluster what the tenancy says, or leaves it as it was: every change is first tried as a dry run; then what is
 * there is written to the journal, and the changes are made one by one; then the operator has to enforce them. On any failure
 * what was there is put back. A run that is killed is finished by the next one.
 *
 * @throws AuditFailure before anything is changed, or when all is done or put back
 */
export function applyTenancy(tenancy: Tenancy, options: ApplyOptions, world: TenancyWorld): Promise<ApplyOutcome> {
  if (options.dryRun) return checkChanges(tenancy, options, world);
  return alone(tenancy.policy, world, (path) => applyAlone(tenancy, options, world, path));
}

/** Puts back what a run that ended early has changed. */
export function restoreTenancy(policy: string, world: TenancyWorld): Promise<ApplyOutcome> {
  return alone(policy, world, async (path) => {
    const journal = readJournal(path);
    if (journal === undefined) return { result: 'unchanged', diagnostics: [] };
    record(world, { policy, hash: '' }, { action: 'tenancy.restore', decision: 'begun' });
    return putBack({ ...journal, phase: 'restoring' }, path, [], { policy, hash: '' }, world);
  });
}

/** The journal that a run has left, as a warning. */
export function cutOff(policy: string, world: TenancyWorld): readonly Diagnostic[] {
  try {
    const journal = readJournal(journalPath(world.journals, policy, world.cluster.server));
    return journal === undefined ? [] : [report('POL8128', tenancySpan(policy), { policy, time: journal.since })];
  } catch (error) {
    return [journalProblem(policy, error)];
  }
}

/** While no other run of this machine does. */
export async function alone(
  policy: string,
  world: TenancyWorld,
  work: (journal: string) => Promise<ApplyOutcome>,
): Promise<ApplyOutcome> {
  const path = journalPath(world.journals, policy, world.cluster.server);
  try {
    const release = hold(path);
    if (release === undefined) return refused([report('POL8125', tenancySpan(policy), { policy })]);
    try {
      return await work(path);
    } finally {
      release();
    }
  } catch (error) {
    return refused([journalProblem(policy, error)]);
  }
}

/** Throws what is not of the journal. */
function journalProblem(policy: string, error: unknown): Diagnostic {
  if (!(error instanceof JournalFailure)) throw error;
  return report('POL8126', tenancySpan(policy), { path: error.path, reason: error.message });
}

/** What the journal cannot hold is said, and does not keep a run from putting things back. */
function attempt(policy: string, work: () => void): readonly Diagnostic[] {
  try {
    work();
    return [];
  } catch (error) {
    return [journalProblem(policy, error)];
  }
}

async function applyAlone(
  tenancy: Tenancy,
  options: ApplyOptions,
  world: TenancyWorld,
  path: string,
): Promise<ApplyOutcome> {
  let journal = readJournal(path);
  if (journal?.phase === 'restoring') {
    // What is half taken back is taken back first, so that the plan starts from one version.
    const outcome = await putBack(journal, path, [], tenancy, world);
    if (outcome.result !== 'restored') return outcome;
    journal = undefined;
  }
  const { plan, ...checked } = await checkChanges(tenancy, options, world);
  if (plan === undefined || checked.result === 'refused') {
    // What the run before has half done is still half done.
    const diagnostics = [...checked.diagnostics, ...cutOff(tenancy.policy, world)];
    return { ...checked, diagnostics, ...(plan === undefined ? {} : { plan }) };
  }
  const changing = plan.steps.filter(({ action }) => action !== 'unchanged');
  return { ...(await carryOut(tenancy, changing, journal, options, world, path)), plan };
}

/** Plans, and asks the server whether it would make each change. */
async function checkChanges(tenancy: Tenancy, options: ApplyOptions, world: TenancyWorld): Promise<ApplyOutcome> {
  const { policy } = tenancy;
  const planned = await planTenancy(tenancy, world.cluster);
  if (!planned.ok) return refused([callProblem(policy, planned.failure)]);
  const plan = planned.value;
  const foreign = plan.steps.filter(({ action }) => action === 'foreign');
  if (foreign.length > 0) {
    const span = tenancySpan(policy);
    return {
      ...refused(foreign.map(({ place }) => report('POL8121', span, { object: placeText(place), policy }))),
      plan,
    };
  }
  const wrong = await tryOut(
    policy,
    plan.steps.filter(({ action }) => action !== 'unchanged'),
    options,
    world,
  );
  if (wrong !== undefined) return { ...refused([wrong]), plan };
  return { result: changesAnything(plan) ? 'checked' : 'unchanged', plan, diagnostics: [] };
}

async function tryOut(
  policy: string,
  steps: readonly PlanStep[],
  { force }: ApplyOptions,
  { cluster }: TenancyWorld,
): Promise<Diagnostic | undefined> {
  for (const step of steps) {
    const answer = await make(step, force, true, { cluster });
    if (!answer.ok) return applyProblem(policy, step.place, answer.failure);
  }
  return undefined;
}

async function carryOut(
  tenancy: Tenancy,
  steps: readonly PlanStep[],
  earlier: Journal | undefined,
  { force, timeout, waits = true }: ApplyOptions,
  world: TenancyWorld,
  path: string,
): Promise<ApplyOutcome> {
  const { policy } = tenancy;
  const { cluster } = world;
  const befores = together(
    earlier?.befores ?? [],
    steps.flatMap(({ wanted, live }) => beforeOf(wanted, live) ?? []),
  );
  const since = new Date(world.now()).toISOString();
  const journal: Journal = { policy, server: cluster.server, phase: 'applying', since, befores };
  const changes = befores.length > 0;
  if (changes) {
    record(world, tenancy, { action: 'tenancy.apply', decision: 'begun', reasons: steps.map(stepText) });
    writeJournal(path, journal);
  }
  for (const step of steps) {
    const answer = await make(step, force, false, world);
    if (!answer.ok) return putBack(journal, path, [applyProblem(policy, step.place, answer.failure)], tenancy, world);
  }
  const waited: Waited = waits ? await waitUntilReady(tenancy, timeout, world) : { ok: true };
  if (!waited.ok) {
    const problem =
      'failure' in waited
        ? callProblem(policy, waited.failure)
        : report('POL8123', tenancySpan(policy), {
            object: placeText(waited.place),
            seconds: waited.seconds,
            reason: waited.reason,
          });
    return changes ? putBack(journal, path, [problem], tenancy, world) : refused([problem]);
  }
  if (!changes) return { result: 'unchanged', diagnostics: [] };
  const kept = attempt(policy, () => removeJournal(path));
  record(world, tenancy, { action: 'tenancy.apply', decision: 'applied' });
  const notes = appliedNotes(tenancy.objects, policy);
  const told = { type: 'Normal', reason: 'PoliciesApplied', action: 'Apply', notes } as const;
  return { result: 'applied', diagnostics: [...kept, ...(await tellEvents(policy, tenancy.objects, told, world))] };
}

/** Takes back what a run has done. */
async function putBack(
  journal: Journal,
  path: string,
  why: readonly Diagnostic[],
  { policy, hash }: Pick<Tenancy, 'policy' | 'hash'>,
  world: TenancyWorld,
): Promise<ApplyOutcome> {
  const restoring: Journal = { ...journal, phase: 'restoring' };
  const unwritten = [...attempt(policy, () => writeJournal(path, restoring))];
  const restored: Restored = await restore(policy, journal.befores, world.cluster);
  const whole = restored.left.length === 0;
  unwritten.push(
    ...attempt(policy, () => {
      if (whole) removeJournal(path);
      else writeJournal(path, { ...restoring, befores: restored.left });
    }),
  );
  const diagnostics = [...why, ...restored.diagnostics, ...unwritten];
  const reasons = diagnostics.map(({ code, message }) => `${code} ${message}`);
  record(world, { policy, hash }, { action: 'tenancy.apply', decision: whole ? 'restored' : 'incomplete', reasons });
  const about = journal.befores.flatMap(({ object, wanted }) => object ?? wanted ?? []);
  const told = {
    type: 'Warning',
    reason: whole ? 'PoliciesRestored' : 'PoliciesNotRestored',
    action: 'Restore',
  } as const;
  const notes = [whole ? `Policies of ${policy} put back as they were` : `Policies of ${policy} are partly applied`];
  const untold = await tellEvents(policy, about, { ...told, notes }, world);
  return { result: whole ? 'restored' : 'incomplete', diagnostics: [...diagnostics, ...untold] };
}

function make(
  { action, place, wanted, live }: PlanStep,
  force: boolean,
  dryRun: boolean,
  { cluster }: Pick<TenancyWorld, 'cluster'>,
): Promise<Answer<KubernetesObject | undefined>> {
  if (action === 'delete') return removed(cluster.delete(place, live?.metadata.uid ?? '', { dryRun }));
  if (wanted === undefined) return Promise.resolve({ ok: true, value: undefined });
  const uid = live?.metadata.uid;
  const object = uid === undefined ? wanted : { ...wanted, metadata: { ...wanted.metadata, uid } };
  return cluster.apply(object, { force, dryRun });
}

async function removed(deleting: Promise<Answer<void>>): Promise<Answer<undefined>> {
  const answer = await deleting;
  return answer.ok ? { ok: true, value: undefined } : answer;
}

/** What the first of several runs found is what was before all of them. */
function together(first: readonly Before[], later: readonly Before[]): readonly Before[] {
  const known = new Map(first.map((each) => [placeText(each.place), each]));
  const wanted = new Map(later.map((each) => [placeText(each.place), each.wanted]));
  return [
    ...first.map((each) => ({ ...each, wanted: wanted.get(placeText(each.place)) ?? each.wanted })),
    ...later.filter(({ place }) => !known.has(placeText(place))),
  ];
}

function stepText({ action, place }: PlanStep): string {
  return `${action} ${placeText(place)}`;
}

function refused(diagnostics: readonly Diagnostic[]): ApplyOutcome {
  return { result: 'refused', diagnostics };
}
