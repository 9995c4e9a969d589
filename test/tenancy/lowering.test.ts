import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compile } from '../../compiler/compile.ts';
import type { Host } from '../../compiler/host.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { counterOf, environmentOf, grants, type Requests } from '../../compiler/ir/grants.ts';
import { contributors, decisionAt, enforceables, type Policy } from '../../compiler/ir/policy.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { verifyPolicy } from '../../compiler/ir/verify.ts';
import { suite } from '../support/harness.ts';
import {
  type Bound,
  meaningOf,
  plannedModels,
  requestsOfAll,
  type TenancyPlan,
  tenancyPlan,
  tenancyRequest,
} from '../support/tenancies.ts';

const { test, run } = suite('tenancy-lowering');

/** Where the tiers of a plan are written: in the policy, or in a ConfigMap that it includes. */
type Form = 'plain' | 'config-map';

function compiled(plan: TenancyPlan, form: Form): { readonly lowered: Policy; readonly policy: Policy } {
  const { tiers, teams, platform_default: common } = plan;
  const templates = Object.entries(tiers).map(([name, tier]) => [`tier-${name}-policy.yaml`, JSON.stringify(tier)]);
  if (common !== undefined) templates.push(['platform-default-policy.yaml', JSON.stringify(common)]);
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'tiers' },
    data: Object.fromEntries(templates),
  };
  const host: Host = {
    read: (path) => (path === 'tiers.yaml' ? JSON.stringify(configMap) : undefined),
    now: () => 0,
    sha256: () => '0'.repeat(64),
  };
  const root = {
    targets: [{ gateway: { namespace: 'llm', name: 'web' } }],
    models: plannedModels,
    spend_writer: 'pipeline',
    months_as_hours: 720,
    teams,
    ...(form === 'config-map' ? { include: ['tiers.yaml'] } : { tiers, ...(common && { platform_default: common }) }),
  };
  const result = compile('policy.yaml', JSON.stringify(root), host, { maximumMilliseconds: 0, emit: ['ir'] });
  const wrong = result.diagnostics.filter(({ code, severity }) => severity === 'error' && !code.startsWith('POL6'));
  assert.deepEqual(wrong, []);
  assert.ok(result.lowered !== undefined && result.policy !== undefined);
  return { lowered: result.lowered, policy: result.policy };
}

/** What binds a request by the IR; undefined where the decision does not allow it. */
function boundsOf(policy: Policy, request: Requests['attributes']): readonly Bound[] | undefined {
  const environment = environmentOf(request);
  if (decide(decisionAt(policy, 'request')!, environment)?.effect.kind !== 'allow') return undefined;
  return (policy.quotas ?? []).flatMap((quota) => {
    const key = counterOf(quota, environment);
    const { id, resource, windowMilliseconds, amount } = quota;
    return key === undefined ? [] : [{ resource, windowMilliseconds, amount, bucket: `${id} ${key}` }];
  });
}

function measure({ resource, windowMilliseconds, amount }: Bound): string {
  return `${amount} ${resource} in ${windowMilliseconds}`;
}

/** The same amounts bind the same requests, and two requests are counted together by both or by neither. */
function expectSameBounds(plan: TenancyPlan, policy: Policy, requests: readonly Requests['attributes'][]): void {
  const ours = new Map<string, string>();
  const theirs = new Map<string, string>();
  for (const request of requests) {
    const meant = meaningOf(plan, request);
    const found = boundsOf(policy, request);
    const about = () => `${JSON.stringify(request)}\n${printPolicy(policy)}`;
    assert.deepEqual(found?.map(measure).sort(), meant?.map(measure).sort(), about());
    for (const bound of meant ?? []) {
      const other = found?.find((each) => measure(each) === measure(bound));
      const own = `${measure(bound)} for ${bound.bucket}`;
      const bucket = other?.bucket ?? '';
      assert.equal(ours.get(own) ?? bucket, bucket, about());
      assert.equal(theirs.get(bucket) ?? own, own, about());
      ours.set(own, bucket);
      theirs.set(bucket, own);
    }
  }
}

const requests = fc.array(tenancyRequest, { minLength: 10, maxLength: 30 });
const form = fc.constantFrom<Form>('plain', 'config-map');

test('a plan means in the IR what it says, joined or not', () => {
  fc.assert(
    fc.property(tenancyPlan, requests, form, (plan, some, written) => {
      const { lowered, policy } = compiled(plan, written);
      for (const each of [lowered, policy]) {
        assert.deepEqual(verifyPolicy(each), []);
        expectSameBounds(plan, each, [...some, ...requestsOfAll(plan)]);
      }
    }),
    { numRuns: 150 },
  );
});

test('who alone have a budget share what the team says of its end', () => {
  const enforced = { overrides: { enable_budget_enforcement: true } };
  const plan: TenancyPlan = {
    platform_default: { budget_usd_monthly: 1 },
    tiers: { free: {} },
    teams: {
      blue: {
        tier: 'free',
        overrides: { enable_budget_enforcement: false, near_budget: { token_limit_per_hour: 2 } },
        users: { alice: enforced, bob: enforced },
      },
    },
  };
  const near = { tier: 'free', team: 'blue', model: 'small', spent: 0.9, budget: 1 };
  for (const policy of Object.values(compiled(plan, 'plain'))) {
    const of = (user: string) => ({ attributes: { ...near, user }, at: 0, tokens: 1, takes: 0, times: 1 });
    assert.deepEqual(
      grants(policy, ['alice', 'bob', 'alice', 'bob', 'carol', 'carol', 'carol'].map(of)).map(
        ({ admitted }) => admitted,
      ),
      [1, 1, 0, 0, 1, 1, 1],
    );
  }
});

test('who says something of a model or of the end of a budget shares all else with the team', () => {
  const plan: TenancyPlan = {
    platform_default: { budget_usd_monthly: 1 },
    tiers: { free: { token_limit_per_hour: 3 } },
    teams: {
      blue: {
        tier: 'free',
        users: {
          alice: { overrides: { per_model: { large: { token_limit_per_hour: 1 } } } },
          bob: { overrides: { near_budget: { token_limit_per_hour: 2 } } },
        },
      },
    },
  };
  const blue = { tier: 'free', team: 'blue', model: 'small', spent: 0, budget: 1 };
  const request = { attributes: blue, at: 0, tokens: 1, takes: 0, times: 1 };
  for (const policy of Object.values(compiled(plan, 'plain'))) {
    const of = (user: string, rest = {}) => ({ ...request, attributes: { ...blue, user, ...rest } });
    const trace = [of('alice'), of('bob'), of('carol'), of('alice'), of('alice', { model: 'large' })];
    const near = [of('bob', { spent: 0.9 }), of('bob', { spent: 0.9 }), of('bob', { spent: 0.9 })];
    assert.deepEqual(
      grants(policy, [...trace, ...near]).map(({ admitted }) => admitted),
      [1, 1, 1, 0, 1, 1, 1, 0],
    );
  }
});

test('a request of which something is unknown is let through only where it cannot matter', () => {
  const names = ['tier', 'team', 'user', 'model', 'spent', 'budget'] as const;
  fc.assert(
    fc.property(tenancyPlan, tenancyRequest, fc.constantFrom(...names), (plan, request, name) => {
      const { [name]: _, ...partly } = request;
      for (const policy of Object.values(compiled(plan, 'plain'))) {
        const found = boundsOf(policy, partly);
        if (found === undefined) continue;
        assert.ok(name !== 'tier' && name !== 'team', `without ${name}:\n${printPolicy(policy)}`);
        assert.deepEqual(found, boundsOf(policy, request), printPolicy(policy));
      }
    }),
    { numRuns: 150 },
  );
});

test('joined quotas admit what those of each team admit, request by request', () => {
  const trace = fc.array(
    fc.record({
      attributes: tenancyRequest,
      after: fc.constantFrom(0, 1, 29_999, 30_000, 60_000, 3_599_999, 3_600_000, 86_400_000),
      tokens: fc.integer({ min: 1, max: 3 }),
      takes: fc.constantFrom(0, 1, 30_000),
      times: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(tenancyPlan, trace, (plan, steps) => {
      let at = 0;
      const made = steps.map(({ after, ...each }) => {
        at += after;
        return { ...each, at };
      });
      const { lowered, policy } = compiled(plan, 'plain');
      const admitted = (of: Policy) => grants(of, made).map((grant) => grant.admitted);
      assert.deepEqual(admitted(policy), admitted(lowered), printPolicy(policy));
    }),
    { numRuns: 100 },
  );
});

test('every quota and rule is still there after it was joined', () => {
  fc.assert(
    fc.property(tenancyPlan, (plan) => {
      const { lowered, policy } = compiled(plan, 'plain');
      const ids = (of: Policy) =>
        enforceables(of)
          .flatMap(contributors)
          .map(({ id }) => id)
          .sort();
      assert.deepEqual(ids(policy), ids(lowered));
    }),
    { numRuns: 60 },
  );
});

run();
