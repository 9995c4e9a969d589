import { appendFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { listenAddress } from '../../cli/tenancy/listen-address.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { loopbackIdentity } from '../support/kubernetes/certificate.ts';
import { at, listAt, textAt } from '../support/kubernetes/json.ts';
import { serving } from '../support/serving.ts';
import { adminToken, readerToken, startServing, teamToken } from '../support/tenancy-service.ts';
import { readText } from '../support/tenancy-world.ts';

const { test, run } = suite('what a tenancy service refuses');

test('tokens, roles, paths, methods and bodies', () =>
  serving(async ({ service, server, folder }) => {
    const { call } = service;
    await service.change('POST', '/teams', { team: 'research', tier: 'free', members: { bob: {} } });
    const writes = () => server.calls.filter(({ verb }) => ['patch', 'create', 'delete'].includes(verb)).length;
    const before = writes();

    for (const token of ['', 'x', `${adminToken}x`, adminToken.slice(1), adminToken.toUpperCase(), 'sha256:00']) {
      const reply = await call('DELETE', '/teams/research', { token });
      assert.is(reply.status, 401, token);
      assert.is(reply.headers['www-authenticate'], 'Bearer');
      assert.is(reply.headers['content-type'], 'application/problem+json');
      assert.equal([reply.body.status, reply.body.title], [401, 'Unauthorized']);
    }
    // Whether there is such a path is not for strangers either.
    assert.is((await call('GET', '/nothing', { token: '' })).status, 401);
    assert.is((await call('GET', '/nothing')).status, 404);
    assert.is((await call('GET', '/teams/..%2f..%2fsecrets')).status, 404);
    assert.is((await call('GET', '/teams/%ff')).status, 404);

    const asTeam = { token: teamToken };
    assert.is((await call('GET', '/teams/research', asTeam)).status, 200);
    assert.is((await call('POST', '/teams/research/keys', { ...asTeam, body: { user: 'bob' } })).status, 201);
    for (const [method, path] of [
      ['GET', '/teams'],
      ['GET', '/teams/other'],
      ['GET', '/teams/other/keys'],
      ['DELETE', '/teams/research'],
      ['PUT', '/teams/research/budget'],
      ['PUT', '/tiers/free'],
      ['GET', '/operations'],
      ['GET', '/metrics'],
    ] as const) {
      assert.is((await call(method, path, { ...asTeam, body: {} })).status, 403, `${method} ${path}`);
    }
    assert.is((await call('DELETE', '/teams/research', { token: readerToken })).status, 403);
    assert.is((await call('GET', '/teams', { token: readerToken })).status, 200);
    const [foreign] = listAt((await call('GET', '/operations')).body, 'operations');
    await service.change('POST', '/teams', { team: 'other', tier: 'free' });
    const [latest] = listAt((await call('GET', '/operations')).body, 'operations');
    assert.is((await call('GET', `/operations/${textAt(foreign, 'operation')}`, asTeam)).status, 200);
    assert.is((await call('GET', `/operations/${textAt(latest, 'operation')}`, asTeam)).status, 404);

    const put = await call('PUT', '/teams');
    assert.equal([put.status, put.headers.allow], [405, 'GET, POST']);
    const plain = { body: 'team: x', headers: { 'content-type': 'text/yaml' } };
    assert.is((await call('POST', '/teams', plain)).status, 415);
    assert.is((await call('POST', '/teams', { body: '{}', headers: { 'content-encoding': 'gzip' } })).status, 415);
    const large = await call('POST', '/teams', { body: JSON.stringify({ team: 'a'.repeat(300_000) }) });
    assert.is(large.status, 413);
    const chunked = await call('POST', '/teams', {
      body: ' '.repeat(300_000),
      headers: { 'transfer-encoding': 'chunked' },
    });
    assert.is(chunked.status, 413);
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['', /not JSON/],
      ['{', /not JSON/],
      ['[]', /no object/],
      ['{"team":"x"}', /lacks `tier`/],
      ['{"team":1,"tier":"free"}', /`team` is no text/],
      ['{"team":"x","tier":"free","token_limit":1}', /`token_limit` is no key/],
      ['{"team":"../x","tier":"free"}', /does not match/],
      ['{"team":"x","tier":"free","members":{"a":{"role":"root"}}}', /`members.a.role` is no key/],
      ['{"team":"x","tier":"free","budget_usd_monthly":-1}', /not from 0.01/],
      [`{"team":"x","tier":"free","overrides":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, /too deep/],
    ];
    for (const [body, says] of wrong) {
      const reply = await call('POST', '/teams', { body });
      assert.is(reply.status, 400, body);
      assert.match(textAt(reply.body, 'detail'), says);
    }
    const same = await call('POST', '/teams', { body: { team: 'research', tier: 'free' } });
    assert.is(same.status, 409);
    assert.is((await call('DELETE', '/teams/nobody')).status, 404);
    const unknown = await call('POST', '/teams', { body: { team: 'x', tier: 'fre' } });
    assert.is(unknown.status, 422);
    assert.match(JSON.stringify(unknown.body.findings), /fre/);
    // What the platform's own files say is not for callers to change.
    const ofFile = await call('PUT', '/tiers/free', { body: { settings: { burst_limit: 1 } } });
    assert.is(ofFile.status, 422);
    assert.match(JSON.stringify(ofFile.body.findings), /POL2102/);
    const negative = await call('POST', '/teams', {
      body: { team: 'x', tier: 'free', overrides: { token_limit_per_hour: -5 } },
    });
    assert.is(negative.status, 422);
    assert.ok(writes() - before < 40);

    // The file of tokens counts as it is now, and where it is wrong nobody may call.
    appendFileSync(join(folder, 'tokens'), 'carol admin another-token-of-the-tests\n');
    assert.is((await call('GET', '/teams', { token: 'another-token-of-the-tests' })).status, 200);
    writeFileSync(join(folder, 'tokens'), `alice boss ${adminToken}\n`);
    assert.is((await call('GET', '/teams')).status, 401);
  }));

test('the same Idempotency-Key is the same request, also after a restart, and of its caller only', () =>
  serving(async ({ service, server }) => {
    const { call } = service;
    const headers = { 'idempotency-key': 'first' };
    const body = { team: 'research', tier: 'free', members: { bob: {} } };
    const first = await call('POST', '/teams', { body, headers });
    assert.is(first.status, 202);
    await service.over(String(first.body.operation));
    const again = await call('POST', '/teams', { body, headers });
    assert.equal([again.status, again.text, again.headers.location], [202, first.text, first.headers.location]);
    assert.is(listAt((await call('GET', '/operations')).body, 'operations').length, 1);
    const other = await call('POST', '/teams', { body: { ...body, tier: 'gold' }, headers });
    assert.is(other.status, 422);
    assert.is((await call('POST', '/teams', { body, headers: { 'idempotency-key': 'a b' } })).status, 400);

    const key = { body: { user: 'bob' }, headers: { 'idempotency-key': 'key' } };
    const made = await call('POST', '/teams/research/keys', key);
    assert.is(made.status, 201);
    const repeated = await call('POST', '/teams/research/keys', key);
    assert.equal([repeated.status, repeated.body.id, repeated.body.key], [201, made.body.id, null]);
    const ofTeam = await call('POST', '/teams/research/keys', { ...key, token: teamToken });
    assert.not.equal(ofTeam.body.id, made.body.id);
    assert.is(
      server.objects('Secret').filter((each) => at(each, 'metadata', 'labels', 'polc/record') === 'key').length,
      2,
    );
  }));

test('a policy is validated without reading files, and the description names every route', () =>
  serving(async ({ service, folder }) => {
    writeFileSync(join(folder, 'other.yaml'), 'tiers: { secret: { burst_limit: 1 } }\n');
    const good = 'targets: [{ gateway: { namespace: llm, name: g } }]\ntiers: { a: { burst_limit: 1 } }\n';
    const { body } = await service.call('POST', '/validate', { body: { policy: good } });
    assert.is(body.ok, true, JSON.stringify(body));
    const bad = `${good}include: [other.yaml]\nteams: { x: { tier: b } }\n`;
    const wrong = await service.call('POST', '/validate', { body: { policy: bad }, token: teamToken });
    assert.is(wrong.body.ok, false);
    const findings = listAt(wrong.body, 'findings').map((each) => `${at(each, 'line')} ${textAt(each, 'message')}`);
    assert.ok(
      findings.some((each) => each.startsWith('3 ') && each.includes('other.yaml')),
      findings.join('\n'),
    );
    const { body: api } = await service.call('GET', '/openapi.json');
    assert.is(api.openapi, '3.1.0');
    assert.ok(Object.keys(at(api, 'paths') ?? {}).length > 12);
    assert.equal(
      at(api, 'paths', '/teams', 'post', 'requestBody', 'content', 'application/json', 'schema', 'required'),
      ['team', 'tier'],
    );
  }));

/** Of what does not answer. */
const impatient = { callTimeout: 1 };

test('half a request, a slow one and too many hold up nobody', () =>
  serving(async ({ service, server }) => {
    const { port } = new URL(service.url);
    const open = () => connect(Number(port), '127.0.0.1').on('error', () => {});
    const halves = Array.from({ length: 20 }, open);
    for (const half of halves) half.write('POST /teams HTTP/1.1\r\nhost: x\r\ncontent-le');
    assert.is((await service.call('GET', '/healthz', { token: '' })).status, 200);
    for (const half of halves) half.destroy();
    server.fault = ({ verb }) => (verb === 'list' ? { when: 'before', answer: 'hang' } : undefined);
    const many = await Promise.all(Array.from({ length: 80 }, () => service.call('GET', '/teams')));
    const statuses = new Set(many.map(({ status }) => status));
    assert.equal([...statuses].sort(), [429, 503]);
    assert.ok(many.every(({ headers }) => headers['retry-after'] !== undefined));
  }, impatient));

test('a state folder is of one service, and one that was altered starts none', () =>
  serving(async ({ service, server, folder, audit }) => {
    await service.change('POST', '/teams', { team: 'research', tier: 'free' });
    const second = await startServing(folder, server).then(
      () => 'started',
      (error: Error) => error.message,
    );
    assert.match(second, /ended with 3: .*another service has `state`/s);
    await service.stop();
    const journal = join(folder, 'state/operations.jsonl');
    for (const [path, says] of [
      [audit, /audit\.jsonl/],
      [journal, /operations\.jsonl`: line 1 is damaged/],
    ] as const) {
      const text = readText(path);
      writeFileSync(path, text.replace('research', 'researcx'));
      const refused = await startServing(folder, server).then(
        () => 'started',
        (error: Error) => error.message,
      );
      assert.match(refused, /ended with 3/);
      assert.match(refused, says);
      writeFileSync(path, text);
    }
  }));

test('outside of loopback there is TLS or nothing', async () => {
  for (const address of ['0.0.0.0:80', '[::]:80', '10.1.2.3:443']) {
    assert.type(listenAddress(address, false), 'string', address);
    assert.type(listenAddress(address, true), 'object', address);
  }
  for (const wrong of ['localhost:80', '127.0.0.1', '127.0.0.1:70000', '127.evil.example:80', '::1:80']) {
    assert.type(listenAddress(wrong, false), 'string', wrong);
  }
  assert.equal(listenAddress('[::1]:8080', false), { host: '::1', port: 8080 });
  await withFolder(async (certificates) => {
    const { key, certificate } = loopbackIdentity();
    writeFileSync(join(certificates, 'key'), key);
    writeFileSync(join(certificates, 'cert'), certificate);
    await serving(
      async ({ service }) => {
        assert.match(service.url, /^https:/);
        const status = await new Promise<number | undefined>((resolve, reject) => {
          const sent = request(`${service.url}/healthz`, { ca: certificate, agent: false }, (response) => {
            response.resume();
            resolve(response.statusCode);
          });
          sent.on('error', reject);
          sent.end();
        });
        assert.is(status, 200);
      },
      { words: ['--tls-cert', join(certificates, 'cert'), '--tls-key', join(certificates, 'key')] },
    );
  });
});

test('switched off by the environment it answers, and changes nothing', () =>
  serving(
    async ({ service, server }) => {
      const refused = await service.call('POST', '/teams', { body: { team: 'x', tier: 'free' } });
      assert.is(refused.status, 503);
      assert.match(refused.text, /ENABLE_POLICY_MANAGEMENT/);
      assert.is((await service.call('GET', '/teams')).status, 200);
      assert.equal(server.objects('AuthPolicy'), []);
      assert.equal(
        server.calls.filter(({ verb }) => verb === 'patch'),
        [],
      );
    },
    { env: { ENABLE_POLICY_MANAGEMENT: 'false' } },
  ));

test('gateway, namespace and templates are those of the environment', () =>
  serving(
    async ({ service, server }) => {
      await service.change('PUT', '/tiers/gold', { settings: { burst_limit: 9 } });
      const map = server.object('ConfigMap', 'llm', 'our-templates');
      assert.is(at(map, 'data', 'tier-gold-policy.yaml'), 'burst_limit: 9\n');
      assert.is(at(server.object('AuthPolicy', 'llm', 'platform'), 'spec', 'targetRef', 'name'), 'edge');
    },
    { env: { GATEWAY_NAME: 'edge', GATEWAY_NAMESPACE: 'llm', POLICY_TEMPLATE_CONFIGMAP: 'our-templates' } },
  ));

run();
