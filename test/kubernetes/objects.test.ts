import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { applyAs, call } from '../support/kubernetes/client.ts';
import { at, type JsonObject, listAt, objectAt, textAt } from '../support/kubernetes/json.ts';
import { configMap, configMaps, limitPolicies, limitPolicy, secrets, short } from '../support/kubernetes/samples.ts';
import { type KubernetesOptions, type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';

const { test, run } = suite('kubernetes-objects');

function testServer(name: string, check: (server: KubernetesServer) => Promise<void>, options: KubernetesOptions = {}) {
  test(name, () => withKubernetes(options, check));
}

testServer('creates, replaces and deletes, each once', async (server) => {
  const created = await call(server, 'POST', configMaps, { body: configMap('a', { x: '1' }) });
  assert.is(created.code, 201);
  assert.is(short(await call(server, 'POST', configMaps, { body: configMap('a', {}) })), '409 AlreadyExists');
  const version = textAt(created.body, 'metadata', 'resourceVersion');
  const changed = await call(server, 'PUT', `${configMaps}/a`, {
    body: configMap('a', { x: '2' }, { resourceVersion: version }),
  });
  assert.is(changed.code, 200);
  const stale = await call(server, 'PUT', `${configMaps}/a`, {
    body: configMap('a', { x: '3' }, { resourceVersion: version }),
  });
  assert.is(short(stale), '409 Conflict');
  const same = await call(server, 'PUT', `${configMaps}/a`, { body: configMap('a', { x: '2' }) });
  assert.is(textAt(same.body, 'metadata', 'resourceVersion'), textAt(changed.body, 'metadata', 'resourceVersion'));
  const preconditions = { uid: 'another' };
  assert.is(short(await call(server, 'DELETE', `${configMaps}/a`, { body: { preconditions } })), '409 Conflict');
  assert.is((await call(server, 'DELETE', `${configMaps}/a?dryRun=All`)).code, 200);
  assert.is((await call(server, 'DELETE', `${configMaps}/a`)).code, 200);
  assert.is(short(await call(server, 'GET', `${configMaps}/a`)), '404 NotFound');
});

testServer('an object with finalizers goes when they do', async (server) => {
  server.add(configMap('held', {}, { finalizers: ['example.com/hold'] }));
  await call(server, 'DELETE', `${configMaps}/held`);
  assert.not.equal(textAt(server.object('ConfigMap', 'default', 'held'), 'metadata', 'deletionTimestamp'), '');
  const type = 'application/merge-patch+json';
  await call(server, 'PATCH', `${configMaps}/held`, { body: { metadata: { finalizers: null } }, type });
  assert.is(server.object('ConfigMap', 'default', 'held'), undefined);
});

testServer('what the owner that goes owned goes too', async (server) => {
  const owner = server.add(configMap('owner', {}));
  const uid = textAt(owner, 'metadata', 'uid');
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
  server.add(configMap('owned', {}, { ownerReferences }));
  await call(server, 'DELETE', `${configMaps}/owner?propagationPolicy=Background`);
  assert.equal(server.objects('ConfigMap'), []);
});

testServer(
  'the generation counts changes of the spec alone, and the status has its own writers',
  async (server) => {
    await applyAs(server, 'one', `${limitPolicies}/limits`, limitPolicy(1));
    const generation = () => at(server.object('RateLimitPolicy', 'default', 'limits'), 'metadata', 'generation');
    assert.is(generation(), 1);
    await applyAs(server, 'one', `${limitPolicies}/limits`, {
      ...limitPolicy(1),
      metadata: { name: 'limits', labels: { a: 'b' } },
    });
    assert.is(generation(), 1);
    await applyAs(server, 'one', `${limitPolicies}/limits`, { ...limitPolicy(2), status: { observedGeneration: 9 } });
    assert.is(generation(), 2);
    assert.is(at(server.object('RateLimitPolicy', 'default', 'limits'), 'status'), undefined);
    const status = { observedGeneration: 2 };
    const type = 'application/merge-patch+json';
    const told = await call(server, 'PATCH', `${limitPolicies}/limits/status`, { body: { status, spec: null }, type });
    assert.is(told.code, 200);
    assert.is(generation(), 2);
    const entries = listAt(told.body, 'metadata', 'managedFields');
    assert.equal(
      entries.map((each) => `${textAt(each, 'manager')} ${textAt(each, 'operation')} ${textAt(each, 'subresource')}`),
      ['one Apply ', 'test Update status'],
    );
  },
  { controller: () => undefined },
);

testServer('a dry run answers as the write would, and writes nothing', async (server) => {
  const { version } = server.store;
  const dry = await applyAs(server, 'one', `${configMaps}/a`, configMap('a', { x: '1' }), '&dryRun=All');
  assert.is(dry.code, 201);
  assert.is(server.store.version, version);
});

testServer('unknown fields: strict refuses, warn says, and apply never takes them', async (server) => {
  const body = limitPolicy(1, { limit: {} });
  const strict = await call(server, 'POST', `${limitPolicies}?fieldValidation=Strict`, { body });
  assert.is(short(strict), '400 BadRequest');
  assert.match(textAt(strict.body, 'message'), 'strict decoding error: unknown field "spec.limit"');
  const warned = await call(server, 'POST', limitPolicies, { body });
  assert.is(warned.code, 201);
  assert.match(String(warned.headers.warning), '299 - "unknown field');
  assert.is(at(warned.body, 'spec', 'limit'), undefined);
  const applied = await applyAs(server, 'one', `${limitPolicies}/limits`, body);
  assert.is(applied.code, 500);
  assert.match(textAt(applied.body, 'message'), '.spec.limit: field not declared in schema');
});

testServer(
  'schemas, their defaults and their rules in CEL hold',
  async (server) => {
    const wrong = async (spec: JsonObject, field: string, reason: string) => {
      const { code, body } = await applyAs(server, 'one', `${limitPolicies}/limits`, limitPolicy(1, spec));
      const causes = listAt(body, 'details', 'causes').map(
        (each) => `${textAt(each, 'field')} ${textAt(each, 'reason')}`,
      );
      assert.is(code, 422);
      assert.equal(causes.includes(`${field} ${reason}`), true, causes.join('; '));
    };
    const target = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' };
    await wrong({ targetRef: target }, 'spec.targetRef.name', 'FieldValueRequired');
    await wrong({ targetRef: { ...target, name: 'x', kind: 'Service' } }, 'spec.targetRef', 'FieldValueInvalid');
    const limit = (rate: JsonObject) => ({ limits: { gold: { rates: [rate] } } });
    await wrong(limit({ limit: '1', window: '1s' }), 'spec.limits.gold.rates[0].limit', 'FieldValueTypeInvalid');
    await wrong(limit({ limit: 1, window: '1d' }), 'spec.limits.gold.rates[0].window', 'FieldValueInvalid');
    await wrong({ defaults: { limits: {} } }, 'spec', 'FieldValueInvalid');
    const { limits, ...rest } = objectAt(limitPolicy(1), 'spec');
    const body: JsonObject = { ...limitPolicy(1), spec: { ...rest, defaults: { limits: limits! } } };
    const applied = await applyAs(server, 'one', `${limitPolicies}/limits`, body);
    assert.is(at(applied.body, 'spec', 'defaults', 'strategy'), 'atomic');
    const again = await applyAs(server, 'one', `${limitPolicies}/limits`, body);
    assert.is(textAt(again.body, 'metadata', 'resourceVersion'), textAt(applied.body, 'metadata', 'resourceVersion'));
  },
  { controller: () => undefined },
);

testServer('Secrets: texts are encoded, and what is immutable stays', async (server) => {
  const secret = (parts: JsonObject): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    ...parts,
  });
  const created = await call(server, 'POST', secrets, {
    body: secret({ stringData: { api_key: 'k' }, type: null, immutable: true }),
  });
  assert.equal(at(created.body, 'data'), { api_key: 'aw==' });
  assert.is(at(created.body, 'type'), 'Opaque');
  const changed = await applyAs(server, 'one', `${secrets}/s`, secret({ data: { api_key: 'eA==' } }), '&force=true');
  assert.is(short(changed), '422 Invalid');
  const labelled = secret({ metadata: { name: 'bad', labels: { team: 'not a label' } } });
  assert.is(short(await call(server, 'POST', secrets, { body: labelled })), '422 Invalid');
});

testServer('no object and no request is larger than etcd and the server take', async (server) => {
  const big = (bytes: number) => limitPolicy(1, { when: [{ predicate: 'x'.repeat(bytes) }] });
  const stored = await applyAs(server, 'one', `${limitPolicies}/limits`, big(1_600_000));
  assert.is(stored.code, 500);
  assert.is(textAt(stored.body, 'message'), 'etcdserver: request is too large');
  const read = await applyAs(server, 'one', `${limitPolicies}/limits`, big(3_200_000));
  assert.is(short(read), '413 RequestEntityTooLarge');
  const held = await applyAs(server, 'one', `${configMaps}/big`, configMap('big', { x: 'x'.repeat(1_100_000) }));
  assert.is(short(held), '422 Invalid');
  assert.is((await applyAs(server, 'one', `${limitPolicies}/limits`, big(1_500_000))).code, 201);
});

testServer('events of both groups are the same objects', async (server) => {
  const event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'default' },
    eventTime: '2026-11-23T00:00:00.000000Z',
    reportingController: 'example.com/polc',
    reportingInstance: 'one',
    action: 'Apply',
    reason: 'Applied',
    type: 'Normal',
    note: 'it is applied',
    regarding: { apiVersion: 'v1', kind: 'Namespace', name: 'default' },
  };
  const path = '/apis/events.k8s.io/v1/namespaces/default/events';
  assert.is((await call(server, 'POST', path, { body: event })).code, 201);
  const core = await call(server, 'GET', '/api/v1/namespaces/default/events/e');
  assert.is(textAt(core.body, 'message'), 'it is applied');
  assert.is(textAt(core.body, 'involvedObject', 'name'), 'default');
  const own = await call(server, 'GET', `${path}/e`);
  assert.is(textAt(own.body, 'note'), 'it is applied');
  const { action, ...silent } = event;
  const refusedOne = await call(server, 'POST', path, { body: { ...silent, metadata: { name: 'f' } } });
  assert.is(short(refusedOne), '422 Invalid');
  assert.ok(action);
});

testServer('JSON patches go step by step, and a test in them decides', async (server) => {
  server.add(configMap('a', { x: '1' }));
  const type = 'application/json-patch+json';
  const test = { op: 'test', path: '/data/x', value: '2' };
  const add = { op: 'add', path: '/data/y', value: '3' };
  assert.is(short(await call(server, 'PATCH', `${configMaps}/a`, { body: [add, test], type })), '422 Invalid');
  const patched = await call(server, 'PATCH', `${configMaps}/a`, {
    body: [add, { op: 'replace', path: '/data/x', value: '2' }, test, { op: 'move', from: '/data/x', path: '/data/z' }],
    type,
  });
  assert.equal(at(patched.body, 'data'), { y: '3', z: '2' });
});

run();
