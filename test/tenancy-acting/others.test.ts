import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { applyTenancy } from '../../runtime/tenancy/apply.ts';
import { deleteTenancy } from '../../runtime/tenancy/delete.ts';
import type { Tenancy } from '../../runtime/tenancy/desired.ts';
import { driftOf } from '../../runtime/tenancy/drift.ts';
import { kindOf, placeOf } from '../../runtime/tenancy/kinds.ts';
import type { Cluster, JsonMap, KubernetesObject } from '../../runtime/tenancy/port.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { enforced, partlyEnforced } from '../support/kubernetes/controller.ts';
import { at, type JsonObject } from '../support/kubernetes/json.ts';
import { withKubernetes } from '../support/kubernetes/server.ts';
import { connectTo, gatewayPolicy, namespaces, stateOf, tenancyFrom, worldOf } from '../support/tenancy-world.ts';

const { test, run } = suite('tenancies that others change too');

const options = { timeout: 1000, force: true, dryRun: false };

/** A token limit policy with these limits, as polc would write one. */
function policyOf(limits: JsonMap): Tenancy {
  const whole = tenancyFrom(gatewayPolicy);
  const pattern = whole.objects.find(({ kind }) => kind === 'TokenRateLimitPolicy');
  if (pattern === undefined) throw new Error('there is no token limit');
  const { targetRef } = pattern.spec as JsonMap;
  const annotations = {
    'polc/applied': JSON.stringify(limits)
      .slice(0, 60)
      .replace(/[^a-z0-9]+/g, '-'),
  };
  const object: KubernetesObject = {
    ...pattern,
    metadata: { ...pattern.metadata, annotations },
    spec: { targetRef: targetRef ?? {}, limits },
  };
  return { ...whole, objects: [object] };
}

const limits = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.record(
    {
      rates: fc.constantFrom([{ limit: 1, window: '1h' }], [{ limit: 2, window: '1h' }], [{ limit: 3, window: '1m' }]),
      when: fc.constantFrom([{ predicate: "auth.identity.tier == 'x'" }], [{ predicate: "auth.identity.tier == 'y'" }]),
      counters: fc.constant([{ expression: 'auth.identity.team' }]),
    },
    { requiredKeys: ['rates'] },
  ),
  { minKeys: 1, noNullPrototype: true },
);

test('whatever others wrote over it and beside it, a failed apply leaves it as it was', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      const cluster = await connectTo(server.kubeconfigPath);
      const world = worldOf(cluster, folder);
      await fc.assert(
        fc.asyncProperty(limits, limits, limits, fc.boolean(), async (first, theirs, second, marked) => {
          fc.pre(JSON.stringify(first) !== JSON.stringify(second));
          server.controller = () => enforced();
          await deleteTenancy(policyOf(first), { dryRun: false }, world);
          const applied = await applyTenancy(policyOf(first), options, world);
          assert.is(applied.result, 'applied', applied.diagnostics.map(({ message }) => message).join());
          await applyAsOther(cluster, server.kubeconfigPath, policyOf(theirs), marked);
          const before = stateOf(server);
          const specs = () => server.objects('TokenRateLimitPolicy').map(({ spec }) => spec);
          const specsBefore = specs();
          server.controller = () => partlyEnforced();
          const failed = await applyTenancy(policyOf(second), options, world);
          // Where others say all that changes, no specification does, and the operator has nothing to look at anew.
          if (failed.result === 'applied') assert.equal(specs(), specsBefore);
          else {
            assert.is(failed.result, 'restored', failed.diagnostics.map(({ message }) => message).join());
            assert.is(stateOf(server), before);
          }
          server.controller = () => enforced();
          // It can go on from there: what polc says is there then, whatever else is.
          await applyTenancy(policyOf(second), options, world);
          const drift = await driftOf(policyOf(second), cluster);
          assert.equal(drift.ok && drift.value.drift, []);
        }),
        { numRuns: 15 },
      );
    }),
  ));

test('what kubectl applied from the files of a build is taken over, and put back where that fails', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      const tenancy = tenancyFrom(gatewayPolicy);
      for (const object of tenancy.objects) {
        const copy: JsonObject = JSON.parse(JSON.stringify(object));
        const { name, namespace } = object.metadata;
        server.add({ ...copy, metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'polc' } } });
      }
      const before = stateOf(server);
      const world = worldOf(await connectTo(server.kubeconfigPath), folder);
      server.controller = () => partlyEnforced();
      const larger = tenancyFrom(gatewayPolicy.replace('5000', '6000'));
      const failed = await applyTenancy(larger, options, world);
      assert.is(failed.result, 'restored');
      assert.is(stateOf(server), before);
      server.controller = () => enforced();
      assert.is((await applyTenancy(larger, options, world)).result, 'applied');
      const drift = await driftOf(larger, world.cluster);
      assert.equal(drift.ok && drift.value, { objects: 3, drift: [] });
    }),
  ));

test('an object that is made again has what others wrote into it, and keeps that', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      const cluster = await connectTo(server.kubeconfigPath);
      const world = worldOf(cluster, folder);
      const both = policyOf({ a: { rates: [{ limit: 1, window: '1h' }] } });
      const [object] = both.objects;
      const spare: KubernetesObject = { ...object!, metadata: { ...object!.metadata, name: 'spare' } };
      const two: Tenancy = { ...both, objects: [...both.objects, spare] };
      assert.is((await applyTenancy(two, options, world)).result, 'applied');
      const theirs = policyOf({
        a: { rates: [{ limit: 2, window: '1h' }] },
        b: { rates: [{ limit: 3, window: '1m' }] },
      });
      const changed = theirs.objects.map((each) => ({ ...each, metadata: { ...each.metadata, name: 'spare' } }));
      await applyAsOther(cluster, server.kubeconfigPath, { ...theirs, objects: changed }, true);
      const before = stateOf(server);
      server.controller = () => partlyEnforced();
      const less = policyOf({ a: { rates: [{ limit: 4, window: '1h' }] } });
      const failed = await applyTenancy(less, options, world);
      assert.is(failed.result, 'restored', failed.diagnostics.map(({ message }) => message).join());
      assert.is(stateOf(server), before);
      server.controller = () => enforced();
      await applyTenancy(two, options, world);
      const kept = server.object('TokenRateLimitPolicy', 'llm', 'spare');
      assert.is(at(kept, 'metadata', 'labels', 'theirs'), 'yes');
      assert.equal(at(kept, 'spec', 'limits', 'b', 'rates'), [{ limit: 3, window: '1m' }]);
    }),
  ));

test('of two runs at once one is told to wait', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      const world = worldOf(await connectTo(server.kubeconfigPath), folder);
      const both = await Promise.all([1, 2].map(() => applyTenancy(tenancyFrom(gatewayPolicy), options, world)));
      assert.equal(both.map(({ result }) => result).sort(), ['applied', 'refused']);
      assert.equal(
        both.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)),
        ['POL8125'],
      );
    }),
  ));

/** Server-side apply by another manager, which takes what it wants. */
async function applyAsOther(
  cluster: Cluster,
  kubeconfig: string,
  { objects }: Tenancy,
  marked: boolean,
): Promise<void> {
  const { readFileSync } = await import('node:fs');
  const { request } = await import('node:http');
  const token = /token: (\S+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? '';
  for (const object of objects) {
    const kind = kindOf(object);
    if (kind === undefined) continue;
    const { namespace, name } = placeOf(object, kind);
    const metadata = { name, namespace, ...(marked ? { labels: { theirs: 'yes' } } : {}) };
    const path = `/apis/${object.apiVersion}/namespaces/${namespace}/${kind.plural}/${name}?fieldManager=other&force=true`;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/apply-patch+yaml' };
      const sent = request(`${cluster.server}${path}`, { method: 'PATCH', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ ...object, metadata }));
    });
    assert.is(status, 200);
  }
}

run();
