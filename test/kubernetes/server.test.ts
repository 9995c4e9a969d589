import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { serviceAccountUser } from '../support/kubernetes/access.ts';
import { type ApiResponse, applyAs, call } from '../support/kubernetes/client.ts';
import { enforced, partlyEnforced, refused } from '../support/kubernetes/controller.ts';
import { at, type Json, type JsonObject, listAt, textAt } from '../support/kubernetes/json.ts';
import { configMap, configMaps, limitPolicies, limitPolicy, short } from '../support/kubernetes/samples.ts';
import { type KubernetesOptions, type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';
import { until } from '../support/until.ts';

const { test, run } = suite('kubernetes-server');

function testServer(name: string, check: (server: KubernetesServer) => Promise<void>, options: KubernetesOptions = {}) {
  test(name, () => withKubernetes(options, check));
}

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

testServer(
  'nobody grants what it does not have',
  async (server) => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const role = (verbs: string[]): JsonObject => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'granted' },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs }],
    });
    const token = 'manager';
    const created = await call(server, 'POST', `${rbac}/roles`, { body: role(['get', 'delete']), token });
    assert.is(short(created), '403 Forbidden');
    assert.match(textAt(created.body, 'message'), 'is attempting to grant RBAC permissions not currently held');
    assert.is((await call(server, 'POST', `${rbac}/roles`, { body: role(['get']), token })).code, 201);
    server.add({ ...role(['delete']), metadata: { name: 'wide' } });
    const bound = (name: string) => {
      const body: JsonObject = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name },
        subjects: [{ kind: 'User', name: 'someone' }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      };
      return call(server, 'POST', `${rbac}/rolebindings`, { body, token });
    };
    assert.is(short(await bound('wide')), '403 Forbidden');
    assert.is((await bound('granted')).code, 201);
  },
  {
    tokens: { manager: { name: 'manager', groups: [] } },
    objects: [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'managers' },
        rules: [
          { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['create'] },
          { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'managers' },
        subjects: [{ kind: 'User', name: 'manager' }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'managers' },
      },
    ],
  },
);

testServer('the operator says what the test tells it to say', async (server) => {
  const policy = () => server.object('RateLimitPolicy', 'default', 'limits');
  const isSaid = () => at(policy(), 'status', 'observedGeneration') === at(policy(), 'metadata', 'generation');
  const said = async (): Promise<string> => {
    await until(isSaid, 'the operator has said something');
    return listAt(policy(), 'status', 'conditions')
      .map((each) => `${textAt(each, 'type')}=${textAt(each, 'status')} ${textAt(each, 'message')}`)
      .join('; ');
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
  const isAccepted = () => textAt(listAt(policy(), 'status', 'conditions')[0], 'status') === 'True';
  await until(isAccepted, 'the operator has spoken of the generation before');
  assert.not(isSaid());
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
  const deleting = call(server, 'DELETE', path).catch(() => 'broken');
  await until(() => server.object('ConfigMap', 'default', 'a') === undefined, 'it is deleted');
  assert.is(await Promise.race([deleting, patience]), 'waiting');
  assert.is(server.calls.at(-1)?.verb, 'delete');
});

testServer('a server that restarts ends its watches, and says what came since to the next', async (server) => {
  const names = ({ body }: ApiResponse) =>
    listAt({ body }, 'body').map((each) => textAt(each, 'object', 'metadata', 'name'));
  const watched = call(server, 'GET', `${configMaps}?watch=true`);
  await until(() => server.calls.length > 0);
  server.add(configMap('a', {}));
  const { version } = server.store;
  server.dropWatches();
  assert.equal(names(await watched), ['a']);
  server.add(configMap('b', {}));
  const again = await call(server, 'GET', `${configMaps}?watch=true&resourceVersion=${version}&timeoutSeconds=1`);
  assert.equal(names(again), ['b']);
});

run();
