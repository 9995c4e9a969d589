import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AuditFailure } from '../../runtime/audit/log.ts';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { endResponses } from '../../runtime/guardrail/end-responses.ts';
import { type HttpRequest, handleApproval } from '../../runtime/guardrail/http.ts';
import { respondTo } from '../../runtime/guardrail/respond.ts';
import { compiledGuardrail, eventText } from '../support/cost-plans.ts';
import { suite } from '../support/harness.ts';
import { lastToken, type TestWorld, testWorld } from '../support/response-world.ts';

const { test, run } = suite('guardrail-http');

const guardrails = [{ compiled: compiledGuardrail('ci', 'manual'), hash: 'aa'.repeat(32) }];

async function asked(more: Readonly<Record<string, unknown>> = {}): Promise<TestWorld> {
  const world = testWorld();
  await respondTo(eventText(more), 'event.json', guardrails, world);
  return world;
}

const get = (path: string, token: string): HttpRequest => ({ method: 'GET', path, query: `token=${token}`, body: '' });
const post = (path: string, token: string): HttpRequest => ({
  method: 'POST',
  path,
  query: '',
  body: `token=${token}`,
});

test('opening a link, however often, decides nothing; pressing the button does, once', async () => {
  for (const choice of ['approve', 'reject']) {
    const world = await asked();
    const token = lastToken(world);
    const before = world.port.changing.length;
    for (let times = 0; times < 3; times += 1) {
      const page = await handleApproval(get(`/${choice}`, token), guardrails, world);
      assert.is(page.status, 200);
      assert.match(page.body, `<form method="post" action="${choice}">`);
      assert.ok(page.body.includes(`value="${token}"`));
    }
    assert.is(world.port.changing.length, before);
    assert.is((await handleApproval(post(`/${choice}`, token), guardrails, world)).status, 200);
    assert.is(world.port.policies.size, choice === 'approve' ? 1 : 0);
    const after = world.port.changing.length;
    for (const again of ['/approve', '/reject']) {
      assert.is((await handleApproval(post(again, token), guardrails, world)).status, 403);
      assert.is((await handleApproval(get(again, token), guardrails, world)).status, 403);
    }
    assert.is(world.port.changing.length, after);
  }
});

test('a token of the query does not count in a POST, nor one of the body in a GET', async () => {
  const world = await asked();
  const token = lastToken(world);
  const swapped = await handleApproval(
    { method: 'POST', path: '/approve', query: `token=${token}`, body: '' },
    guardrails,
    world,
  );
  assert.is(swapped.status, 403);
  const other = await handleApproval(
    { method: 'GET', path: '/approve', query: '', body: `token=${token}` },
    guardrails,
    world,
  );
  assert.is(other.status, 403);
  assert.is(world.port.policies.size, 0);
});

test('other methods, paths and lengths are refused without any call', async () => {
  const world = await asked();
  const token = lastToken(world);
  const before = world.port.calls.length;
  for (const method of ['HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get', '']) {
    const { status, headers } = await handleApproval({ ...post('/approve', token), method }, guardrails, world);
    assert.equal([status, headers.allow], [405, 'GET, POST']);
  }
  for (const path of ['/', '/approve/', '/APPROVE', '/constructor', '/__proto__', '']) {
    assert.is((await handleApproval(post(path, token), guardrails, world)).status, 404);
  }
  assert.is((await handleApproval(post('/approve', 'x'.repeat(9000)), guardrails, world)).status, 413);
  assert.is((await handleApproval(get('/approve', 'x'.repeat(9000)), guardrails, world)).status, 413);
  assert.is(world.port.calls.length, before);
});

test('no answer is kept, framed, scripted, or tells its address to others', async () => {
  const world = await asked();
  const token = lastToken(world);
  const requests = [get('/approve', token), get('/approve', 'x'), post('/nowhere', token), post('/approve', token)];
  for (const request of requests) {
    const { headers } = await handleApproval(request, guardrails, world);
    assert.is(headers['cache-control'], 'no-store');
    assert.is(headers['referrer-policy'], 'no-referrer');
    assert.match(
      headers['content-security-policy'] ?? '',
      /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
    );
  }
});

test('what an event says stands in a page as text and nothing else', async () => {
  const part = fc.constantFrom('<script>', '"', "'", '&', '</form>', '<img src=x onerror=y>', 'x', '\u202e', '&lt;');
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
      const world = await asked({ details: { budget_name: parts.join('') } });
      const { body, status } = await handleApproval(get('/approve', lastToken(world)), guardrails, world);
      const tags = body.match(/<[a-z!/][^>]*>/gi) ?? [];
      const known =
        /^<(?:!doctype html|html lang="en"|\/?(?:html|head|title|body|h1|p|ul|li|form|button)|meta charset="utf-8"|form method="post" action="approve"|input type="hidden" name="token" value="[\w.-]+"|button type="submit")>$/;
      return status === 200 && tags.every((tag) => known.test(tag)) && !body.includes('\u202e');
    }),
    { numRuns: 100 },
  );
});

test('where AWS cannot be asked, the page says so and nothing is done', async () => {
  for (const request of [get, post]) {
    const world = await asked();
    const token = lastToken(world);
    world.port.fault = () => ({ when: 'before', error: new AwsFailure('ssm:GetParameter', 'Unreachable', 'no', true) });
    const { status } = await handleApproval(request('/approve', token), guardrails, world);
    assert.ok(status >= 500);
    assert.is(world.port.policies.size, 0);
  }
});

test('a response that has ended, and a log that fails after the response, are said as they are', async () => {
  const ended = await asked();
  const token = lastToken(ended);
  // As after a crash between the response and the mark that its approval is used up.
  ended.port.fault = ({ changes, on }) =>
    changes && /\/(?:used|approval)\//.test(on) && ended.port.policies.size > 0
      ? { when: 'before', error: new AwsFailure('ssm:PutParameter', 'Unreachable', 'no', true) }
      : undefined;
  assert.is((await handleApproval(post('/approve', token), guardrails, ended)).status, 200);
  ended.port.fault = () => undefined;
  await endResponses({ all: true }, [], ended);
  const { status, body } = await handleApproval(post('/approve', token), guardrails, ended);
  assert.is(status, 200);
  assert.match(body, /has responded to this before, and that has ended/);
  assert.not.match(body, /A person ends it/);

  const world = await asked();
  let appended = 0;
  const audit = {
    append: () => {
      appended += 1;
      if (appended > 2) throw new AuditFailure('stdout', 'EPIPE');
    },
  };
  const failed = await handleApproval(post('/approve', lastToken(world)), guardrails, { ...world, audit });
  assert.is(world.port.policies.size, 1);
  assert.is(failed.status, 503);
  assert.not.match(failed.body, /nothing was done/);
});

test('who decided is in the audit log where the server knows it', async () => {
  const world = await asked();
  await handleApproval({ ...post('/approve', lastToken(world)), user: 'arn:aws:iam::1:user/a' }, guardrails, world);
  assert.ok(
    world.records.some(({ action, facts }) => action === 'guardrail.approve' && facts?.by === 'arn:aws:iam::1:user/a'),
  );
});

run();
