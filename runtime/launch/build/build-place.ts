import { resolveBase } from '../base-image.ts';
import type { CloudInstance, InstanceRequest, ScriptResult, Tag } from '../cloud.ts';
import type { Compilation } from './compilation.ts';
import { steps } from './estimate.ts';
import { followScript, readProgress, type ScriptProgress, sealScript } from './follow.ts';
import { awaitImage, makeImage, signPlace } from './image-step.ts';
import { builderTag, clientToken, compilationTag, imageName, type PlaceName } from './plan.ts';
import { PlaceFailure } from './world.ts';

/**
 * Builds the image of one place, from where the journal says that it is. Every call that makes something can be made
 * again: a builder by its token, an image by its name.
 *
 * @throws PlaceFailure where no image can come of it; AwsFailure and BuildStopped where it can be resumed
 */
export async function buildPlace(run: Compilation, name: PlaceName): Promise<void> {
  await findBase(run, name);
  await startBuilder(run, name);
  if (run.place(name).image === undefined) {
    await followBuilder(run, name);
    await sealBuilder(run, name);
    await stopBuilder(run, name);
  }
  const { instance = '', base, attempt, planned } = run.place(name);
  run.stage(name, steps.image);
  const compiledAt = `${new Date(run.world.now()).toISOString().slice(0, 19)}Z`;
  const intended = {
    name: imageName(run.state.plan, planned.architecture, attempt),
    compiledAt,
    baseImage: base?.image ?? '',
  };
  const { description } = run.state.plan;
  await makeImage(run, name, intended, (tags, called) => {
    const image = { name: called, tags, ...(description === undefined ? {} : { description }) };
    return run.world.cloud.createImage(planned.region, instance, image);
  });
  await awaitImage(run, name);
  await signPlace(run, name);
  if (!run.place(name).terminated) {
    await run.world.cloud.terminateInstance(planned.region, instance);
    run.step(name, { kind: 'terminated' });
  }
  run.step(name, { kind: 'complete' });
}

async function findBase(run: Compilation, name: PlaceName): Promise<void> {
  const { base, planned } = run.place(name);
  if (base !== undefined) return;
  run.stage(name, steps.base);
  const found = await resolveBase(run.world.cloud, planned.region, planned.architecture, planned.base);
  if ('problem' in found) throw new PlaceFailure(found.problem);
  if (planned.encrypted && found.rootDevice === undefined) {
    throw new PlaceFailure(`${found.id} names no root device, and so its volumes cannot be encrypted`);
  }
  run.step(name, {
    kind: 'base',
    image: found.id,
    ...(found.rootDevice === undefined ? {} : { rootDevice: found.rootDevice }),
    ...(found.rootSize === undefined ? {} : { rootSize: found.rootSize }),
    ...(found.furtherDevices === undefined ? {} : { furtherDevices: found.furtherDevices }),
  });
}

async function startBuilder(run: Compilation, name: PlaceName): Promise<void> {
  const { instance, token: begun, planned, attempt } = run.place(name);
  if (instance !== undefined) return;
  run.stage(name, steps.start);
  const token = begun ?? clientToken(run.state.plan.id, name, attempt, 'run');
  if (begun === undefined) run.step(name, { kind: 'run', token });
  // EC2 forgets tokens after some time; its tags it does not.
  const found = begun === undefined ? undefined : await ownBuilder(run, name);
  const started = found ?? (await run.world.cloud.runInstance(planned.region, builderRequest(run, name, token), false));
  if (started === undefined) throw new PlaceFailure('EC2 started no builder');
  run.step(name, { kind: 'started', instance: started.id });
}

function builderRequest(run: Compilation, name: PlaceName, clientToken: string): InstanceRequest {
  const { plan } = run.state;
  const { planned, base, attempt } = run.place(name);
  const { instanceProfile } = plan;
  const { subnet, securityGroups } = planned;
  const called: readonly Tag[] = plan.tags.some(([key]) => key === 'Name') ? [] : [['Name', `polc builder ${plan.id}`]];
  const size = Math.max(plan.rootVolume ?? 0, base?.rootSize ?? 0);
  const { rootDevice, furtherDevices } = base ?? {};
  return {
    image: base?.image ?? '',
    instanceType: planned.builder,
    tags: [...plan.tags, ...called, [compilationTag, plan.id], [builderTag, `${planned.architecture} ${attempt}`]],
    userData: plan.script,
    clientToken,
    ...(rootDevice === undefined ? {} : { rootDevice }),
    ...(rootDevice === undefined || size === 0 ? {} : { rootSize: size }),
    ...(planned.encrypted ? { encrypted: true, ...(furtherDevices === undefined ? {} : { furtherDevices }) } : {}),
    ...(planned.key === undefined ? {} : { key: planned.key }),
    ...(instanceProfile === undefined ? {} : { instanceProfile }),
    ...(subnet === undefined ? {} : { subnet }),
    ...(securityGroups === undefined ? {} : { securityGroups }),
  };
}

async function ownBuilder(run: Compilation, name: PlaceName): Promise<CloudInstance | undefined> {
  const { planned, attempt } = run.place(name);
  const instances = await run.world.cloud.instances(planned.region, [compilationTag, run.state.plan.id]);
  return instances.find(({ tags }) => tags.get(builderTag) === `${planned.architecture} ${attempt}`);
}

/** The builder by its id; undefined where EC2 does not show it yet, or it is gone. */
async function builderNow(run: Compilation, name: PlaceName): Promise<CloudInstance | undefined> {
  const { planned, instance } = run.place(name);
  const instances = await run.world.cloud.instances(planned.region, [compilationTag, run.state.plan.id]);
  return instances.find(({ id }) => id === instance);
}

async function followBuilder(run: Compilation, name: PlaceName): Promise<void> {
  if (run.place(name).configured) return;
  const { start, settle } = run.world.times;
  const { scriptLimit } = run.state.plan;
  const begun = run.world.elapsed();
  let answered = false;
  let seen = 0;
  const progress = await run.until('the script of the builder', scriptLimit, async () => {
    const { instance } = run.place(name);
    const since = run.world.elapsed() - begun;
    const builder = await builderNow(run, name);
    if (builder !== undefined) seen += 1;
    if (
      builder === undefined ? seen > 0 || since > 20 * settle : /^(shutting-down|terminated|stopp)/.test(builder.state)
    ) {
      throw new PlaceFailure(
        `the builder ${instance} is ${builder?.state ?? 'gone'}: EC2 could not keep it, as without the right to use its key, or somebody ended it`,
      );
    }
    const found = builder?.state === 'running' ? await ask(run, name) : undefined;
    if (found === undefined) {
      if (!answered && since > start) {
        throw new PlaceFailure(
          `the agent on the builder ${instance} has not answered for ${Math.round(since / 60_000)} minutes`,
        );
      }
      return undefined;
    }
    answered = true;
    if (found.stage !== undefined) run.stage(name, found.stage);
    if (found.end === undefined && !found.over) return undefined;
    return found;
  });
  const { end, output } = progress;
  if (end === undefined) throw new PlaceFailure('the script of the builder ended without a word', undefined, output);
  if (end.status !== 0) throw new PlaceFailure(`the script ended with status ${end.status}`, end.command, output);
  run.step(name, { kind: 'configured' });
}

async function ask(run: Compilation, name: PlaceName): Promise<ScriptProgress | undefined> {
  const result = await onBuilder(run, name, followScript);
  return result?.status === 'success' ? readProgress(result.output) : undefined;
}

/** Runs a script on the builder; undefined where its agent does not answer. */
async function onBuilder(run: Compilation, name: PlaceName, script: string): Promise<ScriptResult | undefined> {
  const { planned, instance = '' } = run.place(name);
  const { cloud, times } = run.world;
  const command = await cloud.runScript(planned.region, instance, script);
  if (command === undefined) return undefined;
  return run.until('the agent on the builder', times.start, async () => {
    const result = await cloud.scriptResult(planned.region, instance, command);
    return result.status === 'pending' ? undefined : result;
  });
}

async function sealBuilder(run: Compilation, name: PlaceName): Promise<void> {
  if (run.place(name).sealed) return;
  run.stage(name, steps.seal);
  const result = await run.until('the agent on the builder', run.world.times.start, () =>
    onBuilder(run, name, sealScript),
  );
  if (result.status === 'failed') throw new PlaceFailure('the builder could not be cleaned', undefined, result.output);
  run.step(name, { kind: 'sealed' });
}

async function stopBuilder(run: Compilation, name: PlaceName): Promise<void> {
  if (run.place(name).stopped) return;
  run.stage(name, steps.stop);
  const { planned, instance = '' } = run.place(name);
  await run.world.cloud.stopInstance(planned.region, instance);
  await run.until('stopping the builder', run.world.times.stop, async () => {
    const builder = await builderNow(run, name);
    if (builder === undefined || /^(shutting-down|terminated)$/.test(builder.state)) {
      throw new PlaceFailure(`the builder ${instance} is gone: somebody else ended it`);
    }
    return builder.state === 'stopped' ? true : undefined;
  });
  run.step(name, { kind: 'stopped' });
}
