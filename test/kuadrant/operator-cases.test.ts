import * as assert from 'uvu/assert';
import {
  compareInFilter,
  matchesInFilter,
  type PlacedMatch,
} from '../../compiler/dialects/kuadrant/effective/route-match.ts';
import { topologyOf } from '../../compiler/dialects/kuadrant/effective/topology.ts';
import { resourcesOf } from '../../compiler/dialects/kuadrant/resource.ts';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { suite } from '../support/harness.ts';
import {
  authPolicy,
  gateway,
  limitsInForce,
  type PolicyText,
  ratePolicy,
  readFiles,
  route,
  standing,
} from '../support/kuadrant-files.ts';

const { test, run } = suite('operator-cases');

/**
 * What the operator's own tests say of policies on gateways and routes, restated: which limits the rate limiter is given
 * for each route, and which policies are enforced. By the names of those tests.
 */
interface Case {
  readonly files: readonly string[];
  readonly limits?: readonly string[];
  readonly standing?: Readonly<Record<string, string>>;
}

const shop = [gateway('gw'), route('toystore', ['gw'], ['*.example.com'])];
const gatewayPolicy: PolicyText = { name: 'toystore-rlp', target: 'Gateway gw', level: 'defaults' };
const routePolicy: PolicyText = { name: 'httproute-rlp', target: 'HTTPRoute toystore', level: 'defaults' };
const l1 = { l1: '1/3m' };
const ten = { l1: '10/5s' };
const routeLimit = { route: '10/5s' };
const overriding = { ...gatewayPolicy, level: 'overrides' };

const two = [
  gateway('gateway-a', '*.a.example.com'),
  gateway('gateway-b', '*.b.example.com'),
  route('targeted', ['gateway-a', 'gateway-b'], ['targeted.a.example.com', 'targeted.b.example.com']),
  route('untargeted', ['gateway-a', 'gateway-b'], ['untargeted.a.example.com', 'untargeted.b.example.com']),
];

const toys = [gateway('gw', '*.toystore.com'), route('toystore', ['gw'], ['a.toystore.com'])];
const gatewayAuth: PolicyText = { name: 'gw-auth', target: 'Gateway gw', level: 'defaults' };
const routeAuth: PolicyText = { name: 'toystore', target: 'HTTPRoute toystore', level: 'defaults' };

const files: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  'tests/common/ratelimitpolicy/ratelimitpolicy_controller_test.go@07f0139e36a4a6b32e76e6480a91c0b99c360f5e': {
    'Creates all the resources for a basic HTTPRoute and RateLimitPolicy': {
      files: [...shop, ratePolicy(routePolicy, l1)],
      limits: ['gw/toystore: l1 1/180'],
      standing: { 'httproute-rlp': 'enforced' },
    },
    'Creates all the resources for a basic Gateway and RateLimitPolicy': {
      files: [...shop, ratePolicy(gatewayPolicy, l1)],
      limits: ['gw/toystore: l1 1/180'],
      standing: { 'toystore-rlp': 'enforced' },
    },
    'Creates all the resources … when missing a HTTPRoute attached to the Gateway': {
      files: [gateway('gw'), ratePolicy(gatewayPolicy, l1)],
      limits: [],
      standing: { 'toystore-rlp': 'no route' },
    },
    'Route policy defaults taking precedence over Gateway policy defaults': {
      files: [...shop, ratePolicy(gatewayPolicy, l1), ratePolicy(routePolicy, ten)],
      limits: ['gw/toystore: l1 10/5'],
      standing: { 'toystore-rlp': 'overridden by httproute-rlp', 'httproute-rlp': 'enforced' },
    },
    'Free route is created: Gateway policy should now be enforced': {
      files: [
        ...shop,
        route('route2', ['gw'], ['*.car.com']),
        ratePolicy(gatewayPolicy, l1),
        ratePolicy(routePolicy, ten),
      ],
      limits: ['gw/route2: l1 1/180', 'gw/toystore: l1 10/5'],
      standing: { 'toystore-rlp': 'enforced', 'httproute-rlp': 'enforced' },
    },
    'Implicit defaults - no underlying routes to enforce policy': {
      files: [gateway('gw'), ratePolicy({ ...gatewayPolicy, level: '' }, l1)],
      standing: { 'toystore-rlp': 'no route' },
    },
    'Gateway atomic override - gateway overrides exist and then route policy created': {
      files: [...shop, ratePolicy(overriding, l1), ratePolicy(routePolicy, routeLimit)],
      limits: ['gw/toystore: l1 1/180'],
      standing: { 'toystore-rlp': 'enforced', 'httproute-rlp': 'overridden by toystore-rlp' },
    },
    'Gateway atomic override - route policy exits and then gateway policy created': {
      files: [
        ...shop,
        ratePolicy({ ...routePolicy, created: '2025-01-01T00:00:00Z' }, routeLimit),
        ratePolicy({ ...overriding, created: '2025-01-01T00:00:10Z' }, l1),
      ],
      limits: ['gw/toystore: l1 1/180'],
      standing: { 'httproute-rlp': 'overridden by toystore-rlp', 'toystore-rlp': 'enforced' },
    },
    'Gateway atomic override - gateway overrides turned into defaults later on': {
      files: [...shop, ratePolicy(gatewayPolicy, l1), ratePolicy(routePolicy, routeLimit)],
      limits: ['gw/toystore: route 10/5'],
      standing: { 'toystore-rlp': 'overridden by httproute-rlp', 'httproute-rlp': 'enforced' },
    },
    'Gateway atomic override - no underlying routes to enforce policy': {
      files: [gateway('gw'), ratePolicy(overriding, l1)],
      standing: { 'toystore-rlp': 'no route' },
    },
    'HTTPRoute with multiple gateway parents: route policy limits with gateway policy overrides': {
      files: [
        ...two,
        ratePolicy(
          { name: 'gateway-a', target: 'Gateway gateway-a', level: 'overrides' },
          { 'gw-a-1000rps': '1000/1s' },
        ),
        ratePolicy({ name: 'gateway-b', target: 'Gateway gateway-b', level: 'overrides' }, { 'gw-b-100rps': '100/1s' }),
        ratePolicy(
          { name: 'targeted-route', target: 'HTTPRoute targeted', level: 'defaults' },
          { 'route-10rps': '10/1s' },
        ),
      ],
      limits: [
        'gateway-a/targeted: gw-a-1000rps 1000/1',
        'gateway-a/untargeted: gw-a-1000rps 1000/1',
        'gateway-b/targeted: gw-b-100rps 100/1',
        'gateway-b/untargeted: gw-b-100rps 100/1',
      ],
      standing: {
        'gateway-a': 'enforced',
        'gateway-b': 'enforced',
        'targeted-route': 'overridden by gateway-a, gateway-b',
      },
    },
  },
  'tests/common/authpolicy/authpolicy_controller_test.go@145fc07335a922d6b22d5e12f3f503f5d417f406': {
    'Attaches policy to the Gateway': {
      files: [...toys, authPolicy(gatewayAuth, 'admin')],
      standing: { 'gw-auth': 'enforced' },
    },
    'Attaches policy to the Gateway while having other policies attached to some HTTPRoutes': {
      files: [
        ...toys,
        route('policyless', ['gw'], ['b.toystore.com']),
        authPolicy(routeAuth, 'app'),
        authPolicy(gatewayAuth, 'gateway'),
      ],
      standing: { toystore: 'enforced', 'gw-auth': 'enforced' },
    },
    'Gateway AuthPolicy has overrides and Route AuthPolicy is added': {
      files: [...toys, authPolicy({ ...gatewayAuth, level: 'overrides' }, 'admin'), authPolicy(routeAuth, 'app')],
      standing: { 'gw-auth': 'enforced', toystore: 'overridden by gw-auth' },
    },
    'Route AuthPolicy exists and Gateway AuthPolicy with overrides is removed': {
      files: [...toys, authPolicy(routeAuth, 'app')],
      standing: { toystore: 'enforced' },
    },
    'Route and Gateway AuthPolicies exist. Gateway AuthPolicy updated to remove overrides': {
      files: [...toys, authPolicy(routeAuth, 'app'), authPolicy(gatewayAuth, 'admin')],
      standing: { 'gw-auth': 'overridden by toystore', toystore: 'enforced' },
    },
  },
};

for (const [file, cases] of Object.entries(files)) {
  for (const [name, { files: texts, limits, standing: expected }] of Object.entries(cases)) {
    test(`${name} of kuadrant-operator ${file}`, () => {
      const read = readFiles(texts);
      if (limits !== undefined) assert.equal(limitsInForce(read), limits);
      if (expected !== undefined) {
        assert.equal(standing(read, file.includes('authpolicy') ? 'AuthPolicy' : 'RateLimitPolicy'), expected);
      }
    });
  }
}

function placed(name: string, matches: string): PlacedMatch {
  const text = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ns, creationTimestamp: '2025-01-01T00:00:00Z' }
spec: { rules: [{ matches: [${matches}] }] }
`;
  const source = sourceText('route.yaml', text);
  const { routes } = topologyOf(resourcesOf(parseYamlDocuments(source).flatMap(({ root }) => root ?? [])));
  const [own] = routes;
  return { hostname: 'example.com', match: own!.rules[0]!.matches[0]!, route: own!, place: [0, 0] };
}

test('TestSortableHTTPRouteMatchConfigsDeterministicTieBreak of kuadrant-operator internal/gatewayapi/types_sort_test.go@b87c5bfcd9f5f8f09069414ed3aeae524688f76d', () => {
  const path = 'path: { type: PathPrefix, value: /v1/chat/completions }';
  const a = placed('a', `{ ${path}, headers: [{ name: x-a, value: '1' }] }`);
  const b = placed('b', `{ ${path}, headers: [{ name: x-b, value: '1' }] }`);
  assert.equal(
    [b, a].sort(compareInFilter).map((each) => each.route.name),
    ['a', 'b'],
  );
});

test('TestPredicatesFromHTTPRouteMatch of kuadrant-operator internal/wasm/utils_test.go@05329574dd397d01120dcfa3df4608a12bfb45fa', () => {
  const { match } = placed(
    'a',
    `{ method: TRACE, path: { type: PathPrefix, value: /admin }, headers: [{ name: X-Auth, value: kuadrant }],
       queryParams: [{ name: foo, value: bar }, { name: foo, value: baz }, { name: kua, value: drant }] }`,
  );
  const request = {
    method: 'TRACE',
    host: 'x',
    path: '/admin',
    query: { foo: 'bar', kua: 'drant' },
    headers: { 'x-auth': 'kuadrant' },
  };
  const holds = (change: Partial<typeof request>) => matchesInFilter(match, { ...request, ...change }, () => false);
  assert.ok(holds({}));
  assert.ok(holds({ path: '/administrator' }), 'a prefix of the text');
  assert.not.ok(holds({ method: 'GET' }));
  assert.not.ok(holds({ path: '/adm' }));
  assert.not.ok(holds({ headers: { 'x-auth': 'other' } }));
  assert.not.ok(holds({ query: { foo: 'baz', kua: 'drant' } }), 'the first of equal names counts');
  assert.not.ok(holds({ query: { foo: 'bar', kua: '' } }));
});

run();
