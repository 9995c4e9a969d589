import { readableValue } from '../../images/tag-names.ts';
import { type EffectiveLimit, effectiveLimits } from '../../ir/launch-limits.ts';
import type { BuildImages, DescribeTemplate } from '../../ir/obligation.ts';
import type { Obligation, Policy } from '../../ir/policy.ts';
import { baseOwner } from '../../tables/base-images.ts';
import { freeResources, keys, lookedAt, requestTag, resourceArn, taggedResources } from './format.ts';
import { joinTests, type Statement } from './statements.ts';
import { type Context, type Place, type SaidLimit, sayLimit, type Test, type Unsaid } from './tests.ts';

/** What becomes of a limit in the role. */
export interface RoleLimit {
  readonly limit: EffectiveLimit;
  readonly said: SaidLimit | Unsaid;
}

export interface Role {
  readonly statements: readonly Statement[];
  readonly limits: readonly RoleLimit[];
  /** Whether images are told by their tags. */
  readonly tagged: boolean;
}

/** More alternatives than this for one resource are not written out. */
const MOST = 24;

/**
 * What the launch role allows: RunInstances where what it touches keeps to each limit that a condition can say, tags on
 * what it creates, and another type for what it has launched. Nothing else is allowed, and so none of the other ways to
 * start instances.
 */
export function launchRole(policy: Policy, partition: string, sha256: (content: string) => string): Role {
  const described = policy.obligations.find((each) => each.kind === 'describe-template');
  const images = policy.obligations.find((each) => each.kind === 'build-images');
  const template = described?.kind === 'describe-template' ? described : undefined;
  const built = images?.kind === 'build-images' ? images : undefined;
  const tagged = built === undefined || isBuilt(built);
  const context: Context = { policy, sha256, tagged };
  const limits: RoleLimit[] = [];
  const places: Record<Place, readonly (readonly Test[])[]> = {
    image: [imageTests(template, tagged ? undefined : built, context)],
    instance: [instanceTests(template, context)],
    volume: [[]],
  };
  for (const limit of effectiveLimits(policy)) {
    const said = sayLimit(limit, context);
    if ('reason' in said) {
      limits.push({ limit, said });
      continue;
    }
    const both = product(places[said.place], said.alternatives);
    if (both === undefined) {
      limits.push({ limit, said: { reason: 'no statement says it together with the other limits' } });
      continue;
    }
    places[said.place] = both;
    limits.push({ limit, said });
  }
  return { statements: statementsOf(places, template, context, partition), limits, tagged };
}

/** Whether there are, or are to be, images that carry the template's tags. */
export function isBuilt({ regions, architectures, built }: BuildImages): boolean {
  return (regions.length > 0 && architectures.length > 0) || built.length > 0;
}

/** The images of the template by their tags; of one without images, those that it stands on. */
function imageTests(
  template: (Obligation & DescribeTemplate) | undefined,
  base: (Obligation & BuildImages) | undefined,
  { sha256 }: Context,
): readonly Test[] {
  if (base !== undefined) return baseTests(base);
  if (template === undefined) return [];
  const value = readableValue(template.template, sha256);
  return [{ operator: 'StringEquals', key: keys.template, values: [value], for: [template] }];
}

function baseTests(base: Obligation & BuildImages): readonly Test[] {
  const owner = baseOwner(base.base);
  if (owner !== undefined) {
    // Images of Amazon and of publishers that it has verified have the alias for an owner.
    return [{ operator: 'StringEquals', key: keys.owner, values: [owner, 'amazon'], for: [base] }];
  }
  const ids = [...new Set(base.base.split(' ').map((word) => word.slice(word.indexOf('=') + 1)))].sort();
  return [{ operator: 'StringEquals', key: keys.image, values: ids, for: [base] }];
}

/** An instance cannot be said to be of another template, whose role could then change its type. */
function instanceTests(template: (Obligation & DescribeTemplate) | undefined, { sha256 }: Context): readonly Test[] {
  if (template === undefined) return [];
  const key = requestTag(keys.template.slice(keys.template.indexOf('/') + 1));
  const values = [readableValue(template.template, sha256)];
  return [{ operator: 'StringEqualsIfExists', key, values, for: [template] }];
}

/** Each alternative of one with each of the other; undefined where no statements say that. */
function product(
  one: readonly (readonly Test[])[],
  other: readonly (readonly Test[])[],
): readonly (readonly Test[])[] | undefined {
  const found: (readonly Test[])[] = [];
  for (const left of one) {
    for (const right of other) {
      const joined = joinTests([...left, ...right]);
      if (joined === undefined) return undefined;
      if (joined !== 'contradiction') found.push(joined);
    }
  }
  return found.length > MOST ? undefined : found;
}

function statementsOf(
  places: Readonly<Record<Place, readonly (readonly Test[])[]>>,
  template: (Obligation & DescribeTemplate) | undefined,
  { sha256 }: Context,
  partition: string,
): readonly Statement[] {
  const arns = (types: readonly string[]) => types.map((type) => resourceArn(partition, type));
  const run = (name: string, type: Place) =>
    places[type].map((tests): Statement => {
      return { name, actions: ['ec2:RunInstances'], resources: arns([type]), tests };
    });
  const launched: Test =
    template === undefined
      ? { operator: 'StringLike', key: keys.template, values: ['?*'], for: [] }
      : {
          operator: 'StringEquals',
          key: keys.template,
          values: [readableValue(template.template, sha256)],
          for: [template],
        };
  return [
    ...run('Image', 'image'),
    ...run('Instance', 'instance'),
    ...run('Volume', 'volume'),
    { name: 'Around', actions: ['ec2:RunInstances'], resources: arns(freeResources), tests: [] },
    {
      name: 'Tag',
      actions: ['ec2:CreateTags'],
      resources: arns(taggedResources),
      tests: [{ operator: 'StringEquals', key: keys.createAction, values: ['RunInstances'], for: [] }],
    },
    ...places.instance.map((tests): Statement => {
      return {
        name: 'Resize',
        actions: ['ec2:ModifyInstanceAttribute'],
        resources: arns(['instance']),
        tests: resizeTests(tests, launched),
      };
    }),
    { name: 'Look', actions: lookedAt, resources: ['*'], tests: [] },
  ];
}

/** What an instance may become is what might be launched, where it is. A request that changes anything else has no such key. */
function resizeTests(tests: readonly Test[], launched: Test): readonly Test[] {
  const kept = tests.flatMap((test): readonly Test[] => {
    if (test.key === keys.region) return [test];
    return test.key === keys.instanceType ? [{ ...test, key: keys.newInstanceType }] : [];
  });
  const isAsked = kept.some(({ key, operator }) => key === keys.newInstanceType && operator === 'Null');
  const asked: Test = { operator: 'Null', key: keys.newInstanceType, values: ['false'], for: [] };
  return [...kept, ...(isAsked ? [] : [asked]), launched];
}
