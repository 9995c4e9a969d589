import { evaluate } from '../expressions/evaluate.ts';
import { hasWildcard } from '../expressions/glob.ts';
import { mentionedValues } from '../expressions/mentioned-values.ts';
import { attribute, compare, literal, not, type Predicate, type Value } from '../expressions/predicate.ts';
import { type LaunchStep, stepOf } from '../ir/launch.ts';
import { type EffectiveLimit, effectiveLimits, limitHolds } from '../ir/launch-limits.ts';
import type { BuildImages, DescribeTemplate, MachineArchitecture, StartInstance } from '../ir/obligation.ts';
import type { Policy } from '../ir/policy.ts';
import { baseImage, findBase } from '../tables/base-images.ts';
import type { ImageLimits, ImageMetadata, ImageRule, InstanceDefaults } from './metadata.ts';
import { metadataText } from './metadata-text.ts';

/** Which of a template's images the metadata is for. */
export interface ImagePlace {
  readonly region: string;
  readonly architecture: MachineArchitecture;
}

/**
 * What an image of the template carries: all that its policy says of launches. What only the build knows, such as the time,
 * is left out for the build to add.
 *
 * @param policy with the obligations `describe-template` and `build-images`; undefined comes out where it lacks one
 */
export function imageMetadata(
  policy: Policy,
  place: ImagePlace,
  sha256: (content: string) => string,
): ImageMetadata | undefined {
  return metadataByPlace(policy, sha256)?.(place);
}

/** The same for all images of a template: what they have in common is worked out once. */
export function metadataByPlace(
  policy: Policy,
  sha256: (content: string) => string,
): ((place: ImagePlace) => ImageMetadata) | undefined {
  const described = policy.obligations.find((each) => each.kind === 'describe-template');
  const images = policy.obligations.find((each) => each.kind === 'build-images');
  const start = policy.obligations.find((each) => each.kind === 'start-instance');
  if (described?.kind !== 'describe-template' || images?.kind !== 'build-images') return undefined;
  const { template, classification, frameworks, dataRules, costs } = described;
  const defaults = start?.kind === 'start-instance' ? defaultsOf(start) : undefined;
  const common = {
    source_template: template,
    cost_estimates: Object.fromEntries(costs),
    ...(classification === undefined ? {} : { data_classification: classification }),
    ...(frameworks.length === 0 ? {} : { compliance_frameworks: frameworks }),
    ...(dataRules.length === 0 ? {} : { data_handling: dataRules }),
    ...limitsOf(policy, described),
    ...(defaults === undefined ? {} : { instance_defaults: defaults }),
  };
  return ({ region, architecture }) => {
    const metadata = { ...common, architecture, ...baseOf(images, region, architecture) };
    return { ...metadata, template_version: described.version ?? digestOf(metadata, images, sha256) };
  };
}

/** Of what the image is and what holds of it, the same for all places: recording an image makes no other version. */
function digestOf(
  { base_image: _, ...metadata }: Omit<ImageMetadata, 'template_version'>,
  { base, script, encrypted, key = '' }: BuildImages,
  sha256: (content: string) => string,
): string {
  const text = metadataText({ ...metadata, template_version: '', architecture: 'x86_64', base });
  return `sha256:${sha256([text ?? '', String(encrypted), key, script].join('\n')).slice(0, 16)}`;
}

function baseOf(
  { base }: BuildImages,
  region: string,
  architecture: MachineArchitecture,
): Pick<ImageMetadata, 'base' | 'base_image'> {
  if (findBase(base) !== undefined) return { base };
  const found = baseImage(base, region, architecture);
  return found?.kind === 'image' ? { base_image: found.id } : {};
}

function defaultsOf({ instanceType, ports, rootVolume }: StartInstance): InstanceDefaults | undefined {
  if (instanceType === undefined && ports.length === 0 && rootVolume === undefined) return undefined;
  return {
    ...(instanceType === undefined ? {} : { type: instanceType }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(rootVolume === undefined ? {} : { root_volume_gb: rootVolume }),
  };
}

/** Each limit under the name that the metadata has for it, where it belongs to the step that the name stands for. */
function limitsOf(policy: Policy, described: DescribeTemplate): Partial<ImageMetadata> {
  const limits: { -readonly [K in keyof ImageLimits]: ImageLimits[K] } = {};
  const carried: { -readonly [K in keyof ImageMetadata]?: ImageMetadata[K] } = {};
  const { rules, named } = unnamed(policy);
  const tags: string[] = [];
  for (const limit of effectiveLimits(named)) {
    const step = stepOf(limit.sources[0]!.id);
    const place = limit.sources.every(({ id }) => stepOf(id) === step) ? `${step} ${subjectOf(limit)}` : '';
    if (limit.kind === 'one-of' && place === 'resources instance_type') limits.max_instance_types = limit.values;
    else if (limit.kind === 'none-of' && place === 'resources region') limits.forbidden_regions = limit.values;
    else if (limit.kind === 'at-most' && place === 'resources hourly_cost' && isBound(limit.bound) && !limit.strict) {
      limits.max_hourly_cost = limit.bound;
    } else if (tagOf(limit) !== undefined && step === 'resources') tags.push(tagOf(limit)!);
    else if (limit.kind === 'one-of' && place === 'source profile') carried.allowed_profiles = limit.values;
    else {
      const holds = limitHolds(limit);
      const isOf = (wanted: LaunchStep) => limit.sources.some(({ id }) => stepOf(id) === wanted);
      if (isOf('signature') && described.approvalRequired && isSame(holds, approved)) carried.approval_required = true;
      else if (isOf('compliance') && isSame(holds, encrypted)) carried.encrypted_storage = true;
      else if (!isOf('classification') || !isClassified(described) || !isSame(holds, cleared)) {
        rules.push({ step, denied: holds.kind === 'not' ? holds.of : not(holds) });
      }
    }
  }
  if (tags.length > 0) limits.required_tags = [...new Set(tags)].sort();
  return {
    ...carried,
    ...(Object.keys(limits).length === 0 ? {} : { resource_limits: limits }),
    ...(rules.length === 0 ? {} : { rules }),
  };
}

/** The rules that compare with a text in which `*` or `?` is no wildcard, which lists of limits cannot say, and the others. */
function unnamed(policy: Policy): { readonly rules: ImageRule[]; readonly named: Policy } {
  const rules: ImageRule[] = [];
  const decisions = policy.decisions.map((decision) => ({
    ...decision,
    rules: decision.rules.filter(({ id, when, effect }) => {
      const isNamed = effect.kind === 'allow' || !comparesWildcards(when);
      if (!isNamed) rules.push({ step: stepOf(id), denied: when });
      return isNamed;
    }),
  }));
  return { rules, named: { ...policy, decisions } };
}

function comparesWildcards(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'not':
      return comparesWildcards(predicate.of);
    case 'and':
    case 'or':
      return predicate.of.some(comparesWildcards);
    case 'in-set':
      return predicate.values.some(hasWildcard);
    case 'compare':
      return [predicate.left, predicate.right].some(
        (term) => term.kind === 'literal' && typeof term.value === 'string' && hasWildcard(term.value),
      );
    default:
      return false;
  }
}

function isClassified({ classification = 'public' }: DescribeTemplate): boolean {
  return classification !== 'public';
}

/** The tag that a launch has to ask for, in either of the forms in which rules say that it is not empty. */
function tagOf(limit: EffectiveLimit): string | undefined {
  if (limit.kind === 'tagged') return limit.tag;
  if (limit.kind !== 'none-of' || limit.values.join() !== '' || limit.values.length !== 1) return undefined;
  const [name = '', ...others] = limit.attributes;
  return others.length === 0 && name.startsWith('tag:') ? name.slice('tag:'.length) : undefined;
}

function subjectOf(limit: EffectiveLimit): string {
  if ('attributes' in limit) return limit.attributes.join(' ');
  return 'attribute' in limit ? limit.attribute : '';
}

function isBound(bound: number | bigint): bound is number {
  return typeof bound === 'number' && bound >= 0;
}

/** What must hold where the metadata says no more than a word. */
export const approved = compare(attribute('approved'), '==', literal(true));
export const encrypted = compare(attribute('encrypted'), '==', literal(true));
export const cleared = not(compare(attribute('clearance'), '<', attribute('classification')));

const values: Readonly<Record<string, readonly (Value | undefined)[]>> = {
  approved: [true, false, undefined],
  encrypted: [true, false, undefined],
  clearance: [0n, 1n, 2n, 3n, undefined],
  classification: [0n, 1n, 2n, 3n, undefined],
};

/** Whether a predicate says the same as one of those above, whatever its form. */
function isSame(predicate: Predicate, wanted: Predicate): boolean {
  const names = [...mentionedValues([wanted]).keys()];
  if ([...mentionedValues([predicate]).keys()].some((name) => !names.includes(name))) return false;
  const [first = '', second] = names;
  for (const one of values[first] ?? []) {
    for (const two of second === undefined ? [undefined] : (values[second] ?? [])) {
      const launch = { attribute: (name: string) => (name === first ? one : two), parameter: () => undefined };
      if (evaluate(predicate, launch) !== evaluate(wanted, launch)) return false;
    }
  }
  return true;
}
