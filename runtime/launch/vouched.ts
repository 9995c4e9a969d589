import { findApproval } from '../signing/approval.ts';
import type { AskedTemplate, LaunchAsked, LaunchWorld } from './asked.ts';
import type { FoundImage } from './find-image.ts';

/**
 * Whether what the tags of an image say in its favour, its price and its base, counts under the limits of others. Of one that
 * is launched by itself and that nobody signed they are whoever's could write them; what they refuse refuses all the same.
 */
export function isBelieved(
  { template, profile }: Pick<LaunchAsked, 'template' | 'profile'>,
  found: FoundImage,
): boolean {
  return template !== undefined || profile === undefined || isSigned(found);
}

/** The source that a launch counts as. */
export function sourceOf(
  template: AskedTemplate | undefined,
  found: FoundImage,
  world: Pick<LaunchWorld, 'sourceOf'>,
): string | undefined {
  if (template !== undefined) return template.source;
  const { carried } = found;
  if (carried === undefined || !isSigned(found)) return 'external';
  return world.sourceOf(carried.metadata.source_template) ?? 'external';
}

function isSigned({ carried }: FoundImage): boolean {
  return carried?.verdict.signature === 'valid';
}

/** Of a base image nobody's approval is one of the template. */
export function isApproved(
  { template, region }: Pick<LaunchAsked, 'template' | 'region'>,
  image: string | undefined,
  { approvals, trust }: Pick<LaunchWorld, 'approvals' | 'trust'>,
  now: number,
): boolean {
  const subjects = [
    ...(template?.digest === undefined ? [] : [{ template: template.name, digest: template.digest }]),
    ...(image === undefined ? [] : [{ image, region }]),
  ];
  return subjects.some((subject) => findApproval(approvals, subject, trust, now) !== undefined);
}
