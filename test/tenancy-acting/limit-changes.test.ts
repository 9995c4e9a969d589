import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type LimitIdentity, limitIdentities } from '../../compiler/backends/kuadrant/limit-identity.ts';
import { limitChanges } from '../../runtime/tenancy/limit-changes.ts';
import type { KubernetesObject } from '../../runtime/tenancy/port.ts';
import { suite } from '../support/harness.ts';
import { gatewayPolicy, tenancyFrom } from '../support/tenancy-world.ts';

const { test, run } = suite('changes of limits');

const between = (before: string, after: string) =>
  limitChanges(tenancyFrom(before).objects, tenancyFrom(after).objects).map(({ change, resets, meaning }) =>
    [change, resets ? 'resets' : 'keeps', meaning].join(' | '),
  );

test('adding, moving and removing a team is said in words', () => {
  const blue = (tier: string) => `${gatewayPolicy}  blue: { tier: ${tier}, overrides: { token_limit_per_hour: 7 } }\n`;
  assert.equal(between(gatewayPolicy, blue('free')), [
    'conditions | keeps | tier free: 1,000 tokens in 1 h for each team, no more for team blue; what was counted stays',
    'added | keeps | team blue of tier free may use 7 tokens in 1 h, from now on apart',
  ]);
  assert.equal(between(blue('free'), blue('standard')), [
    'conditions | keeps | tier free: 1,000 tokens in 1 h for each team, now also for team blue; what was counted stays',
    'conditions | keeps | tier standard: 5,000 tokens in 1 h for each team, no more for team blue; what was counted stays',
    'added | keeps | team blue of tier standard (of tier free before) may use 7 tokens in 1 h, from now on apart',
    'removed | resets | team blue of tier free has no limit of 7 tokens in 1 h any more, and counts in the limits of its tier, if any',
  ]);
});

test('an amount keeps what was counted, a window does not', () => {
  const daily = gatewayPolicy.replace('free: { token_limit_per_hour: 1000', 'free: { token_limit_per_day: 1000');
  assert.equal(between(gatewayPolicy, daily), [
    'reset | resets | tier free: 1,000 tokens in 24 h for each team, in 1 h before, begins at zero',
  ]);
  assert.equal(between(gatewayPolicy, gatewayPolicy.replace('burst_limit: 10', 'burst_limit: 12')), [
    'amount | keeps | tier free: 12 requests in 1 min for each team, 10 before; what was counted stays',
  ]);
});

test('another name for the same limit is told with both names', () => {
  const [limits] = limitChanges(tenancyFrom(gatewayPolicy, 'old').objects, tenancyFrom(gatewayPolicy, 'new').objects);
  assert.is(limits?.change, 'renamed');
  assert.ok(limits?.resets);
});

test('another target is told of each policy, and what that leaves behind', () => {
  assert.equal(between(gatewayPolicy, gatewayPolicy.replace('inference-gateway', 'edge')), [
    'moved | resets | RateLimitPolicy llm/platform goes from Gateway inference-gateway to Gateway edge: what was counted stays only on routes of both, and the first is limited by it no more',
    'moved | resets | TokenRateLimitPolicy llm/platform goes from Gateway inference-gateway to Gateway edge: what was counted stays only on routes of both, and the first is limited by it no more',
    'moved | keeps | AuthPolicy llm/platform goes from Gateway inference-gateway to Gateway edge: Gateway inference-gateway asks for no keys by it any more',
  ]);
});

test('what is refused is told by the limit that refuses it', () => {
  const allowing = gatewayPolicy.replace('burst_limit: 10', 'burst_limit: 10, models_allowed: [small]');
  const unlimited = between(gatewayPolicy, allowing).filter((line) => line.includes('refused'));
  assert.equal(unlimited, ['added | keeps | whatever `refused` names is refused']);
});

/** A policy with some limits of some names. */
const policy = fc
  .dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.record({
      rates: fc.uniqueArray(fc.record({ limit: fc.nat(3), window: fc.constantFrom('1m', '1h') }), {
        minLength: 1,
        maxLength: 2,
        selector: ({ window }) => window,
      }),
      counters: fc
        .subarray(['auth.identity.team', 'auth.identity.user'])
        .map((each) => each.map((expression) => ({ expression }))),
      when: fc.constantFrom([{ predicate: "auth.identity.tier == 'free'" }], []),
    }),
  )
  .map(
    (limits): KubernetesObject => ({
      apiVersion: 'kuadrant.io/v1alpha1',
      kind: 'TokenRateLimitPolicy',
      metadata: { name: 'p', namespace: 'n' },
      spec: { limits },
    }),
  );

test('whatever begins at zero is said to, and nothing else', () => {
  fc.assert(
    fc.property(policy, policy, (before, after) => {
      const identities = (object: KubernetesObject) =>
        new Set(limitIdentities(object).map(({ id }: LimitIdentity) => id));
      const now = identities(after);
      const forgotten = [...identities(before)].filter((id) => !now.has(id)).length;
      assert.is(limitChanges([before], [after]).filter(({ resets }) => resets).length, forgotten);
      assert.equal(limitChanges([before], [before]), []);
    }),
  );
});

run();
