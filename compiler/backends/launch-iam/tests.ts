import { hasWildcard } from '../../expressions/glob.ts';
import { readableValue } from '../../images/tag-names.ts';
import { partOf } from '../../ir/launch.ts';
import { classifications, launchFacts } from '../../ir/launch-facts.ts';
import type { EffectiveLimit } from '../../ir/launch-limits.ts';
import { decisionAt, type Enforceable, type Policy } from '../../ir/policy.ts';
import { keys, requestTag } from './format.ts';

/** A condition of a statement, which holds where one of the values fits; for a negated operator, where none does. */
export interface Test {
  readonly operator: Operator;
  readonly key: string;
  readonly values: readonly string[];
  /** What it is there for. */
  readonly for: readonly Enforceable[];
}

export type Operator =
  | 'Bool'
  | 'Null'
  | 'StringEquals'
  | 'StringEqualsIfExists'
  | 'StringLike'
  | 'StringLikeIfExists'
  | 'StringNotEquals'
  | 'StringNotLike';

/** The resource of RunInstances that has the key. */
export type Place = 'image' | 'instance' | 'volume';

/** A limit as conditions: one of the alternatives has to hold, of each all tests. None at all is met by no launch. */
export interface SaidLimit {
  readonly place: Place;
  readonly alternatives: readonly (readonly Test[])[];
  /** What the conditions let pass, or refuse, against the limit. */
  readonly lost?: string;
}

/** Why no condition says a limit. */
export interface Unsaid {
  readonly reason: string;
}

export interface Context {
  readonly policy: Policy;
  readonly sha256: (content: string) => string;
  /** Whether images of a template can be told by their tags. */
  readonly tagged: boolean;
}

/** The limit as conditions on what RunInstances touches. */
export function sayLimit(limit: EffectiveLimit, context: Context): SaidLimit | Unsaid {
  switch (limit.kind) {
    case 'one-of':
    case 'none-of':
      return sayList(limit, context);
    case 'tagged': {
      const tests = plain.test(limit.tag)
        ? [{ operator: 'StringLike', key: requestTag(limit.tag), values: ['?*'], for: limit.sources } as const]
        : undefined;
      const lost = 'the tag counts in any case of its letters, as IAM has no other keys';
      return tests === undefined
        ? { reason: 'no condition key can name this tag' }
        : { place: 'instance', alternatives: [tests], lost };
    }
    case 'is':
      if (limit.attribute !== 'encrypted' || limit.value !== true) return unknownTo(limit.attribute);
      return {
        place: 'volume',
        alternatives: [[{ operator: 'Bool', key: keys.encrypted, values: ['true'], for: limit.sources }]],
        lost: 'an image that is not encrypted itself is launched where its volumes are',
      };
    case 'at-most':
      if (limit.attribute !== 'classification') return unknownTo(limit.attribute);
      return sayClassification(BigInt(limit.bound) - (limit.strict ? 1n : 0n), limit, context);
    case 'at-least':
      return unknownTo(limit.attribute);
    case 'condition': {
      const { holds } = limit;
      const clearance = clearanceIn(context.policy);
      if (clearance === undefined || holds.kind !== 'compare' || holds.operator !== '>=') break;
      if (holds.left.kind !== 'attribute' || holds.left.name !== 'clearance') break;
      if (holds.right.kind !== 'attribute' || holds.right.name !== 'classification') break;
      return sayClassification(clearance, limit, context);
    }
  }
  return { reason: 'IAM knows nothing of who launches and of what the template promises' };
}

/** What profile and invitation let people see; undefined where the policy is about neither. */
function clearanceIn(policy: Policy): bigint | undefined {
  const roles = decisionAt(policy, 'launch')?.rules.map(({ id }) => partOf(id)?.role) ?? [];
  if (!roles.includes('profile') && !roles.includes('invitation')) return undefined;
  const clearance = launchFacts(policy)('clearance');
  return typeof clearance === 'bigint' ? clearance : undefined;
}

const untagged = 'the template has no images of its own, whose tags would say it';

function sayClassification(most: bigint, limit: EffectiveLimit, context: Context): SaidLimit | Unsaid {
  if (!context.tagged) return { reason: untagged };
  const values = classifications.filter((_, rank) => BigInt(rank) <= most);
  const tests = [{ operator: 'StringEquals', key: keys.classification, values, for: limit.sources }] as const;
  return { place: 'image', alternatives: values.length === 0 ? [] : [tests] };
}

type List = Extract<EffectiveLimit, { kind: 'one-of' | 'none-of' }>;

function sayList(limit: List, context: Context): SaidLimit | Unsaid {
  const [attribute = '', ...others] = limit.attributes;
  if (attribute === 'template' || attribute === 'launched') return sayNames(limit, context);
  if (others.length > 0) return unknownTo(limit.attributes.join(' and '));
  const known = attributeKeys.get(attribute) ?? (attribute.startsWith('tag:') ? tagKey(attribute.slice(4)) : undefined);
  if (known === undefined) return unknownTo(attribute);
  if (!limit.values.every((value) => pattern.test(value))) return { reason: 'no condition can hold these values' };
  const { key, place } = known;
  return { place, alternatives: limit.kind === 'one-of' ? among(key, limit) : [noneOf(key, limit)] };
}

const attributeKeys: ReadonlyMap<string, { readonly key: string; readonly place: Place }> = new Map([
  ['instance_type', { key: keys.instanceType, place: 'instance' }],
  ['region', { key: keys.region, place: 'instance' }],
  ['owner', { key: keys.owner, place: 'image' }],
]);

function tagKey(tag: string): { readonly key: string; readonly place: Place } | undefined {
  return plain.test(tag) ? { key: requestTag(tag), place: 'instance' } : undefined;
}

/** Templates by the tag of their images, images by their ids: a launch names nothing else to IAM. */
function sayNames(limit: List, context: Context): SaidLimit | Unsaid {
  const byTag = limit.attributes.includes('template');
  if (byTag && !context.tagged) return { reason: untagged };
  const tags = byTag ? limit.values.map((value) => tagPattern(value, context)) : [];
  if (!tags.every((value) => value !== undefined)) {
    return { reason: 'no condition on a tag says a pattern with more than `*` at its end' };
  }
  const ids = limit.attributes.includes('launched') ? limit.values.filter(mayBeImage) : [];
  const lost = 'IAM knows an image by its id and the template of its tags, and no other name that a launch gives';
  if (limit.kind === 'one-of') {
    const alternatives = [...among(keys.template, limit, tags), ...among(keys.image, limit, ids)];
    return { place: 'image', alternatives, lost };
  }
  const tests = [
    ...(byTag ? noneOf(keys.template, limit, tags) : []),
    ...(ids.length === 0 ? [] : noneOf(keys.image, limit, ids)),
  ];
  return { place: 'image', alternatives: [tests], lost };
}

/** What the tag of the template is where its name fits: the name is written so that a start of it stays one. */
function tagPattern(value: string, { sha256 }: Context): string | undefined {
  if (!hasWildcard(value)) return readableValue(value, sha256);
  const start = value.slice(0, -1);
  return value.endsWith('*') && !hasWildcard(start) && start.length <= 128 && plainName.test(start) ? value : undefined;
}

function mayBeImage(value: string): boolean {
  if (!hasWildcard(value)) return /^ami-[0-9a-f]{8,17}$/.test(value);
  const start = value.slice(0, value.search(/[*?]/));
  return 'ami-'.startsWith(start) || start.startsWith('ami-');
}

function among(key: string, limit: List, values: readonly string[] = limit.values): readonly (readonly Test[])[] {
  if (values.length === 0) return [];
  const operator = values.some(hasWildcard) ? 'StringLike' : 'StringEquals';
  return [[{ operator, key, values, for: limit.sources }]];
}

/** A negated condition holds where the key is missing; what is unknown is refused. */
function noneOf(key: string, limit: List, values: readonly string[] = limit.values): readonly Test[] {
  const present: Test = { operator: 'Null', key, values: ['false'], for: limit.sources };
  if (values.length === 0) return [present];
  const operator = values.some(hasWildcard) ? 'StringNotLike' : 'StringNotEquals';
  return [{ operator, key, values, for: limit.sources }, present];
}

function unknownTo(attribute: string): Unsaid {
  return { reason: reasons.get(attribute) ?? `IAM does not know \`${attribute}\`` };
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['hourly_cost', 'IAM knows no prices'],
  ['hourly_spend', 'IAM knows nothing of what was spent'],
  ['daily_spend', 'IAM knows nothing of what was spent'],
  ['monthly_spend', 'IAM knows nothing of what was spent'],
  ['approved', 'IAM reads no approvals'],
  ['signature', 'IAM checks no signatures'],
  ['image_age', 'no condition asks how old an image is'],
]);

/** Texts that no condition takes for something else: `*` and `?` are wildcards, and `${` begins a policy variable. */
const pattern = /^[A-Za-z0-9 +\-=._:/@*?]+$/;
const plain = /^[A-Za-z0-9 +\-=._:/@]+$/;
const plainName = /^[A-Za-z0-9 +\-._:/@]*$/;
