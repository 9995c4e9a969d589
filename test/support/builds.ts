import { createHash } from 'node:crypto';
import type { MachineArchitecture } from '../../compiler/ir/obligation.ts';
import { abandonBuild, type Removed } from '../../runtime/launch/build/abandon.ts';
import type { OpenedCompilation } from '../../runtime/launch/build/compilations.ts';
import type { BuildPlan, PlannedPlace } from '../../runtime/launch/build/plan.ts';
import { type BuildWorld, slots, usualTimes } from '../../runtime/launch/build/world.ts';
import type { FakeCloud } from './fake-cloud.ts';
import type { TestKey } from './keys.ts';

export const parameter = '/base/of/tests';

export const script = `#!/bin/bash
polc_stage 1/3 'Configuring base system'

polc_stage 2/3 'Installing system packages'
apt-get install nonsense

polc_stage 3/3 'Running custom_script'
true
`;

export const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** What a process of its own would have; the time is the fake's. */
export function worldOf(cloud: FakeCloud, more: Partial<BuildWorld> = {}): BuildWorld {
  return {
    cloud,
    now: () => cloud.time,
    elapsed: () => cloud.time,
    pause: async (milliseconds) => {
      cloud.time += milliseconds;
      // The places of a compilation wait at the same time: the others have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    },
    sha256,
    slot: slots(10),
    times: usualTimes,
    ...more,
  };
}

export function place(
  region: string,
  architecture: MachineArchitecture,
  more: Partial<PlannedPlace> = {},
): PlannedPlace {
  return {
    region,
    architecture,
    base: { kind: 'parameter', name: `${parameter}/${architecture}` },
    builder: architecture === 'arm64' ? 't4g.large' : 't3.large',
    encrypted: false,
    metadata: `{"architecture":"${architecture}","base":"ubuntu-22.04","cost_estimates":{"x86_64":0.1},"source_template":"python-ml","template_version":"1.0.0"}`,
    ...more,
  };
}

export function planOf(places: readonly PlannedPlace[], more: Partial<BuildPlan> = {}): BuildPlan {
  return {
    id: 'python-ml-20261124t093000-0a1b2c3d',
    template: 'python-ml',
    file: '/templates/python-ml.yaml',
    content: 'of the template',
    name: 'python-ml',
    script,
    tags: [['team', 'ml']],
    places,
    scriptLimit: 180 * 60_000,
    instanceProfile: 'polc-image-builder',
    ...more,
  };
}

/** A cloud with a base image for each place. */
export function addBases(cloud: FakeCloud, places: readonly PlannedPlace[]): void {
  for (const { region, architecture } of places) {
    cloud.addBase(region, architecture, `${parameter}/${architecture}`);
  }
}

/** Abandons as the command does. */
export async function abandon({ run }: OpenedCompilation, world: BuildWorld): Promise<Removed> {
  const { plan } = run.state;
  run.note({ kind: 'abandon' });
  const removed = await abandonBuild(
    {
      id: plan.id,
      regions: [...new Set(plan.places.map(({ region }) => region))],
      removing: run.state.removing,
      noteRemoving: (region, image, snapshots) => run.note({ kind: 'removing', region, image, snapshots }),
    },
    world,
  );
  run.note({ kind: 'abandoned' });
  return removed;
}

/** With which tests sign. */
export function signing(key: TestKey): Pick<BuildWorld, 'signer'> {
  return { signer: { authority: key.authority, keyId: key.keyId, key: key.key } };
}
