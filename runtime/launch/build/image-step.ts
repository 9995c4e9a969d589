import type { ImageMetadata } from '../../../compiler/images/metadata.ts';
import { readMetadata } from '../../../compiler/images/read-metadata.ts';
import { readImageTags } from '../../../compiler/images/read-tags.ts';
import { signatureTag } from '../../../compiler/images/tag-names.ts';
import { imageTags } from '../../../compiler/images/write-tags.ts';
import { AwsFailure } from '../../aws/failure.ts';
import { signImage } from '../../signing/image.ts';
import type { CloudImage, Tag } from '../cloud.ts';
import type { Compilation } from './compilation.ts';
import { steps } from './estimate.ts';
import { compilationTag, type PlaceName } from './plan.ts';
import { PlaceFailure } from './world.ts';

/** What the image of a place carries, with what only the build knows. */
export function placeMetadata({ state }: Compilation, name: PlaceName): ImageMetadata | undefined {
  const place = state.places.find((each) => each.name === name);
  const reading = place === undefined ? undefined : readMetadata(place.planned.metadata);
  if (place?.intended === undefined || reading === undefined || 'problem' in reading) return undefined;
  const { compiledAt, baseImage } = place.intended;
  return { ...reading.metadata, base_image: baseImage, compilation_id: state.plan.id, compiled_at: compiledAt };
}

/** The tags with which the image of a place is made; its signature comes when its id is known. */
function tagsOfImage(run: Compilation, name: PlaceName): readonly Tag[] {
  const { plan } = run.state;
  const { intended } = run.place(name);
  const metadata = placeMetadata(run, name);
  const carried = metadata === undefined ? undefined : imageTags(metadata, run.world.sha256);
  if (carried === undefined || intended === undefined) throw new PlaceFailure('the policy has no form in tags');
  const own = plan.tags.some(([key]) => key === 'Name') ? plan.tags : [...plan.tags, ['Name', intended.name] as const];
  return [...carried, ...own, [compilationTag, plan.id] as const].sort(([left], [right]) => (left < right ? -1 : 1));
}

/**
 * Makes the image of a place once: where it was about to be made before, it is looked for by its name, of which a region has
 * one. `make` is asked for its id.
 */
export async function makeImage(
  run: Compilation,
  name: PlaceName,
  intended: { readonly name: string; readonly compiledAt: string; readonly baseImage: string },
  make: (tags: readonly Tag[], name: string) => Promise<string>,
): Promise<void> {
  if (run.place(name).image !== undefined) return;
  const before = run.place(name).intended;
  if (before === undefined) run.step(name, { kind: 'image', ...intended });
  const wanted = before?.name ?? intended.name;
  const found = before === undefined ? undefined : await findImage(run, name, wanted);
  run.step(name, { kind: 'made', image: found ?? (await madeOnce(run, name, wanted, make)) });
}

async function madeOnce(
  run: Compilation,
  name: PlaceName,
  wanted: string,
  make: (tags: readonly Tag[], name: string) => Promise<string>,
): Promise<string> {
  try {
    return await make(tagsOfImage(run, name), wanted);
  } catch (error) {
    if (!(error instanceof AwsFailure) || error.code !== 'InvalidAMIName.Duplicate') throw error;
    // An earlier call has made it, and EC2 does not show it everywhere yet.
    return run.until('EC2 to show the image', 20 * run.world.times.settle, () => findImage(run, name, wanted));
  }
}

/** The image of this compilation by its name. */
async function findImage(run: Compilation, place: PlaceName, name: string): Promise<string | undefined> {
  const { region } = run.place(place).planned;
  const tag: Tag = [compilationTag, run.state.plan.id];
  const images = await run.world.cloud.images(region, { owner: 'self', tag });
  return images.find((image) => image.name === name)?.id;
}

/** Waits until the image of a place can be launched, and sees that its tags are what was written. */
export async function awaitImage(run: Compilation, name: PlaceName): Promise<void> {
  const { image, available, planned } = run.place(name);
  if (available !== undefined || image === undefined) return;
  const found = await run.until(`${steps.image} ${image}`, run.world.times.image, async () => {
    const seen = await run.world.cloud.image(planned.region, image);
    return seen === undefined || /^(pending|transient)$/.test(seen.state) ? undefined : seen;
  });
  if (found.state !== 'available') throw new PlaceFailure(`EC2 says of the image ${image}: ${found.state}`);
  if (planned.encrypted && !found.encrypted) throw new PlaceFailure(`the image ${image} is not encrypted`);
  run.step(name, { kind: 'available', owner: found.owner, digest: digestOf(run, name, found) });
}

function digestOf(run: Compilation, name: PlaceName, { id, tags }: CloudImage): string {
  const reading = readImageTags(tags, run.world.sha256);
  if ('refused' in reading) throw new PlaceFailure(`the tags of ${id} are not as polc wrote them: ${reading.problem}`);
  const wanted = tagsOfImage(run, name);
  const other = wanted.find(([key, value]) => tags.get(key) !== value)?.[0];
  if (other !== undefined) throw new PlaceFailure(`the tag \`${other}\` of ${id} is not as polc wrote it`);
  return reading.digest;
}

/** Signs the image of a place, whose id is part of what is signed. */
export async function signPlace(run: Compilation, name: PlaceName): Promise<void> {
  const { signer, cloud, now } = run.world;
  const { image, available, signature, planned } = run.place(name);
  if (run.state.plan.signWith === undefined || signature !== undefined) return;
  if (image === undefined || available === undefined) return;
  if (signer === undefined) throw new Error('the plan names a key, and nobody signs');
  run.stage(name, steps.sign);
  const { owner, digest } = available;
  const made = signImage({ image, region: planned.region, owner, digest }, signer, now());
  run.step(name, { kind: 'sign', signature: made });
  await cloud.tag(planned.region, [image], [[signatureTag, made]]);
  run.step(name, { kind: 'signed', signature: made });
}
