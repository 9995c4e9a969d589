import { hasWildcard } from '../../expressions/glob.ts';
import type { EffectiveLimit } from '../../ir/launch-limits.ts';
import type { Artifact } from '../backend.ts';
import { allowedImagesPath, mostProviders } from './format.ts';

/** What the declarative policy holds. */
export interface AllowedImages {
  /** Absent where the policy limits neither whose images are launched nor how old they are. */
  readonly artifact?: Artifact;
  readonly owners?: EffectiveLimit;
  readonly age?: EffectiveLimit;
  /** More owners than EC2 takes: they are left out. */
  readonly tooMany?: Extract<EffectiveLimit, { kind: 'one-of' }>;
}

/**
 * The declarative policy of AWS Organizations that lets no image be launched, by whatever way, that is of other owners or older
 * than the policy allows ("Declarative policy syntax and examples", Allowed Images Settings; "Allowed AMIs").
 */
export function allowedImages(limits: readonly EffectiveLimit[]): AllowedImages {
  const named = limits.find(
    (limit): limit is Extract<EffectiveLimit, { kind: 'one-of' }> =>
      limit.kind === 'one-of' &&
      limit.attributes.length === 1 &&
      limit.attributes[0] === 'owner' &&
      limit.values.length > 0 &&
      !limit.values.some(hasWildcard),
  );
  const age = limits.find(
    (limit): limit is Extract<EffectiveLimit, { kind: 'at-most' }> =>
      limit.kind === 'at-most' && limit.attribute === 'image_age' && !limit.strict && limit.bound >= 0,
  );
  const tooMany = named !== undefined && named.values.length > mostProviders ? named : undefined;
  const owners = tooMany === undefined ? named : undefined;
  const refused = tooMany === undefined ? {} : { tooMany };
  if (owners === undefined && age === undefined) return refused;
  const criterion = {
    ...(owners === undefined ? {} : { allowed_image_providers: { '@@assign': owners.values } }),
    ...(age === undefined
      ? {}
      : { creation_date_condition: { maximum_days_since_created: { '@@assign': Math.floor(Number(age.bound)) } } }),
  };
  const settings = { state: { '@@assign': 'enabled' }, image_criteria: { criteria_1: criterion } };
  const at = '/ec2_attributes/allowed_images_settings/image_criteria/criteria_1';
  const entries = [
    ...(owners?.sources.map((rule) => ({ rule, at: `${at}/allowed_image_providers` })) ?? []),
    ...(age?.sources.map((rule) => ({ rule, at: `${at}/creation_date_condition` })) ?? []),
  ];
  return {
    ...refused,
    ...(owners === undefined ? {} : { owners }),
    ...(age === undefined ? {} : { age }),
    artifact: {
      path: allowedImagesPath,
      content: JSON.stringify({ ec2_attributes: { allowed_images_settings: settings } }),
      sourceMap: entries.map(({ rule, at: place }) => ({ at: place, rule: rule.id, span: rule.origin.span })),
    },
  };
}
