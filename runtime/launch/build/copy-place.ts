import { baseInRegion } from '../ageing.ts';
import type { Compilation } from './compilation.ts';
import { steps } from './estimate.ts';
import { awaitImage, makeImage, signPlace } from './image-step.ts';
import { clientToken, imageName, type PlaceName } from './plan.ts';
import { PlaceFailure } from './world.ts';

/**
 * Copies the image of another region, which can be launched there, and signs the copy: a signature is of one region.
 *
 * @throws PlaceFailure where no image can come of it; AwsFailure and BuildStopped where it can be resumed
 */
export async function copyPlace(run: Compilation, name: PlaceName, source: PlaceName): Promise<void> {
  const { planned, attempt } = run.place(name);
  const { region, architecture, encrypted, key } = planned;
  const from = run.place(source);
  if (from.image === undefined || from.intended === undefined) throw new PlaceFailure(`${source} has no image to copy`);
  run.stage(name, steps.copy);
  const { plan } = run.state;
  const { cloud } = run.world;
  const built = { region: from.planned.region, image: from.image };
  const base = run.place(name).intended?.baseImage ?? (await baseOfCopy(run, source, region));
  const intended = {
    name: imageName(plan, architecture, attempt),
    compiledAt: from.intended.compiledAt,
    baseImage: base,
  };
  await makeImage(run, name, intended, (tags, called) =>
    cloud.copyImage(region, built, {
      name: called,
      tags,
      clientToken: clientToken(plan.id, name, attempt, 'copy'),
      ...(plan.description === undefined ? {} : { description: plan.description }),
      ...(encrypted ? { encrypted } : {}),
      ...(key === undefined ? {} : { key }),
    }),
  );
  await awaitImage(run, name);
  await signPlace(run, name);
  run.step(name, { kind: 'complete' });
}

/** The base image of the same name in the region of the copy, by which is seen whether there is a newer one. */
async function baseOfCopy(run: Compilation, source: PlaceName, region: string): Promise<string> {
  const { intended, planned } = run.place(source);
  const image = intended?.baseImage ?? '';
  return (await baseInRegion(run.world.cloud, { region: planned.region, image }, region)) ?? image;
}
