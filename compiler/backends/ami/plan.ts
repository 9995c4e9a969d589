import type { BuildImages, MachineArchitecture } from '../../ir/obligation.ts';
import type { Policy } from '../../ir/policy.ts';
import { baseImage } from '../../tables/base-images.ts';
import { instanceType } from '../../tables/instance-types.ts';
import { type ImagePlan, type PlannedImage, tagsPath, userDataPath } from './format.ts';

/** Builders for who names none: two processors and 8 GiB, which compile what packages bring along. */
const builders: Readonly<Record<MachineArchitecture, string>> = { x86_64: 't3.large', arm64: 't4g.large' };

/** A place for which no base image is known. */
export interface Baseless {
  readonly region: string;
  readonly architecture: MachineArchitecture;
}

/**
 * Which images of the template are built, and how: each region with each architecture. Where the template's builder is of
 * another architecture, one that is takes its place.
 *
 * @param version what the metadata calls the template's version
 * @param baseless what has no base image is added here, and left out of the plan
 */
export function imagePlan(
  policy: Policy,
  images: BuildImages,
  named: { readonly template: string; readonly version: string },
  baseless: Baseless[] = [],
): ImagePlan {
  const planned = images.regions.flatMap((region) =>
    images.architectures.flatMap((architecture): readonly PlannedImage[] => {
      const base = baseImage(images.base, region, architecture);
      if (base === undefined) {
        baseless.push({ region, architecture });
        return [];
      }
      return [
        {
          region,
          architecture,
          base,
          builder: builderOf(images, architecture),
          encrypted: images.encrypted,
          ...(images.key === undefined ? {} : { key: images.key }),
          tags: tagsPath(region, architecture),
        },
      ];
    }),
  );
  return {
    format: 'polc-image-plan-1',
    policy: policy.name,
    ...named,
    userData: userDataPath,
    images: planned,
    built: images.built,
  };
}

function builderOf({ builder }: BuildImages, architecture: MachineArchitecture): string {
  const fits = builder !== undefined && instanceType(builder)?.architecture === architecture;
  return fits ? builder : builders[architecture];
}

/** Deterministic: one line for each image, for reviews and tools that read lines. */
export function planText({ images, built, ...head }: ImagePlan): string {
  const fields = Object.entries(head).map(([key, value]) => ` ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  return ['{', ...fields, ` "images": ${linesOf(images)},`, ` "built": ${linesOf(built)}`, '}', ''].join('\n');
}

function linesOf(list: readonly unknown[]): string {
  if (list.length === 0) return '[]';
  return `[\n${list.map((item) => `  ${JSON.stringify(item)}`).join(',\n')}\n ]`;
}
