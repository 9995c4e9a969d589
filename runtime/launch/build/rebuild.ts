import { readImageTags } from '../../../compiler/images/read-tags.ts';
import type { BuiltImage } from '../../../compiler/ir/obligation.ts';
import type { TrustStore } from '../../signing/trust-store.ts';
import type { Cloud } from '../cloud.ts';
import { ageingOf, rebuildReasons } from '../rebuild.ts';

/** What is looked for in an image. */
export interface RebuildQuestion {
  readonly cloud: Pick<Cloud, 'image' | 'images' | 'parameter'>;
  /** What an institution's `images` say. */
  readonly limits: { readonly maxAgeDays?: number; readonly passedScan?: boolean };
  /** What the template's images carry as its version now; absent where it is not known. */
  readonly version?: string;
  readonly trust: TrustStore;
  readonly sha256: (content: string) => string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Why an image that was built is to be built again: it is gone, its tags are not its own, its template says something else
 * by now, or it has aged. None where it is as new as it can be.
 *
 * @throws AwsFailure
 */
export async function reasonsToRebuild(
  { region, image: id }: BuiltImage,
  { cloud, limits, version, trust, sha256, now }: RebuildQuestion,
): Promise<readonly string[]> {
  const image = await cloud.image(region, id);
  if (image === undefined) return ['there is no such image'];
  if (image.state !== 'available') return [`EC2 says of it: ${image.state}`];
  const reading = readImageTags(image.tags, sha256);
  if ('refused' in reading) return [reading.problem];
  const { metadata } = reading;
  const isOther = version !== undefined && metadata.template_version !== version;
  const ageing = await ageingOf(cloud, { region, image, metadata }, { newestBase: true }, trust, now);
  return [
    ...(isOther ? [`the template is ${version} now, and the image is of ${metadata.template_version}`] : []),
    ...rebuildReasons(ageing, limits),
  ];
}
