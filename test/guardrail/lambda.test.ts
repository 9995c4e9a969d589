import { spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { readRecord } from '../../runtime/audit/record.ts';
import { lambdaHandler } from '../../runtime/guardrail/lambda.ts';
import { compiledGuardrail, eventText } from '../support/cost-plans.ts';
import { FakeAws } from '../support/fake-aws.ts';
import { suite } from '../support/harness.ts';
import { hasMoto, startMoto } from '../support/moto.ts';
import { calm, withProject } from '../support/polc-process.ts';
import { startOfTest } from '../support/response-world.ts';
import { withSlack } from '../support/slack-server.ts';

const { test, skip, run } = suite('guardrail-lambda');
const root = process.env.POLC_ROOT ?? '.';

const role = 'arn:aws:iam::123456789012:role/ci-deployer';
const webhook = '/guardrails/slack_webhook';

function policy(id: string, mode: string, more = ''): string {
  return `policy_id: ${id}
mode: ${mode}
ttl_minutes: 60
match: { source: [budgets], account_ids: ["123456789012"], min_amount_usd: 200 }
scope: { principals: [{ type: iam_role, arn: "${role}" }] }
actions: [{ type: attach_deny_policy, deny: ["sqs:CreateQueue"] }]
notify: { slack_webhook_ssm_param: ${webhook} }
${more}`;
}

const inSns = (message: string) => ({
  Records: [{ EventSource: 'aws:sns', Sns: { Type: 'Notification', MessageId: 'm1', Message: message } }],
});
const schedule = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
const request = (method: string, path: string, token: string) => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: method === 'GET' ? `token=${token}` : '',
  requestContext: { http: { method, path } },
  ...(method === 'POST' ? { body: Buffer.from(`token=${token}`).toString('base64'), isBase64Encoded: true } : {}),
});

function inMemory(port: FakeAws, at: { now: number }, mode: 'manual' | 'auto' = 'manual') {
  const lines: string[] = [];
  const handler = lambdaHandler({
    guardrails: [{ compiled: compiledGuardrail('ci', mode, { ttlMinutes: 60 }), hash: 'aa'.repeat(32) }],
    port,
    approvalUrl: 'https://abc.lambda-url.us-east-1.on.aws/',
    write: (text) => lines.push(text),
    now: () => at.now,
    actor: 'lambda',
  });
  return { handler, lines };
}

test('auto acts on no old event, whatever it came in, and an event of the future fails the invocation', async () => {
  await withSlack(async (slack) => {
    const port = new FakeAws([role]);
    port.parameters.set(webhook, { value: slack.url, secret: true });
    const { handler, lines } = inMemory(port, { now: startOfTest }, 'auto');
    const old = inSns(eventText({ time_window: '2026-08' }));
    for (let delivery = 0; delivery < 2; delivery += 1) assert.is(await handler(old), undefined);
    assert.is(slack.messages.length, 1);
    assert.match(slack.messages[0] ?? '', /would have responded, and did not/);
    assert.equal(port.changing, []);
    assert.match(lines.join(''), /"decision":"held"/);
    const failure = await handler(inSns(eventText({ time_window: '2026-12' }))).catch((error: unknown) => error);
    assert.match(String(failure), /POL2052/);
    assert.equal(port.changing, []);
    await handler(inSns(eventText()));
    assert.is(port.policies.size, 1);
  });
});

test('an event, the link and the schedule: asked, approved, ended', async () => {
  await withSlack(async (slack) => {
    const port = new FakeAws([role]);
    port.parameters.set(webhook, { value: slack.url, secret: true });
    const at = { now: startOfTest };
    const { handler, lines } = inMemory(port, at);
    assert.is(await handler(inSns(eventText())), undefined);
    const link = /https:\/\/abc\.lambda-url\.us-east-1\.on\.aws\/approve\?token=([\w.-]+)/.exec(
      slack.messages[0] ?? '',
    );
    const token = link?.[1] ?? '';
    assert.is((await handler(request('GET', '/approve', token)))?.statusCode, 200);
    assert.is(port.policies.size, 0);
    assert.is((await handler(request('POST', '/approve', token)))?.statusCode, 200);
    assert.is(port.policies.size, 1);
    await handler(schedule);
    assert.is(port.policies.size, 1);
    at.now += 3_600_001;
    await handler({ polc: 'rollback-expired' });
    assert.is(port.policies.size, 0);
    assert.is((await handler(request('POST', '/approve', token)))?.statusCode, 403);
    assert.ok(
      lines
        .join('')
        .split('\n')
        .slice(0, -1)
        .every((line) => readRecord(line) !== undefined),
    );
  });
});

test('what could not be done, and what is no event, fails the invocation, so that it is tried again and kept', async () => {
  const port = new FakeAws([role]);
  const { handler } = inMemory(port, { now: startOfTest });
  const failed = (event: unknown) =>
    handler(event).then(
      () => '',
      (error: unknown) => String(error),
    );
  // There is no webhook, so nobody can be asked.
  assert.match(await failed(inSns(eventText())), /POL8056/);
  for (const event of [{}, [], 'x', 5, null, undefined, { Records: [] }, inSns('x'), { requestContext: {} }]) {
    assert.match(await failed(event), /POL20\d\d/, JSON.stringify(event));
  }
  assert.is(port.policies.size, 0);
});

test('the built handler carries the guardrails that are switched on, and the same guardrails give the same bytes', async () => {
  await withProject((project) => {
    project.write({
      'policies/one.yaml': policy('one', 'auto'),
      'policies/two.yaml': policy('two', 'manual'),
      'policies/off.yaml': policy('off', 'auto', 'enabled: false\n'),
    });
    const built = project.polc(['build', 'policies', '--emit', 'lambda', ...calm]);
    assert.is(built.status, 0, built.stderr);
    const first = project.contents('dist/_workspace');
    assert.equal(Object.keys(first).sort(), ['lambda/function.json', 'lambda/handler.mjs', 'lambda/permissions.json']);
    const [head = ''] = project.read('dist/_workspace/lambda/handler.mjs').split('\n', 1);
    const pairs: readonly (readonly [string, string])[] = JSON.parse(head.slice('const polcGuardrails = '.length, -1));
    const manifest = (name: string) => JSON.parse(project.read(`dist/${name}/manifest.json`)).hash;
    assert.equal(
      pairs.map(([hash, text]) => [hash, JSON.parse(text).policy]),
      [
        [manifest('one'), 'one'],
        [manifest('two'), 'two'],
      ],
    );
    const permissions = project.read('dist/_workspace/lambda/permissions.json');
    assert.ok(permissions.includes(role) && permissions.includes('parameter/guardrails/slack_webhook'));
    assert.not.match(permissions, /"Action": \[?\s*"\*/);
    project.polc(['build', 'policies', '--emit', 'lambda', ...calm]);
    assert.equal(project.contents('dist/_workspace'), first);
    assert.is(project.polc(['build', 'policies', '--out', 'plain', ...calm]).status, 0);
    assert.not.ok(Object.keys(project.contents('plain')).some((path) => path.startsWith('_workspace')));
  });
});

test('without a guardrail that is switched on there is no handler, and one wrong policy writes none', async () => {
  await withProject((project) => {
    project.write({ 'off.yaml': policy('off', 'auto', 'enabled: false\n') });
    const off = project.polc(['build', 'off.yaml', '--emit', 'lambda', ...calm]);
    assert.is(off.status, 1);
    assert.match(off.stderr, /POL8063/);
    project.write({ 'good.yaml': policy('good', 'auto'), 'bad.yaml': policy('bad', 'sometimes') });
    assert.is(
      project.polc(['build', 'good.yaml', 'bad.yaml', '--out', 'other', '--emit', 'lambda', ...calm]).status,
      1,
    );
    assert.throws(() => project.contents('other/_workspace'));
  });
});

test('a budget map and a history go into the handler, unless they are wrong or there is none', async () => {
  await withProject((project) => {
    const history = 'budgets: { ci: { "2026-08": 120 } }\n';
    project.write({ 'ci.yaml': policy('ci', 'auto'), 'history.yaml': history, 'wrong.yaml': 'ci: { servces: [] }\n' });
    const build = (...more: readonly string[]) => project.polc(['build', 'ci.yaml', ...more, ...calm]);
    const plain = build('--budget-map', 'history.yaml');
    assert.is(plain.status, 2);
    assert.match(plain.stderr, '--emit lambda');
    const wrong = build('--emit', 'lambda', '--budget-map', 'wrong.yaml');
    assert.is(wrong.status, 1);
    assert.match(wrong.stderr, /POL2001[\s\S]*wrong\.yaml:1:7[\s\S]*`services`/);
    assert.is(build('--emit', 'lambda', '--history', 'nowhere.yaml').status, 3);
    assert.throws(() => project.contents('dist/_workspace'));
    assert.is(build('--emit', 'lambda', '--history', 'history.yaml').status, 0);
    const handler = project.read('dist/_workspace/lambda/handler.mjs');
    assert.ok(handler.includes(`\nconst polcBudgetMap = "";\nconst polcHistory = ${JSON.stringify(history)};\n`));
  });
});

/** Runs a built handler with one event after the other in a process of its own, as Lambda does. */
async function invoke(folder: string, events: readonly unknown[], env: Readonly<Record<string, string>>) {
  const script = join(folder, 'invoke.mjs');
  writeFileSync(
    script,
    `import { handler } from './dist/_workspace/lambda/handler.mjs';
for (const event of JSON.parse(process.env.EVENTS)) {
  const result = await handler(event).then((value) => value ?? null, (error) => ({ error: error.message }));
  process.stderr.write(JSON.stringify(result) + '\\n');
}`,
  );
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env, EVENTS: JSON.stringify(events) },
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text.stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text.stderr += part;
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.is(code, 0, text.stderr);
  return {
    results: text.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    log: text.stdout,
  };
}

const setUp = `import { IAMClient, CreateRoleCommand } from '@aws-sdk/client-iam';
import { SSMClient, PutParameterCommand } from '@aws-sdk/client-ssm';
const [, , Name, Value] = process.argv;
await new IAMClient({}).send(new CreateRoleCommand({ RoleName: 'ci-deployer', AssumeRolePolicyDocument: '{}' }));
await new SSMClient({}).send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }));`;

async function overHttp(): Promise<void> {
  const moto = await startMoto();
  const env = {
    AWS_ENDPOINT_URL: moto.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
  };
  try {
    await withSlack(async (slack) => {
      await withProject(async (project) => {
        // No alert of a budget names a service: without the map the handler could not decide.
        const ofLambda = policy('ci', 'manual').replace('min_amount_usd: 200', '$&, services: [AWS Lambda]');
        const budgets = '"ci budget": { services: [AWS Lambda] }\n';
        project.write({ 'ci.yaml': ofLambda, 'budgets.yaml': budgets, 'set-up.mjs': setUp });
        const built = project.polc(['build', 'ci.yaml', '--emit', 'lambda', '--budget-map', 'budgets.yaml', ...calm]);
        assert.is(built.status, 0, built.stderr);
        // The runtime of Lambda has the SDK beside it.
        symlinkSync(resolve(root, 'node_modules'), join(project.folder, 'node_modules'));
        const child = spawn(process.execPath, [join(project.folder, 'set-up.mjs'), webhook, slack.url], {
          env: { PATH: process.env.PATH ?? '', ...env },
          stdio: 'ignore',
        });
        assert.is(await new Promise((done) => child.on('exit', done)), 0);

        const cloud = { ...env, POLC_APPROVAL_URL: 'https://abc.lambda-url.us-east-1.on.aws' };
        const asked = await invoke(project.folder, [inSns(eventText())], cloud);
        assert.equal(asked.results, [null]);
        const token = /approve\?token=([\w.-]+)/.exec(slack.messages[0] ?? '')?.[1] ?? '';
        const steps = [request('GET', '/approve', token), request('POST', '/approve', token), schedule];
        const answered = await invoke(project.folder, [...steps, request('POST', '/approve', token)], cloud);
        assert.equal(
          answered.results.map((result) => result?.statusCode ?? result),
          [200, 200, null, 403],
        );
        // The token and the webhook are secrets, and logs are read by many.
        assert.not.match(`${asked.log}${answered.log}`, /secret-of-the-hook/);
        assert.not.ok(`${asked.log}${answered.log}`.includes(token));

        const status = () => project.polc(['guardrail', 'status', '--format', 'json'], { env });
        const active = status();
        assert.is(active.status, 0, active.stderr);
        const [response] = JSON.parse(active.stdout).responses;
        assert.equal([response.policy, response.state, response.documents[0].attached], ['ci', 'active', [role]]);
        assert.is(project.polc(['guardrail', 'rollback', '--all'], { env }).status, 0);
        assert.equal(JSON.parse(status().stdout).responses, []);
      });
    });
  } finally {
    await moto.close();
  }
}

const what = 'the built handler works with the real SDK over HTTP';
if (hasMoto()) test(what, overHttp);
else skip(what, 'moto_server is not on the PATH');

run();
