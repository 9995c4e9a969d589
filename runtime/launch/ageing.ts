import type { ImageMetadata } from '../../compiler/images/metadata.ts';
import { baseImage } from '../../compiler/tables/base-images.ts';
import { resolveBase } from './base-image.ts';
import type { Cloud, CloudImage } from './cloud.ts';

const day = 86_400_000;

/** How far AWS's clock may be ahead of the one here. */
const clockSkew = 5 * 60_000;

/**
 * The age of an image in days: of a copy, whose own date says when it was copied, that of the build which its metadata
 * names. The metadata has to be believed, so its signature is checked first.
 *
 * @param now milliseconds since 1970
 * @returns undefined where nobody says when it was made, or a clock has jumped back to before that
 */
export function imageAge(
  image: Pick<CloudImage, 'madeAt'>,
  metadata: Pick<ImageMetadata, 'compiled_at'> | undefined,
  now: number,
): number | undefined {
  const { madeAt } = image;
  const compiledAt = compiledTime(metadata);
  const times = [madeAt, compiledAt].flatMap((time) => time ?? []);
  if (times.length === 0 || times.some((time) => Number.isNaN(time) || time > now + clockSkew)) return undefined;
  return Math.max(0, (now - Math.min(...times)) / day);
}

/**
 * Whether there is a newer base image than the one that an image was built from. A template that names its base images by
 * their ids stands on no series that goes on, and is never outdated.
 *
 * @returns undefined where that cannot be known: the image does not say what it was built from, there is no base image of
 *   that name any more, or the one that it was built from is gone, and with it its date
 * @throws AwsFailure
 */
export async function baseOutdated(
  cloud: Pick<Cloud, 'image' | 'images' | 'parameter'>,
  region: string,
  metadata: Pick<ImageMetadata, 'architecture' | 'base' | 'base_image' | 'compiled_at'>,
): Promise<boolean | undefined> {
  const { architecture, base, base_image: built } = metadata;
  if (built === undefined) return undefined;
  if (base === undefined) return false;
  const source = baseImage(base, region, architecture);
  if (source === undefined) return undefined;
  const newest = await resolveBase(cloud, region, architecture, source);
  if ('problem' in newest) return undefined;
  if (newest.id === built) return false;
  const compiledAt = compiledTime(metadata);
  // Newer than the build is newer than whatever it was built from.
  if (newest.madeAt !== undefined && compiledAt !== undefined && newest.madeAt > compiledAt) return true;
  const from = await cloud.image(region, built);
  if (from?.madeAt === undefined || newest.madeAt === undefined) return undefined;
  return newest.madeAt > from.madeAt;
}

/**
 * The image in a region that is the same as one in another: publishers give the copies of a base image one name. What a
 * copy of a built image names as its base image, since ids are of one region.
 *
 * @returns undefined where there is not exactly one
 * @throws AwsFailure
 */
export async function baseInRegion(
  cloud: Pick<Cloud, 'image' | 'images'>,
  from: { readonly region: string; readonly image: string },
  to: string,
): Promise<string | undefined> {
  if (from.region === to) return from.image;
  const original = await cloud.image(from.region, from.image);
  // A name with a wildcard would find others.
  if (original === undefined || original.name === '' || /[*?]/.test(original.name)) return undefined;
  const [same, ...others] = await cloud.images(to, { owner: original.owner, name: original.name });
  return others.length === 0 && same?.architecture === original.architecture ? same.id : undefined;
}

/** NaN where the metadata names no time that the calendar has. */
function compiledTime(metadata: Pick<ImageMetadata, 'compiled_at'> | undefined): number | undefined {
  return metadata?.compiled_at === undefined ? undefined : Date.parse(metadata.compiled_at);
}
