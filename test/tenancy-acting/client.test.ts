import * as assert from 'uvu/assert';
import { connectCluster } from '../../runtime/tenancy/client/connect.ts';
import { tenancyKinds } from '../../runtime/tenancy/kinds.ts';
import type { Cluster, FailureKind } from '../../runtime/tenancy/port.ts';
import { suite } from '../support/harness.ts';
import type { FaultyAnswer } from '../support/kubernetes/faults.ts';
import { type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';
import { connectTo, gatewayPolicy, namespaces, tenancyFrom } from '../support/tenancy-world.ts';

const { test, run } = suite('the client of a cluster');

const [kind] = tenancyKinds;

function connected(
  run: (cluster: Cluster, server: KubernetesServer) => Promise<void>,
  options: Parameters<typeof connectTo>[1] = {},
): Promise<void> {
  return withKubernetes({ objects: namespaces }, async (server) =>
    run(await connectTo(server.kubeconfigPath, options), server),
  );
}

const list = async (cluster: Cluster) => {
  const answer = await cluster.list(kind!, 'llm', {});
  return answer.ok ? 'ok' : answer.failure.kind;
};

test('every answer that is no success is told by its kind, and only what passes is asked for again', () =>
  connected(async (patient, server) => {
    const impatient = await connectTo(server.kubeconfigPath, { timeout: 100 });
    const cases: readonly (readonly [FaultyAnswer['answer'], FailureKind, number])[] = [
      [401, 'unauthorised', 1],
      [403, 'forbidden', 1],
      [409, 'conflict', 1],
      [410, 'gone', 1],
      [413, 'too-large', 1],
      [429, 'throttled', 3],
      [500, 'server-error', 3],
      [503, 'server-error', 3],
      ['close', 'unreachable', 3],
      ['hang', 'timed-out', 2],
    ];
    for (const [answer, expected, attempts] of cases) {
      const before = server.calls.length;
      server.fault = () => ({ when: 'before', answer, retryAfterSeconds: 0 });
      // What does answer may be slow on a busy machine.
      assert.is(await list(answer === 'hang' ? impatient : patient), expected, String(answer));
      assert.is(server.calls.length - before, attempts, String(answer));
    }
    server.fault = () => undefined;
    assert.is(await list(patient), 'ok');
  }));

test('a failure that passes is not seen, and a server is asked again when it wants to be', () =>
  connected(async (cluster, server) => {
    for (const answer of [429, 500, 'close'] as const) {
      const first = server.calls.length;
      server.fault = ({ index }) => (index === first ? { when: 'before', answer, retryAfterSeconds: 1 } : undefined);
      const started = performance.now();
      assert.is(await list(cluster), 'ok', String(answer));
      if (answer === 429) assert.ok(performance.now() - started >= 1000, 'Retry-After is kept to');
    }
  }));

test('a server that wants to be left alone for long is', () =>
  connected(async (cluster, server) => {
    server.fault = () => ({ when: 'before', answer: 429, retryAfterSeconds: 600 });
    assert.is(await list(cluster), 'throttled');
    assert.is(server.calls.length, 1);
  }));

test('a change whose answer is lost is made once', () =>
  connected(async (cluster, server) => {
    const [object] = tenancyFrom(gatewayPolicy).objects;
    server.fault = ({ index }) => (index === 0 ? { when: 'after', answer: 'close' } : undefined);
    const applied = await cluster.apply(object!);
    assert.ok(applied.ok);
    assert.is(applied.value.metadata.generation, 1);
    const place = { kind: kind!, namespace: 'llm', name: object!.metadata.name };
    const first = server.calls.length;
    server.fault = ({ index }) => (index === first ? { when: 'after', answer: 500 } : undefined);
    assert.ok((await cluster.delete(place, applied.value.metadata.uid ?? '')).ok);
    assert.is(server.objects(kind!.kind).length, 0);
  }));

test('an object that is another one by now is neither changed nor deleted', () =>
  connected(async (cluster, server) => {
    const [object] = tenancyFrom(gatewayPolicy).objects;
    const applied = await cluster.apply(object!);
    assert.ok(applied.ok);
    const uid = '00000000-0000-4000-8000-000000000000';
    const place = { kind: kind!, namespace: 'llm', name: object!.metadata.name };
    const deleted = await cluster.delete(place, uid);
    assert.is(deleted.ok ? 'ok' : deleted.failure.kind, 'conflict');
    const changed = await cluster.apply({ ...object!, metadata: { ...object!.metadata, uid } }, { force: true });
    assert.is(changed.ok ? 'ok' : changed.failure.kind, 'conflict');
    assert.is(server.objects(kind!.kind).length, 1);
  }));

test('a kubeconfig that is none is said', async () => {
  const answer = await connectCluster({ kubeconfig: '/nowhere/config' });
  assert.ok(!answer.ok && /ENOENT/.test(answer.failure.message));
});

run();
