import { mostProviders } from '../../backends/launch-iam/format.ts';
import { hasWildcard } from '../../expressions/glob.ts';
import { effectiveLimits } from '../../ir/launch-limits.ts';
import type { Policy } from '../../ir/policy.ts';
import { IamDifference, parse, record } from '../iam/read-document.ts';

/** AWS Organizations takes declarative policies of so many characters (quotas of AWS Organizations, 2026). */
const mostCharacters = 10_000;

/**
 * Compares the declarative policy with the owners and the age that the policy allows.
 *
 * @returns how much was compared
 * @throws IamDifference where they differ
 */
export function compareImages(text: string | undefined, policy: Policy): number {
  const owners = ownersOf(policy);
  const days = daysOf(policy);
  if (text === undefined) {
    if (owners === undefined && days === undefined) return 1;
    throw new IamDifference('no Allowed AMIs for limits on owners or age');
  }
  if (text.length > mostCharacters) throw new IamDifference(`longer than ${mostCharacters} characters`);
  const document = record(parse(text), ['ec2_attributes'], 'the document');
  const attributes = record(document.ec2_attributes, ['allowed_images_settings'], 'ec2_attributes');
  const settings = record(attributes.allowed_images_settings, ['state', 'image_criteria'], 'the settings');
  if (assigned(settings.state) !== 'enabled') throw new IamDifference('Allowed AMIs is not enabled');
  const { criteria_1: criterion } = record(settings.image_criteria, ['criteria_1'], 'image_criteria');
  const fields = ['allowed_image_providers', 'creation_date_condition'];
  const { allowed_image_providers: providers, creation_date_condition: creation } = record(
    criterion,
    fields,
    'criteria_1',
  );
  const said = providers === undefined ? undefined : assigned(providers);
  if (JSON.stringify(said) !== JSON.stringify(owners)) {
    throw new IamDifference(`Allowed AMIs of ${JSON.stringify(said)}, the policy of ${JSON.stringify(owners)}`);
  }
  const age = 'maximum_days_since_created';
  const most = creation === undefined ? undefined : assigned(record(creation, [age], 'creation_date_condition')[age]);
  if (most !== days) throw new IamDifference(`images of ${String(most)} days, the policy of ${String(days)}`);
  return 1 + (owners?.length ?? 0) + (days === undefined ? 0 : 1);
}

function assigned(value: unknown): unknown {
  return record(value, ['@@assign'], 'a value')['@@assign'];
}

/** The accounts that every rule allows, sorted; undefined where none names them or EC2 takes no list so long. */
function ownersOf(policy: Policy): readonly string[] | undefined {
  for (const limit of effectiveLimits(policy)) {
    if (limit.kind !== 'one-of' || limit.attributes.join() !== 'owner') continue;
    const { values } = limit;
    if (values.length === 0 || values.length > mostProviders || values.some(hasWildcard)) return undefined;
    return [...values].sort();
  }
  return undefined;
}

/** Whole days: an image that is a part of a day older is refused on the day after. */
function daysOf(policy: Policy): number | undefined {
  for (const limit of effectiveLimits(policy)) {
    if (limit.kind !== 'at-most' || limit.attribute !== 'image_age' || limit.strict || limit.bound < 0) continue;
    return Math.floor(Number(limit.bound));
  }
  return undefined;
}
