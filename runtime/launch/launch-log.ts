import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import { launchEntry } from '../audit/launch-record.ts';
import { AuditFailure } from '../audit/log.ts';
import type { LaunchAsked, LaunchWorld } from './asked.ts';
import type { LaunchVerdict } from './decide.ts';
import type { LaunchFacts } from './facts.ts';
import { confirmLaunch, openLedger } from './ledger.ts';
import type { PreparedLaunch } from './prepare.ts';
import type { OnConfirmed } from './reconcile.ts';

/** The action of the record that says which instance a launch that was decided became. */
const startAction = 'launch.start';

/**
 * Records how a launch was decided.
 *
 * @param launch its id, where it is started now
 * @throws AuditFailure
 */
export function recordDecision(
  asked: LaunchAsked,
  world: LaunchWorld,
  { policy, found, policyHash }: PreparedLaunch,
  { facts, verdict }: { readonly facts: LaunchFacts; readonly verdict: LaunchVerdict },
  launch?: string,
): void {
  const template = launchFacts(policy)('template');
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
      ...(launch === undefined ? {} : { launch }),
      ...(typeof template === 'string' ? { template } : {}),
      ...(asked.profile === undefined ? {} : { profile: asked.profile.name }),
      ...(found.image === undefined ? {} : { image: found.image.id }),
      ...(facts.instanceType === undefined ? {} : { instanceType: facts.instanceType }),
      ...(facts.hourlyCost === undefined ? {} : { hourlyCost: facts.hourlyCost }),
    }),
  ]);
}

/**
 * Says in log and ledger which instance a launch became, in this order: what the ledger does not have yet is said again. What
 * cannot be written then is given, since the instance runs all the same.
 */
export function recordStart(
  { launched, name, region }: LaunchAsked,
  world: LaunchWorld,
  id: string,
  instance: string,
  policyHash: string,
): AuditFailure | undefined {
  try {
    if (openLedger(world.ledger).entries.get(id)?.instance === instance) return undefined;
    appendStart(world, `${launched} as ${name}`, { launch: id, instance, region }, policyHash);
    confirmLaunch(world.ledger, id, instance, world.now());
    return undefined;
  } catch (error) {
    if (error instanceof AuditFailure) return error;
    throw error;
  }
}

/** Says the same of launches whose process died before it could. */
export function recordFound(world: LaunchWorld): OnConfirmed {
  return (confirmed) => {
    const { entries } = openLedger(world.ledger);
    for (const { id, instance } of confirmed) {
      const { name = '', region = '' } = entries.get(id)?.reserved ?? {};
      appendStart(world, name, { launch: id, instance, region }, '');
    }
  };
}

function appendStart(
  { audit, actor, now }: LaunchWorld,
  subject: string,
  facts: Readonly<Record<string, string>>,
  policyHash: string,
): void {
  audit.append([
    {
      time: new Date(now()).toISOString(),
      actor,
      action: startAction,
      subject,
      decision: 'started',
      reasons: [],
      policy_hash: policyHash,
      facts,
    },
  ]);
}
