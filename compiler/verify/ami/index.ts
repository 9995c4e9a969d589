import type { Artifact, Surroundings, Validation } from '../../backends/backend.ts';
import type { Policy } from '../../ir/policy.ts';
import { fields, GuardrailDifference } from '../guardrail/read-predicate.ts';
import { NotStrictJson } from '../strict-json.ts';
import type { Comparison } from './compare-launches.ts';
import { comparePlan } from './compare-plan.ts';
import { compareComponent, compareRecipes } from './compare-recipes.ts';
import { compareTags, obligation } from './compare-tags.ts';
import { differ, ImageDifference } from './difference.ts';

const method = 'every tag read again, the launches that they let pass over all classes, every image of the plan';

/**
 * Reads everything again that was emitted for a template's images: the plan has each image once, the tags of each let the
 * launches pass that the policy does, and describe the template as it does; Image Builder's documents say the same.
 */
export function validateImages(
  policy: Policy,
  artifacts: readonly Artifact[],
  { sha256 }: Pick<Surroundings, 'sha256'>,
): Validation {
  try {
    return compareAll(policy, artifacts, sha256);
  } catch (problem) {
    const known = [ImageDifference, GuardrailDifference, NotStrictJson];
    if (!(problem instanceof Error) || !known.some((kind) => problem instanceof kind)) throw problem;
    return { status: 'refused', method, compared: 0, counterexample: problem.message };
  }
}

function compareAll(policy: Policy, artifacts: readonly Artifact[], sha256: Surroundings['sha256']): Validation {
  const images = obligation(policy, 'build-images');
  if (images.regions.length * images.architectures.length === 0) differ('images of a template of which none is built');
  const left = new Map(artifacts.map(({ path, content }) => [path, textOf(content)]));
  const take = (path: string): string => {
    const text = left.get(path);
    left.delete(path);
    return text ?? differ(`no file ${path}`);
  };
  const { version, images: plan } = comparePlan(
    policy,
    images,
    obligation(policy, 'describe-template'),
    take('plan.json'),
  );
  if (take('user-data.sh') !== images.script) differ('another script');
  let compared = plan.size;
  let whole = true;
  const tags = new Map<string, string>();
  // Images of one architecture mostly have the same tags wherever they are: what was compared is known.
  const seen = new Set<string>();
  const known = new Map<string, Comparison>();
  for (const architecture of images.architectures) {
    for (const region of images.regions) {
      const place = `${region}/${architecture}`;
      const { tags: path, base } = plan.get(place)!;
      const text = take(path);
      tags.set(place, text);
      const id = fields(base).id;
      const all = `${architecture} ${String(id)} ${text}`;
      if (seen.has(all)) continue;
      seen.add(all);
      const image = { architecture, version, base: typeof id === 'string' ? id : undefined };
      const comparison = compareTags(policy, text, image, sha256, known);
      compared += comparison.compared;
      whole &&= comparison.whole;
    }
  }
  const component = left.has('image-builder/component.yaml') ? take('image-builder/component.yaml') : undefined;
  if (component !== undefined) {
    compareComponent(images, component);
    const common = 'image-builder/recipes.json';
    const isCommon = left.has(common);
    const text = isCommon ? take(common) : '';
    let before = '';
    for (const region of images.regions) {
      const planned = images.architectures.map((architecture) => {
        const place = `${region}/${architecture}`;
        return [architecture, { base: plan.get(place)!.base, tags: tags.get(place)! }] as const;
      });
      // What is one file for all regions is read once, as long as the same is planned for them.
      const same = JSON.stringify(planned);
      if (isCommon && same === before) continue;
      before = same;
      compareRecipes(images, component, new Map(planned), isCommon ? text : take(`image-builder/${region}.json`));
      compared += images.architectures.length;
    }
  }
  for (const path of left.keys()) differ(`the file ${path}`);
  return { status: whole ? 'proven' : 'tested', method, compared };
}

function textOf(content: Uint8Array | string): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}
