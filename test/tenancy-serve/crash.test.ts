import { randomUUID } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { JournalFailure } from '../../runtime/tenancy/journal.ts';
import { carryOut } from '../../runtime/tenancy/serve/carry-out.ts';
import type { Change } from '../../runtime/tenancy/serve/change.ts';
import { afterEntry, type JournalEntry, type Operation } from '../../runtime/tenancy/serve/operation.ts';
import { openOperationJournal } from '../../runtime/tenancy/serve/operation-journal.ts';
import { Killed, type Strike, struckCluster } from '../support/crashing-cluster.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { enforced, partlyEnforced } from '../support/kubernetes/controller.ts';
import { at, type JsonObject } from '../support/kubernetes/json.ts';
import { type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';
import { resourceKey } from '../support/kubernetes/store.ts';
import { serviceOver } from '../support/service-world.ts';
import { serviceFiles, startServing } from '../support/tenancy-service.ts';
import { connectTo, namespaces, stateOf } from '../support/tenancy-world.ts';
import { until } from '../support/until.ts';

const { test, run } = suite('a tenancy service that is killed');

/** What a change leaves in policies, records and keys. */
function whole(server: KubernetesServer): string {
  const data = [...server.objects('Secret', 'llm'), ...server.objects('ConfigMap', 'llm')].map((object) => [
    at(object, 'metadata', 'name'),
    at(object, 'metadata', 'labels'),
    at(object, 'data'),
  ]);
  return `${stateOf(server)}\n${JSON.stringify(data)}`;
}

const before: readonly Change[] = [
  { kind: 'put-tier', tier: 'gold', settings: { token_limit_per_hour: 50 }, rollout: { mode: 'opt-in' } },
  { kind: 'create-team', team: 'ants', tier: 'gold', users: { amy: {} } },
  { kind: 'create-team', team: 'bees', tier: 'gold', overrides: { burst_limit: 4 } },
];

const changes: readonly Change[] = [
  { kind: 'create-team', team: 'cats', tier: 'gold', overrides: { token_limit_per_hour: 7 } },
  { kind: 'change-team', team: 'bees', tier: 'free' },
  { kind: 'delete-team', team: 'bees' },
  { kind: 'set-budget', team: 'ants', dollars: 20 },
  {
    kind: 'put-tier',
    tier: 'gold',
    settings: { token_limit_per_hour: 60 },
    rollout: { mode: 'staged', batch: 1 },
  },
];

interface Turn {
  readonly server: KubernetesServer;
  /** Takes the cluster back to where `before` is done. */
  reset(): void;
  /** Carries the change out in a process that is struck, and then in others until it is over. */
  attempt(change: Change, strike: Strike): Promise<{ readonly operation: Operation; readonly calls: number }>;
}

const held = ['AuthPolicy', 'RateLimitPolicy', 'TokenRateLimitPolicy', 'Secret', 'ConfigMap'];

/** Runs with a cluster in which `before` is done. */
function inTurn(run: (turn: Turn) => Promise<void>): Promise<void> {
  return withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      const cluster = await connectTo(server.kubeconfigPath);
      const setUp = serviceOver(cluster, folder);
      for (const change of before) {
        const accepted = setUp.parts.operations.accept(change, 'tester');
        assert.ok(accepted.ok);
        await carryOut(accepted.operation.id, setUp.parts, () => false);
        assert.is(setUp.parts.operations.get(accepted.operation.id)?.state, 'done');
      }
      setUp.close();
      const kinds = server.kinds.filter(({ kind }) => held.includes(kind));
      const snapshot = kinds.map((kind) => [resourceKey(kind), structuredClone(server.objects(kind.kind))] as const);
      await run({
        server,
        reset() {
          for (const [resource, objects] of snapshot) {
            for (const object of server.store.list(resource)) {
              server.store.remove(resource, 'llm', String(at(object, 'metadata', 'name')));
            }
            for (const object of objects) server.store.put(resource, structuredClone(object));
          }
        },
        async attempt(change, strike) {
          const struck = struckCluster(cluster, strike);
          const first = serviceOver(struck, folder);
          const accepted = first.parts.operations.accept(change, 'tester');
          assert.ok(accepted.ok);
          const { id } = accepted.operation;
          try {
            await carryOut(id, first.parts, () => false);
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
          }
          first.close();
          // The lock of an apply is that of this process, which the next one would find gone.
          for (const name of readdirSync(join(folder, 'applies'))) {
            if (name.endsWith('.lock')) rmSync(join(folder, 'applies', name));
          }
          const next = serviceOver(cluster, folder);
          await carryOut(id, next.parts, () => false);
          const operation = next.parts.operations.get(id);
          next.close();
          assert.ok(operation !== undefined);
          return { operation, calls: struck.changingCalls() };
        },
      });
    }),
  );
}

for (const change of changes) {
  test(`${change.kind}: killed before or after any call that changes something, the change is made`, () =>
    inTurn(async ({ server, attempt, reset }) => {
      const { calls } = await attempt(change, () => 'none');
      const wanted = whole(server);
      assert.ok(calls >= 2, String(calls));
      for (let index = 0; index < calls; index += 1) {
        for (const how of ['die before', 'die after'] as const) {
          reset();
          const { operation } = await attempt(change, (call) => (call === index ? how : 'none'));
          assert.is(operation.state, 'done', `${how} ${index}: ${JSON.stringify(operation.findings)}`);
          assert.is(whole(server), wanted, `${how} ${index}`);
        }
      }
    }));
}

test('a change that any one call fails ends as if it had not been asked for, also when killed on the way back', () =>
  inTurn(async ({ server, attempt, reset }) => {
    const [change] = changes;
    assert.ok(change !== undefined);
    const old = whole(server);
    for (const [index, died] of [0, 1].flatMap((each) => [[each, false] as const, [each, true] as const])) {
      reset();
      const { operation } = await attempt(change, (call) => {
        if (call === index) return 'fail after';
        return died && call === index + 1 ? 'die after' : 'none';
      });
      // Killed before it knew that it would fail, the next process succeeds.
      if (operation.state === 'failed') assert.is(whole(server), old, `${index} ${died}`);
      else assert.ok(died && whole(server).includes('team-cats-config'), `${index} ${died}`);
      if (!died) assert.is(operation.state, 'failed');
    }
  }));

test('a staged rollout that fails stays where it is, and says so', () =>
  inTurn(async ({ server, attempt }) => {
    const rollout = changes.at(-1);
    assert.ok(rollout !== undefined);
    server.controller = (policy) => {
      const limits = JSON.stringify(at(policy, 'spec', 'limits') ?? {});
      return limits.includes('"limit":60') && !limits.includes('ants') ? partlyEnforced() : enforced();
    };
    const { operation } = await attempt(rollout, () => 'none');
    assert.is(operation.state, 'failed');
    assert.is(operation.rounds, 1);
    const pending = server.object('ConfigMap', 'llm', 'platform-default-policies-pending');
    assert.match(JSON.stringify(at(pending, 'data')), /teams\\":\[\\"ants\\"\]/);
    const limits = at(server.object('TokenRateLimitPolicy', 'llm', 'platform'), 'spec', 'limits');
    assert.equal(at(limits, 'tier-gold-team-ants-tokens', 'rates'), [{ limit: 60, window: '1h' }]);
    assert.equal(at(limits, 'tier-gold-by-team-tokens', 'rates'), [{ limit: 50, window: '1h' }]);
  }));

test('a journal that is cut off anywhere holds every entry before, and one that was altered is refused', () =>
  withFolder((folder) => {
    const id = 'operation';
    const change: Change = { kind: 'delete-team', team: 'x' };
    const entry = fc.oneof(
      fc.constant<JournalEntry>({ operation: id, event: 'accepted', time: 't', actor: 'a', change }),
      fc.constant<JournalEntry>({ operation: id, event: 'begun', writes: [], undo: [] }),
      fc.constant<JournalEntry>({ operation: id, event: 'committed' }),
      fc.string().map((message): JournalEntry => {
        const findings = [{ code: 'x', severity: 'error', message, help: '' }];
        return { operation: id, event: 'finished', time: 't', state: 'done', findings };
      }),
    );
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(), (entries, cut, flip) => {
        const path = join(folder, randomUUID());
        const all: JournalEntry[] = [{ event: 'accepted', operation: id, time: 't', actor: 'a', change }, ...entries];
        const { journal } = openOperationJournal(path);
        for (const each of all) journal.append(each);
        journal.close();
        const bytes = readFileSync(path);
        const length = cut % (bytes.length + 1);
        writeFileSync(path, bytes.subarray(0, length));
        const lines = bytes.subarray(0, length).toString('latin1').split('\n').length - 1;
        const expected = all.slice(0, lines).reduce<Operation | undefined>(afterEntry, undefined);
        const opened = openOperationJournal(path);
        assert.equal(opened.operations.get(id), expected);
        opened.journal.append({ event: 'accepted', operation: 'next', time: 't', actor: 'a', change });
        opened.journal.close();
        assert.is(openOperationJournal(path).operations.get('next')?.state, 'waiting');
        // One letter of what is whole.
        const altered = Buffer.from(bytes);
        const index = flip % bytes.length;
        altered[index] = altered[index] === 0x41 ? 0x42 : 0x41;
        writeFileSync(path, altered);
        if (index < bytes.length - 1)
          assert.throws(
            () => openOperationJournal(path),
            (error: unknown) => error instanceof JournalFailure,
          );
      }),
      { numRuns: 60 },
    );
  }));

test('SIGKILL: what was accepted is done by the next process, and a key that was not shown is gone', () =>
  withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      serviceFiles(folder);
      let service = await startServing(folder, server);
      const team = { team: 'research', tier: 'free', overrides: { token_limit_per_hour: 7 }, members: { bob: {} } };
      // At the write of the team's Secret: the policies are there, the record is not known to be.
      const killAt = (which: (call: { kind: string; verb: string }) => boolean, when: 'before' | 'after') => {
        server.fault = (call) => {
          if (!which(call)) return undefined;
          service.process.kill('SIGKILL');
          return { when, answer: 'close' };
        };
      };
      const isSecret = ({ kind, verb }: { kind: string; verb: string }) => kind === 'Secret' && verb === 'patch';
      killAt(isSecret, 'after');
      const headers = { 'idempotency-key': 'once' };
      const accepted = await service.call('POST', '/teams', { body: team, headers });
      assert.is(accepted.status, 202);
      await service.kill();
      server.fault = () => undefined;
      appendFileSync(join(folder, 'state/operations.jsonl'), '0123456789abcdef {"event":"acc');
      service = await startServing(folder, server);
      const repeated = await service.call('POST', '/teams', { body: team, headers });
      assert.is(repeated.text, accepted.text);
      const operation: JsonObject = await service.over(String(accepted.body.operation));
      assert.is(operation.state, 'done', JSON.stringify(operation));
      assert.match(JSON.stringify(at(server.object('TokenRateLimitPolicy', 'llm', 'platform'), 'spec')), /"limit":7/);
      assert.ok(server.object('Secret', 'llm', 'team-research-config') !== undefined);
      assert.match(readFileSync(join(folder, 'state/operations.jsonl.cut-off'), 'utf8'), /^0123456789abcdef/);

      killAt(isSecret, 'after');
      const key = { body: { user: 'bob' }, headers: { 'idempotency-key': 'key' } };
      await assert.not.ok(
        await service.call('POST', '/teams/research/keys', key).then(
          (reply) => reply.body.key,
          () => false,
        ),
      );
      await service.kill();
      server.fault = () => undefined;
      const keys = () =>
        server.objects('Secret').filter((each) => at(each, 'metadata', 'labels', 'polc/record') === 'key');
      assert.is(keys().length, 1);
      service = await startServing(folder, server);
      await until(() => keys().length === 0, 'the key is gone');
      const made = await service.call('POST', '/teams/research/keys', key);
      assert.is(made.status, 201, made.text);
      assert.is(typeof made.body.key, 'string');
      await service.stop();
    }),
  ));

run();
