import { emitImages } from '../../../compiler/backends/ami/emission.ts';
import { imagePlan } from '../../../compiler/backends/ami/plan.ts';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import { matchesGlob } from '../../../compiler/expressions/glob.ts';
import { canonicalJson, type Json } from '../../../compiler/images/canonical-json.ts';
import { imageMetadata } from '../../../compiler/images/image-metadata.ts';
import { metadataText } from '../../../compiler/images/metadata-text.ts';
import { steps } from '../../../compiler/ir/launch.ts';
import { effectiveLimits } from '../../../compiler/ir/launch-limits.ts';
import type { BuildImages, MachineArchitecture } from '../../../compiler/ir/obligation.ts';
import type { Obligation, Policy } from '../../../compiler/ir/policy.ts';
import { instanceType, instanceTypes } from '../../../compiler/tables/instance-types.ts';
import type { SignedTemplate } from '../../signing/template.ts';
import { type BuildPlan, compilationId, type PlannedPlace } from './plan.ts';

/** What the command line says of a compilation; what is absent the template says. */
export interface WantedBuild {
  readonly regions: readonly string[];
  readonly architectures: readonly MachineArchitecture[];
  /** Instance types of the builders, of which each architecture takes its first. */
  readonly builders: readonly string[];
  readonly copyFrom?: string | undefined;
  readonly name?: string | undefined;
  readonly signWith?: string | undefined;
  readonly instanceProfile?: string | undefined;
  /** Each an id, or `REGION=ID` for one of several regions. */
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Milliseconds. */
  readonly scriptLimit: number;
}

/** A template as it is built. */
export interface BuiltTemplate {
  /** Its file, absolute. */
  readonly file: string;
  /** As lowered. */
  readonly policy: Policy;
  readonly content: SignedTemplate['content'];
}

type Images = Obligation & BuildImages;

/**
 * Decides all that a compilation does, or says why it cannot begin.
 *
 * @param now milliseconds since 1970
 */
export function makePlan(
  { file, policy, content }: BuiltTemplate,
  wanted: WantedBuild,
  {
    now,
    random,
    sha256,
  }: { readonly now: number; readonly random: Uint8Array; readonly sha256: (text: string) => string },
): { readonly plan: BuildPlan } | { readonly diagnostics: readonly Diagnostic[] } {
  const template = policy.obligations.find((each) => each.kind === 'describe-template');
  const written = policy.obligations.find((each) => each.kind === 'build-images');
  const start = policy.obligations.find((each) => each.kind === 'start-instance');
  if (template?.kind !== 'describe-template' || written?.kind !== 'build-images') {
    throw new Error('the policy is that of no template');
  }
  const { span } = written.origin;
  const regions = wanted.regions.length > 0 ? [...new Set(wanted.regions)].sort() : written.regions;
  if (regions.length === 0) return { diagnostics: [report('POL8328', span, { template: template.template })] };
  const startType = start?.kind === 'start-instance' ? start.instanceType : undefined;
  const architectures = architecturesOf(wanted, written, startType);
  const images: Images = { ...written, regions, architectures };
  const refused = (place: string, reason: string) =>
    report('POL8329', span, { template: template.template, place, reason });
  const found = [
    ...regions.flatMap((region) =>
      forbids(policy, 'region', region) ? [refused(region, 'it forbids the region')] : [],
    ),
    ...architectures.flatMap((architecture) =>
      canRun(policy, architecture) ? [] : [refused(architecture, 'none of the instance types that it allows runs it')],
    ),
  ];
  if (wanted.copyFrom !== undefined && !regions.includes(wanted.copyFrom)) {
    found.push(refused(wanted.copyFrom, 'it is copied from there, and not built there'));
  }
  const buildRegions = wanted.copyFrom === undefined ? regions : [wanted.copyFrom];
  for (const word of [...wanted.subnets, ...wanted.securityGroups]) {
    const { region, id } = regional(word);
    if (region === undefined && buildRegions.length > 1) {
      found.push(refused(buildRegions.join(', '), `${id} is of one region: write it as REGION=${id}`));
    }
    if (region !== undefined && !buildRegions.includes(region)) {
      found.push(refused(region, `nothing is built there, where ${id} is`));
    }
  }
  if (found.length > 0) return { diagnostics: found };

  const builtIn = { ...images, regions: buildRegions };
  const whole = { ...policy, obligations: policy.obligations.map((each) => (each === written ? builtIn : each)) };
  // Image Builder's own limits are none of a build.
  const problems = emitImages(whole, builtIn, { sha256 }).diagnostics.filter(({ code }) => code !== 'POL7301');
  if (problems.some(({ severity }) => severity === 'error')) return { diagnostics: problems };
  const planned = imagePlan(policy, builtIn, { template: template.template, version: '' }).images;
  const places: PlannedPlace[] = [];
  for (const region of regions) {
    for (const architecture of architectures) {
      const source = planned.find(
        (each) => each.region === (wanted.copyFrom ?? region) && each.architecture === architecture,
      );
      const metadata = source === undefined ? undefined : imageMetadata(whole, source, sha256);
      const text = metadata === undefined ? undefined : metadataText(metadata);
      if (source === undefined || text === undefined) throw new Error(`${region}/${architecture} was not planned`);
      const key = source.key === undefined ? undefined : keyIn(source.key, region);
      if (key === false) {
        return { diagnostics: [refused(region, `the key ${source.key} encrypts in another region`)] };
      }
      places.push({
        region,
        architecture,
        base: source.base,
        builder: wanted.builders.find((type) => instanceType(type)?.architecture === architecture) ?? source.builder,
        encrypted: source.encrypted,
        ...(key === undefined ? {} : { key }),
        metadata: text,
        ...(source.region === region ? networkIn(region, wanted) : { copyFrom: source.region }),
      });
    }
  }
  const version = template.version === undefined ? '' : ` ${template.version}`;
  const { instanceProfile, signWith, scriptLimit } = wanted;
  const rootVolume = start?.kind === 'start-instance' ? start.rootVolume : undefined;
  const plan: BuildPlan = {
    id: compilationId(template.template, now, random),
    template: template.template,
    file,
    content: sha256(contentText(content)),
    name: wanted.name ?? policy.name,
    // ASCII, at most 255 characters (CreateImage, `Description`).
    description: `${template.template}${version}, built by polc`.replace(/[^ -~]/g, '?').slice(0, 255),
    script: written.script,
    tags: written.tags,
    places,
    scriptLimit,
    ...(signWith === undefined ? {} : { signWith }),
    ...(instanceProfile === undefined ? {} : { instanceProfile }),
    ...(rootVolume === undefined ? {} : { rootVolume }),
  };
  return { plan };
}

function regional(word: string): { readonly region: string | undefined; readonly id: string } {
  const [before = '', after] = word.split('=');
  return after === undefined ? { region: undefined, id: before } : { region: before, id: after };
}

/** The subnet and the security groups of the builders of a region. */
function networkIn(region: string, { subnets, securityGroups }: WantedBuild) {
  const own = (words: readonly string[]) =>
    words.map(regional).flatMap((each) => (each.region === undefined || each.region === region ? [each.id] : []));
  const [subnet] = own(subnets);
  const groups = own(securityGroups);
  return {
    ...(subnet === undefined ? {} : { subnet }),
    ...(groups.length === 0 ? {} : { securityGroups: groups }),
  };
}

/** What a template says beside its images: recording one makes no other template of it. */
export function contentText({ precompiled_amis: _, ...content }: Readonly<Record<string, Json>>): string {
  return canonicalJson(content) ?? '';
}

function architecturesOf(
  { architectures, builders }: WantedBuild,
  written: Images,
  startType: string | undefined,
): readonly MachineArchitecture[] {
  if (architectures.length > 0) return [...new Set(architectures)].sort();
  const ofBuilders = builders.flatMap((type) => machineOf(type) ?? []);
  if (ofBuilders.length > 0) return [...new Set(ofBuilders)].sort();
  if (written.architectures.length > 0) return written.architectures;
  return [(startType === undefined ? undefined : machineOf(startType)) ?? 'x86_64'];
}

function machineOf(type: string): MachineArchitecture | undefined {
  const architecture = instanceType(type)?.architecture;
  return architecture === 'arm64' || architecture === 'x86_64' ? architecture : undefined;
}

/** Whether a launch with this value is refused, whatever else is known of it. */
function forbids(policy: Policy, name: 'region', value: string): boolean {
  const environment = {
    attribute: (attribute: string) => (attribute === name ? value : undefined),
    parameter: () => undefined,
  };
  return steps(policy, environment).some(({ outcome }) => outcome === 'denied');
}

function canRun(policy: Policy, architecture: MachineArchitecture): boolean {
  const limits = effectiveLimits(policy).filter(
    (limit) => limit.kind === 'one-of' && limit.attributes.join() === 'instance_type',
  );
  return limits.every(
    (limit) =>
      limit.kind !== 'one-of' ||
      limit.values.some((value) => {
        if (machineOf(value) === architecture) return true;
        if (!/[*?]/.test(value)) return false;
        return [...instanceTypes()].some((type) => type.architecture === architecture && matchesGlob(value, type.name));
      }),
  );
}

/** The key as a region has it: a multi-Region key has one id in all of them. False where it is of another region. */
function keyIn(key: string, region: string): string | false {
  const [, head = '', own = '', tail = ''] = /^(arn:[^:]+:kms:)([^:]+)(:.+)$/.exec(key) ?? [];
  if (own === '' || own === region) return key;
  return /:key\/mrk-/.test(tail) ? `${head}${region}${tail}` : false;
}
