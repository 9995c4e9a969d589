import * as assert from 'uvu/assert';
import { readAuditFile } from '../../runtime/audit/file.ts';
import { suite } from '../support/harness.ts';
import { at, type JsonObject, listAt, textAt } from '../support/kubernetes/json.ts';
import type { KubernetesServer } from '../support/kubernetes/server.ts';
import { patchAs, serving } from '../support/serving.ts';
import { readText } from '../support/tenancy-world.ts';

const { test, run } = suite('the life of teams over HTTP');

const limitsOf = (server: KubernetesServer) =>
  at(server.object('TokenRateLimitPolicy', 'llm', 'platform'), 'spec', 'limits');
const eventsOf = (server: KubernetesServer) =>
  server.objects('Event').map((event) => `${event.reason}: ${event.message ?? event.note}`);
const keysOf = (server: KubernetesServer) =>
  server.objects('Secret').filter((secret) => at(secret, 'metadata', 'labels', 'polc/record') === 'key');
const done = (operation: JsonObject) => assert.is(operation.state, 'done', JSON.stringify(operation));

test('a team is made with its Secret and limits, changed, given a budget, and deleted with its keys', () =>
  serving(async ({ service, server, audit }) => {
    done(
      await service.change('POST', '/teams', {
        team: 'research',
        tier: 'free',
        overrides: { token_limit_per_hour: 7 },
        members: { alice: {}, bob: {} },
      }),
    );
    assert.equal(at(limitsOf(server), 'tier-free-team-research-tokens', 'rates'), [{ limit: 7, window: '1h' }]);
    const secret = server.object('Secret', 'llm', 'team-research-config');
    assert.is(at(secret, 'metadata', 'labels', 'maas/team-id'), 'research');
    assert.ok(eventsOf(server).includes('PoliciesApplied: Default free tier policies applied'));

    const made = await service.call('POST', '/teams/research/keys', { body: { user: 'alice' } });
    assert.is(made.status, 201, made.text);
    const key = textAt(made.body, 'key');
    assert.ok(key.length >= 43);
    const [stored] = keysOf(server);
    assert.is(Buffer.from(textAt(stored, 'data', 'api_key'), 'base64').toString(), key);
    assert.is(at(stored, 'metadata', 'labels', 'maas/tier'), 'free');
    assert.is(at(stored, 'metadata', 'labels', 'authorino.kuadrant.io/managed-by'), 'authorino');
    assert.is(at(stored, 'metadata', 'annotations', 'maas/spend-current'), '0');
    // Nothing but the Secret holds the key.
    const listed = await service.call('GET', '/teams/research/keys');
    assert.equal(
      listAt(listed.body, 'keys').map((each) => at(each, 'user')),
      ['alice'],
    );
    for (const text of [listed.text, readText(audit), readText(audit.replace('audit', 'operations'))]) {
      assert.not.ok(text.includes(key));
    }

    done(await service.change('PUT', '/tiers/gold', { settings: { token_limit_per_hour: 900 } }));
    done(await service.change('PATCH', '/teams/research', { tier: 'gold', overrides: {} }));
    assert.is(at(keysOf(server)[0], 'metadata', 'labels', 'maas/tier'), 'gold');
    assert.is(at(limitsOf(server), 'tier-free-team-research-tokens'), undefined);
    assert.equal(at(limitsOf(server), 'tier-gold-by-team-tokens', 'rates'), [{ limit: 900, window: '1h' }]);

    done(await service.change('PUT', '/teams/research/budget', { budget_usd_monthly: 12.5 }));
    assert.is(at(keysOf(server)[0], 'metadata', 'annotations', 'maas/budget-usd'), '12.5');
    const authPolicy = JSON.stringify(server.object('AuthPolicy', 'llm', 'platform'));
    assert.match(authPolicy, /maas\/spend-current/);

    done(await service.change('DELETE', '/teams/research'));
    assert.equal(keysOf(server), []);
    assert.is(server.object('Secret', 'llm', 'team-research-config'), undefined);
    assert.is((await service.call('GET', '/teams/research')).status, 404);
    const actions = readAuditFile(audit).map(({ action, decision, actor }) => `${actor} ${action} ${decision}`);
    for (const kind of ['create-team', 'change-team', 'set-budget', 'delete-team', 'put-tier']) {
      assert.ok(actions.includes(`alice tenancy.${kind} in force`), kind);
    }
    assert.ok(actions.includes('alice tenancy.create-key made'));
    assert.equal(
      eventsOf(server)
        .filter((each) => /Budget|Deleted|KeyCreated/.test(each))
        .map((each) => each.split(':')[0])
        .sort(),
      ['BudgetUpdated', 'KeyCreated', 'TeamDeleted'],
    );
  }));

test('what the spend writer wrote stays when a key changes', () =>
  serving(async ({ service, server }) => {
    await service.change('POST', '/teams', { team: 'research', tier: 'free', members: { alice: {} } });
    await service.call('POST', '/teams/research/keys', { body: { user: 'alice' } });
    const path = `/api/v1/namespaces/llm/secrets/${textAt(keysOf(server)[0], 'metadata', 'name')}`;
    const annotations = { 'maas/spend-current': '3.75' };
    await patchAs(server, 'usage-pipeline', path, { metadata: { annotations } });
    assert.is(at(keysOf(server)[0], 'metadata', 'annotations', 'maas/spend-current'), '3.75');
    done(await service.change('PUT', '/teams/research/budget', { budget_usd_monthly: 10 }));
    assert.equal(at(keysOf(server)[0], 'metadata', 'annotations'), {
      'maas/spend-current': '3.75',
      'maas/budget-usd': '10',
    });
  }));

test('members come with limits of their own and go with their keys', () =>
  serving(async ({ service, server }) => {
    done(await service.change('POST', '/teams', { team: 'research', tier: 'free' }));
    assert.is((await service.call('POST', '/teams/research/keys', { body: { user: 'bob' } })).status, 404);
    done(await service.change('PUT', '/teams/research/members/bob', { overrides: { token_limit_per_hour: 3 } }));
    assert.match(JSON.stringify(limitsOf(server)), /user == 'bob'.*|"limit":3/);
    const made = await service.call('POST', '/teams/research/keys', { body: { user: 'bob' } });
    const other = await service.call('POST', '/teams/research/keys', { body: { user: 'bob' } });
    assert.not.equal(made.body.key, other.body.key);
    const gone = await service.call('DELETE', `/teams/research/keys/${made.body.id}`);
    assert.is(gone.status, 204);
    assert.is((await service.call('DELETE', `/teams/research/keys/${made.body.id}`)).status, 404);
    assert.is(keysOf(server).length, 1);
    done(await service.change('DELETE', '/teams/research/members/bob'));
    assert.equal(keysOf(server), []);
    assert.not.match(JSON.stringify(limitsOf(server)), /bob/);
    assert.is((await service.call('DELETE', '/teams/research/members/bob')).status, 404);
  }));

const teams = ['ants', 'bees', 'cats', 'dogs'];

test('teams are told of a new version of their tier and opt in one by one, until it is the version', () =>
  serving(async ({ service, server, audit }) => {
    done(await service.change('PUT', '/tiers/gold', { settings: { token_limit_per_hour: 100 } }));
    for (const team of teams.slice(0, 2)) done(await service.change('POST', '/teams', { team, tier: 'gold' }));
    const before = JSON.stringify(limitsOf(server));
    done(await service.change('PUT', '/tiers/gold', { settings: { token_limit_per_hour: 200 } }));
    assert.is(JSON.stringify(limitsOf(server)), before);
    const told = server
      .objects('Event')
      .filter(({ reason }) => reason === 'TemplateChanged')
      .map((event) => textAt(event, 'involvedObject', 'name') || textAt(event, 'regarding', 'name'));
    for (const team of teams.slice(0, 2)) assert.ok(told.includes(`team-${team}-config`), told.join());
    const waiting = await service.call('GET', '/tiers/gold');
    assert.equal(at(waiting.body, 'new_version', 'waiting'), ['ants', 'bees']);
    assert.is(at((await service.call('GET', '/teams/ants')).body, 'new_version', 'taken'), false);

    done(await service.change('POST', '/teams/ants/opt-in'));
    assert.equal(at(limitsOf(server), 'tier-gold-team-ants-tokens', 'rates'), [{ limit: 200, window: '1h' }]);
    assert.equal(at(limitsOf(server), 'tier-gold-by-team-tokens', 'rates'), [{ limit: 100, window: '1h' }]);
    done(await service.change('POST', '/teams/bees/opt-in'));
    assert.equal(
      Object.keys(limitsOf(server) ?? {}).filter((name) => name.includes('gold')),
      ['tier-gold-by-team-tokens'],
    );
    assert.equal(at(limitsOf(server), 'tier-gold-by-team-tokens', 'rates'), [{ limit: 200, window: '1h' }]);
    assert.is((await service.call('POST', '/teams/bees/opt-in')).status, 409);
    assert.match(readText(audit), /team ants inherits tier gold, version [0-9a-f]{12}/);

    assert.is((await service.call('DELETE', '/tiers/gold')).status, 409);
    // What overrides cannot take out goes to all at once, or not at all.
    const less = { settings: { burst_limit: 3 } };
    const refused = await service.call('PUT', '/tiers/gold', { body: less });
    assert.is(refused.status, 409);
    assert.match(refused.text, /leaves out `token_limit_per_hour`/);
    done(await service.change('PUT', '/tiers/gold', { ...less, rollout: { mode: 'immediate' } }));
    for (const team of teams.slice(0, 2)) done(await service.change('DELETE', `/teams/${team}`));
    done(await service.change('DELETE', '/tiers/gold'));
    assert.not.match(JSON.stringify(limitsOf(server)), /gold/);
  }));

test('a staged rollout goes on when the policies of those before are enforced', () =>
  serving(async ({ service, server }) => {
    done(await service.change('PUT', '/tiers/gold', { settings: { token_limit_per_hour: 100 } }));
    for (const team of teams) done(await service.change('POST', '/teams', { team, tier: 'gold' }));
    const written: string[] = [];
    server.fault = ({ verb, kind, body, query }) => {
      if (verb === 'patch' && kind === 'TokenRateLimitPolicy' && query.get('dryRun') === null) {
        written.push(teams.filter((team) => body.includes(`tier-gold-team-${team}-tokens`)).join(' '));
      }
      return undefined;
    };
    const settings = { token_limit_per_hour: 200 };
    const rolled = await service.change('PUT', '/tiers/gold', { settings, rollout: { mode: 'staged', batch: 2 } });
    done(rolled);
    assert.is(rolled.rounds, 2);
    assert.equal(written, ['ants bees', '']);
    assert.equal(at(limitsOf(server), 'tier-gold-by-team-tokens', 'rates'), [{ limit: 200, window: '1h' }]);
    assert.is(at((await service.call('GET', '/tiers/gold')).body, 'new_version'), undefined);
  }));

run();
