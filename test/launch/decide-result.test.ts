import * as assert from 'uvu/assert';
import { validationResult } from '../../runtime/launch/validation-result.ts';
import { launchReport } from '../../runtime/launch/wording.ts';
import { decided, imageId, type Launch, read, templateFile } from '../support/decided-launches.ts';
import { suite } from '../support/harness.ts';
import { seedMetadata } from '../support/image-metadata.ts';

const { test, run } = suite('launch-result');

const governance = read(
  'class.yaml',
  'profile:\n  name: cs101\n  allowed_templates: [python-basic]\n  max_hourly_cost: 0.15\n',
);

/** As whoever reads the JSON has it. */
function result(launch: Launch, image?: Parameters<typeof validationResult>[3]) {
  const of = decided(launch);
  const object = validationResult(of, launchReport(of), 'hash', image);
  const read = JSON.parse(JSON.stringify(object)) as typeof object;
  assert.equal(read, object, 'JSON has all of it');
  return object;
}

test('a refused image has every field of the result, with each rule, its place and what became of it', () => {
  const rule = { step: 'compliance', denied: { kind: 'constant', value: false } } as const;
  const metadata = { ...seedMetadata, allowed_profiles: ['cs101'], approval_required: true as const, rules: [rule] };
  const alternatives = {
    instanceTypes: [{ name: 't3.large', hourlyCost: 0.08 }, { name: 'm5.large' }],
    regions: [],
    templates: ['python-basic'],
  };
  const facts = { launched: 'python-ml-compiled', instanceType: 'c5.4xlarge', hourlyCost: 0.68 };
  const problems = ['ssm:GetParameter failed: Throttling'];
  const refused = result(
    { governance, image: metadata, facts, problems, more: { alternatives } },
    { metadata, signature: 'key:signature' },
  );
  assert.is(refused.allowed, false);
  assert.equal(refused.violations, [
    'ssm:GetParameter failed: Throttling',
    "AMI source template 'python-ml-compiled' not allowed by profile policy",
    'Estimated cost $0.68 exceeds profile limit $0.15',
    "Instance type 'c5.4xlarge' not allowed by AMI policy",
    'Estimated cost $0.68 exceeds AMI limit $0.20',
  ]);
  assert.is(refused.estimated_cost, 0.68);
  const { rules: _, ...carried } = metadata;
  assert.equal(refused.ami_metadata, {
    ...carried,
    policy_signature: 'key:signature',
    rules: [{ step: 'compliance', denied: 'false' }],
  });
  assert.equal(
    [refused.ami, refused.template, refused.profile, refused.policy_hash, refused.problems],
    [imageId, 'python-ml-compiled', 'cs101', 'hash', problems],
  );
  assert.equal(refused.alternatives, {
    instance_types: [
      { name: 't3.large', hourly_cost: 0.08 },
      { name: 'm5.large', hourly_cost: null },
    ],
    regions: [],
    templates: ['python-basic'],
  });
  assert.equal(refused.steps[0], {
    step: 'source',
    rule: 'profile/cs101/source/1',
    topic: 'profile.allowed_templates',
    role: 'profile',
    part: 'cs101',
    at: 'class.yaml:3',
    outcome: 'denied',
    violation: "AMI source template 'python-ml-compiled' not allowed by profile policy",
  });
  const types = refused.steps.find(({ topic }) => topic === 'resource_limits.max_instance_types');
  assert.equal([types?.role, types?.at, types?.outcome], ['image', imageId, 'denied']);
  assert.is(refused.facts.instance_type, 'c5.4xlarge');
  assert.is(refused.facts['tag:Course'], 'CS101');
  assert.ok(
    refused.steps.some(({ outcome }) => outcome === 'holds'),
    'no step is left out after the first refusal',
  );
  for (const { rules } of refused.checks)
    for (const id of rules) assert.ok(refused.steps.some(({ rule }) => rule === id));
});

test('what is not known is null', () => {
  const facts = { launched: 'python-basic', hourlyCost: Number.NaN };
  const unknown = result({ governance, template: templateFile('python-basic'), facts });
  assert.equal(
    [unknown.allowed, unknown.estimated_cost, unknown.ami, unknown.ami_metadata, unknown.alternatives],
    [false, null, null, null, null],
  );
  assert.not.ok('hourly_cost' in unknown.facts);
  const unbuilt = { ...seedMetadata };
  delete (unbuilt as { compilation_id?: string }).compilation_id;
  assert.is(result({ governance, image: unbuilt }, { metadata: unbuilt }).ami_metadata?.compilation_id, null);
});

test('a launch that is allowed has no violation', () => {
  const allowed = result({ governance, template: templateFile('python-basic'), facts: { launched: 'python-basic' } });
  assert.equal([allowed.allowed, allowed.violations, allowed.estimated_cost], [true, [], 0.0464]);
  assert.equal(
    allowed.checks.map(({ passed }) => passed),
    [true, true],
  );
});

run();
