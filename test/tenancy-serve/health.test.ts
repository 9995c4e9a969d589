import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { enforced, overridden } from '../support/kubernetes/controller.ts';
import { at, type JsonObject } from '../support/kubernetes/json.ts';
import { patchAs, serving } from '../support/serving.ts';
import type { RunningService } from '../support/tenancy-service.ts';
import { answerThat } from '../support/until.ts';

const { test, run } = suite('health and metrics of a tenancy service');

/** The samples of the metrics, by name and labels. */
async function metricsOf(service: RunningService): Promise<ReadonlyMap<string, number>> {
  const { text } = await service.call('GET', '/metrics');
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = /^(polc_tenancy_[a-z_]+(?:\{[a-z]+="[^"]*"\})?) (\S+)$/.exec(line) ?? [];
    assert.ok(name !== '' && Number.isFinite(Number(value)), line);
    assert.not.ok(samples.has(name), name);
    samples.set(name, Number(value));
  }
  return samples;
}

const checksOf = (body: JsonObject) => JSON.stringify(body.checks);
const ready = (service: RunningService, token?: string) =>
  answerThat(
    () => service.call('GET', '/readyz', token === undefined ? {} : { token }),
    ({ status }) => status === 200,
  );
const failing = (service: RunningService, check: string) =>
  answerThat(
    () => service.call('GET', '/readyz'),
    ({ status, body }) => status === 503 && at(body, 'checks', check) !== 'ok',
  );
const metric = (service: RunningService, name: string, value: number) =>
  answerThat(
    () => metricsOf(service),
    (samples) => samples.get(`polc_tenancy_${name}`) === value,
  ).then((samples) => assert.is(samples.get(`polc_tenancy_${name}`), value, name));

const limits = '/apis/kuadrant.io/v1alpha1/namespaces/llm/tokenratelimitpolicies/platform';

test('drift is seen on schedule, counted, and gone when it is taken back', () =>
  serving(async ({ service, server }) => {
    assert.is((await ready(service)).status, 200);
    await metric(service, 'compliant', 1);
    await metric(service, 'drifted_objects', 0);
    const rates = [{ limit: 999_999, window: '1h' }];
    await patchAs(server, 'kubectl-edit', limits, { spec: { limits: { 'tier-free-by-team-tokens': { rates } } } });
    const seen = await failing(service, 'drift');
    assert.is(at(seen.body, 'checks', 'drift'), '1 objects differ from the policy');
    // Reasons are for those who may read.
    const strangers = await service.call('GET', '/readyz', { token: '' });
    assert.is(at(strangers.body, 'checks', 'drift'), 'failing');
    await metric(service, 'drifted_objects', 1);
    await metric(service, 'compliant', 0);
    await metric(service, 'health_check{check="drift"}', 0);
    await metric(service, 'health_check{check="policies"}', 1);
    // Who changed it is not overruled by the next change of the service.
    const more = { team: 'x', tier: 'free', overrides: { token_limit_per_hour: 2 } };
    const held = await service.change('POST', '/teams', more);
    assert.is(held.state, 'failed');
    assert.match(JSON.stringify(held.findings), /POL8122.*kubectl-edit.*POST \/repair/);
    assert.is((await service.change('POST', '/repair')).state, 'done');
    const live = server.object('TokenRateLimitPolicy', 'llm', 'platform');
    assert.equal(at(live, 'spec', 'limits', 'tier-free-by-team-tokens', 'rates'), [{ limit: 1000, window: '1h' }]);
    assert.is((await ready(service)).status, 200);
  }));

test('policies that are not enforced, and an operator that looks at nothing', () =>
  serving(async ({ service, server }) => {
    await service.change('POST', '/teams', { team: 'x', tier: 'free' });
    await ready(service);
    await metric(service, 'active_team_policies', 1);
    server.controller = () => overridden();
    await patchAs(server, 'kubectl-edit', limits, { spec: { targetRef: { sectionName: 'https' } } });
    const unenforced = await failing(service, 'policies');
    assert.match(checksOf(unenforced.body), /overridden by another one/);
    await metric(service, 'active_team_policies', 0);
    await metric(service, 'health_check{check="policies"}', 0);
    server.controller = () => undefined;
    await patchAs(server, 'kubectl-edit', limits, { spec: { targetRef: { sectionName: 'http' } } });
    assert.match(checksOf((await failing(service, 'operator')).body), /has not looked at this version/);
    await metric(service, 'health_check{check="operator"}', 0);
    server.controller = () => enforced();
    await patchAs(server, 'kubectl-edit', limits, { spec: { targetRef: { sectionName: null } } });
    assert.is((await ready(service)).status, 200);
    await metric(service, 'active_team_policies', 1);
  }));

test('a template that is broken by hand, and a cluster that is away', () =>
  serving(async ({ service, server }) => {
    await service.change('PUT', '/tiers/gold', { settings: { burst_limit: 9 } });
    await ready(service);
    const map = '/api/v1/namespaces/llm/configmaps/platform-default-policies';
    await patchAs(server, 'kubectl-edit', map, { data: { 'tier-gold-policy.yaml': 'burst_limit: [' } });
    await failing(service, 'templates');
    await metric(service, 'health_check{check="templates"}', 0);
    const refused = await service.call('POST', '/teams', { body: { team: 'x', tier: 'free' } });
    assert.is(refused.status, 422);
    await patchAs(server, 'kubectl-edit', map, { data: { 'tier-gold-policy.yaml': 'burst_limit: 9\n' } });
    assert.is((await ready(service)).status, 200);
    const before = (await metricsOf(service)).get('polc_tenancy_last_check_timestamp_seconds') ?? 0;
    server.fault = () => ({ when: 'before', answer: 'close' });
    assert.match(checksOf((await failing(service, 'operator')).body), /list ratelimitpolicies/);
    await metric(service, 'compliant', 0);
    assert.is((await service.call('GET', '/healthz', { token: '' })).status, 200);
    server.fault = () => undefined;
    assert.is((await ready(service)).status, 200);
    assert.ok(((await metricsOf(service)).get('polc_tenancy_last_check_timestamp_seconds') ?? 0) > before);
  }));

test('applications, latency and the queue are counted', () =>
  serving(async ({ service, server }) => {
    await ready(service);
    const name = (each: string) => `polc_tenancy_${each}`;
    const before = await metricsOf(service);
    const more = (samples: ReadonlyMap<string, number>, each: string) =>
      (samples.get(name(each)) ?? 0) - (before.get(name(each)) ?? 0);
    await service.change('POST', '/teams', { team: 'x', tier: 'free', overrides: { burst_limit: 2 } });
    server.controller = () => overridden();
    const failed = await service.change('POST', '/teams', { team: 'y', tier: 'free', overrides: { burst_limit: 3 } });
    assert.is(failed.state, 'failed');
    assert.match(JSON.stringify(failed.findings), /POL8123.*overridden by another one/);
    const after = await metricsOf(service);
    assert.is(more(after, 'applications_total{result="success"}'), 1);
    assert.is(more(after, 'applications_total{result="failure"}'), 1);
    assert.is(more(after, 'synchronisation_seconds_count'), 1);
    assert.is(more(after, 'synchronisation_seconds_bucket{le="+Inf"}'), 1);
    assert.is(more(after, 'synchronisation_seconds_bucket{le="300"}'), 1);
    assert.ok(more(after, 'synchronisation_seconds_sum') > 0);
    assert.is(more(after, 'http_answers_total{code="202"}'), 2);
    // The failed team has left nothing.
    assert.is((await service.call('GET', '/teams/y')).status, 404);
    assert.ok(server.objects('Event').some(({ reason }) => reason === 'PoliciesNotApplied'));
    server.controller = () => enforced(1500);
    await service.call('POST', '/teams', { body: { team: 'v', tier: 'free', overrides: { burst_limit: 4 } } });
    await service.call('POST', '/teams', { body: { team: 'w', tier: 'free' } });
    await metric(service, 'queue_length', 2);
    await metric(service, 'queue_length', 0);
  }));

run();
