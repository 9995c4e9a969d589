import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { serviceAccountUser } from '../support/kubernetes/access.ts';
import { type ApiResponse, applyAs, call } from '../support/kubernetes/client.ts';
import { enforced, partlyEnforced, refused } from '../support/kubernetes/controller.ts';
import { at, type Json, type JsonObject, listAt, objectAt, textAt } from '../support/kubernetes/json.ts';
import { type KubernetesOptions, type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';

const { test, run } = suite('kubernetes-server');

const configMaps = '/api/v1/namespaces/default/configmaps';
const secrets = '/api/v1/namespaces/default/secrets';
const limitPolicies = '/apis/kuadrant.io/v1/namespaces/default/ratelimitpolicies';

function configMap(name: string, data: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

function limitPolicy(limit: number, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'kuadrant.io/v1',
    kind: 'RateLimitPolicy',
    metadata: { name: 'limits' },
    spec: {
      targetRef: { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'chat' },
      limits: { gold: { rates: [{ limit, window: '10s' }] } },
      ...spec,
    },
  };
}

function short({ code, body }: ApiResponse): string {
  return `${code} ${textAt(body, 'reason')}`;
}

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
    body: secret({ stringData: { api_key: 'k' }, immutable: true }),
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

testServer('lists go page by page at one version, select, and are told 410 after a compaction', async (server) => {
  for (const name of ['a', 'b', 'c', 'd'])
    server.add(configMap(name, {}, { labels: { name, even: String('bd'.includes(name)) } }));
  const names = ({ body }: ApiResponse) => listAt(body, 'items').map((item) => textAt(item, 'metadata', 'name'));
  const first = await call(server, 'GET', `${configMaps}?limit=2`);
  assert.equal(names(first), ['a', 'b']);
  assert.is(at(first.body, 'metadata', 'remainingItemCount'), 2);
  await call(server, 'DELETE', `${configMaps}/c`);
  const more = textAt(first.body, 'metadata', 'continue');
  const second = await call(server, 'GET', `${configMaps}?limit=2&continue=${more}`);
  assert.equal(names(second), ['c', 'd']);
  const selected = async (query: string) => names(await call(server, 'GET', `${configMaps}?${query}`));
  assert.equal(await selected('labelSelector=even%3Dtrue'), ['b', 'd']);
  assert.equal(await selected(`labelSelector=${encodeURIComponent('name in (a, d),even!=true')}`), ['a']);
  assert.equal(await selected('labelSelector=%21even'), []);
  assert.equal(await selected('fieldSelector=metadata.name%3Dd'), ['d']);
  server.compact();
  server.add(configMap('e', {}));
  assert.is(short(await call(server, 'GET', `${configMaps}?limit=2&continue=${more}`)), '410 Expired');
});

testServer(
  'a watch tells what changed since, what enters and leaves its selection, bookmarks, and 410',
  async (server) => {
    const since = server.store.version;
    const path = `${configMaps}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&labelSelector=in&resourceVersion=`;
    server.add(configMap('a', {}, { labels: { in: '' } }));
    const watched = call(server, 'GET', `${path}${since}`);
    server.add(configMap('b', {}));
    const type = 'application/merge-patch+json';
    await call(server, 'PATCH', `${configMaps}/b`, { body: { metadata: { labels: { in: '' } } }, type });
    await call(server, 'PATCH', `${configMaps}/a`, { body: { metadata: { labels: null } }, type });
    await call(server, 'DELETE', `${configMaps}/b`);
    const { body } = await watched;
    const events = (Array.isArray(body) ? body : []).map(
      (each) => `${textAt(each, 'type')} ${textAt(each, 'object', 'metadata', 'name')}`,
    );
    assert.equal(
      events.filter((each) => !each.startsWith('BOOKMARK')),
      ['ADDED a', 'ADDED b', 'DELETED a', 'DELETED b'],
    );
    assert.ok(events.includes('BOOKMARK '));
    server.compact();
    const late = await call(server, 'GET', `${path}${since}`);
    assert.is(at(Array.isArray(late.body) ? late.body[0] : null, 'object', 'code'), 410);
  },
  { bookmarkMilliseconds: 300 },
);

const roles: readonly JsonObject[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'limits' },
    rules: [
      {
        apiGroups: ['kuadrant.io'],
        resources: ['ratelimitpolicies'],
        verbs: ['get', 'patch'],
        resourceNames: ['limits'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'limits' },
    subjects: [{ kind: 'ServiceAccount', name: 'polc', namespace: 'default' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'limits' },
  },
];

testServer(
  'a token may do what its roles say',
  async (server) => {
    const token = 'polc';
    assert.is(short(await call(server, 'GET', `${limitPolicies}/limits`, { token: '' })), '401 Unauthorized');
    assert.is(short(await call(server, 'GET', `${limitPolicies}/limits`, { token: 'unknown' })), '401 Unauthorized');
    assert.is(short(await call(server, 'GET', `${limitPolicies}/limits`, { token })), '404 NotFound');
    const listed = await call(server, 'GET', limitPolicies, { token });
    assert.is(short(listed), '403 Forbidden');
    assert.is(
      textAt(listed.body, 'message'),
      'ratelimitpolicies.kuadrant.io is forbidden: User "system:serviceaccount:default:polc" cannot list resource "ratelimitpolicies" in API group "kuadrant.io" in the namespace "default"',
    );
    const path = `${limitPolicies}/limits?fieldManager=one`;
    const patch = { body: limitPolicy(1), type: 'application/apply-patch+yaml', token };
    // To apply what is not there yet is to create it.
    assert.is(short(await call(server, 'PATCH', path, patch)), '403 Forbidden');
    server.add(limitPolicy(1));
    assert.is((await call(server, 'PATCH', path, patch)).code, 200);
    const asked = async (verb: string, name: string) => {
      const resourceAttributes = {
        verb,
        group: 'kuadrant.io',
        resource: 'ratelimitpolicies',
        namespace: 'default',
        name,
      };
      const body: Json = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      };
      const answer = await call(server, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        body,
        token,
      });
      return at(answer.body, 'status', 'allowed');
    };
    assert.equal(
      [await asked('patch', 'limits'), await asked('patch', 'other'), await asked('delete', 'limits')],
      [true, false, false],
    );
  },
  {
    tokens: {
      administrator: { name: 'root', groups: ['system:masters'] },
      polc: serviceAccountUser('default', 'polc'),
    },
    objects: roles,
  },
);

testServer('the operator says what the test tells it to say', async (server) => {
  const said = async (): Promise<string> => {
    for (let tries = 0; tries < 100; tries += 1) {
      const policy = server.object('RateLimitPolicy', 'default', 'limits');
      const conditions = listAt(policy, 'status', 'conditions');
      if (at(policy, 'status', 'observedGeneration') === at(policy, 'metadata', 'generation')) {
        return conditions
          .map((each) => `${textAt(each, 'type')}=${textAt(each, 'status')} ${textAt(each, 'message')}`)
          .join('; ');
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return 'nothing';
  };
  await applyAs(server, 'one', `${limitPolicies}/limits`, limitPolicy(1));
  assert.match(await said(), /^Accepted=True .*; Enforced=True .*successfully/);
  server.controller = () => partlyEnforced();
  await applyAs(server, 'one', `${limitPolicies}/limits`, limitPolicy(2));
  assert.match(await said(), /Enforced=True .*partially/);
  server.controller = () => refused('TargetNotFound', 'no such route');
  await applyAs(server, 'one', `${limitPolicies}/limits`, limitPolicy(3));
  assert.is(await said(), 'Accepted=False no such route');
  server.controller = () => ({ ...enforced(), stale: true });
  await applyAs(server, 'one', `${limitPolicies}/limits`, limitPolicy(4));
  assert.is(await said(), 'nothing');
});

testServer('a fault answers, hangs or breaks the connection, before or after the effect', async (server) => {
  const path = `${configMaps}/a`;
  for (const answer of [401, 409, 410, 413, 429, 500, 503] as const) {
    server.fault = ({ verb }) => (verb === 'patch' ? { when: 'before', answer } : undefined);
    const { code, headers } = await applyAs(server, 'one', path, configMap('a', {}));
    assert.is(code, answer);
    assert.is(headers['retry-after'], answer === 429 ? '1' : undefined);
    assert.is(server.object('ConfigMap', 'default', 'a'), undefined);
  }
  server.fault = () => ({ when: 'before', answer: 'close' });
  assert.is(await applyAs(server, 'one', path, configMap('a', {})).catch(() => 'broken'), 'broken');
  assert.is(server.object('ConfigMap', 'default', 'a'), undefined);
  server.fault = () => ({ when: 'after', answer: 'close' });
  assert.is(await applyAs(server, 'one', path, configMap('a', {})).catch(() => 'broken'), 'broken');
  assert.not.equal(server.object('ConfigMap', 'default', 'a'), undefined);
  server.fault = () => ({ when: 'after', answer: 'hang' });
  const patience = new Promise((resolve) => setTimeout(() => resolve('waiting'), 100));
  assert.is(await Promise.race([call(server, 'DELETE', path).catch(() => 'broken'), patience]), 'waiting');
  assert.is(server.object('ConfigMap', 'default', 'a'), undefined);
  assert.is(server.calls.at(-1)?.verb, 'delete');
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
