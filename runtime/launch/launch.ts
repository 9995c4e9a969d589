import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { launchRules } from '../../compiler/ir/launch.ts';
import type { AuditFailure } from '../audit/log.ts';
import { AwsFailure } from '../aws/failure.ts';
import type { LaunchChange } from './alternatives.ts';
import type { LaunchAsked, LaunchWorld } from './asked.ts';
import type { CloudInstance } from './cloud.ts';
import { decideLaunch, type LaunchVerdict } from './decide.ts';
import type { LaunchFacts } from './facts.ts';
import { failureProblem } from './find-image.ts';
import { recordDecision, recordFound, recordStart } from './launch-log.ts';
import { endLaunch, openLedger, releaseLaunch, withSpend } from './ledger.ts';
import { launchTag } from './ledger-records.ts';
import { isRunning } from './ledger-state.ts';
import { instanceOf, type NamedLaunch, namedLaunch, otherLaunch, otherReservation } from './one-name.ts';
import { type PreparedLaunch, prepareLaunch } from './prepare.ts';
import { type FoundInstance, reconcileProfile } from './reconcile.ts';
import { type ReportedSpend, readSpend, type SpendReading, spendFacts } from './spend.ts';

/** What became of a launch. */
export interface LaunchOutcome {
  /**
   * `refused` by the policies or by AWS; `would-start` after a dry run; `started`; `runs` already, or is stopped, by an
   * earlier call of this name; `failed`, where nothing was started though it is allowed; `uncertain`, where AWS did not answer.
   */
  readonly result: 'refused' | 'would-start' | 'started' | 'runs' | 'failed' | 'uncertain';
  readonly prepared: PreparedLaunch;
  readonly facts: LaunchFacts;
  readonly verdict: LaunchVerdict;
  readonly reading: SpendReading;
  /** The facts of the same launch with something else, its spending too. */
  factsFor(change: LaunchChange): LaunchFacts | undefined;
  readonly instance?: CloudInstance;
  /** The call that failed. */
  readonly failure?: AwsFailure;
  /** Running instances of the profile that its budgets do not count: this ledger has no launch of them. */
  readonly uncounted: readonly FoundInstance[];
  /** What could not be written after the instance was started. */
  readonly unwritten?: AuditFailure;
}

const budgets = ['hourly_spend', 'daily_spend', 'monthly_spend'];

/** How often a launch of a name may turn out to have ended: there was one more each time. */
const mostEnded = 20;

/**
 * Decides a launch and starts it. Before anything is started AWS is asked by a dry run, the budget is reserved in the ledger,
 * and the decision is in the audit log. One name is one instance: a call that is repeated, after a crash too, finds what
 * the first one started.
 *
 * @throws AuditFailure where the ledger or the audit log cannot be read or written; then nothing was started
 */
export async function launch(asked: LaunchAsked, world: LaunchWorld): Promise<LaunchOutcome> {
  const prepared = await prepareLaunch(asked, world);
  const obstacles = obstaclesOf(prepared);
  const { note, problems } = obstacles;
  const { ledger, now } = world;
  const profile = asked.profile?.name;
  const hasLaunched = [...openLedger(ledger).entries.values()].some((entry) => entry.reserved.profile === profile);
  const asks = mentionedValues(launchRules(prepared.policy).map(({ when }) => when));
  const hasBudget = budgets.some((each) => asks.has(each));
  if ((hasLaunched || hasBudget) && !asked.dryRun) {
    const told = recordFound(world);
    const found = await reconcileProfile(ledger, profile, asked.region, world.cloud, now(), told).catch(note);
    if (hasBudget) obstacles.uncounted = found?.unknown ?? [];
  }
  const reported = hasBudget ? await world.reported?.().catch(note) : undefined;
  for (let ended = 0; ; ended++) {
    if (ended === mostEnded) problems.push(`each launch of '${asked.name}' has ended by now`);
    const named = namedLaunch(asked, prepared, world);
    const attempt: Attempt = { asked, world, prepared, reported, named, obstacles };
    const there = await instanceOf(named, asked.region, world).catch(note);
    const outcome = there === undefined ? await tryLaunch(attempt) : found(attempt, there);
    if (outcome !== undefined) return outcome;
  }
}

/** What stands in the way besides the rules. */
interface Obstacles {
  readonly problems: string[];
  /** The first call that failed. */
  failure: AwsFailure | undefined;
  /** Running instances of the profile that are no launches of this ledger, so that no budget counts them. */
  uncounted: readonly FoundInstance[];
  /** Makes a call that failed a problem. Throws anything else. */
  note(error: unknown): undefined;
}

function obstaclesOf(prepared: PreparedLaunch): Obstacles {
  const obstacles: Obstacles = {
    problems: [...prepared.problems],
    failure: prepared.failure,
    uncounted: [],
    note(error) {
      if (!(error instanceof AwsFailure)) throw error;
      obstacles.failure ??= error;
      obstacles.problems.push(failureProblem(error));
    },
  };
  return obstacles;
}

interface Attempt {
  readonly asked: LaunchAsked;
  readonly world: LaunchWorld;
  readonly prepared: PreparedLaunch;
  readonly reported: ReportedSpend | undefined;
  readonly named: NamedLaunch;
  readonly obstacles: Obstacles;
}

type Decided = Pick<LaunchOutcome, 'facts' | 'verdict' | 'reading'> & {
  /** This call reserved it, and no earlier one. */
  readonly reserved: boolean;
};

function outcomeOf(
  attempt: Attempt,
  { facts, verdict, reading }: Decided,
  result: LaunchOutcome['result'],
  more: Partial<LaunchOutcome> = {},
): LaunchOutcome {
  const { prepared, obstacles } = attempt;
  const { failure, uncounted } = obstacles;
  return {
    result,
    prepared,
    facts,
    verdict,
    reading,
    factsFor: (change) => withSpending(attempt, change),
    uncounted,
    ...(failure === undefined ? {} : { failure }),
    ...more,
  };
}

function refused(attempt: Attempt, decided = decide(attempt, false)): LaunchOutcome {
  recordDecision(attempt.asked, attempt.world, attempt.prepared, decided);
  return outcomeOf(attempt, decided, 'refused');
}

/** The instance is there already, by an earlier call. */
function found(attempt: Attempt, instance: CloudInstance): LaunchOutcome {
  const { asked, world, prepared, named, obstacles } = attempt;
  const other = otherLaunch(instance, asked, prepared);
  if (other !== undefined) {
    obstacles.problems.push(other);
    return refused(attempt);
  }
  const id = instance.tags.get(launchTag) ?? named.planned.id;
  const unwritten = asked.dryRun ? undefined : recordStart(asked, world, id, instance.id, prepared.policyHash);
  return outcomeOf(attempt, decide(attempt, false), 'runs', { instance, ...(unwritten && { unwritten }) });
}

/** Undefined where the launch of this id turns out to have ended or to be given up: there is to be another one. */
async function tryLaunch(attempt: Attempt): Promise<LaunchOutcome | undefined> {
  const { asked, world, prepared, named, obstacles } = attempt;
  const { planned } = named;
  const conflict = asked.dryRun ? undefined : otherReservation(named);
  if (conflict !== undefined) obstacles.problems.push(conflict);
  const first = decide(attempt, false);
  if (!first.verdict.allowed || prepared.request === undefined) return refused(attempt, first);
  const request = { ...prepared.request, tags: [...prepared.request.tags, [launchTag, planned.id] as const] };
  try {
    // With a token of its own: it is another request than the one that starts the instance.
    await world.cloud.runInstance(asked.region, { ...request, clientToken: `${planned.id}-dry` }, true);
  } catch (error) {
    obstacles.note(error);
    return refused(attempt);
  }
  if (asked.dryRun) {
    recordDecision(asked, world, prepared, first);
    return outcomeOf(attempt, first, 'would-start');
  }
  const decided = decide(attempt, true);
  if (!decided.verdict.allowed) return refused(attempt, decided);
  try {
    recordDecision(asked, world, prepared, decided, planned.id);
  } catch (error) {
    if (decided.reserved) releaseLaunch(world.ledger, planned.id, world.now());
    throw error;
  }
  // A machine that slept in between was taken for gone, and others may have what it had reserved.
  const entry = openLedger(world.ledger).entries.get(planned.id);
  if (entry === undefined || !isRunning(entry)) return undefined;
  try {
    const instance = await world.cloud.runInstance(asked.region, { ...request, clientToken: planned.id }, false);
    if (instance === undefined) throw new AwsFailure('ec2:RunInstances', 'NoInstance', 'AWS named no instance', true);
    return started(attempt, decided, instance);
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    return afterFailure(attempt, decided, error);
  }
}

function started(attempt: Attempt, decided: Decided, instance: CloudInstance, failure?: AwsFailure): LaunchOutcome {
  const { asked, world, prepared, named } = attempt;
  const unwritten = recordStart(asked, world, named.planned.id, instance.id, prepared.policyHash);
  return outcomeOf(attempt, decided, 'started', {
    instance,
    ...(unwritten && { unwritten }),
    ...(failure && { failure }),
  });
}

/** Decides by what is spent now; with `reserves` what is allowed is reserved before anybody else decides. */
function decide({ world, prepared, named, reported, obstacles }: Attempt, reserves: boolean): Decided {
  const { planned } = named;
  return withSpend(
    world.ledger,
    planned,
    world.now(),
    (reading, reserve) => {
      const base = prepared.factsFor({});
      const facts: LaunchFacts = { ...(base ?? { launched: planned.name, tags: new Map() }), ...spendFacts(reading) };
      const verdict = decideLaunch(prepared.policy, facts, [...obstacles.problems]);
      return { facts, verdict, reading, reserved: reserves && verdict.allowed && reserve() };
    },
    reported,
  );
}

function withSpending({ world, prepared, named, reported }: Attempt, change: LaunchChange): LaunchFacts | undefined {
  const facts = prepared.factsFor(change);
  if (facts === undefined) return undefined;
  const other = { ...named.planned, instanceType: facts.instanceType ?? '', hourlyCost: facts.hourlyCost };
  return { ...facts, ...spendFacts(readSpend(openLedger(world.ledger), other, world.now(), reported)) };
}

/**
 * After a call that failed an instance may run: the SDK repeats what was not answered, and what fails last is not what
 * started it. The reservation goes only where AWS refused, has no instance of the launch, and nobody else reserved it.
 */
async function afterFailure(
  attempt: Attempt,
  decided: Decided,
  failure: AwsFailure,
): Promise<LaunchOutcome | undefined> {
  const { asked, world, named } = attempt;
  const { id } = named.planned;
  if (failure.code === 'IdempotentInstanceTerminated') {
    if (decided.reserved) releaseLaunch(world.ledger, id, world.now());
    else endLaunch(world.ledger, id, world.now());
    return undefined;
  }
  let instance: CloudInstance | undefined;
  try {
    [instance] = await world.cloud.instances(asked.region, [launchTag, id]);
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    return outcomeOf(attempt, decided, 'uncertain', { failure });
  }
  // Started by another call of the same name, with something else asked for: perhaps not what this one asks for.
  const isOther = failure.code === 'IdempotentParameterMismatch';
  if (instance !== undefined) return isOther ? found(attempt, instance) : started(attempt, decided, instance, failure);
  if (isOther || !isRefusal(failure)) return outcomeOf(attempt, decided, 'uncertain', { failure });
  if (decided.reserved) releaseLaunch(world.ledger, id, world.now());
  return outcomeOf(attempt, decided, 'failed', { failure });
}

/** Whether AWS said no, and not only nothing that could be understood. It has no room for an instance with status 500. */
function isRefusal({ answered, code, transient }: AwsFailure): boolean {
  return answered && (!transient || code.startsWith('Insufficient'));
}
