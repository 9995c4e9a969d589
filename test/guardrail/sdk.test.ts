import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { applyPlan } from '../../runtime/guardrail/apply.ts';
import { actionsOfCall, requiredPermissions } from '../../runtime/guardrail/aws/permissions.ts';
import type { AwsPort } from '../../runtime/guardrail/aws/port.ts';
import { connectAws } from '../../runtime/guardrail/aws/sdk.ts';
import { rollback } from '../../runtime/guardrail/rollback.ts';
import { sealKeyName } from '../../runtime/guardrail/state/record-seal.ts';
import { statusOf } from '../../runtime/guardrail/status.ts';
import { type AwsServer, Refusal, startAwsServer } from '../support/aws-server.ts';
import { FakeAws } from '../support/fake-aws.ts';
import {
  arbitraryPlan,
  boundary,
  ciDeployer,
  developer,
  documentOf,
  minutes,
  planOf,
  principals,
  recordKey,
  start,
  trainer,
} from '../support/guardrail-plans.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail sdk');

const pace = { attempts: 4, first: 1 };
const nameOf = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);

/** A server with the principals of the plans, and a port to it. */
async function withServer(use: (server: AwsServer, port: AwsPort) => Promise<void>, timeout = 20_000): Promise<void> {
  const server = await startAwsServer();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'a-key-for-a-test',
  });
  for (const arn of principals) (arn === developer ? server.users : server.roles).set(nameOf(arn), { arn });
  try {
    await use(server, connectAws({ pace, timeout, attempts: 3 }));
  } finally {
    await server.close();
  }
}

async function failureOf(call: Promise<unknown>): Promise<AwsFailure> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AwsFailure) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}

const policyOf = (name: string) => ({
  name,
  path: '/polc/guardrail/',
  document: planOf().documents[0]!.document,
  tags: { 'polc:policy': 'ci-quarantine', 'polc:expires': '2026-11-23T13:00:00.000Z' },
});

test('each call does what the port says, with the permissions that are listed for it and no other', async () => {
  await withServer(async (server, port) => {
    const seen = new Map<string, Set<string>>();
    const observed = new Proxy(port, {
      get:
        (target, name) =>
        async (...args: unknown[]) => {
          server.requests.length = 0;
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') throw new Error(String(name));
          const result = await Reflect.apply(member, target, args);
          const all = seen.get(String(name)) ?? new Set();
          seen.set(String(name), new Set([...all, ...server.requests]));
          return result;
        },
    });
    const arn = await observed.createPolicy(policyOf('guardrails-deny-1'));
    assert.is(arn, 'arn:aws:iam::123456789012:policy/polc/guardrail/guardrails-deny-1');
    for (const count of [2, 3]) await observed.createPolicy(policyOf(`guardrails-deny-${count}`));
    await observed.createPolicy({ ...policyOf('another'), path: '/' });
    assert.equal(
      (await observed.listPolicies('/polc/guardrail/')).map(({ name, tags }) => [name, tags['polc:policy']]),
      [1, 2, 3].map((count) => [`guardrails-deny-${count}`, 'ci-quarantine']),
    );
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`polc:principals-${index}`, 'role/a']));
    await observed.tagPolicy(arn, many);
    assert.equal((await observed.getPolicy(arn))!.tags, { ...policyOf('').tags, ...many });
    for (let count = 0; count < 7; count++)
      await observed.replaceDocument(arn, JSON.stringify({ Statement: [count, "it's (a) 'test'* 50% +"] }));
    assert.is((await observed.getPolicy(arn))!.document, JSON.stringify({ Statement: [6, "it's (a) 'test'* 50% +"] }));
    assert.is(await observed.getPolicy(`${arn}-not`), undefined);
    for (const principal of principals) {
      assert.equal(await observed.principal(principal), {});
      await observed.attach(principal, arn);
      await observed.setBoundary(principal, boundary('narrow'));
      assert.equal(await observed.principal(principal), { boundary: boundary('narrow') });
    }
    assert.equal([...(await observed.attachments(arn))].sort(), [...principals].sort());
    assert.equal([...(await connectAws({ pace }).attachments(arn))].sort(), [...principals].sort());
    for (const principal of principals) {
      for (const again of [false, true]) {
        await observed.detach(principal, arn);
        await observed.setBoundary(principal, undefined);
        if (again) assert.equal(await observed.principal(principal), {});
      }
    }
    for (const again of [false, true]) {
      await observed.deletePolicy(arn);
      assert.is(server.policies.has(arn), false, String(again));
    }
    for (const name of ['/polc/guardrail/response/a', '/polc/guardrail/response/b', '/polc/guardrail/response/c/d']) {
      await observed.putParameter(name, 'a secret', { overwrite: false, secret: true });
      assert.is(
        (await failureOf(port.putParameter(name, 'x', { overwrite: false, secret: true }))).code,
        'ParameterAlreadyExists',
      );
      await observed.putParameter(name, name, { overwrite: true, secret: true });
      assert.is(await observed.parameter(name), name);
    }
    assert.is((await observed.parametersBelow('/polc/guardrail/response')).length, 3);
    for (const again of [false, true]) {
      await observed.deleteParameter('/polc/guardrail/response/a');
      assert.is(await observed.parameter('/polc/guardrail/response/a'), undefined, String(again));
    }
    await observed.publish('arn:aws:sns:eu-west-1:123456789012:escalation', 'a subject', 'a message');
    assert.is(server.published[0]!.Message, 'a message');

    // Tags at creation have no request of their own; who is attached is looked up by a port that has not seen them.
    seen.get('createPolicy')!.add('iam:TagPolicy');
    for (const action of ['iam:GetRole', 'iam:GetUser']) {
      assert.is(seen.get('attachments')!.has(action), false);
      seen.get('attachments')!.add(action);
    }
    const listed = Object.entries(actionsOfCall).map(([name, actions]) => [name, [...actions].sort()]);
    assert.equal(
      Object.fromEntries([...seen].map(([name, actions]) => [name, [...actions].sort()])),
      Object.fromEntries(listed),
    );
  });
});

test('the permissions document allows what is called, where it is called, and nothing besides', () => {
  const reach = {
    partition: 'aws',
    account: '123456789012',
    denied: [ciDeployer, developer],
    bounded: [trainer, developer],
    topics: ['arn:aws:sns:us-east-1:123456789012:escalation'],
    webhooks: ['/guardrails/slack_webhook'],
  };
  const { Statement } = requiredPermissions(reach);
  const actions = new Set(Statement.flatMap(({ Action }) => Action));
  assert.equal([...actions].sort(), [...new Set(Object.values(actionsOfCall).flat())].sort());
  const on = (action: string) =>
    Statement.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
  assert.equal(on('iam:CreatePolicy'), ['arn:aws:iam::123456789012:policy/polc/guardrail/*']);
  assert.equal(on('iam:AttachRolePolicy'), [ciDeployer]);
  assert.equal(on('iam:AttachUserPolicy'), [developer]);
  assert.equal(on('iam:PutRolePermissionsBoundary'), [trainer]);
  assert.equal(on('ssm:PutParameter'), ['arn:aws:ssm:*:123456789012:parameter/polc/guardrail/*']);
  assert.equal(on('ssm:GetParameter').slice(1), ['arn:aws:ssm:*:123456789012:parameter/guardrails/slack_webhook']);
  for (const { Action, Condition } of Statement) {
    assert.is(
      Condition !== undefined,
      Action.some((action) => /(At|De)tach/.test(action)),
    );
  }
  const telling = requiredPermissions({ ...reach, denied: [], bounded: [] });
  assert.not.ok(
    telling.Statement.some(({ Action }) => Action.some((action) => /iam:(Attach|Put|Detach)/.test(action))),
  );
});

test('responses end up the same through the SDK as in memory', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPlan('first'), arbitraryPlan('second'), async (first, second) => {
      await withServer(async (server, port) => {
        const fake = new FakeAws(principals);
        server.parameters.set(sealKeyName, { value: recordKey, type: 'SecureString' });
        fake.parameters.set(sealKeyName, { value: recordKey, secret: true });
        const compare = () => {
          const stored = [...server.policies].map(([arn, { versions, tags, attachedTo }]) => [
            arn,
            versions.find(({ isDefault }) => isDefault)!.document,
            Object.fromEntries(tags),
            [...attachedTo].sort(),
          ]);
          const faked = [...fake.policies].map(([arn, { document, tags, attachedTo }]) => [
            arn,
            document,
            tags,
            [...attachedTo].map((each) => `${each === developer ? 'User' : 'Role'}/${nameOf(each)}`).sort(),
          ]);
          assert.equal(stored, faked);
          assert.equal(
            [...server.parameters].map(([name, { value }]) => [name, value]),
            [...fake.parameters].map(([name, { value }]) => [name, value]),
          );
          for (const arn of principals) {
            const { boundary: set } = (arn === developer ? server.users : server.roles).get(nameOf(arn))!;
            assert.is(set, fake.principals.get(arn)!.boundary);
          }
        };
        for (const plan of [first, second, { ...first, breach: 'first/next' }]) {
          assert.equal(await applyPlan(plan, port, { now: start }), await applyPlan(plan, fake, { now: start }));
          compare();
        }
        assert.equal(await statusOf(port, start), await statusOf(fake, start));
        const options = { now: start + minutes(90) };
        for (const selection of [{ expired: true }, { all: true }] as const) {
          assert.equal(await rollback(selection, port, options), await rollback(selection, fake, options));
          compare();
        }
        assert.is(server.policies.size, 0);
      });
    }),
    { numRuns: 12 },
  );
});

test('the region may stand where the AWS CLI reads it, and AWS_REGION goes before', () =>
  withServer(async (server) => {
    const call = () => connectAws({ pace, attempts: 3 }).parameter('/polc/guardrail/absent');
    process.env.AWS_DEFAULT_REGION = 'eu-west-1';
    await call();
    delete process.env.AWS_REGION;
    await call();
    delete process.env.AWS_DEFAULT_REGION;
    assert.equal(server.regions, ['us-east-1', 'eu-west-1']);
  }));

test('what passes is tried again, a few times, and what does not is said', async () => {
  await withServer(async (server, port) => {
    const once = new Set(['iam:AttachRolePolicy', 'ssm:PutParameter']);
    server.intercept = (action) => (once.delete(action) ? new Refusal(400, 'Throttling', 'Rate exceeded') : undefined);
    const plan = planOf({ denied: [ciDeployer], boundaries: [{ principal: trainer, boundary: boundary('narrow') }] });
    assert.is((await applyPlan(plan, port, { now: start })).result, 'applied');
    server.intercept = () => undefined;
    await rollback({ all: true }, port, { now: start });
    server.parameters.clear();

    server.intercept = (action) =>
      action === 'iam:AttachRolePolicy' ? new Refusal(400, 'Throttling', 'Rate exceeded') : undefined;
    server.requests.length = 0;
    const throttled = await applyPlan(plan, port, { now: start });
    assert.is(throttled.result, 'failed');
    assert.match(throttled.diagnostics[0]!.help, 'try again');
    assert.is(server.requests.filter((each) => each === 'iam:AttachRolePolicy').length, 3);
    assert.is(server.policies.size, 0);
    assert.is(server.parameters.size, 0);

    for (const [refusal, code, isTransient] of [
      [new Refusal(403, 'AccessDenied', 'not you'), 'AccessDenied', false],
      [new Refusal(500, 'InternalFailure'), 'InternalFailure', true],
      [new Refusal(409, 'ConcurrentModification'), 'ConcurrentModification', true],
      ['hang', 'Unreachable', true],
    ] as const) {
      server.intercept = () => refusal;
      const impatient = connectAws({ pace, timeout: 300, attempts: 3 });
      const failure = await failureOf((refusal === 'hang' ? impatient : port).principal(ciDeployer));
      assert.equal([failure.action, failure.code, failure.transient], ['iam:GetRole', code, isTransient]);
    }
    await server.close();
    const failure = await failureOf(port.parameter('/polc/guardrail/response/a'));
    assert.equal([failure.action, failure.code, failure.transient], ['ssm:GetParameter', 'Unreachable', true]);
  });
});

test('a policy that IAM has just made, and does not find yet, is attached when it does', async () => {
  await withServer(async (server, port) => {
    let refused = 0;
    server.intercept = (action) =>
      action === 'iam:AttachRolePolicy' && refused++ < 2
        ? new Refusal(404, 'NoSuchEntity', 'no such policy')
        : undefined;
    assert.is((await applyPlan(planOf(), port, { now: start })).result, 'applied');
    assert.is(refused, 3);
    server.requests.length = 0;
    const unknown = await failureOf(port.attach(ciDeployer, boundary('nobody-made-it')));
    assert.equal([unknown.code, unknown.transient, server.requests.length], ['NoSuchEntity', false, 1]);
  });
});

test('a call whose answer is lost, and is made again, is not taken for another’s', async () => {
  await withServer(async (server, port) => {
    let lost = false;
    server.intercept = (action, parameters) => {
      if (action !== 'iam:CreatePolicy' || lost) return undefined;
      lost = true;
      const tags = new Map([['polc:policy', 'ci-quarantine']]);
      const name = parameters.get('PolicyName')!;
      const versions = [{ id: 'v1', document: parameters.get('PolicyDocument')!, isDefault: true }];
      server.policies.set(`arn:aws:iam::123456789012:policy/polc/guardrail/${name}`, {
        name,
        path: '/polc/guardrail/',
        versions,
        tags,
        attachedTo: new Set(),
        nextVersion: 2,
      });
      return 'hang';
    };
    assert.is((await applyPlan(planOf(), port, { now: start })).result, 'applied');
  }, 1500);
});

test('a principal of another account or path is not the one of the same name', async () => {
  await withServer(async (_server, port) => {
    assert.is(await port.principal('arn:aws:iam::999999999999:role/ci-deployer'), undefined);
    assert.is(await port.principal('arn:aws:iam::123456789012:role/teams/ci-deployer'), undefined);
    assert.is(await port.principal('arn:aws:iam::123456789012:user/ci-deployer'), undefined);
    assert.equal(await port.principal(ciDeployer), {});
  });
});

test('the quota of attachments, through the SDK', async () => {
  await withServer(async (server, port) => {
    server.attachmentQuota = 1;
    const documents = ['ec2:RunInstances', 'rds:CreateDBInstance'].map((action) => documentOf('ci-quarantine', action));
    const outcome = await applyPlan(planOf({ documents }), port, { now: start });
    assert.equal(
      outcome.diagnostics.map(({ code }) => code),
      ['POL8029'],
    );
    assert.is(server.policies.size, 0);
    assert.is(server.parameters.size, 0);
  });
});

run();
