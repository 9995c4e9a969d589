import * as assert from 'uvu/assert';
import type { Tenancy } from '../../runtime/tenancy/desired.ts';
import { driftOf } from '../../runtime/tenancy/drift.ts';
import { suite } from '../support/harness.ts';
import type { JsonObject } from '../support/kubernetes/json.ts';
import { withKubernetes } from '../support/kubernetes/server.ts';
import { connectTo, gatewayPolicy, namespaces, tenancyFrom } from '../support/tenancy-world.ts';

const { test, run } = suite('many objects');

test('drift of 1,000 objects takes one list for each kind', async () => {
  const one = tenancyFrom(gatewayPolicy);
  const pattern = one.objects.find(({ kind }) => kind === 'TokenRateLimitPolicy');
  assert.ok(pattern !== undefined);
  const objects = Array.from({ length: 1000 }, (_, index) => ({
    ...pattern,
    metadata: { ...pattern.metadata, name: `team-${index}` },
  }));
  const many: Tenancy = { ...one, objects };
  const there = objects.slice(0, 999).map((object): JsonObject => JSON.parse(JSON.stringify(object)));
  await withKubernetes({ objects: [...namespaces, ...there], secure: false }, async (server) => {
    const cluster = await connectTo(server.kubeconfigPath);
    const drift = await driftOf(many, cluster);
    assert.ok(drift.ok);
    assert.is(drift.value.objects, 999);
    assert.equal(
      drift.value.drift.map(({ drift: kind, place }) => [kind, place.name]),
      [['missing', 'team-999']],
    );
    assert.equal(
      server.calls.map(({ verb, kind }) => [verb, kind]),
      [
        ['list', 'RateLimitPolicy'],
        ['list', 'TokenRateLimitPolicy'],
        ['list', 'AuthPolicy'],
      ],
    );
  });
});

run();
