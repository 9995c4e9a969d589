import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { metadataByPlace } from '../../images/image-metadata.ts';
import { imageTags, type Tag } from '../../images/write-tags.ts';
import type { Obligation, Policy } from '../../ir/policy.ts';
import { enforceables } from '../../ir/policy.ts';
import type { Artifact, Emission, SourceMapEntry, Surroundings } from '../backend.ts';
import { componentDocument } from './component.ts';
import {
  componentPath,
  mostComponent,
  mostUserData,
  type PlannedImage,
  planPath,
  recipesPath,
  userDataPath,
} from './format.ts';
import { type Baseless, imagePlan, planText } from './plan.ts';
import { recipesTemplate, resourceName } from './recipes.ts';
import { tagProblems } from './tag-problems.ts';
import { launchCoverage } from './wanted.ts';

type Images = Extract<Obligation, { readonly kind: 'build-images' }>;

const encoder = new TextEncoder();

/** The tags, the plan and Image Builder's documents of every image that the policy wants built. */
export function emitImages(policy: Policy, images: Images, { sha256 }: Pick<Surroundings, 'sha256'>): Emission {
  const { span } = images.origin;
  const diagnostics: Diagnostic[] = [];
  const metadataFor = metadataByPlace(policy, sha256);
  const tagsFor = tagsByMetadata(metadataFor, images, sha256);
  const baseless: Baseless[] = [];
  const [first] = images.architectures;
  const place = { region: images.regions[0]!, architecture: first! };
  const { source_template: template = '', template_version: version = '' } = metadataFor?.(place) ?? {};
  const plan = imagePlan(policy, images, { template, version }, baseless);
  for (const { region, architecture } of baseless) {
    diagnostics.push(report('POL6100', span, { architecture, region }));
  }
  const tagged: (PlannedImage & { readonly tagged: readonly Tag[] })[] = [];
  for (const image of plan.images) {
    const own = tagsFor(image);
    if (own === undefined) {
      diagnostics.push(report('POL6101', span, { template }));
      break;
    }
    tagged.push({ ...image, tagged: own });
  }
  if (tagged[0] !== undefined) diagnostics.push(...tagProblems(images, tagged[0].tagged));
  const rules = ruleMap(policy);
  const bytes = encoder.encode(images.script).length;
  if (bytes > mostUserData) diagnostics.push(report('POL7300', span, { bytes, limit: mostUserData }));
  const artifacts = [
    { path: planPath, content: planText(plan), sourceMap: planMap(images, plan.images) },
    { path: userDataPath, content: images.script, executable: true, sourceMap: [at('1', images)] },
    ...tagged.map((image) => ({
      path: image.tags,
      content: `${JSON.stringify(Object.fromEntries(image.tagged), undefined, 1)}\n`,
      sourceMap: tagMap(rules, images, image.tagged),
    })),
    ...imageBuilder(policy, images, tagged, diagnostics),
  ];
  const count = plan.images.length;
  return {
    artifacts,
    coverage: launchCoverage(policy, "by `polc launch`, which decides from the template and its images' tags"),
    diagnostics,
    summary: `${count} image${count === 1 ? '' : 's'}, ${tagged[0]?.tagged.length ?? 0} tags`,
  };
}

/** The tags of an image with those of the template, made once for all places where they are the same. */
function tagsByMetadata(
  metadataFor: ReturnType<typeof metadataByPlace>,
  images: Images,
  sha256: Surroundings['sha256'],
) {
  const known = new Map<string, readonly Tag[] | undefined>();
  return (image: PlannedImage): readonly Tag[] | undefined => {
    const place = `${image.architecture} ${image.base.kind === 'image' ? image.base.id : ''}`;
    if (known.has(place)) return known.get(place);
    const metadata = metadataFor?.(image);
    const own = metadata === undefined ? undefined : imageTags(metadata, sha256);
    const all =
      own === undefined ? undefined : [...own, ...images.tags].sort(([left], [right]) => (left < right ? -1 : 1));
    known.set(place, all);
    return all;
  };
}

function imageBuilder(
  policy: Policy,
  images: Images,
  tagged: readonly (PlannedImage & { readonly tagged: readonly Tag[] })[],
  diagnostics: Diagnostic[],
): readonly Artifact[] {
  const component = componentDocument(resourceName(policy.name), images.script);
  if (component.length > mostComponent) {
    const values = { characters: component.length, limit: mostComponent };
    diagnostics.push(report('POL7301', images.origin.span, values));
    return [];
  }
  // Recipes differ where the template names its base images by their ids, each of which is of one region.
  const regions = [...new Set(tagged.map(({ region, base }) => (base.kind === 'image' ? region : undefined)))];
  return [
    { path: componentPath, content: component, sourceMap: [at('/phases/0/steps/0/inputs/commands/0', images)] },
    ...regions.map((region) => {
      const own = tagged.filter((image) => image.region === (region ?? tagged[0]!.region));
      const content = recipesTemplate({ name: policy.name, base: images.base, component, images: own });
      return { path: recipesPath(region), content, sourceMap: [at('/Resources', images)] };
    }),
  ];
}

function at(place: string, { id, origin }: Obligation): SourceMapEntry {
  return { at: place, rule: id, span: origin.span };
}

function planMap(images: Images, planned: readonly PlannedImage[]): readonly SourceMapEntry[] {
  return planned.map((_, index) => at(`/images/${index}`, images));
}

/** Every rule of the policy is in the chunks. */
function ruleMap(policy: Policy): readonly SourceMapEntry[] {
  return enforceables(policy).map(({ id, origin }) => ({ at: '/polc:metadata', rule: id, span: origin.span }));
}

/** The template's own tags come from where it names them. */
function tagMap(rules: readonly SourceMapEntry[], images: Images, tags: readonly Tag[]): readonly SourceMapEntry[] {
  const own = new Set(images.tags.map(([key]) => key));
  return [...rules, ...tags.flatMap(([key]) => (own.has(key) ? [at(`/${pointerKey(key)}`, images)] : []))];
}

/** RFC 6901, section 3. */
function pointerKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
