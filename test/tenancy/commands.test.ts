import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, withProject } from '../support/polc-process.ts';

const { test, run } = suite('tenancy-commands');

const platform = `targets: [{ gateway: { namespace: llm, name: web } }]
include: [parts/tiers.yaml]
teams:
  blue: { tier: standard }
  red: { tier: standard, overrides: { token_limit_per_hour: 80000 } }
`;

const configMap = (limit: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: platform-default-policies, namespace: llm }
data:
  tier-standard-policy.yaml: |
    token_limit_per_hour: ${limit}
`;

test('limits are joined by tier, and left apart where that is asked for, also from the cache', () =>
  withProject((project) => {
    project.write({ 'platform.yaml': platform, 'parts/tiers.yaml': configMap('50000') });
    const build = (...words: readonly string[]) => {
      const { status, stderr, stdout } = project.polc(['build', 'platform.yaml', ...words, ...calm]);
      assert.is(status, 0, stderr + stdout);
      return project.read('dist/platform/ir/policy.ir').match(/^ {2}quota\/[^:]*/gm);
    };
    const joined = ['  quota/standard/token_limit_per_hour', '  quota/standard/red/token_limit_per_hour'];
    const apart = [joined[0], '  quota/standard/blue/token_limit_per_hour', joined[1]];
    assert.equal(build(), joined);
    assert.equal(build('--no-merge'), apart);
    assert.equal(build(), joined);
    assert.match(project.read('dist/platform/kuadrant/policies.yaml'), /^kind: TokenRateLimitPolicy$/m);
    project.write({ 'parts/tiers.yaml': configMap('80000') });
    // What is included is part of what a cached result is looked up by.
    assert.equal(build(), [joined[0]]);
  }));

test('a mistake inside a ConfigMap is shown there, and mended there', () =>
  withProject((project) => {
    project.write({ 'platform.yaml': platform, 'parts/tiers.yaml': configMap('50000\n    burst_limt: 5') });
    const before = project.polc(['check', 'platform.yaml', ...calm]);
    assert.is(before.status, 1);
    assert.match(before.stdout + before.stderr, /POL2001[\s\S]*parts\/tiers\.yaml:7:5/);
    const mended = project.polc(['check', '--fix', 'platform.yaml', ...calm]);
    assert.is(mended.status, 0, mended.stdout + mended.stderr);
    assert.is(project.read('parts/tiers.yaml'), configMap('50000\n    burst_limit: 5'));
  }));

test('a ConfigMap of tiers is known by its keys, and is part of what includes it', () =>
  withProject((project) => {
    project.write({ 'parts/tiers.yaml': configMap('50000') });
    const alone = project.polc(['check', 'parts/tiers.yaml', ...calm]);
    assert.is(alone.status, 1);
    assert.match(alone.stdout + alone.stderr, /POL2100[\s\S]*include: \[tiers\.yaml\]/);
    project.write({
      'platform.yaml': platform,
      'parts/other.yaml': 'apiVersion: v1\nkind: ConfigMap\ndata: { a: b }\n',
    });
    const together = project.polc(['check', '.', ...calm]);
    assert.is(together.status, 0, together.stdout + together.stderr);
    assert.not.match(together.stdout, /tiers\.yaml/);
    assert.match(together.stdout + together.stderr, /2 policies/);
  }));

run();
