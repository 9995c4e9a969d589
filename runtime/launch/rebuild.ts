import type { ImageMetadata } from '../../compiler/images/metadata.ts';
import type { TrustStore } from '../signing/trust-store.ts';
import { baseOutdated, imageAge } from './ageing.ts';
import type { Cloud, CloudImage } from './cloud.ts';
import type { LaunchFacts } from './facts.ts';
import { readScan, type ScanReading } from './scan/scan-tag.ts';
import { severities } from './scan/severity.ts';

/** How an image has aged: attributes of its launch, each left out where it is not known. */
export interface Ageing {
  readonly facts: Pick<LaunchFacts, 'imageAge' | 'baseOutdated' | 'scan'>;
  readonly scan: ScanReading;
}

/**
 * Looks how an image has aged.
 *
 * @param asked with `newestBase` the publisher of the base image is asked, which takes two calls
 * @param now milliseconds since 1970
 * @throws AwsFailure
 */
export async function ageingOf(
  cloud: Pick<Cloud, 'image' | 'images' | 'parameter'>,
  {
    region,
    image,
    metadata,
  }: { readonly region: string; readonly image: CloudImage; readonly metadata: ImageMetadata },
  asked: { readonly newestBase: boolean },
  trust: TrustStore,
  now: number,
): Promise<Ageing> {
  const age = imageAge(image, metadata, now);
  const outdated = asked.newestBase ? await baseOutdated(cloud, region, metadata) : undefined;
  const reading = readScan(image.tags, { image: image.id, region, owner: image.owner }, trust, now);
  return {
    facts: {
      ...(age === undefined ? {} : { imageAge: age }),
      ...(outdated === undefined ? {} : { baseOutdated: outdated }),
      ...(reading.scan === undefined ? {} : { scan: reading.scan }),
    },
    scan: reading,
  };
}

/**
 * Why an image should be built again, each a part of a sentence; none where it need not.
 *
 * @param limits what an institution's `images` say; without them only what is certain counts
 */
export function rebuildReasons(
  { facts, scan }: Ageing,
  limits: { readonly maxAgeDays?: number; readonly passedScan?: boolean } = {},
): readonly string[] {
  const reasons: string[] = [];
  const { maxAgeDays } = limits;
  const { imageAge: age } = facts;
  if (maxAgeDays !== undefined && !(age !== undefined && age <= maxAgeDays)) {
    const old = age === undefined ? 'its age is not known' : `it is ${Math.floor(age)} days old`;
    reasons.push(`${old}, and may be ${maxAgeDays}`);
  }
  if (facts.baseOutdated === true) reasons.push('there is a newer base image');
  if (scan.scan === 'failed') {
    const { counts } = scan;
    const found = severities.filter((severity) => counts[severity] > 0).map((each) => `${counts[each]} ${each}`);
    reasons.push(`its last scan failed: ${found.join(', ')}`);
  }
  if (limits.passedScan === true && scan.scan === 'absent') reasons.push('it was never scanned');
  if (limits.passedScan === true && scan.scan === undefined) reasons.push(scan.problem);
  return reasons;
}
