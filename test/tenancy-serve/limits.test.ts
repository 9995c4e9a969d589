import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Change } from '../../runtime/tenancy/serve/change.ts';
import type { Finding } from '../../runtime/tenancy/serve/finding.ts';
import { openOperationJournal } from '../../runtime/tenancy/serve/operation-journal.ts';
import { Operations } from '../../runtime/tenancy/serve/operations.ts';
import { planChange } from '../../runtime/tenancy/serve/plan-change.ts';
import type { Records } from '../../runtime/tenancy/serve/records.ts';
import { withWrites } from '../../runtime/tenancy/serve/records.ts';
import { readTokens } from '../../runtime/tenancy/serve/tokens.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { at, listAt, textAt } from '../support/kubernetes/json.ts';
import { serving } from '../support/serving.ts';
import { adminToken, readerToken, teamToken } from '../support/tenancy-service.ts';
import { until } from '../support/until.ts';

const { test, run } = suite('what a tenancy service keeps within bounds');

test('a caller holds up no other, a busy service lives, and a text with many mistakes is answered', () =>
  serving(async ({ service, server }) => {
    const { call } = service;
    // A body that does not come, as often as one caller may ask at once.
    const { hostname, port } = new URL(service.url);
    const headers = { authorization: `Bearer ${teamToken}`, 'content-type': 'application/json', 'content-length': 9 };
    const slow = Array.from({ length: 80 }, () => {
      const sent = request({ hostname, port, method: 'POST', path: '/validate', agent: false, headers });
      sent.on('error', () => {});
      sent.flushHeaders();
      return sent;
    });
    const refused = await Promise.any(
      slow.map(
        (each) => new Promise<number>((resolve) => each.on('response', (reply) => resolve(reply.statusCode ?? 0))),
      ),
    );
    assert.is(refused, 429);
    assert.is((await call('GET', '/operations')).status, 200);
    // Two callers together may take all there is; what is open is answered still.
    const hanging = Array.from({ length: 40 }, () => {
      const sent = request({
        hostname,
        port,
        method: 'POST',
        path: '/validate',
        agent: false,
        headers: { ...headers, authorization: `Bearer ${readerToken}` },
      });
      sent.on('error', () => {});
      sent.flushHeaders();
      return sent;
    });
    const isBusy = async () => (await call('GET', '/operations')).status === 429;
    await until(isBusy, 'all places are taken');
    assert.is((await call('GET', '/healthz', { token: '' })).status, 200);
    for (const each of [...slow, ...hanging]) each.destroy();
    await until(async () => !(await isBusy()), 'a place is free');

    const wrong = Array.from({ length: 8000 }, (_, index) => ` t${index}: { x: 1 }`).join('\n');
    const policy = `targets: [{ gateway: { namespace: llm, name: g } }]\ntiers:\n${wrong}\n`;
    const of = async (token: string) => call('POST', '/validate', { token, body: { policy } });
    assert.is((await of(teamToken)).status, 413);
    const answer = await of(readerToken);
    assert.is(answer.body.ok, false);
    assert.is(listAt(answer.body, 'findings').length, 100);

    // A key of another policy is no key of this one.
    await service.change('POST', '/teams', { team: 'research', tier: 'free', members: { bob: {} } });
    const made = await call('POST', '/teams/research/keys', { body: { user: 'bob' } });
    const name = `api-key-${textAt(made.body, 'id')}`;
    const secret = server.object('Secret', 'llm', name);
    const id = 'f'.repeat(32);
    const metadata = at(secret, 'metadata', 'labels') as Record<string, string>;
    for (let index = 0; index < 100; index += 1) {
      const labels = index === 0 ? { ...metadata, 'polc/policy': 'another' } : metadata;
      server.add({
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'Opaque',
        data: {},
        metadata: { namespace: 'llm', name: `api-key-${id.slice(4)}${String(1000 + index)}`, labels },
      });
    }
    const foreign = `/teams/research/keys/${id.slice(4)}1000`;
    assert.is((await call('DELETE', foreign, { token: teamToken })).status, 404);
    const full = await call('POST', '/teams/research/keys', { token: teamToken, body: { user: 'bob' } });
    assert.equal([full.status, at(full.body, 'detail')], [409, '`bob` has 100 keys already']);
  }));

test('a digest that is written wrongly is no token', () => {
  const capitals = `sha256:${'AB'.repeat(32)}`;
  for (const wrong of [capitals, capitals.slice(0, -1).toLowerCase(), 'sha256:admin-token-of-the-tests']) {
    assert.match(readTokens(`eve admin ${wrong}\n`).problem ?? '', /line 1: `sha256:` is not followed by 64 digits/);
  }
  assert.is(readTokens(`eve admin ${capitals.toLowerCase()}\nbob admin ${adminToken}\n`).problem, undefined);
});

const findings: readonly Finding[] = [];

test('a journal grows no further than what is remembered, and a key of a request is that of the latest', () =>
  withFolder((folder) => {
    const path = join(folder, 'operations.jsonl');
    const opened = openOperationJournal(path, 100_000);
    const operations = new Operations(opened, Date.now);
    const settings = { text: 'x'.repeat(10_000) };
    const change: Change = { kind: 'put-tier', tier: 'gold', settings, rollout: { mode: 'immediate' } };
    const ids: string[] = [];
    for (let index = 0; index < 60; index += 1) {
      const accepted = operations.accept(change, 'alice', { key: `k${index}`, request: 'r' });
      assert.ok(accepted.ok);
      const { id } = accepted.operation;
      ids.push(id);
      const write = { record: 'template', name: 'gold', value: settings.text } as const;
      operations.note({ event: 'begun', operation: id, writes: [write], undo: [write] });
      operations.note({ event: 'committed', operation: id });
      // The last one is under way still.
      if (index < 59) operations.note({ event: 'finished', operation: id, time: 't', state: 'done', findings });
    }
    assert.ok(statSync(path).size < 200_000, String(statSync(path).size));
    assert.not.match(JSON.stringify(operations.get(ids[0] ?? '')), /xxx/);
    operations.close();
    appendFileSync(path, 'cut off');
    const next = new Operations(openOperationJournal(path, 100_000), Date.now);
    assert.equal(
      [...next.list()].reverse().map(({ id }) => id),
      ids,
    );
    assert.equal(next.get(ids[59] ?? '')?.change, change);
    assert.is(next.repeated('alice', 'k3')?.id, ids[3]);
    assert.not.match(readFileSync(path, 'utf8').split('\n')[0] ?? '', /xxx/);

    const key: Change = { kind: 'delete-key', team: 'ants', id: 'a' };
    const repeat = { key: 'again', request: 'r' };
    const first = next.accept(key, 'bob', repeat);
    assert.ok(first.ok);
    next.note({ event: 'finished', operation: first.operation.id, time: 't', state: 'failed', findings });
    const second = next.accept(key, 'bob', repeat);
    assert.ok(second.ok && !second.repeated);
    next.forgetKey(first.operation);
    assert.is(next.repeated('bob', 'again')?.id, second.operation.id);
    next.close();
  }));

test('when the last team without the new version goes, it is the tier’s', () => {
  const records: Records = {
    teams: new Map([
      ['ants', { tier: 'gold' }],
      ['bees', { tier: 'gold' }],
    ]),
    templates: new Map([['tier-gold-policy.yaml', 'burst_limit: 1\n']]),
    pending: new Map([['gold', { settings: { burst_limit: 2 }, teams: ['ants'], since: 't' }]]),
  };
  const changes: readonly Change[] = [
    { kind: 'delete-team', team: 'bees' },
    { kind: 'change-team', team: 'bees', tier: 'free' },
  ];
  for (const change of changes) {
    if (change.kind === 'create-key' || change.kind === 'delete-key') continue;
    const planned = planChange(change, records, 0, 't');
    assert.ok(planned.ok);
    const after = withWrites(records, planned.writes);
    assert.is(after.templates.get('tier-gold-policy.yaml'), 'burst_limit: 2\n', change.kind);
    assert.is(after.pending.size, 0);
  }
  // The one that has it goes: the other still waits.
  const planned = planChange({ kind: 'delete-team', team: 'ants' }, records, 0, 't');
  assert.ok(planned.ok);
  assert.equal(withWrites(records, planned.writes).pending.get('gold')?.teams, []);
});

run();
