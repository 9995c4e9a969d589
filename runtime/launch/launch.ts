import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { readableTags, readableValue } from '../../compiler/images/tag-names.ts';
import { launchRules } from '../../compiler/ir/launch.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import { launchEntry } from '../audit/launch-record.ts';
import { AuditFailure } from '../audit/log.ts';
import { AwsFailure } from '../aws/failure.ts';
import { sha256 } from '../sha256.ts';
import type { LaunchChange } from './alternatives.ts';
import type { LaunchAsked, LaunchWorld } from './asked.ts';
import type { CloudInstance } from './cloud.ts';
import { decideLaunch, type LaunchVerdict } from './decide.ts';
import type { LaunchFacts } from './facts.ts';
import { failureProblem } from './find-image.ts';
import { confirmLaunch, openLedger, releaseLaunch, withSpend } from './ledger.ts';
import { launchTag } from './ledger-records.ts';
import { isRunning } from './ledger-state.ts';
import { type PreparedLaunch, prepareLaunch } from './prepare.ts';
import { reconcileProfile } from './reconcile.ts';
import { type PlannedLaunch, type ReportedSpend, readSpend, type SpendReading, spendFacts } from './spend.ts';

/** What became of a launch. */
export interface LaunchOutcome {
  /**
   * `refused` by the policies or by AWS; `would-start` after a dry run; `started`; `runs` already, by an earlier call of
   * this name; `failed`, where nothing was started though it is allowed; `uncertain`, where AWS did not answer.
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
  /** What could not be written after the instance was started. */
  readonly unwritten?: AuditFailure;
}

/** The action of the record that says which instance a launch that was decided became. */
export const startAction = 'launch.start';

const budgets = ['hourly_spend', 'daily_spend', 'monthly_spend'];

/**
 * Decides a launch and starts it. Before anything is started AWS is asked by a dry run, the budget is reserved in the ledger,
 * and the decision is in the audit log. One name is one instance: a call that is repeated, after a crash too, finds what
 * the first one started.
 *
 * @throws AuditFailure where the ledger or the audit log cannot be read or written; then nothing was started
 */
export async function launch(asked: LaunchAsked, world: LaunchWorld): Promise<LaunchOutcome> {
  const prepared = await prepareLaunch(asked, world);
  const asksSpend = [...mentionedValues(launchRules(prepared.policy).map(({ when }) => when)).keys()].some((name) =>
    budgets.includes(name),
  );
  const problems = [...prepared.problems];
  let failure = prepared.failure;
  const note = (error: unknown) => {
    if (!(error instanceof AwsFailure)) throw error;
    failure ??= error;
    problems.push(failureProblem(error));
  };
  const { ledger, now } = world;
  const profile = asked.profile?.name;
  const hasLaunched = [...openLedger(ledger).entries.values()].some((entry) => entry.reserved.profile === profile);
  if (hasLaunched && !asked.dryRun) await reconcileProfile(ledger, profile, world.cloud, now()).catch(note);
  let reported: ReportedSpend | undefined;
  if (asksSpend && world.reported !== undefined) {
    try {
      reported = await world.reported();
    } catch (error) {
      note(error);
    }
  }
  const attempt: Attempt = { asked, world, prepared, reported, planned: planOf(asked, prepared, world) };
  const started = await alreadyStarted(attempt).catch(note);
  const first = decide(attempt, problems, false);
  const end = (
    decided: Decided,
    result: LaunchOutcome['result'],
    more: Partial<LaunchOutcome> = {},
  ): LaunchOutcome => ({
    result,
    prepared,
    ...decided,
    factsFor: (change) => withSpending(attempt, change),
    ...(failure === undefined ? {} : { failure }),
    ...more,
  });
  const other = started === undefined || asked.dryRun ? undefined : otherLaunch(started, asked, prepared);
  if (other !== undefined) {
    const refused = decide(attempt, [...problems, other], false);
    record(attempt, refused);
    return end(refused, 'refused');
  }
  if (started !== undefined && !asked.dryRun) {
    const unwritten = confirmed(attempt, started);
    return end(first, 'runs', { instance: started, ...(unwritten === undefined ? {} : { unwritten }) });
  }
  if (!first.verdict.allowed || prepared.request === undefined) {
    record(attempt, first);
    return end(first, 'refused');
  }
  const tags = [...prepared.request.tags, [launchTag, attempt.planned.id] as const];
  const request = { ...prepared.request, tags, clientToken: attempt.planned.id };
  try {
    await world.cloud.runInstance(asked.region, request, true);
  } catch (error) {
    note(error);
    const refused = decide(attempt, problems, false);
    record(attempt, refused);
    return end(refused, 'refused');
  }
  if (asked.dryRun) {
    record(attempt, first);
    return end(first, 'would-start');
  }
  const decided = decide(attempt, problems, true);
  try {
    record(attempt, decided);
  } catch (error) {
    if (decided.verdict.allowed) releaseLaunch(ledger, attempt.planned.id, now());
    throw error;
  }
  if (!decided.verdict.allowed) return end(decided, 'refused');
  try {
    const instance = await world.cloud.runInstance(asked.region, request, false);
    if (instance === undefined) throw new AwsFailure('ec2:RunInstances', 'NoInstance', 'AWS named no instance', true);
    const unwritten = confirmed(attempt, instance);
    return end(decided, 'started', { instance, ...(unwritten === undefined ? {} : { unwritten }) });
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    return afterFailure(attempt, error, (result, more) => end(decided, result, { failure: error, ...more }));
  }
}

interface Attempt {
  readonly asked: LaunchAsked;
  readonly world: LaunchWorld;
  readonly prepared: PreparedLaunch;
  readonly reported: ReportedSpend | undefined;
  readonly planned: PlannedLaunch;
}

type Decided = Pick<LaunchOutcome, 'facts' | 'verdict' | 'reading'>;

/**
 * The id of a launch is that of its name, so that two calls of one name are one launch to the ledger and, as the client
 * token, to AWS. Where what was launched by the name has ended it is the next one.
 */
function planOf({ name, region, profile }: LaunchAsked, prepared: PreparedLaunch, world: LaunchWorld): PlannedLaunch {
  const { entries } = openLedger(world.ledger);
  const digest = sha256([profile?.name ?? '', world.actor, region, name].join('\0')).slice(0, 32);
  let number = 1;
  const id = () => `polc-${digest}-${number}`;
  for (let entry = entries.get(id()); entry !== undefined && !isRunning(entry); entry = entries.get(id())) number++;
  return {
    id: id(),
    ...(profile === undefined ? {} : { profile: profile.name }),
    who: world.actor,
    name,
    region,
    instanceType: prepared.instanceType ?? '',
    hourlyCost: prepared.cost?.dollars,
  };
}

/** The instance of an earlier call of this name, where the ledger has its reservation. */
async function alreadyStarted({ asked, world, planned }: Attempt): Promise<CloudInstance | undefined> {
  if (!openLedger(world.ledger).entries.has(planned.id)) return undefined;
  const [found] = await world.cloud.instances(asked.region, [launchTag, planned.id]);
  return found;
}

/** What runs by the name of a launch, where that is not what is asked for. */
function otherLaunch(
  { id, image, instanceType, tags }: CloudInstance,
  asked: LaunchAsked,
  { policy, found }: PreparedLaunch,
): string | undefined {
  const template = launchFacts(policy)('template');
  const of = tags.get(readableTags.template);
  const isSame =
    typeof template === 'string'
      ? of === readableValue(template, sha256)
      : found.image === undefined || found.image.id === image;
  if (isSame && (asked.instanceType === undefined || asked.instanceType === instanceType)) return undefined;
  return `'${asked.name}' runs already as ${id}, of ${of ?? image} on ${instanceType}: choose another name`;
}

/** Decides by what is spent now; with `reserve` what is allowed is reserved before anybody else decides. */
function decide(attempt: Attempt, problems: readonly string[], reserves: boolean): Decided {
  const { world, prepared, planned, reported } = attempt;
  return withSpend(
    world.ledger,
    planned,
    world.now(),
    (reading, reserve) => {
      const base = prepared.factsFor({});
      const facts: LaunchFacts = { ...(base ?? { launched: planned.name, tags: new Map() }), ...spendFacts(reading) };
      const verdict = decideLaunch(prepared.policy, facts, problems);
      if (reserves && verdict.allowed) reserve();
      return { facts, verdict, reading };
    },
    reported,
  );
}

function withSpending({ world, prepared, planned, reported }: Attempt, change: LaunchChange): LaunchFacts | undefined {
  const facts = prepared.factsFor(change);
  if (facts === undefined) return undefined;
  const other = { ...planned, instanceType: facts.instanceType ?? '', hourlyCost: facts.hourlyCost };
  return { ...facts, ...spendFacts(readSpend(openLedger(world.ledger), other, world.now(), reported)) };
}

function record({ asked, world, prepared }: Attempt, { facts, verdict }: Decided): void {
  const template = launchFacts(prepared.policy)('template');
  const { found, policyHash } = prepared;
  world.audit.append([
    launchEntry({
      at: world.now(),
      actor: world.actor,
      launched: asked.launched,
      name: asked.name,
      steps: verdict.steps,
      problems: verdict.problems,
      policyHash,
      dryRun: asked.dryRun,
      region: asked.region,
      ...(typeof template === 'string' ? { template } : {}),
      ...(asked.profile === undefined ? {} : { profile: asked.profile.name }),
      ...(found.image === undefined ? {} : { image: found.image.id }),
      ...(facts.instanceType === undefined ? {} : { instanceType: facts.instanceType }),
      ...(facts.hourlyCost === undefined ? {} : { hourlyCost: facts.hourlyCost }),
    }),
  ]);
}

/** Says in ledger and log which instance it is. What cannot be written then is given, since the instance runs all the same. */
function confirmed({ asked, world, prepared, planned }: Attempt, instance: CloudInstance): AuditFailure | undefined {
  try {
    if (openLedger(world.ledger).entries.get(planned.id)?.instance !== undefined) return undefined;
    confirmLaunch(world.ledger, planned.id, instance.id, world.now());
    world.audit.append([
      {
        time: new Date(world.now()).toISOString(),
        actor: world.actor,
        action: startAction,
        subject: `${asked.launched} as ${asked.name}`,
        decision: 'started',
        reasons: [],
        policy_hash: prepared.policyHash,
        facts: { launch: planned.id, instance: instance.id, region: asked.region },
      },
    ]);
    return undefined;
  } catch (error) {
    if (error instanceof AuditFailure) return error;
    throw error;
  }
}

/**
 * After a call that failed an instance may run: the SDK repeats what was not answered, and what fails last is not what
 * started it. The reservation goes only where AWS refused, and has no instance of the launch.
 */
async function afterFailure(
  attempt: Attempt,
  failure: AwsFailure,
  end: (result: LaunchOutcome['result'], more?: Partial<LaunchOutcome>) => LaunchOutcome,
): Promise<LaunchOutcome> {
  const { asked, world, planned } = attempt;
  let found: CloudInstance | undefined;
  try {
    [found] = await world.cloud.instances(asked.region, [launchTag, planned.id]);
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    return end('uncertain');
  }
  if (found !== undefined) {
    const unwritten = confirmed(attempt, found);
    // Started by another call of the same name, with something else asked for.
    const result = failure.code === 'IdempotentParameterMismatch' ? 'runs' : 'started';
    return end(result, { instance: found, ...(unwritten === undefined ? {} : { unwritten }) });
  }
  if (failure.transient || failure.code === 'IdempotentParameterMismatch') return end('uncertain');
  releaseLaunch(world.ledger, planned.id, world.now());
  return end('failed');
}
