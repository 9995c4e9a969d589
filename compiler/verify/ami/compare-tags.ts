import { imagePolicy } from '../../images/image-policy.ts';
import type { ImageMetadata } from '../../images/metadata.ts';
import { metadataText } from '../../images/metadata-text.ts';
import { readImageTags } from '../../images/read-tags.ts';
import { tagLimits, tagPrefix } from '../../images/tag-names.ts';
import type { Sha256 } from '../../images/write-tags.ts';
import type { BuildImages, DescribeTemplate, MachineArchitecture, StartInstance } from '../../ir/obligation.ts';
import { decisionAt, type Obligation, type Policy } from '../../ir/policy.ts';
import { printObligation } from '../../ir/print-obligation.ts';
import { findBase } from '../../tables/base-images.ts';
import { fields, readText } from '../guardrail/read-predicate.ts';
import { parseStrictJson } from '../strict-json.ts';
import { type Comparison, compareLaunches } from './compare-launches.ts';
import { differ } from './difference.ts';

/**
 * Reads the tags of an image again, and compares what they say with the policy.
 *
 * @param image as the plan has it: `base` is the id of its base image, where the template names it
 * @param known what other images of the policy say of launches, as it was compared: theirs mostly say the same
 */
export function compareTags(
  policy: Policy,
  content: string,
  image: { readonly architecture: MachineArchitecture; readonly version: string; readonly base: string | undefined },
  sha256: Sha256,
  known: Map<string, Comparison>,
): Comparison {
  const tags = new Map(Object.entries(fields(parseStrictJson(content))).map(([key, value]) => [key, readText(value)]));
  if (tags.size > tagLimits.tags) differ(`${tags.size} tags`);
  for (const [key, value] of tags) {
    if (key.length > tagLimits.key || value.length > tagLimits.value || /^aws:/i.test(key)) differ(`the tag ${key}`);
  }
  const reading = readImageTags(tags, sha256);
  if ('problem' in reading) return differ(reading.problem);
  const { metadata } = reading;
  const images = obligation(policy, 'build-images');
  compareBuildTags(images, tags);
  if (metadata.template_version !== image.version) differ(`the version ${metadata.template_version}`);
  if (metadata.architecture !== image.architecture) differ(`the architecture ${metadata.architecture}`);
  if (metadata.base !== (findBase(images.base) === undefined ? undefined : images.base)) differ('another base');
  if (metadata.base_image !== image.base) differ('another base image');
  const { base_image: _, ...everywhere } = metadata;
  const text = metadataText({ ...everywhere, architecture: 'x86_64' }) ?? differ('half of a surrogate pair');
  const comparison = known.get(text) ?? compareMetadata(policy, metadata);
  known.set(text, comparison);
  return comparison;
}

/** What the metadata says of launches, wherever the image is. */
function compareMetadata(policy: Policy, metadata: ImageMetadata): Comparison {
  const said = imagePolicy(metadata, policy.name);
  compareDescriptions(obligation(policy, 'describe-template'), obligation(said, 'describe-template'));
  const start = policy.obligations.find((each) => each.kind === 'start-instance');
  compareStarts(start?.kind === 'start-instance' ? start : undefined, obligation(said, 'start-instance'));
  const wanted = decisionAt(policy, 'launch') ?? differ('a policy that decides no launch');
  return compareLaunches(wanted, decisionAt(said, 'launch')!);
}

/** What is no tag of polc is a tag of the template. */
function compareBuildTags({ tags: wanted }: BuildImages, tags: ReadonlyMap<string, string>): void {
  const own = [...tags].filter(([key]) => !key.startsWith(tagPrefix));
  for (const [key, value] of wanted) if (tags.get(key) !== value) differ(`the tag ${key}`);
  if (own.length !== wanted.length) differ(`${own.length} tags of the template, not ${wanted.length}`);
}

function compareDescriptions(wanted: Obligation & DescribeTemplate, said: Obligation & DescribeTemplate): void {
  const { version = said.version } = wanted;
  if (wanted.version === undefined && !/^sha256:[0-9a-f]{16}$/.test(said.version ?? '')) differ('another version');
  const profiles = said.profiles === undefined ? {} : { profiles: said.profiles };
  // The profiles are compared with the decision, where they are a rule.
  const printed = printObligation({ ...wanted, ...profiles, ...(version === undefined ? {} : { version }) });
  if (printObligation(said) !== printed) differ(`${printObligation(said)}, where the policy has: ${printed}`);
}

function compareStarts(wanted: (Obligation & StartInstance) | undefined, said: Obligation & StartInstance): void {
  const none = { instanceType: undefined, rootVolume: undefined, ports: [] };
  const { instanceType, rootVolume, ports } = wanted ?? none;
  const same = said.instanceType === instanceType && said.rootVolume === rootVolume;
  if (!same || said.ports.join() !== ports.join()) differ('other defaults of instances');
}

export function obligation<K extends Obligation['kind']>(
  { obligations }: Policy,
  kind: K,
): Extract<Obligation, { readonly kind: K }> {
  for (const each of obligations) if (isKind(each, kind)) return each;
  return differ(`no obligation ${kind}`);
}

function isKind<K extends Obligation['kind']>(
  each: Obligation,
  kind: K,
): each is Extract<Obligation, { readonly kind: K }> {
  return each.kind === kind;
}
