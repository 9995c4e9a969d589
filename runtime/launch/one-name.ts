import { readableTags, readableValue } from '../../compiler/images/tag-names.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import { sha256 } from '../sha256.ts';
import type { LaunchAsked, LaunchWorld } from './asked.ts';
import type { CloudInstance } from './cloud.ts';
import { openLedger } from './ledger.ts';
import { launchTag } from './ledger-records.ts';
import { isRunning, type LedgerEntry } from './ledger-state.ts';
import type { PreparedLaunch } from './prepare.ts';
import type { PlannedLaunch } from './spend.ts';

/** A launch by the name that it was given, and what the ledger has of it. */
export interface NamedLaunch {
  readonly planned: PlannedLaunch;
  /** An earlier call reserved it, and it has not ended. */
  readonly reserved?: LedgerEntry;
  /** The ids of launches of this name whose instance may be there: this one, and the last that ended. */
  readonly earlier: readonly string[];
}

/**
 * The id of a launch is that of its name, so that two calls of one name are one launch to the ledger and, as the client
 * token, to AWS. Where what was launched by the name has ended it is the next one.
 *
 * @throws AuditFailure
 */
export function namedLaunch(
  { name, region, profile }: LaunchAsked,
  prepared: PreparedLaunch,
  { ledger, actor }: Pick<LaunchWorld, 'ledger' | 'actor'>,
): NamedLaunch {
  const { entries } = openLedger(ledger);
  const digest = sha256([profile?.name ?? '', actor, region, name].join('\0')).slice(0, 32);
  const idOf = (number: number) => `polc-${digest}-${number}`;
  let number = 1;
  let reserved = entries.get(idOf(number));
  while (reserved !== undefined && !isRunning(reserved)) {
    number += 1;
    reserved = entries.get(idOf(number));
  }
  const before = entries.get(idOf(number - 1));
  return {
    planned: {
      id: idOf(number),
      ...(profile === undefined ? {} : { profile: profile.name }),
      who: actor,
      name,
      region,
      instanceType: prepared.instanceType ?? '',
      hourlyCost: prepared.cost?.dollars,
    },
    ...(reserved === undefined ? {} : { reserved }),
    earlier: [
      ...(reserved === undefined ? [] : [idOf(number)]),
      // One that was stopped has ended, and is still there.
      ...(before?.instance === undefined ? [] : [idOf(number - 1)]),
    ],
  };
}

/**
 * The instance of an earlier call of this name.
 *
 * @throws AwsFailure
 */
export async function instanceOf(
  { earlier }: NamedLaunch,
  region: string,
  { cloud }: Pick<LaunchWorld, 'cloud'>,
): Promise<CloudInstance | undefined> {
  for (const id of earlier) {
    const instances = await cloud.instances(region, [launchTag, id]);
    const found = instances.find(({ state }) => state !== 'shutting-down' && state !== 'terminated');
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What runs by the name of a launch, where that is not what is asked for. */
export function otherLaunch(
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

/**
 * Why a launch cannot be tried again: its reservation holds the price of another instance type, and nobody knows yet
 * whether that was started.
 */
export function otherReservation({ planned, reserved }: NamedLaunch): string | undefined {
  if (reserved === undefined || reserved.reserved.instance_type === planned.instanceType) return undefined;
  const { name, instanceType } = planned;
  const { instance_type: before } = reserved.reserved;
  return `an earlier launch of '${name}' was of ${before}, not of ${instanceType}, and may be under way: repeat it as it was, choose another name, or wait for 15 minutes`;
}
