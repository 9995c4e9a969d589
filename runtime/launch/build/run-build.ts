import { AwsFailure } from '../../aws/failure.ts';
import { buildPlace } from './build-place.ts';
import type { Compilation } from './compilation.ts';
import { copyPlace } from './copy-place.ts';
import { builderTag, compilationTag, type PlaceName, placeName } from './plan.ts';
import { PlaceFailure } from './world.ts';

/** What became of a place in one run. */
export type PlaceOutcome =
  | { readonly kind: 'complete' }
  /** No image can come of this builder; another run begins with another one. */
  | { readonly kind: 'failed' }
  /** AWS refused a call or was not there; another run goes on. */
  | { readonly kind: 'interrupted'; readonly failure: AwsFailure }
  /** The image that it copies is not there. */
  | { readonly kind: 'waiting' };

/**
 * Builds what is left of a compilation, all places at once. Where the process ends in between, another run goes on from
 * the journal.
 *
 * @throws BuildStopped, BuildJournalFailure
 */
export async function runBuild(run: Compilation): Promise<ReadonlyMap<PlaceName, PlaceOutcome>> {
  const { slot } = run.world;
  const outcomes = new Map<PlaceName, Promise<PlaceOutcome>>();
  const built = run.state.places.filter(({ planned }) => planned.copyFrom === undefined);
  const copied = run.state.places.filter(({ planned }) => planned.copyFrom !== undefined);
  for (const { name } of built)
    outcomes.set(
      name,
      slot(() => outcomeOf(run, name, () => buildPlace(run, name))),
    );
  for (const { name, planned } of copied) {
    const source = placeName({ region: planned.copyFrom ?? '', architecture: planned.architecture });
    const before = outcomes.get(source);
    const work = async (): Promise<PlaceOutcome> => {
      if ((await before)?.kind !== 'complete') return { kind: 'waiting' };
      return outcomeOf(run, name, () => copyPlace(run, name, source));
    };
    outcomes.set(name, work());
  }
  // Each is waited for, so that nothing goes on behind the back of whoever is told.
  await Promise.allSettled(outcomes.values());
  const found = new Map<PlaceName, PlaceOutcome>();
  for (const [name, outcome] of outcomes) found.set(name, await outcome);
  if (!run.state.swept && run.state.places.every(({ complete }) => complete)) {
    const failure = await sweepVolumes(run);
    const [first] = run.state.places;
    if (failure !== undefined && first !== undefined) found.set(first.name, { kind: 'interrupted', failure });
  }
  return found;
}

async function outcomeOf(run: Compilation, name: PlaceName, work: () => Promise<void>): Promise<PlaceOutcome> {
  try {
    if (run.place(name).complete) return { kind: 'complete' };
    if (run.place(name).failure !== undefined) {
      await removeFailed(run, name);
      run.step(name, { kind: 'attempt', attempt: run.place(name).attempt + 1 });
    }
    try {
      await work();
      return { kind: 'complete' };
    } catch (error) {
      const failure = isGone(error) ? new PlaceFailure(`what it is made of is gone: ${error.message}`) : error;
      if (!(failure instanceof PlaceFailure)) throw error;
      const { message: reason, command, output } = failure;
      run.step(name, {
        kind: 'failed',
        stage: run.place(name).stage,
        reason,
        ...(command === undefined ? {} : { command }),
        ...(output === undefined ? {} : { output: output.slice(-4000) }),
      });
    }
    await removeFailed(run, name);
    return { kind: 'failed' };
  } catch (error) {
    if (error instanceof AwsFailure) return { kind: 'interrupted', failure: error };
    throw error;
  }
}

/** Somebody else removed the builder, or an image: no call that names it will ever succeed. */
function isGone(error: unknown): error is AwsFailure {
  return error instanceof AwsFailure && /^(InvalidInstanceID|InvalidAMIID)\.|^IncorrectInstanceState$/.test(error.code);
}

/** Removes the builder and the image of an attempt that failed; what is gone already is gone. */
async function removeFailed(run: Compilation, name: PlaceName): Promise<void> {
  const { planned, instance, image, attempt } = run.place(name);
  const { cloud } = run.world;
  const { region, architecture } = planned;
  const instances = await cloud.instances(region, [compilationTag, run.state.plan.id]);
  const own = instances.filter(({ tags }) => tags.get(builderTag) === `${architecture} ${attempt}`).map(({ id }) => id);
  for (const id of new Set([...own, ...(instance === undefined ? [] : [instance])])) {
    await cloud.terminateInstance(region, id);
  }
  if (image === undefined) return;
  const snapshots = (await cloud.image(region, image))?.snapshots ?? [];
  run.note({ kind: 'removing', region, image, snapshots });
  await cloud.deregisterImage(region, image);
  for (const snapshot of snapshots) await cloud.deleteSnapshot(region, snapshot);
}

/** Deletes volumes that stayed when their builders went: those of some images do. */
async function sweepVolumes(run: Compilation): Promise<AwsFailure | undefined> {
  const { cloud, times } = run.world;
  const tag = [compilationTag, run.state.plan.id] as const;
  const regions = new Set(
    run.state.places.filter(({ instance }) => instance !== undefined).map(({ planned }) => planned.region),
  );
  try {
    for (const region of regions) {
      await run.until('deleting the volumes of builders', times.stop, async () => {
        const left = await cloud.volumes(region, tag);
        // While a builder shuts down its volumes go with it, or cannot go.
        const isShut = left.length === 0 || (await cloud.instances(region, tag)).length === 0;
        if (isShut) for (const volume of left) await unlessUsed(() => cloud.deleteVolume(region, volume));
        return left.length === 0 ? true : undefined;
      });
    }
    run.note({ kind: 'swept' });
    return undefined;
  } catch (error) {
    if (error instanceof AwsFailure) return error;
    if (error instanceof PlaceFailure) return new AwsFailure('ec2:DeleteVolume', 'VolumeInUse', error.message, true);
    throw error;
  }
}

/** What is still in use is asked for again later. */
export async function unlessUsed(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof AwsFailure) || !/InUse|IncorrectState/.test(error.code)) throw error;
  }
}
