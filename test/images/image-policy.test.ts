import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { imageMetadata } from '../../compiler/images/image-metadata.ts';
import { imagePolicy } from '../../compiler/images/image-policy.ts';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import { imageTags } from '../../compiler/images/write-tags.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { steps } from '../../compiler/ir/launch.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { printObligation } from '../../compiler/ir/print-obligation.ts';
import { verifyPolicy } from '../../compiler/ir/verify.ts';
import { optimise } from '../../compiler/passes/index.ts';
import { environmentOf } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';
import { anyLaunch, anyTemplate, limits, templateOf, templates } from '../support/launch-policies.ts';

const { test, run } = suite('image-policy');

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const place = { region: 'us-west-2', architecture: 'x86_64' } as const;

/** The policy that an image of the template has, by way of its tags. */
function carried(policy: Policy): Policy {
  const metadata = imageMetadata(policy, place, sha256)!;
  const reading = readImageTags(new Map(imageTags(metadata, sha256)!), sha256);
  if ('problem' in reading) throw new Error(reading.problem);
  return imagePolicy(reading.metadata, 'ami-0123456789abcdef0');
}

function verdict(policy: Policy, launch: Parameters<typeof environmentOf>[0]): string | undefined {
  return decide(decisionAt(policy, 'launch')!, environmentOf(launch))?.effect.kind;
}

test('an image decides every launch as its template does, also where something is unknown', () => {
  fc.assert(
    fc.property(anyTemplate, fc.array(anyLaunch, { minLength: 20, maxLength: 20 }), (template, launches) => {
      const image = carried(template);
      assert.equal(verifyPolicy(image), []);
      const optimised = optimise(template, []);
      const ofOptimised = carried(optimised);
      for (const launch of launches) {
        assert.is(verdict(image, launch), verdict(template, launch));
        assert.is(verdict(ofOptimised, launch), verdict(optimised, launch));
      }
    }),
    { numRuns: 400 },
  );
});

test('each step of the decision refuses what it refuses in the template', () => {
  const refusing = (policy: Policy, launch: Parameters<typeof environmentOf>[0]) =>
    new Set(steps(policy, environmentOf(launch)).flatMap(({ step, outcome }) => (outcome === 'holds' ? [] : [step])));
  fc.assert(
    fc.property(fc.constantFrom(templates.seed!, templates.everything!), anyLaunch, (template, launch) => {
      assert.equal(refusing(carried(template), launch), refusing(template, launch));
    }),
  );
});

test('what describes the template is carried', () => {
  for (const template of [templates.seed!, templates.everything!]) {
    const told = (policy: Policy) => policy.obligations.find(({ kind }) => kind === 'describe-template')!;
    const text = printObligation(told(carried(template)));
    assert.is(text.replace(/, version "sha256:[0-9a-f]{16}"/, ''), printObligation(told(template)));
  }
});

test('limits have the names that the seed has for them, and what it has none for is a rule', () => {
  const { resource_limits, rules, ...others } = imageMetadata(templates.everything!, place, sha256)!;
  assert.equal(Object.keys(resource_limits ?? {}).sort(), [
    'forbidden_regions',
    'max_hourly_cost',
    'max_instance_types',
    'required_tags',
  ]);
  assert.is(others.approval_required, true);
  assert.is(others.encrypted_storage, true);
  assert.equal(others.allowed_profiles, ['chemistry', 'cs101']);
  assert.equal(
    rules?.map(({ step }) => step),
    ['source', 'compliance'],
  );
});

test('limits of what is inherited are one', () => {
  const policy = templateOf('child', [
    limits.types('t3.medium', 't3.large', 'c5.large'),
    limits.types('t3.large', 'c5.large', 'm5.large'),
    limits.cost(0.5),
    limits.cost(0.2),
  ]);
  const { resource_limits } = imageMetadata(policy, place, sha256)!;
  assert.equal(resource_limits, { max_instance_types: ['c5.large', 't3.large'], max_hourly_cost: 0.2 });
});

test('a version that nobody wrote changes with what the template means, and with nothing else', () => {
  const versionOf = (policy: Policy) => imageMetadata(policy, place, sha256)!.template_version;
  const { obligations } = templates.everything!;
  const built = { region: 'eu-central-1', architecture: 'x86_64', image: 'ami-0123456789abcdef0' } as const;
  const recorded = obligations.map((each) => (each.kind === 'build-images' ? { ...each, built: [built] } : each));
  const rescripted = obligations.map((each) => (each.kind === 'build-images' ? { ...each, script: 'true\n' } : each));
  assert.match(versionOf(templates.everything!), /^sha256:[0-9a-f]{16}$/);
  assert.is(versionOf({ ...templates.everything!, obligations: recorded }), versionOf(templates.everything!));
  assert.is.not(versionOf({ ...templates.everything!, obligations: rescripted }), versionOf(templates.everything!));
  assert.is(versionOf(templates.seed!), '2.1.0');
});

run();
