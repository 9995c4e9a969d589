import type { ImagePlan } from '../../backends/ami/format.ts';
import type { BuildImages, DescribeTemplate } from '../../ir/obligation.ts';
import type { Policy } from '../../ir/policy.ts';
import { baseImage } from '../../tables/base-images.ts';
import { instanceType } from '../../tables/instance-types.ts';
import { fields, items, only, readText } from '../guardrail/read-predicate.ts';
import { parseStrictJson } from '../strict-json.ts';
import { differ } from './difference.ts';

export interface ReadPlan {
  readonly version: string;
  /** By `REGION/ARCHITECTURE`. */
  readonly images: ReadonlyMap<string, { readonly tags: string; readonly base: unknown }>;
}

const format: ImagePlan['format'] = 'polc-image-plan-1';

/** Reads the plan again: it has each image that the policy wants, once, and builds it as the policy says. */
export function comparePlan(
  policy: Policy,
  images: BuildImages,
  { template, version }: DescribeTemplate,
  text: string,
): ReadPlan {
  const plan = fields(parseStrictJson(text));
  only(plan, ['format', 'policy', 'template', 'version', 'userData', 'images', 'built']);
  if (plan.format !== format) differ('another format');
  if (plan.policy !== policy.name || plan.template !== template) differ('the plan of another template');
  if (plan.version !== (version ?? plan.version) || plan.userData !== 'user-data.sh')
    differ('another version or script');
  const found = new Map<string, { tags: string; base: unknown }>();
  for (const item of items(plan.images)) {
    const image = fields(item);
    only(image, ['region', 'architecture', 'base', 'builder', 'encrypted', 'key', 'tags']);
    const region = images.regions.find((each) => each === image.region);
    const architecture = images.architectures.find((each) => each === image.architecture);
    if (region === undefined || architecture === undefined) return differ(`an image for ${String(image.region)}`);
    const place = `${region}/${architecture}`;
    if (found.has(place)) differ(`two images for ${place}`);
    if (JSON.stringify(image.base) !== JSON.stringify(baseImage(images.base, region, architecture))) {
      differ(`another base for ${place}`);
    }
    const builder = readText(image.builder);
    const wanted = images.builder !== undefined && instanceType(images.builder)?.architecture === architecture;
    if (instanceType(builder)?.architecture !== architecture) differ(`${builder} builds no image for ${architecture}`);
    if (wanted && builder !== images.builder) differ(`the builder ${builder}`);
    if (image.encrypted !== images.encrypted || image.key !== images.key) differ(`another encryption for ${place}`);
    if (image.tags !== `tags/${place}.json`) differ(`the tags ${String(image.tags)} for ${place}`);
    found.set(place, { tags: image.tags, base: image.base });
  }
  if (found.size !== images.regions.length * images.architectures.length) differ(`${found.size} images`);
  compareBuilt(images, items(plan.built));
  return { version: readText(plan.version), images: found };
}

function compareBuilt({ built }: BuildImages, said: readonly unknown[]): void {
  const line = (region: unknown, architecture: unknown, image: unknown) => `${region} ${architecture} ${image}`;
  const wanted = built.map(({ region, architecture, image }) => line(region, architecture, image));
  const listed = said.map((item) => {
    const node = fields(item);
    only(node, ['region', 'architecture', 'image']);
    return line(node.region, node.architecture, node.image);
  });
  if (wanted.join('\n') !== listed.join('\n')) differ('other images that are built already');
}
