import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { KubernetesObject } from '../../runtime/tenancy/port.ts';
import { carryOut } from '../../runtime/tenancy/serve/carry-out.ts';
import type { Change } from '../../runtime/tenancy/serve/change.ts';
import { newKeyId } from '../../runtime/tenancy/serve/key-secret.ts';
import { createKey, settleKey } from '../../runtime/tenancy/serve/keys.ts';
import { Service } from '../../runtime/tenancy/serve/service.ts';
import { impatientWhere } from '../support/crashing-cluster.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { overridden } from '../support/kubernetes/controller.ts';
import type { FaultyAnswer } from '../support/kubernetes/faults.ts';
import { at } from '../support/kubernetes/json.ts';
import { withKubernetes } from '../support/kubernetes/server.ts';
import { resourceKey } from '../support/kubernetes/store.ts';
import { serviceOver } from '../support/service-world.ts';
import { serving } from '../support/serving.ts';
import { connectTo, namespaces, stateOf } from '../support/tenancy-world.ts';
import { until } from '../support/until.ts';

const { test, run } = suite('a tenancy service and a cluster that fails');

const answers: readonly FaultyAnswer['answer'][] = [401, 403, 409, 410, 413, 429, 500, 'hang', 'close'];

test('whatever the cluster answers to a write, a change is there whole or not at all, and the next one works', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      let struck = 0;
      let hanging = '';
      const isHopeless = (changed: KubernetesObject | undefined) => changed?.kind === hanging && struck < 2;
      const cluster = impatientWhere(
        isHopeless,
        await connectTo(server.kubeconfigPath, { attempts: 2 }),
        await connectTo(server.kubeconfigPath, { timeout: 300, attempts: 2 }),
      );
      const service = serviceOver(cluster, folder);
      const { operations } = service.parts;
      const carry = async (change: Change) => {
        const accepted = operations.accept(change, 'tester');
        assert.ok(accepted.ok);
        await carryOut(accepted.operation.id, service.parts, () => false);
        return operations.get(accepted.operation.id);
      };
      const secrets = () => server.objects('Secret').map((each) => at(each, 'metadata', 'name'));
      assert.is((await carry({ kind: 'create-team', team: 'zero', tier: 'free' }))?.state, 'done');
      const old = [stateOf(server), secrets()];
      for (const kind of ['TokenRateLimitPolicy', 'Secret']) {
        for (const answer of answers) {
          struck = 0;
          hanging = answer === 'hang' ? kind : '';
          // So often that trying again does not help, and not so often that the way back is barred.
          server.fault = (call) => {
            if (call.kind !== kind || call.verb !== 'patch' || call.query.get('dryRun') !== null || struck >= 2) {
              return undefined;
            }
            struck += 1;
            return { when: struck === 2 ? 'after' : 'before', answer, retryAfterSeconds: 0 };
          };
          const change = { kind: 'create-team', team: 'cats', tier: 'free', overrides: { burst_limit: 3 } } as const;
          const operation = await carry({ ...change, overrides: { token_limit_per_hour: 3 } });
          server.fault = () => undefined;
          hanging = '';
          assert.ok(struck > 0, `${kind} ${answer}`);
          if (operation?.state === 'done') await carry({ kind: 'delete-team', team: 'cats' });
          else assert.ok((operation?.findings.length ?? 0) > 0);
          assert.equal([stateOf(server), secrets()], old, `${kind} ${answer} ${operation?.state}`);
        }
      }
      assert.is((await carry({ kind: 'create-team', team: 'cats', tier: 'free' }))?.state, 'done');
      service.close();
      assert.equal(readdirSync(join(folder, 'applies')), []);
      rmSync(join(folder, 'operations.jsonl'));
    }),
  ));

test('a key whose Secret could not be written is nobody’s, and one whose team goes meanwhile is deleted', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      let isHanging = false;
      const cluster = impatientWhere(
        (changed) => isHanging && changed?.kind === 'Secret',
        await connectTo(server.kubeconfigPath, { attempts: 1 }),
        await connectTo(server.kubeconfigPath, { timeout: 300, attempts: 1 }),
      );
      const { parts, close } = serviceOver(cluster, folder);
      const keys = () =>
        server.objects('Secret').filter((each) => at(each, 'metadata', 'labels', 'polc/record') === 'key');
      const team = parts.operations.accept(
        { kind: 'create-team', team: 'ants', tier: 'free', users: { amy: {} } },
        'tester',
      );
      assert.ok(team.ok);
      await carryOut(team.operation.id, parts, () => false);
      const make = async () => {
        const change = { kind: 'create-key', team: 'ants', user: 'amy', id: newKeyId() } as const;
        const accepted = parts.operations.accept(change, 'tester');
        assert.ok(accepted.ok);
        return createKey(accepted.operation, parts);
      };
      for (const answer of answers) {
        isHanging = answer === 'hang';
        for (const when of ['before', 'after'] as const) {
          server.fault = ({ kind, verb }) =>
            kind === 'Secret' && verb === 'patch' ? { when, answer, retryAfterSeconds: 0 } : undefined;
          assert.is((await make()).ok, false, `${when} ${answer}`);
          assert.is(keys().length, 0, `${when} ${answer}`);
        }
      }
      isHanging = false;
      // What cannot be deleted at once is not forgotten.
      server.fault = ({ kind, verb, name }) => {
        if (kind !== 'Secret') return undefined;
        if (verb === 'patch') return { when: 'after', answer: 500 };
        return verb === 'delete' || (verb === 'get' && name.startsWith('api-key'))
          ? { when: 'before', answer: 500 }
          : undefined;
      };
      assert.is((await make()).ok, false);
      assert.is(keys().length, 1);
      const [left] = parts.operations.unfinishedKeys();
      assert.ok(left?.undoing !== undefined);
      assert.is(await settleKey(left, parts), false);
      server.fault = () => undefined;
      assert.is(await settleKey(left, parts), true);
      assert.is(keys().length, 0);
      assert.equal(parts.operations.unfinishedKeys(), []);
      server.fault = ({ kind, verb, name }) => {
        // As if another change had come in between.
        if (kind === 'Secret' && verb === 'patch' && name.startsWith('api-key')) {
          server.store.remove(resourceKey({ group: '', plural: 'secrets' }), 'llm', 'team-ants-config');
        }
        return undefined;
      };
      const outcome = await make();
      assert.ok(!outcome.ok && 'refusal' in outcome);
      assert.is(keys().length, 0);
      close();
    }),
  ));

test('what fails is taken back also while nothing is enforced, and a key that stays longer than its holder is told of', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      const cluster = await connectTo(server.kubeconfigPath, { attempts: 1 });
      const { parts, close } = serviceOver(cluster, folder);
      const { operations } = parts;
      const carry = async (change: Change) => {
        const accepted = operations.accept(change, 'tester');
        assert.ok(accepted.ok);
        await carryOut(accepted.operation.id, parts, () => false);
        return operations.get(accepted.operation.id);
      };
      await carry({ kind: 'create-team', team: 'ants', tier: 'free', users: { amy: {} } });
      const change = { kind: 'create-key', team: 'ants', user: 'amy', id: newKeyId() } as const;
      const accepted = operations.accept(change, 'tester');
      assert.ok(accepted.ok && (await createKey(accepted.operation, parts)).ok);
      server.fault = ({ kind, verb }) =>
        kind === 'Secret' && verb === 'delete' ? { when: 'before', answer: 500 } : undefined;
      const removed = await carry({ kind: 'delete-member', team: 'ants', user: 'amy' });
      assert.is(removed?.state, 'done');
      assert.match(JSON.stringify(removed?.findings), /"severity":"warning".*delete secrets llm\/api-key-/);
      server.fault = () => undefined;

      const old = stateOf(server);
      let struck = 0;
      server.fault = ({ kind, verb }) => {
        if (kind !== 'Secret' || verb !== 'patch' || struck > 0) return undefined;
        struck += 1;
        server.controller = () => overridden();
        return { when: 'before', answer: 500 };
      };
      const wider = { token_limit_per_hour: 9 };
      const failed = await carry({ kind: 'create-team', team: 'cats', tier: 'free', overrides: wider });
      assert.is(failed?.state, 'failed');
      assert.is(stateOf(server), old);
      close();
    }),
  ));

test('a service whose operation does not end is not ready', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      const cluster = await connectTo(server.kubeconfigPath, { attempts: 1 });
      const { parts, close } = serviceOver(cluster, folder);
      const pause = (milliseconds: number) =>
        new Promise<void>((resolve) => setTimeout(resolve, Math.min(milliseconds, 20)));
      const world = { ...parts.world, now: Date.now, pause };
      const service = new Service({ ...parts, world, timeout: 100 }, 50);
      const team = parts.operations.accept({ kind: 'create-team', team: 'ants', tier: 'free' }, 'tester');
      assert.ok(team.ok);
      await carryOut(team.operation.id, parts, () => false);
      try {
        service.start();
        await until(() => service.failing().size === 0);
        server.fault = ({ kind, verb }) =>
          kind === 'Secret' && verb === 'patch' ? { when: 'before', answer: 500 } : undefined;
        const accepted = parts.operations.accept({ kind: 'set-budget', team: 'ants', dollars: 3 }, 'tester');
        assert.ok(accepted.ok);
        service.work();
        // It is not said at once: an operation takes its time.
        await until(() => parts.operations.waiting()[0]?.undoing !== undefined);
        await until(() => service.failing().get('policies') === 'the last look at it is too long ago');
        server.fault = () => undefined;
        await until(() => service.failing().size === 0);
        assert.is(parts.operations.get(accepted.operation.id)?.state, 'failed');
      } finally {
        server.fault = () => undefined;
        await service.stop();
        close();
      }
    }),
  ));

test('two changes at once to one team are made one after the other, and keys wait for neither', () =>
  serving(async ({ service, server }) => {
    const post = (tier: string) =>
      service.call('POST', '/teams', { body: { team: 'ants', tier, members: { amy: {} } } });
    const [one, other] = await Promise.all([post('free'), post('free')]);
    assert.equal([one.status, other.status], [202, 202]);
    const busy = await service.call('POST', '/teams/ants/keys', { body: { user: 'amy' } });
    assert.is(busy.status, 409);
    const states = [one, other].map(({ body }) => service.over(String(body.operation)));
    const ended = (await Promise.all(states)).map(({ state }) => state);
    assert.equal(ended.sort(), ['done', 'failed']);
    const [raise, lower] = await Promise.all([
      service.change('PUT', '/teams/ants/budget', { budget_usd_monthly: 10 }),
      service.change('PUT', '/teams/ants/members/bob', {}),
    ]);
    assert.equal([raise.state, lower.state], ['done', 'done']);
    const secret = server.object('Secret', 'llm', 'team-ants-config');
    const team = JSON.parse(Buffer.from(String(at(secret, 'data', 'team.json')), 'base64').toString());
    assert.equal(team, { tier: 'free', overrides: { budget_usd_monthly: 10 }, users: { amy: {}, bob: {} } });
  }));

test('a cluster that does not answer is said to be away, and nothing is accepted', () =>
  serving(
    async ({ service, server }) => {
      for (const [answer, status] of [
        [401, 502],
        [403, 502],
        [429, 503],
        [500, 503],
        ['hang', 503],
        ['close', 503],
      ] as const) {
        server.fault = ({ kind }) => (kind === 'Secret' ? { when: 'before', answer, retryAfterSeconds: 1 } : undefined);
        const reply = await service.call('POST', '/teams', { body: { team: 'ants', tier: 'free' } });
        assert.is(reply.status, status, `${answer}: ${reply.text}`);
      }
      server.fault = () => undefined;
      assert.equal((await service.call('GET', '/operations')).body.operations, []);
    },
    { callTimeout: 1 },
  ));

run();
