import * as assert from 'uvu/assert';
import { type ApplyOutcome, applyTenancy, restoreTenancy } from '../../runtime/tenancy/apply.ts';
import { deleteTenancy } from '../../runtime/tenancy/delete.ts';
import type { Tenancy } from '../../runtime/tenancy/desired.ts';
import { driftOf } from '../../runtime/tenancy/drift.ts';
import { planTenancy } from '../../runtime/tenancy/plan.ts';
import { statusOf } from '../../runtime/tenancy/status.ts';
import type { TenancyWorld } from '../../runtime/tenancy/world.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { enforced, overridden, partlyEnforced, refused } from '../support/kubernetes/controller.ts';
import { at, listAt } from '../support/kubernetes/json.ts';
import { type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';
import { patchAs } from '../support/serving.ts';
import { connectTo, gatewayPolicy, namespaces, stateOf, tenancyFrom, worldOf } from '../support/tenancy-world.ts';

const { test, run } = suite('tenancies in a cluster');

type World = ReturnType<typeof worldOf>;

const options = { timeout: 30_000, force: false, dryRun: false };
const apply = (tenancy: Tenancy, world: TenancyWorld, more: Partial<typeof options> = {}) =>
  applyTenancy(tenancy, { ...options, ...more }, world);

const messages = ({ diagnostics }: Pick<ApplyOutcome, 'diagnostics'>) =>
  diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');

function inCluster(run: (server: KubernetesServer, world: World) => Promise<void>): Promise<void> {
  return withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => run(server, worldOf(await connectTo(server.kubeconfigPath), folder))),
  );
}

const policy = () => tenancyFrom(gatewayPolicy);
const larger = () => tenancyFrom(gatewayPolicy.replace('5000', '6000'));

test('what a policy says is there afterwards, in force, and nothing changes the second time', () =>
  inCluster(async (server, world) => {
    const first = await apply(policy(), world);
    assert.is(first.result, 'applied', messages(first));
    assert.equal(messages(first), '');
    for (const kind of ['AuthPolicy', 'RateLimitPolicy', 'TokenRateLimitPolicy']) {
      const object = server.object(kind, 'llm', 'platform');
      assert.is(at(object, 'metadata', 'labels', 'polc/policy'), 'platform', kind);
      assert.is(at(listAt(object, 'metadata', 'managedFields')[0], 'manager'), 'polc', kind);
    }
    const writes = server.calls.filter(({ verb }) => verb !== 'list' && verb !== 'get').length;
    const second = await apply(policy(), world);
    assert.is(second.result, 'unchanged', messages(second));
    assert.is(server.calls.filter(({ verb }) => verb !== 'list' && verb !== 'get').length, writes);
    const status = await statusOf(policy(), world.cluster);
    assert.ok(status.ok && status.value.policies.every(({ readiness }) => readiness?.ready));
    const drift = await driftOf(policy(), world.cluster);
    assert.ok(drift.ok);
    assert.equal(drift.value, { objects: 3, drift: [] });
  }));

test('events have the words of the seed, and the audit log tells what was begun and done', () =>
  inCluster(async (server, world) => {
    await apply(policy(), world);
    const events = server.objects('Event', 'llm').map((event) => [event.reason, event.note ?? event.message]);
    assert.equal(events.map(String).sort(), [
      'PoliciesApplied,Default free tier policies applied',
      'PoliciesApplied,Default standard tier policies applied',
    ]);
    assert.equal(
      world.records.map(({ action, decision, subject }) => [action, decision, subject]),
      [
        ['tenancy.apply', 'begun', 'platform'],
        ['tenancy.apply', 'applied', 'platform'],
      ],
    );
  }));

test('limits are written before the keys are let in, and an AuthPolicy that exports more before the limits that read it', () =>
  inCluster(async (server, world) => {
    const written = () => server.calls.filter(({ verb, query }) => verb === 'patch' && query.get('dryRun') === null);
    await apply(policy(), world);
    assert.equal(
      written().map(({ kind }) => kind),
      ['RateLimitPolicy', 'TokenRateLimitPolicy', 'AuthPolicy'],
    );
    const before = written().length;
    const users = gatewayPolicy.replace(
      'overrides:',
      'users: { bot: { overrides: { token_limit_per_hour: 7 } } }, overrides:',
    );
    const applied = await apply(tenancyFrom(users), world);
    assert.is(applied.result, 'applied', messages(applied));
    assert.is(written()[before]?.kind, 'AuthPolicy');
  }));

test('a changed amount is one changed field, whose counters stay', () =>
  inCluster(async (_, world) => {
    await apply(policy(), world);
    const planned = await planTenancy(larger(), world.cluster);
    assert.ok(planned.ok);
    const { steps, limits } = planned.value;
    assert.equal(
      steps.map(({ action, place }) => [action, place.kind.kind]),
      [
        ['unchanged', 'RateLimitPolicy'],
        ['update', 'TokenRateLimitPolicy'],
        ['unchanged', 'AuthPolicy'],
      ],
    );
    const fields = steps.flatMap(({ changes }) => changes.map(({ path }) => path.join('.')));
    assert.equal(fields, ['metadata.annotations.polc/applied', 'spec.limits.tier-standard-by-team-tokens.rates']);
    assert.equal(
      limits.map(({ change, resets, meaning }) => [change, resets, meaning]),
      [['amount', false, 'tier standard: 6,000 tokens in 1 h for each team, 5,000 before; what was counted stays']],
    );
  }));

test('what others changed is drift with their name, and only force takes it back', () =>
  inCluster(async (server, world) => {
    await apply(policy(), world);
    const others = await connectTo(server.kubeconfigPath);
    const live = server.object('TokenRateLimitPolicy', 'llm', 'platform');
    const uri = '/apis/kuadrant.io/v1alpha1/namespaces/llm/tokenratelimitpolicies/platform';
    await patchAs(server, 'kubectl-edit', uri, {
      metadata: { labels: { 'team/note': 'theirs' } },
      spec: { limits: { 'tier-free-by-team-tokens': { rates: [{ limit: 999999, window: '1h' }] } } },
    });
    assert.not.equal(server.object('TokenRateLimitPolicy', 'llm', 'platform'), live);
    const drift = await driftOf(policy(), others);
    assert.ok(drift.ok);
    assert.equal(
      drift.value.drift.map(({ drift: kind, fields }) => [
        kind,
        fields.map(({ path, owners, live: now }) => [path.join('.'), owners, now]),
      ]),
      [
        [
          'changed',
          [['spec.limits.tier-free-by-team-tokens.rates', ['kubectl-edit'], [{ limit: 999999, window: '1h' }]]],
        ],
      ],
    );
    const edited = stateOf(server);
    const kept = await apply(policy(), world);
    assert.is(kept.result, 'refused');
    assert.match(messages(kept), /POL8122.*TokenRateLimitPolicy llm\/platform.*tier-free-by-team-tokens.*kubectl-edit/);
    assert.is(stateOf(server), edited);
    const taken = await apply(policy(), world, { force: true });
    assert.is(taken.result, 'applied', messages(taken));
    assert.is(
      at(server.object('TokenRateLimitPolicy', 'llm', 'platform'), 'metadata', 'labels', 'team/note'),
      'theirs',
    );
  }));

test('a field that somebody removed is drift, and comes back', () =>
  inCluster(async (server, world) => {
    await apply(policy(), world);
    const uri = '/apis/kuadrant.io/v1alpha1/namespaces/llm/tokenratelimitpolicies/platform';
    await patchAs(server, 'kubectl-edit', uri, { spec: { limits: { 'tier-free-by-team-tokens': null } } });
    const drift = await driftOf(policy(), world.cluster);
    assert.ok(drift.ok);
    assert.equal(
      drift.value.drift.map((each) => [each.drift, each.fields.map(({ path }) => path.at(-1))]),
      [['changed', ['tier-free-by-team-tokens']]],
    );
    assert.is((await apply(policy(), world)).result, 'applied');
    assert.equal((await driftOf(policy(), world.cluster)).ok && (await driftOf(policy(), world.cluster)), {
      ok: true,
      value: { objects: 3, drift: [] },
    });
  }));

test('a policy that was edited and not applied is told apart from what others did', () =>
  inCluster(async (_, world) => {
    await apply(policy(), world);
    const drift = await driftOf(larger(), world.cluster);
    assert.ok(drift.ok);
    assert.equal(
      drift.value.drift.map((each) => [each.drift, each.fields.length]),
      [['unapplied', 1]],
    );
  }));

for (const [what, outcome, wording] of [
  ['partly enforced', partlyEnforced(), /only partly enforced: the policy has been partially enforced/],
  ['overridden', overridden(), /not enforced: the policy is overridden by another one \(Overridden\)/],
  ['not accepted', refused('TargetNotFound', 'no such gateway'), /not accepted: no such gateway \(TargetNotFound\)/],
  ['of the generation before', { ...partlyEnforced(), stale: true }, /has not looked at this version/],
  ['never looked at', undefined, /the operator has not looked at this version|has said nothing/],
] as const) {
  test(`an update that is ${what} is taken back`, () =>
    inCluster(async (server, world) => {
      await apply(policy(), world);
      const before = stateOf(server);
      server.controller = () => outcome;
      const failed = await apply(larger(), world);
      assert.is(failed.result, 'restored', messages(failed));
      assert.match(messages(failed), wording);
      assert.is(stateOf(server), before);
      assert.is(world.records.at(-1)?.decision, 'restored');
    }));
}

test('what was made is deleted again, and what was deleted is made again', () =>
  inCluster(async (server, world) => {
    server.controller = () => partlyEnforced();
    const made = await apply(policy(), world);
    assert.is(made.result, 'restored');
    assert.is(stateOf(server), '[]');
    const withoutBursts = tenancyFrom(gatewayPolicy.replace(', burst_limit: 10', '').replace('5000', '6000'));
    server.controller = () => enforced();
    await apply(policy(), world);
    const before = stateOf(server);
    server.controller = () => partlyEnforced();
    const failed = await apply(withoutBursts, world);
    assert.is(failed.result, 'restored', messages(failed));
    assert.ok(server.calls.some(({ verb, kind }) => verb === 'delete' && kind === 'RateLimitPolicy'));
    assert.is(stateOf(server), before);
  }));

test('an object of somebody else is left alone', () =>
  inCluster(async (server, world) => {
    const theirs = { apiVersion: 'kuadrant.io/v1', kind: 'AuthPolicy' };
    const targetRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'other' };
    const spec = { targetRef, rules: { authentication: { all: { anonymous: {} } } } };
    server.add({ ...theirs, metadata: { name: 'platform', namespace: 'llm' }, spec });
    const before = stateOf(server);
    const outcome = await apply(policy(), world);
    assert.is(outcome.result, 'refused');
    assert.match(messages(outcome), /POL8121 `AuthPolicy llm\/platform` is there and not of the policy `platform`/);
    assert.is(stateOf(server), before);
    const gone = await deleteTenancy(policy(), { dryRun: false }, world);
    assert.equal(gone.deleted, []);
    assert.is(stateOf(server), before);
  }));

test('a dry run and what the server would refuse change nothing', () =>
  inCluster(async (server, world) => {
    const tried = await apply(policy(), world, { dryRun: true });
    assert.is(tried.result, 'checked', messages(tried));
    assert.is(stateOf(server), '[]');
    const [first, ...rest] = policy().objects;
    const wrong = { ...first!, spec: { targetRef: { group: 'x', kind: 'Gateway', name: 'y' } } };
    const outcome = await apply({ ...policy(), objects: [...rest, wrong] }, world);
    assert.is(outcome.result, 'refused');
    assert.match(messages(outcome), /POL8120 `patch ratelimitpolicies llm\/platform` failed/);
    assert.is(stateOf(server), '[]');
  }));

test('delete takes what is of the policy, the AuthPolicy last, and nothing else', () =>
  inCluster(async (server, world) => {
    await apply(policy(), world);
    await apply(tenancyFrom(gatewayPolicy, 'other'), world);
    const dry = await deleteTenancy(policy(), { dryRun: true }, world);
    assert.is(dry.deleted.length, 3);
    assert.is(server.objects('AuthPolicy').length, 2);
    const done = await deleteTenancy(policy(), { dryRun: false }, world);
    assert.ok(done.complete);
    assert.equal(
      done.deleted.map(({ kind }) => kind.kind),
      ['RateLimitPolicy', 'TokenRateLimitPolicy', 'AuthPolicy'],
    );
    assert.equal(
      server.objects('AuthPolicy').map((object) => at(object, 'metadata', 'name')),
      ['other'],
    );
    assert.equal((await deleteTenancy(policy(), { dryRun: false }, world)).deleted, []);
  }));

test('there is nothing to put back where no run was cut off', () =>
  inCluster(async (_, world) => {
    assert.equal(await restoreTenancy('platform', world), { result: 'unchanged', diagnostics: [] });
  }));

run();
