import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readAuditFile } from '../../runtime/audit/file.ts';
import type { AuditRecord } from '../../runtime/audit/record.ts';
import { modeHistories } from '../../runtime/guardrail/promotion.ts';
import { eventText } from '../support/cost-plans.ts';
import { suite } from '../support/harness.ts';
import { hasMoto, startMoto } from '../support/moto.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';
import { withSlack } from '../support/slack-server.ts';

const { test, skip, run } = suite('guardrail-commands');

const policy = (mode: string) => `policy_id: ci
mode: ${mode}
ttl_minutes: 60
match: { source: [budgets], account_ids: ["123456789012"], min_amount_usd: 200 }
scope: { principals: [{ type: iam_role, arn: "arn:aws:iam::123456789012:role/ci-deployer" }] }
actions: [{ type: attach_deny_policy, deny: ["sqs:CreateQueue"] }]
notify: { slack_webhook_ssm_param: /guardrails/slack_webhook }
`;

/** An endpoint where nothing listens. */
const nowhere = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
};

function record(time: string, mode: string, decision: string, more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    time,
    actor: 'a',
    action: 'guardrail.evaluate',
    subject: `ci/1/b/${time.slice(0, 7)}`,
    decision,
    reasons: [],
    policy_hash: '',
    facts: { policy: 'ci', mode },
    previous: '',
    ...more,
  };
}

function listing(time: string, policies: string): AuditRecord {
  return record(time, '', 'loaded', { action: 'guardrail.policies', policy_hash: 'set', facts: { policies } });
}

test('a mode begins with its first record after another mode, and leads on after a week', () => {
  const [history] = modeHistories([
    record('2026-11-01T00:00:00.000Z', 'manual', 'respond'),
    listing('2026-11-01T12:00:00.000Z', 'ci:dry_run:h other:auto:h'),
    record('2026-11-02T00:00:00.000Z', 'dry_run', 'passes', {
      policy_hash: 'set',
      facts: { policies: '2', others: '' },
    }),
    record('2026-11-02T01:00:00.000Z', 'dry_run', 'passes', {
      policy_hash: 'set',
      facts: { policies: '1', others: 'ci' },
    }),
    record('2026-11-02T02:00:00.000Z', 'dry_run', 'passes', { policy_hash: 'unlisted', facts: { policies: '2' } }),
    record('2026-11-03T00:00:00.000Z', 'dry_run', 'respond'),
    record('2026-11-03T01:00:00.000Z', 'dry_run', 'respond'),
    record('2026-11-04T00:00:00.000Z', 'auto', 'respond', { facts: { policy: 'other', mode: 'auto' } }),
    record('2026-11-05T00:00:00.000Z', 'dry_run', 'unknown'),
    record('2026-11-06T00:00:00.000Z', 'manual', 'respond', { action: 'guardrail.ask' }),
  ]);
  assert.equal(history, {
    policy: 'ci',
    mode: 'dry_run',
    since: '2026-11-02T00:00:00.000Z',
    counts: { respond: 2, passes: 1, unknown: 1 },
    breaches: ['ci/1/b/2026-11'],
    next: { mode: 'manual', due: '2026-11-09T00:00:00.000Z' },
  });
  const [, other] = modeHistories([record('2026-11-04T00:00:00.000Z', 'dry_run', 'respond')]);
  assert.is(other, undefined);
  const [automatic] = modeHistories([record('2026-11-04T00:00:00.000Z', 'auto', 'respond')]);
  assert.is(automatic?.next, undefined);
});

test('AWS that cannot be reached is a diagnostic and exit code 3, never a stack', async () => {
  await withProject((project) => {
    project.write({ 'ci.yaml': policy('auto'), 'event.json': eventText() });
    const env = { ...nowhere, AWS_MAX_ATTEMPTS: '1' };
    for (const words of [
      ['respond', 'ci.yaml', '--event', 'event.json', '--no-notify'],
      ['rollback', '--all'],
      ['status'],
    ]) {
      const { status, stderr } = project.polc(['guardrail', ...words], { env });
      assert.is(status, 3, `${words.join(' ')}: ${stderr}`);
      assert.match(stderr, /error\[POL80\d\d\]/);
      assert.not.match(stderr, /\n\s+at |polc failed/);
    }
  });
});

test('the command line says what is missing, with exit code 2', async () => {
  await withProject((project) => {
    project.write({ 'ci.yaml': policy('auto') });
    for (const words of [
      ['respond', 'ci.yaml'],
      ['rollback'],
      ['rollback', '--all', '--expired'],
      ['approve'],
      ['reject', 'a', 'b'],
      ['status', 'x'],
    ]) {
      assert.is(project.polc(['guardrail', ...words], { env: nowhere }).status, 2, words.join(' '));
    }
    const refused = project.polc(['guardrail', 'reject', 'made-up'], { env: nowhere });
    assert.is(refused.status, 4);
    assert.match(refused.stderr, /^error\[POL8050\]: .*\n +=/, 'a token stands in no file');
  });
});

test('an audit log that was changed stops every verb', async () => {
  await withProject((project) => {
    project.write({ 'ci.yaml': policy('dry_run'), 'event.json': eventText() });
    const env = { ...nowhere, POLC_AUDIT_LOG: join(project.folder, 'audit.jsonl') };
    const respond = ['guardrail', 'respond', 'ci.yaml', '--event', 'event.json', '--no-notify'];
    assert.is(project.polc(respond, { env }).status, 0);
    const path = env.POLC_AUDIT_LOG;
    assert.is(readAuditFile(path).length, 2);
    assert.is(project.polc(respond, { env }).status, 0);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"respond"', '"passes!"'));
    for (const words of [respond, ['guardrail', 'status'], ['guardrail', 'rollback', '--all']]) {
      const { status, stderr } = project.polc(words, { env });
      assert.is(status, 3, words.join(' '));
      assert.match(stderr, 'POL8059');
    }
  });
});

test('what is no event is refused, and one wrong policy stops all', async () => {
  await withProject((project) => {
    project.write({ 'ci.yaml': policy('auto'), 'bad.yaml': policy('sometimes'), 'event.json': eventText() });
    const bad = project.polc(['guardrail', 'respond', 'ci.yaml', '--event', '-'], { env: nowhere, input: 'hello' });
    assert.is(bad.status, 1, bad.stderr);
    assert.match(bad.stderr, 'POL2041');
    const words = ['guardrail', 'respond', 'ci.yaml', 'bad.yaml', '--event', 'event.json', '--no-notify'];
    assert.is(project.polc(words, { env: nowhere }).status, 1);
  });
});

test('who has set no region is told so by every command that calls AWS', async () => {
  await withProject((project) => {
    const unset = { AWS_ENDPOINT_URL: '', AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_CONFIG_FILE: '/dev/null' };
    for (const words of [['status'], ['rollback', '--expired'], ['rollback', '--all']]) {
      const { status, stderr } = project.polc(['guardrail', ...words], { env: { ...nowhere, ...unset } });
      assert.not.equal(status, 0, words.join(' '));
      assert.match(stderr, 'help: set `AWS_REGION`');
    }
  });
});

async function wholeLife(): Promise<void> {
  const moto = await startMoto();
  try {
    await withSlack(async (slack) => {
      await withProject((project) =>
        life(project, { ...nowhere, AWS_ENDPOINT_URL: moto.url }, slack.url, slack.messages),
      );
    });
  } finally {
    await moto.close();
  }
}

async function life(
  project: ProjectFolder,
  env: Readonly<Record<string, string>>,
  webhook: string,
  messages: readonly string[],
): Promise<void> {
  Object.assign(process.env, env);
  const { IAMClient, CreateRoleCommand } = await import('@aws-sdk/client-iam');
  const { SSMClient, PutParameterCommand } = await import('@aws-sdk/client-ssm');
  await new IAMClient({}).send(new CreateRoleCommand({ RoleName: 'ci-deployer', AssumeRolePolicyDocument: '{}' }));
  const parameter = { Name: '/guardrails/slack_webhook', Value: webhook, Type: 'SecureString' } as const;
  await new SSMClient({}).send(new PutParameterCommand(parameter));
  project.write({ 'ci.yaml': policy('manual'), 'bad.yaml': policy('sometimes'), 'event.json': eventText() });
  const started = async (...words: readonly string[]) => {
    // Not spawnSync: Slack's place is taken by a server of this very process.
    const child = project.start(['guardrail', ...words], { env });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, output };
  };
  assert.is((await started('respond', 'ci.yaml', 'bad.yaml', '--event', 'event.json')).status, 1);
  assert.match(messages.at(-1) ?? '', /guardrails are wrong/);
  assert.is((await started('respond', 'ci.yaml', '--event', 'event.json')).status, 0);
  const token = /guardrail approve (polc1[\w.-]+)/.exec(messages.at(-1) ?? '')?.[1] ?? '';
  const sent = messages.length;
  assert.is((await started('respond', 'ci.yaml', '--event', 'event.json')).status, 0);
  assert.is(messages.length, sent);
  project.write({ 'ci.yaml': policy('manual').replace('60', '61') });
  assert.is((await started('approve', token, 'ci.yaml')).status, 4);
  project.write({ 'ci.yaml': policy('manual') });
  const rehearsed = await started('approve', token, 'ci.yaml', '--dry-run', '--format', 'json');
  assert.ok(JSON.parse(rehearsed.output).calls.length > 0);
  assert.is((await started('approve', token, 'ci.yaml')).status, 0);
  assert.match(messages.at(-1) ?? '', /has responded/);
  assert.is((await started('approve', token, 'ci.yaml')).status, 4);
  assert.is((await started('rollback', '--expired')).status, 0);
  assert.match((await started('status')).output, /ci {2}active/);
  assert.is((await started('rollback', '--policy', 'ci')).status, 0);
  assert.match((await started('status')).output, /no response is in force[\s\S]*ci {2}manual for 0 days/);
  assert.is((await started('reject', token)).status, 4);
}

const what = 'asked, approved and taken back by commands, through the real SDK';
if (hasMoto()) test(what, wholeLife);
else skip(what, 'moto_server is not on the PATH');

run();
