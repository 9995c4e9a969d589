import { celEnv, isCelError, parse, plan as planned } from '@bufbuild/cel';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { compile } from '../../compiler/compile.ts';
import type { Requests } from '../../compiler/ir/grants.ts';
import { assertFor } from '../support/bounded-property.ts';
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

const { test, run } = suite('emitted-grants');

interface Limit {
  readonly rates: readonly { readonly limit: number; readonly window: string }[];
  readonly when?: readonly { readonly predicate: string }[];
  readonly counters?: readonly { readonly expression: string }[];
}

interface Emitted {
  readonly kind: string;
  readonly spec: {
    readonly limits?: Readonly<Record<string, Limit>>;
    readonly rules?: {
      readonly authorization: Readonly<
        Record<string, { readonly patternMatching: { readonly patterns: readonly { readonly predicate: string }[] } }>
      >;
      readonly response?: {
        readonly success: {
          readonly filters: {
            readonly identity: {
              readonly json: {
                readonly properties: Readonly<
                  Record<string, { readonly expression?: string; readonly value?: string }>
                >;
              };
            };
          };
        };
      };
    };
  };
}

/** The policies that are written for a plan, as any reader of YAML has them. */
function emitted(plan: TenancyPlan): readonly Emitted[] {
  const root = {
    targets: [{ route: { namespace: 'llm', name: 'models' } }],
    models: plannedModels,
    spend_writer: 'pipeline',
    months_as_hours: 720,
    ...plan,
  };
  const host = { read: () => undefined, now: () => 0, sha256: () => '0'.repeat(64) };
  const { files } = compile('policy.yaml', JSON.stringify(root), host, { maximumMilliseconds: 0 });
  const file = files.find(({ path }) => path === 'kuadrant/policies.yaml');
  return parseAllDocuments(String(file?.content)).map((document) => document.toJS());
}

type Bindings = Parameters<ReturnType<typeof planned>>[0];

/** The expressions in an engine that is not ours; what the filter reads from the body is a variable there. */
const environment = celEnv();
const known = new Map<string, ReturnType<typeof planned>>();

function evaluated(expression: string, bindings: Bindings): unknown {
  let made = known.get(expression);
  if (made === undefined) {
    const source = expression.replaceAll("requestBodyJSON('/model')", 'model').replaceAll('(?s)', '');
    made = planned(environment, parse(source));
    known.set(expression, made);
  }
  const value = made(bindings);
  return isCelError(value) ? undefined : value;
}

function secondsOf(window: string): number {
  return Number.parseInt(window, 10) * ({ s: 1, m: 60, h: 3600 }[window.at(-1) ?? ''] ?? Number.NaN);
}

/** What binds a request: `3 tokens in 3600`, with the counter; undefined where it is refused. */
function boundsOf(
  policies: readonly Emitted[],
  request: Requests['attributes'],
): readonly (readonly [measure: string, counter: string])[] | undefined {
  const { tier, team, user, model, spent, budget } = request;
  const labels = { 'maas/tier': tier, 'maas/team-id': team, 'maas/user-id': user };
  const annotations = { 'maas/spend-current': String(spent), 'maas/budget-usd': String(budget) };
  const secret = JSON.parse(JSON.stringify({ metadata: { namespace: 'llm', labels, annotations } }));
  const auth = policies.find(({ kind }) => kind === 'AuthPolicy')?.spec.rules;
  const asked = Object.values(auth?.authorization ?? {}).flatMap(({ patternMatching }) => patternMatching.patterns);
  assert.ok(asked.length > 0);
  if (!asked.every(({ predicate }) => evaluated(predicate, { auth: { identity: secret } }) === true)) return undefined;
  const properties = Object.entries(auth?.response?.success.filters.identity.json.properties ?? {});
  const identity = Object.fromEntries(
    properties.map(([name, { expression, value }]) => [
      name,
      expression === undefined ? (value ?? '') : String(evaluated(expression, { auth: { identity: secret } })),
    ]),
  );
  const bindings = { auth: { identity }, model: String(model) };
  const bounds: (readonly [string, string])[] = [];
  for (const { kind, spec } of policies) {
    for (const [name, { rates, when = [], counters = [] }] of Object.entries(spec.limits ?? {})) {
      if (!when.every(({ predicate }) => evaluated(predicate, bindings) === true)) continue;
      const key = counters.map(({ expression }) => evaluated(expression, bindings));
      for (const { limit, window } of rates) {
        if (limit === 0) return undefined;
        const resource = kind === 'RateLimitPolicy' ? 'requests' : 'tokens';
        bounds.push([`${limit} ${resource} in ${secondsOf(window)}`, JSON.stringify([kind, name, window, key])]);
      }
    }
  }
  return bounds;
}

function measureOf({ amount, resource, windowMilliseconds }: Bound): string {
  return `${amount} ${resource} in ${windowMilliseconds / 1000}`;
}

test('what is written binds whom the plan binds, and counts those together that the plan does', () => {
  assertFor(
    fc.property(tenancyPlan, fc.array(tenancyRequest, { maxLength: 20 }), (plan, some) => {
      const policies = emitted(plan);
      const toCounter = new Map<string, string>();
      const toBucket = new Map<string, string>();
      for (const request of [...some, ...requestsOfAll(plan)]) {
        const about = `${JSON.stringify(plan)}\n${JSON.stringify(request)}`;
        const found = boundsOf(policies, request);
        const counters = (found ?? []).map(([, counter]) => counter);
        assert.is(new Set(counters).size, counters.length, `one counter with two amounts: ${about}`);
        const bounds = meaningOf(plan, request);
        // Of two amounts on one counter the lower is written, since the rate limiter has but one.
        const meant = bounds
          ?.filter(
            (one) =>
              found?.some(([measure]) => measure === measureOf(one)) ||
              !bounds.some(
                (other) =>
                  other.bucket === one.bucket &&
                  other.resource === one.resource &&
                  other.windowMilliseconds === one.windowMilliseconds &&
                  other.amount < one.amount,
              ),
          )
          .map((one) => [measureOf(one), one.bucket] as const);
        assert.equal(found?.map(([measure]) => measure).sort(), meant?.map(([measure]) => measure).sort(), about);
        for (const [measure, bucket] of meant ?? []) {
          const [, counter = ''] = found?.find(([each]) => each === measure) ?? [];
          const own = `${measure} for ${bucket}`;
          assert.is(toCounter.get(own) ?? counter, counter, about);
          assert.is(toBucket.get(counter) ?? own, own, about);
          toCounter.set(own, counter);
          toBucket.set(counter, own);
        }
      }
    }),
    { leastRuns: 20, milliseconds: 3000 },
  );
});

test('of two amounts on one counter in one window the lower is written', () => {
  const policies = emitted({
    platform_default: { per_user: { burst_limit: 10 } },
    tiers: { free: { burst_limit: 1 } },
    teams: { blue: { tier: 'free', users: { alice: { overrides: { rate_limit_window: '30s' } } } } },
  });
  const limits = policies.flatMap(({ spec }) => Object.entries(spec.limits ?? {}));
  const ofAlice = limits.find(([name]) => name === 'tier-free-team-blue-user-alice-requests');
  assert.equal(ofAlice?.[1].rates, [{ limit: 1, window: '30s' }]);
});

run();
