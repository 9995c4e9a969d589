import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse, parseAllDocuments } from 'yaml';
import { kuadrant } from '../../compiler/backends/kuadrant/index.ts';
import { printYaml, type YamlValue } from '../../compiler/backends/kuadrant/print-yaml.ts';
import { windowText } from '../../compiler/backends/kuadrant/window.ts';
import { and, attribute, compare, literal, not } from '../../compiler/expressions/predicate.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget, type KubernetesTarget } from '../../compiler/target.ts';
import { reviewBackend } from '../support/backend-fixture.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import {
  is,
  isIn,
  place,
  quota,
  requestDecision,
  rule,
  tenancyPolicy,
  twoTiers,
} from '../support/kuadrant-policies.ts';
import { isPolicyKind, missingDefinitions, violations } from '../support/naive-crd.ts';

const { test, skip, run } = suite('kuadrant-output');

const HOUR = 3_600_000;

function emit(policy: Policy, change: Partial<KubernetesTarget> = {}) {
  return kuadrant.emit(policy, { ...defaultTarget, kubernetes: { ...defaultTarget.kubernetes, ...change } });
}

function policiesOf(policy: Policy): readonly {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly spec: { readonly rules?: object };
}[] {
  const text = String(emit(policy).artifacts.find(({ path }) => path === 'policies.yaml')!.content);
  return parseAllDocuments(text).map((document) => {
    assert.equal(document.errors, []);
    return document.toJS();
  });
}

interface AuthRules {
  readonly response?: { success: { filters: { identity: { json: { properties: object } } } } };
}

const someTeams = (count: number): Policy =>
  tenancyPolicy(
    requestDecision([rule('any', not(is('team', '')))]),
    Array.from({ length: count }, (_, index) =>
      quota(`team-${index}`, 'tokens', 1000 + index, HOUR, and(is('tier', 'gold'), is('team', `team-${index}`)), []),
    ),
  );

const samples: readonly Policy[] = [
  twoTiers,
  someTeams(5),
  tenancyPolicy(undefined, [quota('all', 'requests', 7, 1000)]),
  tenancyPolicy(
    requestDecision([rule('models', isIn('model', ['a', 'it\'s "b"']))]),
    [],
    [place(), place({ at: 'route', name: 'chat', sectionName: 'rule-1' }, 'target/1')],
  ),
];

if (missingDefinitions !== undefined) {
  skip('every policy is one that the API server takes', missingDefinitions);
} else {
  test('every policy is one that the API server takes', () => {
    for (const policy of samples) {
      const objects = policiesOf(policy);
      for (const { kind, spec } of objects) {
        assert.ok(isPolicyKind(kind), kind);
        assert.equal(violations(kind, spec), []);
      }
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.is(new Set(names).size, names.length);
    }
  });
}

test('what is printed is what a YAML parser of others reads', () => {
  const key = fc.oneof(fc.string(), fc.constantFrom('a', 'yes', 'null', '1', '~', 'a: b', '- x', 'on'));
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }).filter((each) => !/\p{Cs}/u.test(each)),
    fc.constantFrom(
      'true',
      '0x1f',
      '1e3',
      '.5',
      'a #b',
      'a: b',
      "'",
      '"',
      'a\nb',
      'a\n\nb',
      ' a\nb',
      'a\n',
      "x\n|| y == 'z'",
      '\u2028',
      '\u0085',
    ),
  );
  const { value } = fc.letrec<{ value: YamlValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc
        .array(tie('value'), { maxLength: 3 })
        .filter((items) => items.every((item) => typeof item !== 'object' || Object.keys(item).length > 0)),
      fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (each) => {
      if (typeof each === 'object' && Object.keys(each).length === 0) return;
      assert.equal(parse(printYaml(each)), each);
    }),
    { numRuns: 600 },
  );
});

const reviewed: Readonly<Record<string, Policy>> = {
  'two-tiers': twoTiers,
  'own-limits': someTeams(2),
  route: samples[3]!,
};

for (const fixture of fixtureCases('kuadrant-output')) {
  test(`fixture ${fixture.name}`, () => reviewBackend(kuadrant, fixture, reviewed[fixture.name]!, defaultTarget));
}

test('the same policy gives the same bytes, whatever was emitted before', () => {
  const first = emit(twoTiers).artifacts;
  emit(someTeams(3));
  assert.equal(emit(twoTiers).artifacts, first);
});

test('a window is the sum of its parts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99_999 * 3600 + 3599 }), (seconds) => {
      const text = windowText(seconds * 1000)!;
      assert.match(text, /^([0-9]{1,5}(h|m|s|ms)){1,4}$/);
      const units = { h: 3600, m: 60, s: 1 };
      const sum = [...text.matchAll(/(\d+)([hms])/g)].reduce(
        (all, [, n, unit]) => all + Number(n) * units[unit as 'h'],
        0,
      );
      assert.is(sum, seconds);
    }),
  );
  for (const wrong of [0, 500, 1500, 100_000 * HOUR]) assert.is(windowText(wrong), undefined);
});

test('counters are between single quotes, and each line of the source map is the line of its limit', () => {
  const { artifacts } = emit(twoTiers);
  const [policies] = artifacts;
  const lines = String(policies!.content).split('\n');
  for (const line of lines) if (/^ +- expression: /.test(line)) assert.not.match(line.slice(line.indexOf(':')), /\\"/);
  const named = new Map(policies!.sourceMap.map(({ at, rule: id }) => [id, lines[Number(at) - 1]]));
  assert.is(named.get('standard/day'), '    tier-standard-by-team-tokens:');
  assert.is(named.get('data-science/hour'), '    tier-standard-team-data-science-tokens:');
  assert.is(named.get('standard/burst'), '    tier-standard-by-team-user-requests:');
  assert.is(named.get('target/0'), '---');
});

test('only what limits read is exported, and nothing where they read nothing', () => {
  const exportsOf = (policy: Policy) =>
    Object.keys(
      (policiesOf(policy)[0]!.spec.rules as AuthRules).response?.success.filters.identity.json.properties ?? {},
    );
  assert.equal(exportsOf(twoTiers), ['team', 'user', 'tier']);
  const spending = quota('near', 'requests', 9, HOUR, compare(attribute('spent'), '>=', literal(80)), []);
  assert.equal(exportsOf(tenancyPolicy(undefined, [spending])), ['spent']);
  const [alone] = policiesOf(tenancyPolicy(requestDecision([rule('any', is('tier', 'gold'))]), []));
  assert.is('response' in alone!.spec.rules!, false);
});

test('sizes: 80 % of what fits warns, more is an error, and merged limits are far below', () => {
  const codes = (policy: Policy, change: Partial<KubernetesTarget> = {}) =>
    emit(policy, change)
      .diagnostics.map(({ code, message }) => `${code} ${message.replace(/[0-9][0-9,]*[0-9]/g, 'N')}`)
      .filter((each) => each.startsWith('POL7'));
  assert.equal(codes(twoTiers), []);
  assert.equal(codes(someTeams(400)), []);
  assert.equal(codes(someTeams(460)), [
    'POL7220 the configuration of the filter of the gateway would have about N bytes of the N that fit',
  ]);
  assert.equal(codes(someTeams(600)), [
    'POL7221 the configuration of the filter of the gateway would have about N bytes, and N fit',
  ]);
  assert.equal(codes(someTeams(200), { routes: 3 }).length, 1);
  assert.equal(codes(someTeams(200), { objectBytes: 10_000_000, routes: 3 }), []);
});

test('what is lost is said of the rule that loses it', () => {
  const two = tenancyPolicy(
    requestDecision([
      rule('nobody', is('team', ''), 'deny'),
      rule('models', and(is('tier', 'a'), isIn('model', ['m']))),
      rule('all', is('tier', 'b')),
    ]),
    [
      quota('a', 'tokens', 10, HOUR, is('tier', 'a')),
      quota('a/user', 'tokens', 5, HOUR, is('tier', 'a'), ['user']),
      quota('b', 'tokens', 10, HOUR, is('tier', 'b')),
      quota('half', 'requests', 10, 500, is('tier', 'b')),
    ],
  );
  const statuses = (change: Partial<KubernetesTarget> = {}) =>
    Object.fromEntries(emit(two, change).coverage.map(({ rule: id, status }) => [id, status]));
  const expected = {
    'request/nobody': 'full',
    'request/models': 'partial',
    'request/all': 'full',
    'request/otherwise': 'full',
    a: 'partial',
    'a/user': 'partial',
    b: 'full',
    half: 'none',
    'target/0': 'full',
  };
  assert.equal(statuses(), expected);
  assert.equal(statuses({ rateLimitFailure: 'deny' }), { ...expected, 'request/models': 'full' });
  assert.equal(statuses({ routes: 2 }), { ...expected, b: 'partial' });
});

test('names are those that Kubernetes takes, one for each object', () => {
  const policy = { ...samples[3]!, name: 'My_Platform.Tiers' };
  const names = policiesOf(policy).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  assert.equal(names, [
    'AuthPolicy my-platform-tiers-inference-gateway',
    'RateLimitPolicy my-platform-tiers-inference-gateway',
    'AuthPolicy my-platform-tiers-chat',
    'RateLimitPolicy my-platform-tiers-chat',
  ]);
});

run();
