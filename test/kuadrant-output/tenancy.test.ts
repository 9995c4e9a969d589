import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { kuadrant } from '../../compiler/backends/kuadrant/index.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import type { Value } from '../../compiler/expressions/cel/value.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { GatewayModel } from '../../compiler/verify/kuadrant/model.ts';
import { readPolicies } from '../../compiler/verify/kuadrant/read-policies.ts';
import { refusesAll } from '../support/backend-fixture.ts';
import { assertFor } from '../support/bounded-property.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';
import { plannedModels, tenancyPlan } from '../support/tenancies.ts';

const { test, run } = suite('tenancy-as-kuadrant');

/** Policies of the tenancy dialect whose Kuadrant policies are reviewed too. */
const reviewed = ['limit-patterns', 'model-header', 'model-limits', 'near-budget', 'user-shares'];

const cases = fixtureCases('tenancy').filter(({ name }) => reviewed.includes(name));

function compiled(folder: string): Compilation {
  const content = readFileSync(join(folder, 'policy.yaml'));
  return compile('policy.yaml', content, hostOf(folder), { maximumMilliseconds: 0 });
}

for (const fixture of cases) {
  test(fixture.name, () => {
    const { diagnostics, files, coverage } = compiled(fixture.folder);
    assert.equal(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      [],
    );
    const policies = files.find(({ path }) => path === 'kuadrant/policies.yaml');
    fixture.expectReviewed('kuadrant.yaml', String(policies?.content));
    const lost = coverage.flatMap(({ rule, status, answers }) =>
      status === 'full' ? [] : [`${rule}: ${status}\n${answers.map((each) => `  ${each.lost}\n`).join('')}`],
    );
    fixture.expectReviewed('lost.txt', lost.join(''));
  });
}

test('any tenancy means as policies of Kuadrant what it says', () => {
  assertFor(
    fc.property(tenancyPlan, fc.boolean(), (plan, hasHeader) => {
      const root = {
        targets: [{ route: { namespace: 'llm', name: 'models' } }],
        ...(hasHeader ? { model_header: { name: 'x-model', set_by: 'router' } } : {}),
        models: plannedModels,
        spend_writer: 'pipeline',
        months_as_hours: 720,
        ...plan,
      };
      const host = { read: () => undefined, now: () => 0, sha256: () => '0'.repeat(64) };
      const { diagnostics, files } = compile('policy.yaml', JSON.stringify(root), host, { maximumMilliseconds: 0 });
      const wrong = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
      assert.equal(wrong, [], JSON.stringify(root));
      assert.ok(files.some(({ path }) => path === 'kuadrant/policies.yaml'));
    }),
    { leastRuns: 20, milliseconds: 4000 },
  );
});

test('a model that is no text is refused, or counted by its digits', () => {
  const { files } = compiled(cases.find(({ name }) => name === 'model-limits')!.folder);
  const text = String(files.find(({ path }) => path === 'kuadrant/policies.yaml')?.content);
  const [place] = readPolicies(parseAllDocuments(text).map((document) => document.toJS()));
  const gateway = new GatewayModel(place!);
  const counted = (model: Value) => {
    const labels = { 'kuadrant.io/apikeys-by': 'maas', 'maas/team-id': 'blue', 'maas/tier': 'premium' };
    const key = { namespace: 'llm', labels, annotations: {} };
    const route = gateway.route({ key, request: {}, body: { '/model': model } });
    const passes = gateway.send({ ...route, tokens: [] }, { at: 0, tokens: 1, takes: 0, times: 1 }) === 1;
    return passes ? route.tokens.map(({ most }) => most) : 'refused';
  };
  for (const none of [null, true, false, '']) assert.is(counted(none), 'refused', String(none));
  assert.equal(counted(5n), [200_000, 2_000_000]);
  assert.equal(counted('a-premium-1'), [5000, 100_000]);
  assert.equal(counted('gpt-large'), [2_000_000, 10_000]);
});

/** Changes that each make the policies mean something else. */
const changes: readonly (readonly [name: string, from: string | RegExp, to: string])[] = [
  ['near-budget', '>= 0.8', '>= 0.9'],
  ['near-budget', '>= 0.8', '< 0.8'],
  ['near-budget', /\n *- predicate: [^\n]*< 0\.8/, ''],
  ['near-budget', 'limit: 1000\n', 'limit: 1001\n'],
  ['user-shares', '        - expression: auth.identity.user\n', ''],
  ['user-shares', "        - predicate: auth.identity.user == 'alice'\n", ''],
  ['model-limits', "requestBodyJSON('/model') == 'gpt-large'", "requestBodyJSON('/model') != 'gpt-large'"],
  ['model-limits', "        - expression: requestBodyJSON('/model')\n", ''],
  ['model-limits', "        - predicate: \"!string(requestBodyJSON('/model')).matches('(?s)^.*premium.*$')\"\n", ''],
  ['model-header', "^.*premium.*$')\n", "^.*premium$')\n"],
  ['model-header', "['x-gateway-model-name']", "['x-model']"],
];

test('policies that mean something else are refused', () => {
  for (const [name, from, to] of changes) {
    const { policy, files } = compiled(cases.find((each) => each.name === name)!.folder);
    const text = String(files.find(({ path }) => path === 'kuadrant/policies.yaml')?.content);
    const changed = text.replace(from, to);
    assert.is.not(changed, text, `${name}: ${from}`);
    refusesAll(kuadrant, policy!, defaultTarget, 'policies.yaml', [{ what: `${name}: ${from}`, text: changed }]);
  }
});

run();
