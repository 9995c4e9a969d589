import fc from 'fast-check';
import {
  and,
  attribute,
  type CompareOperator,
  compare,
  inSet,
  literal,
  not,
  or,
  type Predicate,
} from '../../compiler/expressions/predicate.ts';
import { type LaunchStep, launchSteps } from '../../compiler/ir/launch.ts';
import { unlessAmong, unlessIs, unlessTagged, whereAmong, whereOver } from '../../compiler/ir/launch-rules.ts';
import type { BuildImages, DescribeTemplate, StartInstance } from '../../compiler/ir/obligation.ts';
import type { Obligation, Policy, Rule } from '../../compiler/ir/policy.ts';
import { baseOfImages } from '../../compiler/tables/base-images.ts';
import { instanceTypes } from '../../compiler/tables/instance-types.ts';

/** Templates written as IR, for tests of what comes after the dialect. */

const file = 'template.yaml';
const span = (place: number) => ({ span: { file, start: place, end: place + 1 } });

export type Denial = readonly [step: LaunchStep, topic: string, denied: Predicate];

/** As the dialect lowers them: each limit is a rule that denies, numbered within its step. */
export function templateOf(
  name: string,
  denials: readonly Denial[],
  described: Partial<DescribeTemplate> = {},
  images: Partial<BuildImages> = {},
  start: Partial<StartInstance> = {},
): Policy {
  const rules = launchSteps.flatMap((step) =>
    denials
      .filter(([of]) => of === step)
      .map(([, topic, when], index): Rule => {
        return { id: `${step}/${index}`, topic, origin: span(index), when, effect: { kind: 'deny' } };
      }),
  );
  const obligations: readonly Obligation[] = [
    {
      id: 'template',
      topic: 'policy_metadata',
      origin: span(20),
      kind: 'describe-template',
      template: name,
      frameworks: [],
      dataRules: [],
      approvalRequired: false,
      costs: [],
      ...described,
    },
    {
      id: 'images',
      topic: 'compile_to_ami',
      origin: span(30),
      kind: 'build-images',
      base: 'ubuntu-22.04',
      regions: ['us-west-2'],
      architectures: ['x86_64'],
      encrypted: false,
      script: '#!/bin/bash\nset -euo pipefail\n\napt-get install --yes git\n',
      tags: [],
      built: [],
      ...images,
    },
    {
      id: 'start',
      topic: 'instance_defaults',
      origin: span(40),
      kind: 'start-instance',
      ports: [],
      script: '#!/bin/bash\n',
      ...start,
    },
  ];
  return {
    name,
    decisions: [
      {
        point: 'launch',
        combine: 'deny-overrides',
        rules,
        otherwise: { id: 'launch/otherwise', topic: 'policy_metadata', origin: span(10), effect: { kind: 'allow' } },
      },
    ],
    limits: [],
    obligations,
  };
}

export const limits = {
  types: (...types: readonly string[]): Denial => [
    'resources',
    'max_instance_types',
    not(inSet(attribute('instance_type'), types)),
  ],
  regions: (...regions: readonly string[]): Denial => [
    'resources',
    'forbidden_regions',
    inSet(attribute('region'), regions),
  ],
  cost: (dollars: number): Denial => ['resources', 'max_hourly_cost', whereOver('hourly_cost', dollars)],
  tag: (key: string): Denial => ['resources', 'required_tags', unlessTagged(key)],
  profiles: (...profiles: readonly string[]): Denial => [
    'source',
    'allowed_profiles',
    unlessAmong(['profile'], profiles),
  ],
  approved: ['signature', 'approval_required', not(compare(attribute('approved'), '==', literal(true)))] as Denial,
  cleared: [
    'classification',
    'data_classification',
    compare(attribute('clearance'), '<', attribute('classification')),
  ] as Denial,
  encrypted: ['compliance', 'data_handling[0]', not(compare(attribute('encrypted'), '==', literal(true)))] as Denial,
};

const someTypes = [...instanceTypes()].map(({ name }) => name).sort();

/** Each part of the backend's output in one of them. */
export const templates: Readonly<Record<string, Policy>> = {
  seed: templateOf(
    'python-ml-compiled',
    [
      limits.types('c5.large', 'm5.large', 't3.large', 't3.medium', 't4g.medium'),
      limits.regions('us-gov-west-1'),
      limits.cost(0.2),
      limits.cleared,
    ],
    {
      version: '2.1.0',
      classification: 'internal',
      frameworks: ['university_policy'],
      costs: [
        ['arm64', 0.0371],
        ['x86_64', 0.0464],
      ],
    },
    {
      regions: ['eu-west-1', 'us-east-1', 'us-west-2'],
      architectures: ['arm64', 'x86_64'],
      builder: 't3.large',
      encrypted: true,
      built: [{ region: 'us-west-2', architecture: 'x86_64', image: 'ami-0abc123def456789a' }],
    },
    { instanceType: 't3.medium', ports: [22, 8888] },
  ),
  everything: templateOf(
    'molecules',
    [
      limits.profiles('chemistry', 'cs101'),
      limits.approved,
      limits.types(...someTypes.filter((name) => /^[mc][567]/.test(name))),
      limits.regions('eu-west-3', 'us-east-2'),
      limits.cost(1.5),
      limits.tag('project'),
      limits.tag('owner'),
      limits.cleared,
      limits.encrypted,
      ['source', 'source', not(inSet(attribute('source'), ['institutional', 'departmental']))],
      ['compliance', 'image_age', whereOver('image_age', 90)],
    ],
    {
      template: 'Molekül (2)',
      classification: 'restricted',
      frameworks: ['FERPA', 'HIPAA'],
      dataRules: ['encrypted_storage_required', 'no_phi'],
      profiles: ['chemistry', 'cs101'],
      approvalRequired: true,
    },
    {
      base: 'debian-12',
      regions: ['eu-central-1'],
      architectures: ['arm64', 'x86_64'],
      encrypted: true,
      key: 'alias/research',
      script: '#!/bin/bash\necho "{{ not a reference }}"\n',
      tags: [
        ['CostCenter', '4711'],
        ['purpose', 'teaching'],
      ],
    },
    { rootVolume: 50 },
  ),
  'base-by-id': templateOf(
    'deep-learning',
    [],
    {},
    {
      base: baseOfImages([
        { region: 'eu-west-1', architecture: 'x86_64', image: 'ami-0123456789abcdef0' },
        { region: 'us-east-1', architecture: 'x86_64', image: 'ami-0fedcba9876543210' },
      ]),
      regions: ['eu-west-1', 'us-east-1'],
    },
  ),
  'no-images': templateOf('plain', [limits.cost(1)], {}, { regions: [], architectures: [] }),
};

const names = ['a', 'b', 't3.medium', 'c5.large', 'us-east-1', '', 'x*'] as const;
const list = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 });
const texts = ['instance_type', 'region', 'profile', 'source', 'authority', 'template', 'launched'] as const;
const amounts = ['hourly_cost', 'daily_spend', 'image_age'] as const;
const text = fc.constantFrom(...texts);
const number = fc.constantFrom(0, 0.2, 1.5, 90);
const operator = fc.constantFrom<CompareOperator>('==', '!=', '<', '<=', '>', '>=');
const integer = fc.constantFrom('clearance', 'classification');

/** Of what the dialect lowers to, and of what it does not. */
const simple: fc.Arbitrary<Predicate> = fc.oneof(
  fc.tuple(text, list).map(([name, values]) => not(inSet(attribute(name), values))),
  fc.tuple(text, list).map(([name, values]) => inSet(attribute(name), values)),
  fc.tuple(text, list).map(([name, values]) => unlessAmong([name], values)),
  list.map((values) => whereAmong(['template', 'launched'], values)),
  list.map((values) => unlessAmong(['template', 'launched'], values)),
  fc
    .tuple(fc.constantFrom(...amounts), operator, number)
    .map(([name, by, value]) => compare(attribute(name), by, literal(value))),
  fc
    .tuple(integer, operator, fc.bigInt(0n, 3n))
    .map(([name, by, value]) => compare(attribute(name), by, literal(value))),
  fc.tuple(integer, operator, integer).map(([left, by, right]) => compare(attribute(left), by, attribute(right))),
  fc
    .tuple(fc.constantFrom('approved', 'encrypted', 'framework:HIPAA'), fc.boolean())
    .map(([name, value]) => unlessIs(name, value)),
  fc.constantFrom('project', 'owner').map(unlessTagged),
);

const denied: fc.Arbitrary<Predicate> = fc.oneof(
  { weight: 6, arbitrary: simple },
  { weight: 1, arbitrary: fc.array(simple, { minLength: 1, maxLength: 3 }).map((of) => or(...of)) },
  { weight: 1, arbitrary: fc.array(simple, { minLength: 1, maxLength: 3 }).map((of) => and(...of)) },
  { weight: 1, arbitrary: simple.map(not) },
);

const denial = fc.oneof(
  fc.tuple(fc.constantFrom(...launchSteps), fc.constant('rule'), denied).map((each): Denial => each),
  fc.constantFrom<Denial>(
    limits.encrypted,
    limits.types('t3.medium', 'c5.large'),
    limits.regions('us-east-1'),
    limits.cost(0.2),
  ),
);

/** Templates whose classification and approval are rules too, as the dialect lowers them. */
export const anyTemplate: fc.Arbitrary<Policy> = fc
  .record({
    denials: fc.array(denial, { maxLength: 8 }),
    classification: fc.option(fc.constantFrom('public', 'internal', 'restricted'), { nil: undefined }),
    approvalRequired: fc.boolean(),
    version: fc.option(fc.string(), { nil: undefined }),
    frameworks: fc.uniqueArray(fc.string(), { maxLength: 3 }).map((each) => [...each].sort()),
    cost: fc.double({ min: 0, max: 100, noNaN: true }),
    ports: fc
      .uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 })
      .map((each) => each.sort((a, b) => a - b)),
  })
  .map(({ denials, classification, approvalRequired, version, frameworks, cost, ports }) =>
    templateOf(
      'any',
      [
        ...denials,
        ...(classification === undefined || classification === 'public' ? [] : [limits.cleared]),
        ...(approvalRequired ? [limits.approved] : []),
      ],
      {
        ...(classification === undefined ? {} : { classification }),
        ...(version === undefined ? {} : { version }),
        frameworks,
        approvalRequired,
        costs: [['x86_64', cost]],
      },
      {},
      { ports },
    ),
  );

/** Launches of which each attribute has a value that rules speak of, another one, or none. */
export const anyLaunch = fc.record({
  ...Object.fromEntries(
    texts.map((name) => [name, fc.option(fc.constantFrom(...names, 'other', 'xy'), { nil: undefined })]),
  ),
  ...Object.fromEntries(
    amounts.map((name) => [name, fc.option(fc.constantFrom(0, 0.1, 0.2, 0.3, 1.5, 2, 90, 91), { nil: undefined })]),
  ),
  clearance: fc.option(fc.bigInt(0n, 3n), { nil: undefined }),
  classification: fc.option(fc.bigInt(0n, 3n), { nil: undefined }),
  approved: fc.option(fc.boolean(), { nil: undefined }),
  encrypted: fc.option(fc.boolean(), { nil: undefined }),
  'framework:HIPAA': fc.option(fc.boolean(), { nil: undefined }),
  'tag:project': fc.option(fc.constantFrom('', 'x'), { nil: undefined }),
  'tag:owner': fc.option(fc.constantFrom('', 'x'), { nil: undefined }),
});
