import { AwsFailure } from '../../aws/failure.ts';
import type { CloudImage } from '../cloud.ts';
import { compilationTag } from './plan.ts';
import { unlessUsed } from './run-build.ts';
import type { BuildWorld } from './world.ts';

/** What a compilation is known by to whoever removes it. */
export interface AbandonedBuild {
  readonly id: string;
  readonly regions: readonly string[];
  /** Snapshots that images had which are gone, by region. */
  readonly removing: readonly { readonly region: string; readonly snapshots: readonly string[] }[];
  /** Is told, before an image is removed, what goes with it. */
  readonly noteRemoving: (region: string, image: string, snapshots: readonly string[]) => void;
}

/** What was removed, by its ids. */
export interface Removed {
  readonly instances: number;
  readonly images: number;
  readonly snapshots: number;
  readonly volumes: number;
}

/**
 * Removes every instance, image, snapshot and volume of a compilation, found by its tag, whatever its journal says. AWS may
 * not show yet what a call has made whose answer was lost, and so it is done when twice in a row nothing is left.
 *
 * @throws AwsFailure where a call fails, or something cannot be removed for too long; BuildStopped
 */
export async function abandonBuild(build: AbandonedBuild, world: BuildWorld): Promise<Removed> {
  const found = {
    instances: new Set<string>(),
    images: new Set<string>(),
    snapshots: new Set<string>(),
    volumes: new Set<string>(),
  };
  await Promise.all(build.regions.map((region) => removeIn(region, build, world, found)));
  return {
    instances: found.instances.size,
    images: found.images.size,
    snapshots: found.snapshots.size,
    volumes: found.volumes.size,
  };
}

interface Found {
  readonly instances: Set<string>;
  readonly images: Set<string>;
  readonly snapshots: Set<string>;
  readonly volumes: Set<string>;
}

async function removeIn(region: string, build: AbandonedBuild, world: BuildWorld, found: Found): Promise<void> {
  const { elapsed, pause, times } = world;
  const begun = elapsed();
  let failure: AwsFailure | undefined;
  for (let empty = 0; empty < 2; ) {
    let left = true;
    try {
      left = await sweep(region, build, world, found, elapsed() - begun);
      failure = undefined;
    } catch (error) {
      if (!(error instanceof AwsFailure) || !error.transient) throw error;
      failure = error;
    }
    empty = left ? 0 : empty + 1;
    if (empty === 2) return;
    if (elapsed() - begun > times.removal) {
      const what = `something of ${build.id} is left in ${region} after ${Math.round(times.removal / 60_000)} minutes`;
      throw failure ?? new AwsFailure('ec2:DescribeInstances', 'StillThere', what, true);
    }
    await pause(empty > 0 ? times.settle : times.poll);
  }
}

/** Removes what can be; true where something is left or was there. */
async function sweep(
  region: string,
  build: AbandonedBuild,
  world: BuildWorld,
  found: Found,
  since: number,
): Promise<boolean> {
  const { cloud } = world;
  const tag = [compilationTag, build.id] as const;
  const instances = await cloud.instances(region, tag);
  for (const { id, state } of instances) {
    found.instances.add(id);
    if (state !== 'shutting-down') await cloud.terminateInstance(region, id);
  }
  const images = await cloud.images(region, { owner: 'self', tag });
  for (const image of images) {
    found.images.add(image.id);
    // An image that is being made does not name all of its snapshots yet.
    if (/^(pending|transient)$/.test(image.state) && since < world.times.removal / 2) continue;
    await removeImage(region, image, build, world, found);
  }
  for (const removed of build.removing) {
    if (removed.region === region) await removeSnapshots(region, removed.snapshots, world);
  }
  const snapshots = await cloud.snapshots(region, tag);
  for (const id of snapshots) found.snapshots.add(id);
  await removeSnapshots(region, snapshots, world);
  const volumes = await cloud.volumes(region, tag);
  for (const id of volumes) {
    found.volumes.add(id);
    // While its instance is there it goes with it, or cannot go.
    if (instances.length === 0) await unlessUsed(() => cloud.deleteVolume(region, id));
  }
  return instances.length + images.length + snapshots.length + volumes.length > 0;
}

async function removeImage(
  region: string,
  { id, snapshots }: CloudImage,
  build: AbandonedBuild,
  world: BuildWorld,
  found: Found,
): Promise<void> {
  build.noteRemoving(region, id, snapshots);
  await world.cloud.deregisterImage(region, id);
  for (const snapshot of snapshots) found.snapshots.add(snapshot);
  await removeSnapshots(region, snapshots, world);
}

async function removeSnapshots(region: string, ids: readonly string[], { cloud }: BuildWorld): Promise<void> {
  for (const id of ids) await unlessUsed(() => cloud.deleteSnapshot(region, id));
}
