import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { applyPlan } from '../../runtime/guardrail/apply.ts';
import type { ApplyOutcome } from '../../runtime/guardrail/outcome.ts';
import { rollback } from '../../runtime/guardrail/rollback.ts';
import { statusOf } from '../../runtime/guardrail/status.ts';
import { FakeAws } from '../support/fake-aws.ts';
import {
  boundary,
  ciDeployer,
  developer,
  documentOf,
  minutes,
  planOf,
  principals,
  start,
  trainer,
} from '../support/guardrail-plans.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail apply');

const codes = ({ diagnostics }: Pick<ApplyOutcome, 'diagnostics'>) => diagnostics.map(({ code }) => code);
const recordOf = (aws: FakeAws, policy: string) =>
  JSON.parse(aws.parameters.get(`/polc/guardrail/response/${policy}`)?.value ?? 'null');
const arnOf = ({ documents }: { documents: readonly { name: string }[] }, index = 0) =>
  `arn:aws:iam::123456789012:policy/polc/guardrail/${documents[index]!.name}`;

test('a response creates tagged policies, attaches them and sets boundaries, and a rollback takes all of it back', async () => {
  const aws = new FakeAws(principals);
  aws.principals.set(trainer, { boundary: boundary('there-before') });
  const before = aws.snapshot();
  const plan = planOf({
    denied: [ciDeployer, trainer, developer],
    boundaries: [ciDeployer, trainer].map((principal) => ({ principal, boundary: boundary('narrow') })),
  });
  const outcome = await applyPlan(plan, aws, { now: start, approver: 'U024BE7LH, by Slack' });
  assert.is(outcome.result, 'applied');
  assert.is(outcome.expires, '2026-11-23T13:00:00.000Z');
  const policy = aws.policies.get(arnOf(plan))!;
  assert.equal([...policy.attachedTo], [ciDeployer, trainer, developer]);
  assert.is(policy.document, plan.documents[0]!.document);
  assert.equal(policy.tags, {
    'polc:policy': 'ci-quarantine',
    'polc:policy-hash': plan.policyHash,
    'polc:breach': 'ci-quarantine/123456789012/monthly/2026-11',
    'polc:approver': 'U024BE7LH=2C=20by=20Slack',
    'polc:expires': '2026-11-23T13:00:00.000Z',
    'polc:principals': 'role/ci-deployer+role/teams/research/trainer=2Cgpu=2Bspot+user/dev.sandbox@example',
  });
  assert.is(aws.principals.get(ciDeployer)!.boundary, boundary('narrow'));
  assert.is(aws.principals.get(trainer)!.boundary, boundary('narrow'));

  const [status] = (await statusOf(aws, start)).responses;
  assert.is(status!.state, 'active');
  assert.is(status!.approver, 'U024BE7LH, by Slack');
  assert.equal(status!.documents[0]!.attached, [ciDeployer, trainer, developer]);
  assert.equal(
    status!.boundaries.map(({ before: was, state }) => [was, state]),
    [
      [undefined, 'set'],
      [boundary('there-before'), 'set'],
    ],
  );

  const none = await rollback({ expired: true }, aws, { now: start + minutes(179) });
  assert.equal(none.ended, []);
  const { ended } = await rollback({ expired: true }, aws, { now: start + minutes(180) });
  assert.equal(
    ended.map(({ policy: id, complete }) => [id, complete]),
    [['ci-quarantine', true]],
  );
  assert.is(recordOf(aws, 'ci-quarantine').phase, 'ended');
  aws.parameters.clear();
  assert.equal(aws.snapshot(), before);
});

test('the same breach acts once, also in a new message and after its response has ended', async () => {
  const aws = new FakeAws(principals);
  const plan = planOf();
  await applyPlan(plan, aws, { now: start });
  const count = aws.changing.length;
  const again = await applyPlan({ ...plan, event: { ...plan.event, id: 'message-2' } }, aws, {
    now: start + minutes(60),
  });
  assert.is(again.result, 'unchanged');
  assert.is(again.expires, '2026-11-23T13:00:00.000Z');
  assert.is(aws.changing.length, count);
  const late = await applyPlan(plan, aws, { now: start + minutes(200) });
  assert.is(late.result, 'ended');
  assert.is(aws.changing.length, count);
  await rollback({ expired: true }, aws, { now: start + minutes(201) });
  const after = aws.snapshot();
  assert.is((await applyPlan(plan, aws, { now: start + minutes(202) })).result, 'ended');
  assert.equal(aws.snapshot(), after);
  assert.is(
    (await applyPlan({ ...plan, breach: 'ci-quarantine/next' }, aws, { now: start + minutes(203) })).result,
    'applied',
  );
});

test('a later breach makes the response last longer', async () => {
  const aws = new FakeAws(principals);
  const plan = planOf({ boundaries: [{ principal: trainer, boundary: boundary('narrow') }] });
  await applyPlan(plan, aws, { now: start });
  const later = await applyPlan({ ...plan, breach: 'ci-quarantine/next' }, aws, { now: start + minutes(100) });
  assert.is(later.result, 'extended');
  assert.is(later.expires, '2026-11-23T14:40:00.000Z');
  assert.is(aws.policies.get(arnOf(plan))!.tags['polc:expires'], '2026-11-23T14:40:00.000Z');
  assert.is((await rollback({ expired: true }, aws, { now: start + minutes(181) })).ended.length, 0);
  assert.is((await applyPlan(plan, aws, { now: start + minutes(182) })).result, 'unchanged');
  assert.is((await rollback({ expired: true }, aws, { now: start + minutes(280) })).ended.length, 1);
  assert.is(aws.policies.size, 0);
  assert.is(aws.principals.get(trainer)!.boundary, undefined);
});

test('a later breach brings the response up to the policy of today', async () => {
  const aws = new FakeAws(principals);
  const old = planOf({
    documents: [documentOf('ci-quarantine', 'ec2:RunInstances'), documentOf('ci-quarantine', 'rds:CreateDBInstance')],
    boundaries: [trainer, developer].map((principal) => ({ principal, boundary: boundary('narrow') })),
  });
  await applyPlan(old, aws, { now: start });
  const edited = planOf({
    policyHash: 'f'.repeat(64),
    denied: [trainer, developer],
    boundaries: [{ principal: developer, boundary: boundary('narrower') }],
  });
  const same = await applyPlan(edited, aws, { now: start + 1 });
  assert.is(same.result, 'unchanged');
  assert.is(aws.policies.size, 2);
  const next = await applyPlan({ ...edited, breach: 'ci-quarantine/next' }, aws, { now: start + 2 });
  assert.is(next.result, 'extended');
  assert.equal([...aws.policies.keys()], [arnOf(edited)]);
  assert.equal([...aws.policies.get(arnOf(edited))!.attachedTo].sort(), [trainer, developer].sort());
  assert.is(aws.principals.get(trainer)!.boundary, undefined);
  assert.is(aws.principals.get(developer)!.boundary, boundary('narrower'));
  assert.is((await rollback({ policy: 'ci-quarantine' }, aws, { now: start + 3 })).ended[0]!.complete, true);
  assert.is(aws.principals.get(developer)!.boundary, undefined);
});

test('a guardrail that only tells is carried out once', async () => {
  const aws = new FakeAws(principals);
  const plan = planOf({ denied: [], documents: [], topics: ['arn:aws:sns:us-east-1:123456789012:escalation'] });
  assert.is((await applyPlan(plan, aws, { now: start })).result, 'applied');
  assert.is((await applyPlan(plan, aws, { now: start })).result, 'ended');
  assert.equal((await statusOf(aws, start)).responses, []);
  assert.equal((await rollback({ all: true }, aws, { now: start })).ended, []);
});

test('a quota that is reached undoes the response and names the principal', async () => {
  const aws = new FakeAws(principals);
  aws.attachmentQuota = 1;
  aws.policies.set(boundary('other'), { path: '/', document: '{}', tags: {}, attachedTo: new Set([developer]) });
  const before = aws.snapshot();
  const outcome = await applyPlan(planOf(), aws, { now: start });
  assert.is(outcome.result, 'failed');
  assert.equal(codes(outcome), ['POL8029']);
  assert.is(outcome.diagnostics[0]!.message, `\`${developer}\` has as many managed policies as it may have`);
  assert.equal(aws.snapshot(), before);
  aws.attachmentQuota = 2;
  assert.is((await applyPlan(planOf(), aws, { now: start })).result, 'applied');
});

test('nothing is changed where a principal does not exist, or a policy of the name is another’s', async () => {
  const missing = new FakeAws([ciDeployer]);
  const without = await applyPlan(planOf(), missing, { now: start });
  assert.equal(codes(without), ['POL8022']);
  assert.equal(missing.changing, []);

  for (const path of ['/polc/guardrail/', '/']) {
    const taken = new FakeAws(principals);
    const { name } = planOf().documents[0]!;
    const tags = path === '/' ? {} : { 'polc:policy': 'another' };
    const arn = `arn:aws:iam::123456789012:policy${path}${name}`;
    taken.policies.set(arn, { path, document: '{"Version":"2012-10-17"}', tags, attachedTo: new Set([trainer]) });
    const before = taken.snapshot();
    const refused = await applyPlan(planOf(), taken, { now: start });
    assert.equal(codes(refused), ['POL8023'], path);
    assert.equal(taken.snapshot(), before);
  }
});

test('what people changed by hand is put back when the breach comes up again, and said', async () => {
  const aws = new FakeAws(principals);
  const plan = planOf({ boundaries: [{ principal: trainer, boundary: boundary('narrow') }] });
  await applyPlan(plan, aws, { now: start });
  const policy = aws.policies.get(arnOf(plan))!;
  policy.document = '{"Version":"2012-10-17","Statement":[]}';
  policy.attachedTo.delete(developer);
  policy.attachedTo.add(trainer);
  aws.principals.set(trainer, { boundary: boundary('by-hand') });
  const [drifted] = (await statusOf(aws, start)).responses;
  assert.equal(drifted!.documents, [
    { arn: arnOf(plan), attached: [ciDeployer], missing: [developer], surplus: [trainer] },
  ]);
  assert.is(drifted!.boundaries[0]!.state, 'changed');
  const again = await applyPlan(plan, aws, { now: start + 1 });
  assert.is(again.result, 'unchanged');
  assert.equal(codes(again), ['POL8024', 'POL8025', 'POL8031']);
  assert.is(policy.document, plan.documents[0]!.document);
  assert.ok(policy.attachedTo.has(developer));
  assert.is(aws.principals.get(trainer)!.boundary, boundary('narrow'));
  await rollback({ policy: plan.policy }, aws, { now: start + 2 });
  assert.is(aws.policies.size, 0, 'detached from the surplus principal too');
  assert.is(
    aws.principals.get(trainer)!.boundary,
    boundary('by-hand'),
    'the boundary of before is the one set by hand',
  );
});

test('a rollback leaves a boundary that was changed by hand, and goes on where the principal is gone', async () => {
  const aws = new FakeAws(principals);
  const boundaries = [trainer, developer].map((principal) => ({ principal, boundary: boundary('narrow') }));
  await applyPlan(planOf({ denied: [], documents: [], boundaries }), aws, { now: start });
  aws.principals.set(trainer, { boundary: boundary('by-hand') });
  aws.principals.delete(developer);
  const { ended } = await rollback({ policy: 'ci-quarantine' }, aws, { now: start });
  assert.is(ended[0]!.complete, true);
  assert.equal(codes(ended[0]!), ['POL8026']);
  assert.is(aws.principals.get(trainer)!.boundary, boundary('by-hand'));
  assert.equal((await statusOf(aws, start)).responses, []);
});

test('a rollback goes on after a failure, reports all, and the next one finishes', async () => {
  const aws = new FakeAws(principals);
  await applyPlan(planOf({ boundaries: [{ principal: trainer, boundary: boundary('narrow') }] }), aws, { now: start });
  await applyPlan(planOf({ policy: 'second' }), aws, { now: start });
  aws.fault = ({ method, on }) =>
    method === 'detach' && on === ciDeployer
      ? { when: 'before', error: new AwsFailure('iam:DetachRolePolicy', 'AccessDenied', 'not you', false) }
      : undefined;
  const first = await rollback({ all: true }, aws, { now: start });
  assert.equal(
    first.ended.map(({ complete }) => complete),
    [false, false],
  );
  assert.equal(first.ended.map(codes), [['POL8020'], ['POL8020']]);
  assert.match(first.ended[0]!.diagnostics[0]!.help, 'iam:DetachRolePolicy');
  assert.is(aws.principals.get(trainer)!.boundary, undefined);
  assert.equal(
    (await statusOf(aws, start)).responses.map(({ state }) => state),
    ['ending', 'ending'],
  );
  aws.fault = () => undefined;
  const second = await rollback({ expired: true }, aws, { now: start });
  assert.equal(
    second.ended.map(({ complete }) => complete),
    [true, true],
  );
  assert.is(aws.policies.size, 0);
});

test('a response is not begun over a record that cannot be read; a rollback takes away what it finds and says so', async () => {
  const aws = new FakeAws(principals);
  await applyPlan(planOf(), aws, { now: start });
  aws.parameters.set('/polc/guardrail/response/ci-quarantine', { value: '{"phase":"later"}', secret: false });
  const count = aws.changing.length;
  const refused = await applyPlan(planOf({ breach: 'next' }), aws, { now: start });
  assert.equal(codes(refused), ['POL8028']);
  assert.is(aws.changing.length, count);
  const { ended } = await rollback({ expired: true }, aws, { now: start + minutes(180) });
  assert.equal(codes(ended[0]!), ['POL8028']);
  assert.is(aws.policies.size, 0);
});

test('a rollback needs no record: tags and boundary records tell', async () => {
  const aws = new FakeAws(principals);
  await applyPlan(planOf({ boundaries: [{ principal: trainer, boundary: boundary('narrow') }] }), aws, { now: start });
  aws.parameters.delete('/polc/guardrail/response/ci-quarantine');
  assert.equal((await rollback({ expired: true }, aws, { now: start + minutes(179) })).ended, []);
  const { ended } = await rollback({ expired: true }, aws, { now: start + minutes(180) });
  assert.is(ended[0]!.complete, true);
  assert.is(aws.policies.size, 0);
  assert.is(aws.principals.get(trainer)!.boundary, undefined);
});

test('without a record the latest expiry counts that tags or boundary records name', async () => {
  const aws = new FakeAws(principals);
  const plan = planOf({ boundaries: [{ principal: trainer, boundary: boundary('narrow') }] });
  await applyPlan(plan, aws, { now: start });
  aws.parameters.delete('/polc/guardrail/response/ci-quarantine');
  // An extension that reached the policy and not the boundary.
  await aws.tagPolicy(arnOf(plan), { 'polc:expires': '2026-11-23T14:00:00.000Z' });
  assert.is((await statusOf(aws, start)).responses[0]!.expires, '2026-11-23T14:00:00.000Z');
  await aws.tagPolicy(arnOf(plan), { 'polc:expires': '2026-11-23T11:00:00.000Z' });
  assert.is((await statusOf(aws, start)).responses[0]!.expires, '2026-11-23T13:00:00.000Z');
  await aws.tagPolicy(arnOf(plan), { 'polc:expires': 'soon' });
  assert.is((await statusOf(aws, start)).responses[0]!.expires, 'never');
});

test('what is left although the record says that the response has ended, the scheduled rollback takes away', async () => {
  const aws = new FakeAws(principals);
  const plan = planOf({ ttlMinutes: 0 });
  await applyPlan(plan, aws, { now: start });
  const { value } = aws.parameters.get('/polc/guardrail/response/ci-quarantine')!;
  const name = '/polc/guardrail/response/ci-quarantine';
  aws.parameters.set(name, { value: value.replace('"active"', '"ended"'), secret: false });
  assert.is((await statusOf(aws, start)).responses[0]!.state, 'ending');
  const { ended } = await rollback({ expired: true }, aws, { now: start });
  assert.equal(
    ended.map(({ complete }) => complete),
    [true],
  );
  assert.is(aws.policies.size, 0);
});

test('a plan of the mode dry-run changes nothing, whoever applies it', async () => {
  const aws = new FakeAws(principals);
  const outcome = await applyPlan(planOf({ mode: 'dry-run' }), aws, { now: start });
  assert.is(outcome.dryRun, true);
  assert.is(outcome.calls.length, 5);
  assert.equal(aws.changing, []);
});

test('more principals than tags can name are refused; hundreds are not', async () => {
  const roles = (count: number) =>
    Array.from({ length: count }, (_, index) => `arn:aws:iam::123456789012:role/a-role-of-some-length-${index}`);
  const many = roles(300);
  const aws = new FakeAws(many);
  const outcome = await applyPlan(planOf({ denied: many }), aws, { now: start });
  assert.is(outcome.result, 'applied');
  assert.equal((await statusOf(aws, start)).responses[0]!.documents[0]!.attached, many);
  const tooMany = await applyPlan(planOf({ policy: 'more', denied: roles(500) }), new FakeAws(roles(500)), {
    now: start,
  });
  assert.equal(codes(tooMany), ['POL8027']);
});

/** The process ends at the first call of a kind, before its effect. */
function dieAt(aws: FakeAws, method: string): void {
  let isGone = false;
  aws.fault = (call) => {
    isGone ||= call.method === method;
    return isGone ? { when: 'before', error: new Error('the process is gone') } : undefined;
  };
}

function refuse(aws: FakeAws, method: string): void {
  aws.fault = (call) =>
    call.method === method
      ? { when: 'before', error: new AwsFailure('iam:Call', 'AccessDenied', 'not you', false) }
      : undefined;
}

test('what an earlier version of the policy denied, and could not be taken away, goes with the next breach', async () => {
  const aws = new FakeAws(principals);
  const old = planOf({ documents: [documentOf('ci-quarantine', 'rds:CreateDBInstance')] });
  await applyPlan(old, aws, { now: start });
  refuse(aws, 'detach');
  const edited = planOf({ policyHash: 'f'.repeat(64), breach: 'ci-quarantine/2' });
  const extended = await applyPlan(edited, aws, { now: start });
  assert.equal([extended.result, codes(extended)], ['extended', ['POL8030']]);
  assert.is(aws.policies.size, 2);
  aws.fault = () => undefined;
  assert.equal(codes(await applyPlan({ ...edited, breach: 'ci-quarantine/3' }, aws, { now: start })), []);
  assert.equal([...aws.policies.keys()], [arnOf(edited)]);
  assert.equal(recordOf(aws, 'ci-quarantine').documents, [arnOf(edited)]);
});

test('a breach whose response crashed is still to be acted on when a later one failed and took everything back', async () => {
  const aws = new FakeAws(principals);
  dieAt(aws, 'attach');
  await applyPlan(planOf(), aws, { now: start });
  refuse(aws, 'attach');
  assert.is((await applyPlan(planOf({ breach: 'ci-quarantine/2' }), aws, { now: start })).result, 'failed');
  assert.is(aws.policies.size, 0);
  aws.fault = () => undefined;
  assert.is((await applyPlan(planOf(), aws, { now: start })).result, 'applied');
});

test('an extension that crashed and then fails leaves the response in force', async () => {
  const aws = new FakeAws(principals);
  await applyPlan(planOf({ denied: [ciDeployer] }), aws, { now: start });
  const wider = planOf({ policyHash: 'f'.repeat(64), breach: 'ci-quarantine/2' });
  dieAt(aws, 'attach');
  await applyPlan(wider, aws, { now: start + minutes(1) });
  aws.fault = () => undefined;
  assert.is((await statusOf(aws, start + minutes(1))).responses[0]!.state, 'applying');
  refuse(aws, 'attach');
  assert.is((await applyPlan(wider, aws, { now: start + minutes(1) })).result, 'failed');
  aws.fault = () => undefined;
  assert.equal([...aws.policies.get(arnOf(wider))!.attachedTo], [ciDeployer]);
  const again = await applyPlan(wider, aws, { now: start + minutes(20) });
  assert.equal([again.result, again.expires], ['applied', '2026-11-23T13:01:00.000Z']);
  assert.equal([...aws.policies.get(arnOf(wider))!.attachedTo].sort(), [ciDeployer, developer]);
});

run();
