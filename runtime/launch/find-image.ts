import { imagePolicy } from '../../compiler/images/image-policy.ts';
import type { ImageMetadata } from '../../compiler/images/metadata.ts';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import type { BuildImages, MachineArchitecture } from '../../compiler/ir/obligation.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { baseImage } from '../../compiler/tables/base-images.ts';
import { AwsFailure } from '../aws/failure.ts';
import { sha256 } from '../sha256.ts';
import { verifyImage } from '../signing/image.ts';
import type { TrustStore } from '../signing/trust-store.ts';
import type { Verdict } from '../signing/verdict.ts';
import { resolveBase } from './base-image.ts';
import type { Cloud, CloudImage } from './cloud.ts';

/** What is to be launched, as far as its image goes. */
export type ImageAsked =
  /** An image by its id, or one of this account by its name. */
  | { readonly image: string }
  /** A template by the name that its images carry: the image that was built of it, or else the base that it stands on. */
  | { readonly template: string; readonly images: BuildImages };

/** An image, with what it says of its launches. */
export interface FoundImage {
  /** `built`: it carries a template. `base`: the script of the template makes an instance of it one. */
  readonly kind: 'built' | 'base';
  /** Undefined where there is none. */
  readonly image: CloudImage | undefined;
  /** Of a built image whose tags are whole. */
  readonly carried?: {
    readonly metadata: ImageMetadata;
    /** What a signature of the image signs. */
    readonly digest: string;
    readonly verdict: Verdict;
    /** The part `image` of the launch's policies. */
    readonly policy: Policy;
  };
  /** What refuses the launch whatever the policies say (settled point 27). */
  readonly problems: readonly string[];
  /** There is no image of the name. */
  readonly unknown?: boolean;
  /** The call that failed, where a problem is one. */
  readonly failure?: AwsFailure;
}

type Lookup = Pick<Cloud, 'image' | 'images' | 'parameter'>;

/**
 * Finds the image that a launch takes, and reads and verifies its tags. Never rejects: what cannot be found, read or
 * believed is a problem, which refuses the launch.
 *
 * @param architecture of the instance type; undefined where that is not known yet, which only an image by itself can do without
 * @param now milliseconds since 1970
 */
export async function findImage(
  cloud: Lookup,
  asked: ImageAsked,
  place: { readonly region: string; readonly architecture: MachineArchitecture | undefined },
  trust: TrustStore,
  now: number,
): Promise<FoundImage> {
  const kind = 'image' in asked || builtFor(asked.images, place) !== undefined ? 'built' : 'base';
  try {
    const found = await lookUp(cloud, asked, place);
    if ('problem' in found) {
      const unknown = 'image' in asked && !isImageId(asked.image);
      return { kind, image: undefined, problems: [found.problem], ...(unknown ? { unknown } : {}) };
    }
    const problems = unfit(found, place);
    if (kind === 'base') return { kind, image: found, problems };
    return { kind, image: found, ...carriedBy(found, asked, place.region, problems, trust, now) };
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    return { kind, image: undefined, problems: [failureProblem(error)], failure: error };
  }
}

/** What AWS said, as the reason why a launch is refused. */
export function failureProblem({ action, code, message, answered }: AwsFailure): string {
  if (code === 'Unreachable') return `\`${action}\` did not reach AWS: ${message}`;
  if (code === 'CredentialsProviderError') return `\`${action}\` has no credentials for AWS: ${message}`;
  return `${answered ? `AWS refused \`${action}\`` : `\`${action}\` failed`}: ${message} (${code})`;
}

type Place = Parameters<typeof findImage>[2];

async function lookUp(
  cloud: Lookup,
  asked: ImageAsked,
  { region, architecture }: Place,
): Promise<CloudImage | { readonly problem: string }> {
  if ('image' in asked) {
    return isImageId(asked.image) ? byId(cloud, region, asked.image) : byName(cloud, region, asked.image);
  }
  const { images } = asked;
  const built = builtFor(images, { region, architecture });
  if (built !== undefined) return byId(cloud, region, built);
  const base = architecture === undefined ? undefined : baseImage(images.base, region, architecture);
  if (base === undefined || architecture === undefined) {
    return { problem: `the template has no image in ${region} for ${architecture ?? 'an unknown architecture'}` };
  }
  return resolveBase(cloud, region, architecture, base);
}

export function isImageId(word: string): boolean {
  return /^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(word);
}

function builtFor({ built }: BuildImages, { region, architecture }: Place): string | undefined {
  return built.find((each) => each.region === region && each.architecture === architecture)?.image;
}

async function byId(cloud: Lookup, region: string, id: string): Promise<CloudImage | { readonly problem: string }> {
  return (await cloud.image(region, id)) ?? { problem: `there is no image \`${id}\` in ${region}` };
}

/** An image of this account only: anybody may call theirs what they like. */
async function byName(cloud: Lookup, region: string, name: string): Promise<CloudImage | { readonly problem: string }> {
  // In a filter of EC2 these stand for other characters.
  const found = /[*?\\]/.test(name) ? [] : await cloud.images(region, { owner: 'self', name });
  const [one, other] = found.filter((each) => each.name === name);
  if (one === undefined) return { problem: `there is no template and no image \`${name}\` in ${region}` };
  return other === undefined
    ? one
    : { problem: `there are several images \`${name}\` in ${region}: name one by its id` };
}

function unfit(image: CloudImage, { region, architecture }: Place): string[] {
  const problems: string[] = [];
  if (image.state !== 'available') problems.push(`the image \`${image.id}\` in ${region} is ${image.state}`);
  if (architecture !== undefined && image.architecture !== architecture) {
    problems.push(`the image \`${image.id}\` is for ${image.architecture}, and the instance type for ${architecture}`);
  }
  return problems;
}

function carriedBy(
  image: CloudImage,
  asked: ImageAsked,
  region: string,
  unfitting: readonly string[],
  trust: TrustStore,
  now: number,
): Pick<FoundImage, 'carried' | 'problems'> {
  const problems = [...unfitting];
  const reading = readImageTags(image.tags, sha256);
  if ('refused' in reading) {
    return { problems: [...problems, `the tags of \`${image.id}\` carry no policy: ${reading.problem}`] };
  }
  const { metadata, digest } = reading;
  const verdict = verifyImage(image.tags, { image: image.id, region, owner: image.owner, digest }, trust, now);
  if (verdict.signature === 'invalid') {
    problems.push(`the signature of \`${image.id}\` does not count: ${verdict.problem}`);
  }
  if (metadata.architecture !== image.architecture) {
    problems.push(`the tags of \`${image.id}\` are of an image for ${metadata.architecture}`);
  }
  if ('template' in asked && metadata.source_template !== asked.template) {
    problems.push(`\`${image.id}\` is an image of \`${metadata.source_template}\`, not of \`${asked.template}\``);
  }
  return { carried: { metadata, digest, verdict, policy: imagePolicy(metadata, image.id) }, problems };
}
