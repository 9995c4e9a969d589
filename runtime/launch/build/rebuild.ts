import { readImageTags } from '../../../compiler/images/read-tags.ts';
import type { BuiltImage } from '../../../compiler/ir/obligation.ts';
import type { TrustStore } from '../../signing/trust-store.ts';
import { baseOutdated, imageAge } from '../ageing.ts';
import type { Cloud } from '../cloud.ts';
import { readScan } from '../scan/scan-tag.ts';

/** What is looked for in an image. */
export interface RebuildQuestion {
  readonly cloud: Pick<Cloud, 'image' | 'images' | 'parameter'>;
  /** The most days since the build; absent, any number. */
  readonly maximumAge?: number;
  /** What the template's images carry as its version now; absent where it is not known. */
  readonly version?: string;
  readonly trust: TrustStore;
  readonly sha256: (content: string) => string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Why an image is to be built again: it is gone, its tags are not its own, its template, its base image or its age; a scan
 * failed. None where it is as new as it can be.
 *
 * @throws AwsFailure
 */
export async function rebuildReasons(
  { region, image: id }: BuiltImage,
  { cloud, maximumAge, version, trust, sha256, now }: RebuildQuestion,
): Promise<readonly string[]> {
  const image = await cloud.image(region, id);
  if (image === undefined) return ['there is no such image'];
  if (image.state !== 'available') return [`EC2 says of it: ${image.state}`];
  const reading = readImageTags(image.tags, sha256);
  if ('refused' in reading) return [reading.problem];
  const { metadata } = reading;
  const reasons: string[] = [];
  if (version !== undefined && metadata.template_version !== version) {
    reasons.push(`the template is ${version} now, and the image is of ${metadata.template_version}`);
  }
  const age = imageAge(image, metadata, now);
  if (maximumAge !== undefined && age === undefined) reasons.push('its age is not known');
  if (maximumAge !== undefined && age !== undefined && age > maximumAge) {
    reasons.push(`it is ${Math.floor(age)} days old, and may be ${maximumAge}`);
  }
  if (await baseOutdated(cloud, region, metadata)) reasons.push('its base image has a newer version');
  const scan = readScan(image.tags, { image: id, region, owner: image.owner }, trust, now);
  if (scan.scan === 'failed') reasons.push('its scan failed');
  return reasons;
}
