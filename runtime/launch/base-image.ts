import type { MachineArchitecture } from '../../compiler/ir/obligation.ts';
import type { BaseImage } from '../../compiler/tables/base-images.ts';
import type { Cloud, CloudImage } from './cloud.ts';

/** The image, or why there is none to start from. */
export type ResolvedBase = CloudImage | { readonly problem: string };

/**
 * Finds the image that a template stands on, as it is now in a region: what a public parameter names, the newest that a
 * search finds, or the image itself.
 *
 * @throws AwsFailure
 */
export async function resolveBase(
  cloud: Pick<Cloud, 'image' | 'images' | 'parameter'>,
  region: string,
  architecture: MachineArchitecture,
  base: BaseImage,
): Promise<ResolvedBase> {
  const found = await find(cloud, region, architecture, base);
  if ('problem' in found) return found;
  if (found.state !== 'available') return { problem: `${found.id} in ${region} is ${found.state}, not available` };
  if (found.architecture !== architecture) {
    return { problem: `${found.id} in ${region} is an image for ${found.architecture}, not for ${architecture}` };
  }
  return found;
}

async function find(
  cloud: Pick<Cloud, 'image' | 'images' | 'parameter'>,
  region: string,
  architecture: MachineArchitecture,
  base: BaseImage,
): Promise<ResolvedBase> {
  switch (base.kind) {
    case 'image':
      return byId(cloud, region, base.id);
    case 'parameter': {
      const id = await cloud.parameter(region, base.name);
      if (id === undefined) return { problem: `${region} has no public parameter ${base.name}` };
      if (!/^ami-[0-9a-f]+$/.test(id))
        return { problem: `the public parameter ${base.name} in ${region} names no image` };
      return byId(cloud, region, id);
    }
    case 'search': {
      const { owner, name } = base;
      const images = await cloud.images(region, { owner, name, architecture });
      const [newest] = images
        .filter(({ state }) => state === 'available')
        .sort((left, right) => (right.madeAt ?? 0) - (left.madeAt ?? 0) || (left.name < right.name ? 1 : -1));
      return newest ?? { problem: `the account ${owner} has no image \`${name}\` for ${architecture} in ${region}` };
    }
    default: {
      const unreachable: never = base;
      return unreachable;
    }
  }
}

async function byId(cloud: Pick<Cloud, 'image'>, region: string, id: string): Promise<ResolvedBase> {
  return (await cloud.image(region, id)) ?? { problem: `${region} has no image ${id}, or you may not use it` };
}
