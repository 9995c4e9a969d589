import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { applyPlan } from '../../runtime/guardrail/apply.ts';
import { rollback } from '../../runtime/guardrail/rollback.ts';
import { FakeAws } from '../support/fake-aws.ts';
import { planOf } from '../support/guardrail-plans.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail boundary seal');

const role = 'arn:aws:iam::123456789012:role/ci-deployer';
const [own, before, other] = ['own', 'before', 'other'].map((name) => `arn:aws:iam::123456789012:policy/${name}`);
const now = Date.UTC(2026, 10, 23, 9);
const plan = planOf({ documents: [], denied: [], boundaries: [{ principal: role, boundary: own! }] });

async function bounded() {
  const aws = new FakeAws([role]);
  await aws.setBoundary(role, before);
  const { result } = await applyPlan(plan, aws, { now });
  assert.is(result, 'applied');
  const name = [...aws.parameters.keys()].find((each) => each.startsWith('/polc/guardrail/boundary/'))!;
  return { aws, name };
}

const boundaryOf = async (aws: FakeAws) => (await aws.principal(role))?.boundary;

test('a record that was altered in any field, renamed, or left without its key changes no boundary, and is said', async () => {
  const edits: readonly ((record: Record<string, unknown>) => Record<string, unknown>)[] = [
    (record) => ({ ...record, before: null }),
    (record) => ({ ...record, before: other }),
    (record) => ({ ...record, set: other }),
    (record) => ({ ...record, was: other }),
    (record) => ({ ...record, order: 7 }),
    (record) => ({ ...record, expires: '2020-01-01T00:00:00.000Z' }),
    (record) => ({ ...record, breach: 'another' }),
    (record) => ({ ...record, seal: '' }),
    ({ seal: _, ...record }) => record,
  ];
  for (const edit of edits) {
    const { aws, name } = await bounded();
    const { value } = aws.parameters.get(name)!;
    aws.parameters.set(name, { value: JSON.stringify(edit(JSON.parse(value))), secret: false });
    const { ended } = await rollback({ policy: plan.policy }, aws, { now });
    assert.equal([ended[0]?.complete, ended[0]?.diagnostics.map(({ code }) => code)], [false, ['POL8028']]);
    assert.is(await boundaryOf(aws), own);
    // Put right by hand, the next rollback finishes the work.
    aws.parameters.set(name, { value, secret: false });
    assert.is((await rollback({ policy: plan.policy }, aws, { now })).ended[0]?.complete, true);
    assert.is(await boundaryOf(aws), before);
  }
  const { aws, name } = await bounded();
  const { value } = aws.parameters.get(name)!;
  aws.parameters.delete(name);
  aws.parameters.set(`${name.slice(0, -1)}${name.endsWith('0') ? '1' : '0'}`, { value, secret: false });
  assert.is((await rollback({ policy: plan.policy }, aws, { now })).ended[0]?.complete, false);
  assert.is(await boundaryOf(aws), own);
  const keyless = await bounded();
  keyless.aws.parameters.delete('/polc/guardrail/record-key');
  const incomplete = (await rollback({ policy: plan.policy }, keyless.aws, { now })).ended[0];
  assert.is(incomplete?.complete, false);
  assert.is(await boundaryOf(keyless.aws), own);
  // What is said leads out: the boundary by hand, then the record, then a rollback.
  const [said] = incomplete?.diagnostics ?? [];
  assert.match(said?.notes.join() ?? '', /`\/polc\/guardrail\/record-key`, is gone/);
  assert.match(said?.help ?? '', /by hand, delete the parameter, and roll back once more/);
  await keyless.aws.setBoundary(role, before);
  keyless.aws.parameters.delete(keyless.name);
  assert.is((await rollback({ policy: plan.policy }, keyless.aws, { now })).ended[0]?.complete, true);
  const again = planOf({ ...plan, breach: 'another' });
  assert.is((await applyPlan(again, keyless.aws, { now })).result, 'applied');
  assert.is(await boundaryOf(keyless.aws), own);
});

test('the key is secret, made once, and a parameter that holds none stops the response', async () => {
  const { aws } = await bounded();
  const key = aws.parameters.get('/polc/guardrail/record-key')!;
  assert.is(key.secret, true);
  assert.is(Buffer.from(key.value, 'base64').length, 32);
  const broken = new FakeAws([role]);
  broken.parameters.set('/polc/guardrail/record-key', { value: 'short', secret: true });
  const { result, diagnostics } = await applyPlan(plan, broken, { now });
  assert.equal([result, diagnostics.some(({ code }) => code === 'POL8020')], ['failed', true]);
  assert.is(await boundaryOf(broken), undefined);
});

test('a failure at any call of the first response, when there is no key yet, leaves all or nothing after it comes again', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let failing = 0; failing < 30; failing += 1) {
      const aws = new FakeAws([role]);
      await aws.setBoundary(role, before);
      const from = aws.calls.length;
      const error = new AwsFailure('x:Y', 'Unreachable', 'no route', true);
      let hit = false;
      aws.fault = (_call, at) => {
        if (at < from + failing) return undefined;
        hit = true;
        return { when: at === from + failing ? when : 'before', error };
      };
      await applyPlan(plan, aws, { now });
      aws.fault = () => undefined;
      assert.is.not((await applyPlan(plan, aws, { now })).result, 'failed', `${when} ${failing}`);
      assert.is(await boundaryOf(aws), own);
      assert.is((await rollback({ policy: plan.policy }, aws, { now })).ended[0]?.complete, true);
      assert.is(await boundaryOf(aws), before);
      if (!hit) break;
    }
  }
});

run();
