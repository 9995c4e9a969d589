import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { environmentOf, grants, type Requests } from '../../compiler/ir/grants.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { suite } from '../support/harness.ts';
import { is, isIn, quota, requestDecision, rule, tenancyPolicy } from '../support/kuadrant-policies.ts';

const { test, run } = suite('grants');

const policy = tenancyPolicy(requestDecision([rule('known', isIn('team', ['red', 'blue']))]), [
  quota('requests', 'requests', 3, 100, isIn('team', ['red', 'blue'])),
  quota('tokens', 'tokens', 10, 250, isIn('team', ['red', 'blue'])),
  quota('user', 'tokens', 6, 400, is('team', 'red'), ['team', 'user']),
]);

function one(at: number, attributes: Requests['attributes'], rest: Partial<Requests> = {}): Requests {
  return { at, attributes, tokens: 1, takes: 0, times: 1, ...rest };
}

/** The same, one request at a time, with every hit kept and windows found by going through them. */
function plainly(of: Policy, trace: readonly Requests[]): readonly number[] {
  const hits: { quota: string; key: string; at: number; amount: number }[] = [];
  const used = (id: string, key: string, at: number, window: number) => {
    let begins = Number.NEGATIVE_INFINITY;
    let sum = 0;
    const own = hits.filter((hit) => hit.quota === id && hit.key === key && hit.at <= at);
    for (const hit of own.sort((left, right) => left.at - right.at)) {
      if (hit.at >= begins + window) {
        begins = hit.at;
        sum = 0;
      }
      sum += hit.amount;
    }
    return at >= begins + window ? 0 : sum;
  };
  return trace.map(({ at, attributes, tokens, takes, times }) => {
    let admitted = 0;
    for (let sent = 0; sent < times; sent += 1) {
      const environment = environmentOf(attributes);
      const allowed = decisionAt(of, 'request')!.rules.some(({ when }) => evaluate(when, environment) === true);
      if (!allowed) continue;
      const speaking = (of.quotas ?? []).filter(
        ({ when, counters }) =>
          evaluate(when, environment) === true &&
          counters.every((term) => term.kind === 'attribute' && attributes[term.name] !== undefined),
      );
      const keyOf = ({ counters }: (typeof speaking)[number]) =>
        counters.map((term) => (term.kind === 'attribute' ? attributes[term.name] : '')).join('/');
      const isUsedUp = (each: (typeof speaking)[number]) =>
        used(each.id, keyOf(each), at, each.windowMilliseconds) >= each.amount;
      const requests = speaking.filter(({ resource }) => resource === 'requests');
      if (requests.some(isUsedUp)) continue;
      for (const each of requests) hits.push({ quota: each.id, key: keyOf(each), at, amount: 1 });
      const weighed = speaking.filter(({ resource }) => resource === 'tokens');
      if (weighed.some(isUsedUp)) continue;
      for (const each of weighed) hits.push({ quota: each.id, key: keyOf(each), at: at + takes, amount: tokens });
      admitted += 1;
    }
    return admitted;
  });
}

test('grants are those of one request after the other', () => {
  const attributes = fc.record(
    { team: fc.constantFrom('red', 'blue', 'grey'), user: fc.constantFrom('jo', 'al') },
    { requiredKeys: [] },
  );
  const requests = fc.record({
    wait: fc.constantFrom(0, 0, 1, 50, 99, 100, 150, 250, 400),
    attributes,
    tokens: fc.integer({ min: 1, max: 7 }),
    takes: fc.constantFrom(0, 0, 1, 60, 300),
    times: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(requests, { maxLength: 25 }), (drawn) => {
      let at = 0;
      const trace = drawn.map(({ wait, ...rest }) => {
        at += wait;
        return { at, ...rest };
      });
      assert.equal(
        grants(policy, trace).map(({ admitted }) => admitted),
        plainly(policy, trace),
      );
    }),
    { numRuns: 400 },
  );
});

test('a window begins with the first request in it, and its end is not in it', () => {
  const red = { team: 'red', user: 'jo' };
  const found = grants(policy, [one(7, red, { times: 3 }), one(106, red), one(107, red)]);
  assert.equal(
    found.map(({ admitted }) => admitted),
    [3, 0, 1],
  );
  assert.is(found[1]!.refusedBy?.id, 'requests');
});

test('tokens count when the answer is there, so that what is asked before it comes through', () => {
  const blue = { team: 'blue' };
  const slow = { tokens: 100, takes: 50 };
  const found = grants(policy, [
    one(0, blue, slow),
    one(49, blue, slow),
    one(50, blue),
    one(299, blue),
    one(300, blue),
  ]);
  assert.equal(
    found.map(({ admitted }) => admitted),
    [1, 1, 0, 0, 1],
  );
  assert.is(found[2]!.refusedBy?.id, 'tokens');
});

test('who is not known is refused by the decision, and counts for nothing', () => {
  const found = grants(policy, [
    one(0, {}),
    one(0, { team: 'grey' }),
    one(0, { team: 'red', user: 'jo' }, { times: 3 }),
  ]);
  assert.equal(
    found.map(({ admitted }) => admitted),
    [0, 0, 3],
  );
  assert.is(found[0]!.refusedBy, undefined);
  assert.is(found[1]!.refusedBy?.id, 'request/otherwise');
});

run();
