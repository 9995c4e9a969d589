import * as assert from 'uvu/assert';
import { launchIam } from '../../compiler/backends/launch-iam/index.ts';
import { type AwsTarget, defaultTarget } from '../../compiler/target.ts';
import { reviewBackend } from '../support/backend-fixture.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { surroundings } from '../support/guardrails.ts';
import { suite } from '../support/harness.ts';
import { launchRolePolicies, lowered, typesOf } from '../support/launch-roles.ts';

const { test, run } = suite('launch-iam');

for (const fixture of fixtureCases('launch-iam')) {
  test(`reviewed ${fixture.name}`, () => {
    reviewBackend(launchIam, fixture, launchRolePolicies[fixture.name]!, defaultTarget);
  });
}

test('every policy has reviewed fixtures', () => {
  const names = fixtureCases('launch-iam').map(({ name }) => name);
  assert.equal(names, Object.keys(launchRolePolicies).sort());
});

function emitted(policy: (typeof launchRolePolicies)[string], aws: Partial<AwsTarget> = {}) {
  const target = { ...defaultTarget, aws: { ...defaultTarget.aws, ...aws } };
  const emission = launchIam.emit(policy, target, surroundings);
  return { ...emission, validation: launchIam.validate(policy, target, emission.artifacts, surroundings) };
}

const long = (types: readonly string[], key = 'allowed_instance_types') =>
  lowered('long.yaml', `profile:\n  name: long\n  ${key}: [${types.join(', ')}]\n`);

test('a long list of types is divided over documents of which each is within the quota', () => {
  const types = ['c', 'm', 'r', 't'].flatMap(typesOf);
  const { artifacts, validation, diagnostics } = emitted(long(types));
  assert.is(validation.counterexample, undefined);
  assert.equal(diagnostics, []);
  const role = artifacts.filter(({ path }) => path.startsWith('launch-role'));
  assert.ok(types.length > 300 && role.length > 2, `${types.length} types in ${role.length} documents`);
  assert.ok(role.every(({ content }) => content.length <= defaultTarget.aws.managedPolicy));
});

test('more documents than a role can have, and a list that cannot be divided, are errors', () => {
  const codes = (...given: Parameters<typeof emitted>) => emitted(...given).diagnostics.map(({ code }) => code);
  assert.equal(codes(long(['c', 'm', 'r', 't'].flatMap(typesOf)), { attachedPolicies: 2 }), ['POL7320']);
  assert.ok(codes(long(typesOf('m').concat(typesOf('c'), typesOf('r')), 'denied_instance_types')).includes('POL7321'));
});

test('the source map points at the conditions that a rule became', () => {
  const policy = launchRolePolicies.institution!;
  const found = new Set<string>();
  for (const { content, sourceMap } of emitted(policy).artifacts) {
    const document = JSON.parse(String(content));
    for (const { at, rule } of sourceMap) {
      let place = document;
      for (const part of String(at).slice(1).split('/'))
        place = place[part.replaceAll('~1', '/').replaceAll('~0', '~')];
      assert.ok(place !== undefined, `${rule} at ${at}`);
      found.add(rule);
    }
  }
  const { coverage } = emitted(policy);
  const said = coverage.filter(({ enforced }) => enforced?.startsWith('a condition of'));
  assert.equal(
    said.filter(({ rule }) => !found.has(rule)),
    [],
  );
});

test('artifacts of another policy are refused', () => {
  const policies = Object.entries(launchRolePolicies);
  for (const [name, policy] of policies) {
    for (const [other, { artifacts }] of policies.map(([each, of]) => [each, emitted(of)] as const)) {
      const { status, counterexample } = launchIam.validate(policy, defaultTarget, artifacts, surroundings);
      assert.is(status, name === other ? 'proven' : 'refused', `${other} as ${name}: ${counterexample}`);
    }
  }
});

run();
