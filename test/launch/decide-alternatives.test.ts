import * as assert from 'uvu/assert';
import { instanceType } from '../../compiler/tables/instance-types.ts';
import {
  type Alternatives,
  alternatives,
  type LaunchChange,
  type OtherTemplates,
} from '../../runtime/launch/alternatives.ts';
import { decideLaunch } from '../../runtime/launch/decide.ts';
import type { LaunchFacts } from '../../runtime/launch/facts.ts';
import { hourlyCost, readPrices } from '../../runtime/launch/prices.ts';
import { combined, goodFacts, type Launch, read, templateFile } from '../support/decided-launches.ts';
import { suite } from '../support/harness.ts';
import { seedMetadata } from '../support/image-metadata.ts';

const { test, run } = suite('launch-alternatives');

const { prices } = readPrices(
  'prices.yaml',
  't3.medium: 0.0416\nt3.large: 0.0832\nm5.large: 0.096\nc5.large: 0.085\nt4g.medium: 0.0336\nm5.xlarge: 0.192\nc5.4xlarge: 0.68\neu-west-1: { t3.large: 0.0912, c5.4xlarge: 0.01 }\n',
);

function found(launch: Launch, more: { templates?: OtherTemplates; regions?: readonly string[] } = {}): Alternatives {
  const policy = combined(launch);
  const facts: LaunchFacts = { ...goodFacts, ...launch.facts };
  const factsFor = ({ instanceType: type = facts.instanceType, region = facts.region }: LaunchChange) => {
    const { hourlyCost: _, ...others } = facts;
    const instance = { costs: [], instanceType: type!, region: region! };
    const cost = hourlyCost(instance, prices)?.dollars;
    return { ...others, instanceType: type!, region: region!, ...(cost === undefined ? {} : { hourlyCost: cost }) };
  };
  const answer = alternatives({ policy, facts, factsFor, ...more });
  for (const [key, list] of [
    ['instanceType', answer.instanceTypes],
    ['region', answer.regions],
  ] as const) {
    assert.ok(list.length <= 8);
    for (const { name } of list) assert.ok(decideLaunch(policy, factsFor({ [key]: name })).allowed, name);
  }
  return answer;
}

const cheap = read(
  'cheap.yaml',
  'profile: { name: cs101, max_hourly_cost: 0.09, allowed_regions: [us-west-2, eu-west-1] }\n',
);

test('other instance types are those of the image that keep every limit, the cheapest first', () => {
  const facts = { instanceType: 'c5.4xlarge', hourlyCost: 0.68 };
  const { instanceTypes } = found({ governance: cheap, image: seedMetadata, facts });
  assert.equal(instanceTypes, [
    { name: 't3.medium', hourlyCost: 0.0416 },
    { name: 't3.large', hourlyCost: 0.0832 },
    { name: 'c5.large', hourlyCost: 0.085 },
  ]);
  // t3.large costs more in Ireland.
  const ireland = found({ governance: cheap, image: seedMetadata, facts: { ...facts, region: 'eu-west-1' } });
  assert.equal(
    ireland.instanceTypes.map(({ name }) => name),
    ['t3.medium', 'c5.large'],
  );
});

test('an image runs on its own architecture only, and types without a price come last', () => {
  const open = read('open.yaml', 'profile: { name: p, denied_instance_types: ["p3.*"] }\n');
  const facts = { instanceType: 'p3.2xlarge', architecture: 'arm64' } as const;
  const { instanceTypes } = found({ governance: open, facts });
  assert.is(instanceTypes.length, 8);
  assert.equal(instanceTypes[0], { name: 't4g.medium', hourlyCost: 0.0336 });
  for (const { name, hourlyCost: cost } of instanceTypes.slice(1)) {
    assert.is(instanceType(name)?.architecture, 'arm64');
    assert.is(cost, undefined);
  }
});

test('other regions are those in which the same launch is allowed', () => {
  const facts = { instanceType: 'c5.4xlarge', hourlyCost: 0.68 };
  assert.equal(found({ governance: cheap, facts }).regions, [{ name: 'eu-west-1', hourlyCost: 0.01 }]);
  assert.equal(found({ governance: cheap, facts }, { regions: ['us-east-1', 'us-west-2'] }).regions, []);
  const barred = read('barred.yaml', 'profile: { name: p, forbidden_regions: [us-west-2] }\n');
  const { regions } = found({ governance: barred, facts: { region: 'us-west-2' } });
  assert.is(regions.length, 8);
  for (const { name } of regions) assert.not.match(name, /^(us-gov-|cn-)|^us-west-2$/);
});

test('where something else refuses too, no change of one thing is offered', () => {
  const tagged = read('tagged.yaml', 'profile: { name: p, max_hourly_cost: 0.09, required_tags: [Grant] }\n');
  const { instanceTypes, regions } = found({
    governance: tagged,
    image: seedMetadata,
    facts: { instanceType: 'c5.4xlarge', hourlyCost: 0.68 },
  });
  assert.equal([instanceTypes, regions], [[], []]);
});

test('other templates are those that the lists let pass and that are decided to be allowed', () => {
  const governance = read('class.yaml', 'profile: { name: p, allowed_templates: [python-basic, r-basic, "lab-*"] }\n');
  const asked: string[] = [];
  const many = Array.from({ length: 1000 }, (_, index) => `lab-${index}`);
  const ask = (names: readonly string[], refused: string) =>
    found(
      { governance, template: templateFile('python-advanced'), facts: { launched: 'python-advanced' } },
      {
        templates: {
          policy: governance.policy,
          names,
          decide(name) {
            asked.push(name);
            return name !== refused;
          },
        },
      },
    ).templates;
  assert.equal(ask(['r-basic', 'python-advanced', 'other', 'python-basic'], ''), ['python-basic', 'r-basic']);
  assert.equal(asked.splice(0), ['python-basic', 'r-basic']);
  assert.equal(ask(['r-basic', 'python-basic'], 'r-basic'), ['python-basic']);
  asked.length = 0;
  const listed = ask([...many, 'r-basic', 'python-basic'], 'python-basic');
  assert.is(listed.length, 8);
  assert.ok(listed.includes('r-basic'));
  assert.ok(asked.length < 30, 'each one that is asked for is compiled');
});

run();
