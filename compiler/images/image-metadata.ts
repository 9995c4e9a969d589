import { attribute, compare, literal, not, type Predicate } from '../expressions/predicate.ts';
import { printPredicate } from '../expressions/print.ts';
import { type LaunchStep, stepOf } from '../ir/launch.ts';
import { type EffectiveLimit, effectiveLimits, limitHolds } from '../ir/launch-limits.ts';
import type { BuildImages, DescribeTemplate, MachineArchitecture, StartInstance } from '../ir/obligation.ts';
import type { Policy } from '../ir/policy.ts';
import { printPolicy } from '../ir/print.ts';
import { baseImage, findBase } from '../tables/base-images.ts';
import type { ImageLimits, ImageMetadata, ImageRule, InstanceDefaults } from './metadata.ts';

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
  { region, architecture }: ImagePlace,
  sha256: (content: string) => string,
): ImageMetadata | undefined {
  const described = policy.obligations.find((each) => each.kind === 'describe-template');
  const images = policy.obligations.find((each) => each.kind === 'build-images');
  const start = policy.obligations.find((each) => each.kind === 'start-instance');
  if (described?.kind !== 'describe-template' || images?.kind !== 'build-images') return undefined;
  const { template, classification, frameworks, dataRules, costs } = described;
  const defaults = start?.kind === 'start-instance' ? defaultsOf(start) : undefined;
  return {
    source_template: template,
    template_version: described.version ?? `sha256:${sha256(meaningOf(policy)).slice(0, 16)}`,
    architecture,
    ...baseOf(images, region, architecture),
    cost_estimates: Object.fromEntries(costs),
    ...(classification === undefined ? {} : { data_classification: classification }),
    ...(frameworks.length === 0 ? {} : { compliance_frameworks: frameworks }),
    ...(dataRules.length === 0 ? {} : { data_handling: dataRules }),
    ...limitsOf(policy, described),
    ...(defaults === undefined ? {} : { instance_defaults: defaults }),
  };
}

/** The policy without what it is built into, where, and on what: recording an image makes no other version. */
function meaningOf(policy: Policy): string {
  const obligations = policy.obligations.map((each) =>
    each.kind === 'build-images' ? { ...each, regions: [], architectures: [], builder: '', tags: [], built: [] } : each,
  );
  return printPolicy({ ...policy, obligations });
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
  const rules: ImageRule[] = [];
  const tags: string[] = [];
  for (const limit of effectiveLimits(policy)) {
    const step = stepOf(limit.sources[0]!.id);
    const place = limit.sources.every(({ id }) => stepOf(id) === step) ? `${step} ${subjectOf(limit)}` : '';
    if (limit.kind === 'one-of' && place === 'resources instance_type') limits.max_instance_types = limit.values;
    else if (limit.kind === 'none-of' && place === 'resources region') limits.forbidden_regions = limit.values;
    else if (limit.kind === 'at-most' && place === 'resources hourly_cost' && isBound(limit.bound) && !limit.strict) {
      limits.max_hourly_cost = limit.bound;
    } else if (limit.kind === 'tagged' && step === 'resources') tags.push(limit.tag);
    else if (limit.kind === 'one-of' && place === 'source profile') carried.allowed_profiles = limit.values;
    else {
      const known = implied.find(
        (each) => each.step === step && each.texts.includes(printPredicate(limitHolds(limit))),
      );
      if (known?.says === 'approved' && described.approvalRequired) carried.approval_required = true;
      else if (known?.says === 'encrypted') carried.encrypted_storage = true;
      else if (known?.says !== 'cleared' || (described.classification ?? 'public') === 'public') {
        rules.push({ step, denied: not(limitHolds(limit)) });
      }
    }
  }
  if (tags.length > 0) limits.required_tags = [...tags].sort();
  return {
    ...carried,
    ...(Object.keys(limits).length === 0 ? {} : { resource_limits: limits }),
    ...(rules.length === 0 ? {} : { rules }),
  };
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

const implied: readonly { says: string; step: LaunchStep; texts: readonly string[] }[] = [
  { says: 'approved', step: 'signature', texts: textsOf(approved, not(not(approved))) },
  { says: 'encrypted', step: 'compliance', texts: textsOf(encrypted, not(not(encrypted))) },
  {
    says: 'cleared',
    step: 'classification',
    texts: textsOf(cleared, compare(attribute('clearance'), '>=', attribute('classification'))),
  },
];

function textsOf(...predicates: readonly Predicate[]): readonly string[] {
  return predicates.map(printPredicate);
}
