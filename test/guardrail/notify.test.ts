import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { type News, slackMessage, topicMessage } from '../../runtime/guardrail/notify/message.ts';
import { mentionText, plainText } from '../../runtime/guardrail/notify/slack-text.ts';
import { slackTeller } from '../../runtime/guardrail/notify/tell.ts';
import { postWebhook, urlProblem } from '../../runtime/guardrail/notify/webhook.ts';
import { planFor } from '../../runtime/guardrail/plan-for.ts';
import { compiledGuardrail, costEvent } from '../support/cost-plans.ts';
import { FakeAws } from '../support/fake-aws.ts';
import { suite } from '../support/harness.ts';
import { withSlack } from '../support/slack-server.ts';

const { test, run } = suite('guardrail-notify');

const patient = { attempts: 3, timeout: 20_000, pause: 5 };
/** Where something is not answered. */
const impatient = { ...patient, timeout: 1000 };
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<!channel>',
    '<@U012AB3CD>',
    '<https://evil.example|Approve…>',
    '*bold* `code` _x_ ~y~',
    '&lt;!here&gt;',
    'a\n\n• ec2:RunInstances\u2028\u202e',
    '```',
  ),
);

/** What Slack takes for a link or a mention: everything between angle brackets. */
const entities = (text: string) => text.match(/<[^>]*>/g) ?? [];

test('what was done is told with its end, and what would be done with how long it would last', () => {
  const linesOf = (news: News) => slackMessage(news).blocks.map((block) => block.text.text);
  const planOf = (ttlMinutes: number) => planFor({ ...compiledGuardrail('ci', 'auto'), ttlMinutes }, 'aa', costEvent());
  const asked = (ttlMinutes: number) => linesOf({ kind: 'would-respond', plan: planOf(ttlMinutes) }).at(-1);
  assert.is(asked(0), 'Until a person ends it.');
  assert.is(asked(1), 'For 1 minute.');
  assert.is(asked(2), 'For 2 minutes.');
  const done = (expires: string) => linesOf({ kind: 'responded', plan: planOf(0), expires });
  assert.is(done('never').filter((line) => line.includes('a person ends it')).length, 1);
  assert.match(done('never').join('\n'), /To end it: `polc guardrail rollback --policy ci`/);
  assert.match(done('2026-11-23T10:00:00.000Z').join('\n'), /To end it before: `polc/);
});

test('nothing in an event or a policy becomes a link, a mention or a line of its own', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 8, maxLength: 8 }), (texts) => {
      const [subject = '', period = '', account = '', service = '', region = '', action = '', arn = '', by = ''] =
        texts;
      const event = costEvent({ subject, period, account, causes: [{ service, region }] });
      const compiled = compiledGuardrail('ci', 'manual', {
        response: { actions: [action], denied: [arn], topics: [arn], boundaries: [{ principal: arn, boundary: arn }] },
      });
      const plan = planFor(compiled, 'aa', event);
      const ways = { kind: 'links', approve: 'https://p.example/approve', reject: 'https://p.example/reject' } as const;
      const all: readonly News[] = [
        { kind: 'would-respond', plan },
        { kind: 'responded', plan, expires: by, by },
        { kind: 'rejected', plan, by },
        { kind: 'failed', plan, reasons: texts },
        { kind: 'undecided', plan, missing: texts },
        { kind: 'ended', policy: subject, complete: false },
        { kind: 'invalid', findings: texts },
        { kind: 'asks', plan, ways, expires: 0 },
      ];
      return all.every((news) => {
        const { text, blocks } = slackMessage(news);
        const parts = [text, ...blocks.map((block) => block.text.text)];
        const found = parts.flatMap(entities);
        const own = news.kind === 'asks' ? 2 : 0;
        return (
          found.length === own &&
          found.every((each) => each.startsWith('<https://p.example/')) &&
          parts.every(
            (part) =>
              part.length <= 3000 &&
              ![...part].some((character) => character !== '\n' && /[\p{Cc}\u2028\u202e]/u.test(character)),
          ) &&
          blocks.length <= 50 &&
          blocks.every((block) => block.text.verbatim)
        );
      });
    }),
    { numRuns: 300 },
  );
});

test('what is escaped reads as it was written', () => {
  assert.is(plainText('a <b> & c'), 'a &lt;b&gt; &amp; c');
  assert.is(plainText('x'.repeat(400)).length, 300);
  assert.is([...plainText('😀'.repeat(400))].length, 300);
});

test('only ids of Slack are mentions', () => {
  const expected = {
    U012AB3CD: '<@U012AB3CD>',
    '<@W012AB3CD>': '<@W012AB3CD>',
    S012AB3CD: '<!subteam^S012AB3CD>',
    '<!subteam^S012AB3CD|@team>': '<!subteam^S012AB3CD>',
    '@here': '<!here>',
    '@platform-team': '@platform-team',
    '<@U012AB3CD><!here>': '&lt;@U012AB3CD&gt;&lt;!here&gt;',
    '<https://evil.example|x>': '&lt;https://evil.example|x&gt;',
  };
  for (const [written, shown] of Object.entries(expected)) assert.is(mentionText(written), shown);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) =>
      entities(mentionText(text)).every((each) =>
        /^<(?:@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel|!everyone)>$/.test(each),
      ),
    ),
  );
});

test('the subject for a topic is what SNS takes, whatever the policy is called', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), hostile, async (policy, subject) => {
      const port = new FakeAws();
      const plan = planFor(compiledGuardrail(policy, 'auto'), 'aa', costEvent({ subject }));
      const message = topicMessage(plan);
      await port.publish('arn:aws:sns:us-east-1:123456789012:t', message.subject, message.message);
      assert.is(JSON.parse(message.message).policy, policy);
    }),
  );
});

test('a message arrives, and again where that may help', async () => {
  await withSlack(async (slack) => {
    assert.equal(await postWebhook(slack.url, { text: 'a' }, patient), { ok: true });
    for (const answer of [500, 503, 429, 'reset', 'silence', { retryAfter: '0' }] as const) {
      slack.answers.push(answer);
      const pace = answer === 'silence' ? impatient : patient;
      assert.equal(await postWebhook(slack.url, { text: 'b' }, pace), { ok: true }, String(answer));
    }
    assert.equal(slack.messages.length, 13);
  });
});

test('what is refused for good is not sent again, and nothing is sent for ever', async () => {
  await withSlack(async (slack) => {
    for (const status of [400, 403, 404, 410]) {
      slack.answers.push(status);
      const before = slack.messages.length;
      assert.equal(await postWebhook(slack.url, {}, patient), { ok: false, reason: `it answered ${status}` });
      assert.is(slack.messages.length, before + 1);
    }
    const before = slack.messages.length;
    slack.answers.push(500, 500, 500, 500);
    assert.equal(await postWebhook(slack.url, {}, patient), { ok: false, reason: 'it answered 500' });
    assert.is(slack.messages.length, before + 3);
  });
});

test('a redirect is not followed', async () => {
  await withSlack(async (other) => {
    await withSlack(async (slack) => {
      slack.answers.push({ redirect: other.url });
      assert.equal(await postWebhook(slack.url, {}, patient), { ok: false, reason: 'it answered 302' });
      assert.is(other.messages.length, 0);
    });
  });
});

test('no reason holds the URL', async () => {
  await withSlack(async (slack) => {
    const secret = 'secret-of-the-hook';
    const reasons: string[] = [];
    for (const answer of ['reset', 'silence', 500, { redirect: 'https://example.org/secret-of-the-hook' }] as const) {
      slack.answers.push(answer, answer, answer);
      const delivery = await postWebhook(slack.url, {}, answer === 'silence' ? { ...patient, timeout: 150 } : patient);
      reasons.push(delivery.ok ? '' : delivery.reason);
      slack.answers.length = 0;
    }
    for (const url of [`ftp://x/${secret}`, `https://u:${secret}@x/`, secret, `http://example.org/${secret}`]) {
      reasons.push(urlProblem(url) ?? '');
    }
    const closed = await postWebhook(`http://127.0.0.1:1/${secret}`, {}, patient);
    reasons.push(closed.ok ? '' : closed.reason);
    assert.ok(reasons.every((reason) => reason !== '' && !reason.includes(secret) && !reason.includes('127.0.0.1')));
  });
});

test('a webhook is of https, or on this machine', () => {
  for (const url of [
    'https://hooks.slack.com/services/T/B/x',
    'http://127.0.0.1:80/',
    'http://[::1]/',
    'http://localhost/',
  ]) {
    assert.is(urlProblem(url), undefined, url);
  }
  for (const url of [
    'http://hooks.slack.com/',
    'http://127.0.0.1.example.org/',
    'http://0.0.0.0/',
    'file:///etc/passwd',
    '',
    'x',
  ]) {
    assert.ok(urlProblem(url) !== undefined, url);
  }
});

test('a parameter that is absent or cannot be read is a reason, not an exception', async () => {
  const port = new FakeAws();
  const news: News = { kind: 'invalid', findings: ['x'] };
  assert.equal(await slackTeller(port)('/none', news), { ok: false, reason: 'there is no such parameter' });
  port.fault = () => ({
    when: 'before',
    error: new AwsFailure('ssm:GetParameter', 'AccessDeniedException', 'no', false),
  });
  assert.equal(await slackTeller(port)('/none', news), {
    ok: false,
    reason: 'the parameter cannot be read (AccessDeniedException)',
  });
});

run();
