import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { kuadrant } from '../../compiler/backends/kuadrant/index.ts';
import { limitIdentities } from '../../compiler/backends/kuadrant/limit-identity.ts';
import { planKuadrant } from '../../compiler/backends/kuadrant/plan.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { suite } from '../support/harness.ts';
import { twoTiers } from '../support/kuadrant-policies.ts';

const { test, run } = suite('limit-identity');

const limit = {
  rates: [{ limit: 10, window: '1h' }],
  when: [{ predicate: "auth.identity.tier == 'gold'" }],
  counters: [{ expression: 'auth.identity.team' }, { expression: 'auth.identity.user' }],
};

function objectWith(change: Partial<typeof limit>, name = 'gold', metadata = { namespace: 'llm', name: 'web' }) {
  return { kind: 'TokenRateLimitPolicy', metadata, spec: { limits: { [name]: { ...limit, ...change } } } };
}

const identity = (object: unknown) => limitIdentities(object).map(({ id }) => id);
const own = identity(objectWith({}));

test('what was counted stays where Limitador takes two limits for the same', () => {
  assert.is(own.length, 1);
  for (const change of [
    { rates: [{ limit: 99, window: '1h' }] },
    { rates: [{ limit: 10, window: '60m' }] },
    { when: [] },
    { counters: [...limit.counters].reverse() },
  ]) {
    assert.equal(identity(objectWith(change)), own, JSON.stringify(change));
  }
});

test('what was counted is lost where it does not', () => {
  const others = [
    objectWith({ rates: [{ limit: 10, window: '2h' }] }),
    objectWith({ counters: limit.counters.slice(1) }),
    objectWith({}, 'silver'),
    objectWith({}, 'gold', { namespace: 'llm', name: 'web-2' }),
    objectWith({}, 'gold', { namespace: 'other', name: 'web' }),
    { ...objectWith({}), kind: 'RateLimitPolicy' },
  ].flatMap(identity);
  assert.is(others.length, 6);
  assert.is(new Set([...own, ...others]).size, 7);
});

test('limits under defaults and overrides have one, and what is no limit has none', () => {
  const { spec, ...rest } = objectWith({});
  assert.equal(identity({ ...rest, spec: { defaults: spec } }), own);
  assert.equal(identity({ ...rest, spec: { overrides: spec } }), own);
  for (const wrong of [undefined, null, 'x', [], {}, { kind: 'AuthPolicy', spec }, { ...rest, spec: { limits: [1] } }])
    assert.equal(identity(wrong), []);
  assert.equal(identity(objectWith({ rates: [{ limit: 10, window: '1d' }] })), []);
});

test('every rate that is written has an identity of its own and the quota that it comes from', () => {
  const policies = kuadrant.emit(twoTiers, defaultTarget).artifacts.find(({ path }) => path === 'policies.yaml');
  const written = parseAllDocuments(String(policies?.content)).flatMap((each) => limitIdentities(each.toJS()));
  const quotas = new Map(planKuadrant(twoTiers).limits.map(({ name, quotas }) => [name, quotas]));
  const meant = [...quotas.values()].flat();
  assert.is(new Set(written.map(({ id }) => id)).size, written.length);
  const found = written
    .filter((each) => each.limit !== 'refused')
    .map((each) => {
      const about = quotas
        .get(each.limit)
        ?.find(
          ({ amount, windowMilliseconds }) => amount === each.amount && windowMilliseconds === each.seconds * 1000,
        );
      return about?.id;
    });
  assert.equal(found.sort(), meant.map(({ id }) => id).sort());
});

run();
