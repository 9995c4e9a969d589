import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import { imageTags } from '../../compiler/images/write-tags.ts';
import { compileLaunch } from '../../runtime/launch/compiled.ts';
import { decideLaunch } from '../../runtime/launch/decide.ts';
import type { LaunchFacts } from '../../runtime/launch/facts.ts';
import { hourlyCost, readPrices } from '../../runtime/launch/prices.ts';
import { combined, goodFacts, imageId, read, templateFile, transcript } from '../support/decided-launches.ts';
import { suite } from '../support/harness.ts';
import { seedMetadata } from '../support/image-metadata.ts';

const { test, run } = suite('launch-closed');

/** Asks of a launch everything that can be asked, each thing by a rule. */
const governance = read(
  'governance.yaml',
  `institution:
  name: University
  allowed_sources: [institutional]
  approval_required: true
  signature_required: true
  trusted_authorities: [University IT]
  allowed_instance_types: ["t3.*"]
  allowed_regions: [us-west-2]
  budget_limits: { max_hourly_cost: 1, max_hourly_budget: 2, max_daily_budget: 3, max_monthly_budget: 4 }
  security_classification: confidential
  data_handling_rules: [encrypted_storage_required]
  compliance_frameworks: [university_policy]
  template_lifecycle: { retired: [old], deprecated: [python-m*] }
  images: { owners: ["123456789012"], max_age_days: 30, newest_base: true, passed_scan: true }
  required_tags: [Course]
profile:
  name: cs101
  clearance: internal
  allowed_templates: [python-ml-compiled, python-ml]
invitation:
  name: Class
  valid_days: 30
`,
);
const policy = combined({ governance, image: seedMetadata });
const compiled = compileLaunch(policy);

function allows(facts: LaunchFacts, problems: readonly string[] = []): boolean {
  const { allowed } = decideLaunch(policy, facts, problems);
  if (problems.length === 0) assert.is(compiled.allows(facts), allowed);
  return allowed;
}

/** By fact, what of it is wrong; unknown is wrong of each. */
const wrong: {
  readonly [K in keyof Omit<LaunchFacts, 'launched' | 'tags' | 'architecture'>]: readonly LaunchFacts[K][];
} = {
  source: ['community', 'personal', ''],
  signature: ['absent', 'invalid'],
  authority: ['Somebody', ''],
  owner: ['210987654321', ''],
  approved: [false],
  lifecycle: ['retired'],
  instanceType: ['m5.large', 't3', ''],
  region: ['us-east-1', ''],
  encrypted: [false],
  hourlyCost: [1.01, -0.01, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  hourlySpend: [2.01, -1, Number.NaN],
  dailySpend: [3.01, -1, Number.NaN],
  monthlySpend: [4.01, -1, Number.NaN],
  imageAge: [30.01, -1, Number.NaN],
  baseOutdated: [true],
  scan: ['failed', 'absent'],
  invitation: ['expired', 'used-up', 'other-device'],
};

test('each single fact that is wrong or unknown refuses a launch that is allowed with it', () => {
  assert.is(allows(goodFacts), true);
  for (const [fact, values] of Object.entries(wrong)) {
    for (const value of [...values, undefined]) {
      const { [fact as keyof LaunchFacts]: _, ...others } = goodFacts;
      const facts = (value === undefined ? others : { ...others, [fact]: value }) as LaunchFacts;
      assert.is(allows(facts), false, `${fact}: ${String(value)}`);
    }
  }
  for (const tags of [new Map(), new Map([['course', 'CS101']]), new Map([['Course', '']])]) {
    assert.is(allows({ ...goodFacts, tags }), false, 'tags');
  }
});

test('a call that failed, and tags that are absent or altered, refuse whatever the rules say', () => {
  assert.is(allows(goodFacts, ['ec2:DescribeImages failed: UnauthorizedOperation']), false);
  const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
  const tags = new Map(imageTags(seedMetadata, sha256));
  assert.not.ok('problem' in readImageTags(tags, sha256));
  const changed: ReadonlyMap<string, string>[] = [new Map()];
  for (const [key, value] of tags) {
    if (!key.startsWith('polc:metadata')) continue;
    changed.push(new Map([...tags].filter(([other]) => other !== key)));
    changed.push(new Map([...tags, [key, `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`]]));
  }
  assert.ok(changed.length > 4);
  for (const each of changed) {
    const reading = readImageTags(each, sha256);
    if (!('problem' in reading)) throw new Error('tags that were changed are read');
    assert.is(allows(goodFacts, [reading.problem]), false);
  }
});

test('a price that nobody says, or that a file gets wrong, refuses under a limit', () => {
  const costs = Object.entries(seedMetadata.cost_estimates);
  const instance = { costs, instanceType: 't3.large', region: 'us-west-2', defaultType: 't3.medium' };
  const withCost = (prices?: ReturnType<typeof readPrices>['prices']) => {
    const { hourlyCost: _, ...others } = goodFacts;
    const cost = hourlyCost(instance, prices);
    return allows({ ...others, instanceType: 't3.large', ...(cost === undefined ? {} : { hourlyCost: cost.dollars }) });
  };
  assert.is(withCost(), false);
  assert.is(withCost(readPrices('prices.yaml', 't3.large: 0.0832\n').prices), true);
  for (const text of [
    't3.large: 1.5\n',
    't3.large: -0.1\n',
    't3.large:\n',
    't3.small: 0.01\n',
    't3.large: 0.08\nx: 1\n',
  ])
    assert.is(withCost(readPrices('prices.yaml', text).prices), false, text);
});

test('a template that is retired is refused by its name or by itself, and one that is deprecated is told of', () => {
  const lifecycle = read(
    'lifecycle.yaml',
    'institution:\n  name: Uni\n  template_lifecycle: { retired: [old-*], deprecated: [python-m*] }\nprofile: { name: p, clearance: public }\n',
  );
  const ends = (slug: string, facts: Partial<LaunchFacts> = {}) =>
    transcript({
      governance: lifecycle,
      template: templateFile(slug, '{ data_classification: public }'),
      facts: { launched: slug, ...facts },
    }).slice(-2);
  assert.equal(ends('old-one').at(-1), "→ Error: Template 'old-one' is retired");
  assert.equal(ends('new', { lifecycle: 'retired' }).at(-1), "→ Error: Template 'new' is retired");
  assert.equal(ends('python-ml'), [
    "→ Warning: Template 'python-ml' is deprecated (lifecycle.yaml:3)",
    '→ Launch approved',
  ]);
  assert.equal(ends('new', { lifecycle: 'deprecated' }), [
    "→ Warning: Template 'new' is deprecated",
    '→ Launch approved',
  ]);
  assert.not.match(ends('new').join(), /deprecated/);
  // An image of a template is as old as the template.
  const image = { ...seedMetadata, source_template: 'old-one' };
  const lines = transcript({ governance: lifecycle, image, facts: { launched: imageId } });
  assert.ok(lines.includes("→ Error: Template 'old-one' is retired"));
});

run();
