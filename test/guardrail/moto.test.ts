import * as assert from 'uvu/assert';
import { applyPlan } from '../../runtime/guardrail/apply.ts';
import { connectAws } from '../../runtime/guardrail/aws/sdk.ts';
import { rollback } from '../../runtime/guardrail/rollback.ts';
import { statusOf } from '../../runtime/guardrail/status.ts';
import {
  boundary,
  ciDeployer,
  developer,
  documentOf,
  minutes,
  planOf,
  start,
  trainer,
} from '../support/guardrail-plans.ts';
import { suite } from '../support/harness.ts';
import { hasMoto, startMoto } from '../support/moto.ts';

const { test, skip, run } = suite('guardrail moto');

const document = planOf().documents[0]!.document;

async function responses(): Promise<void> {
  const moto = await startMoto();
  try {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: moto.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
    });
    const { IAMClient, CreateRoleCommand, CreateUserCommand, CreatePolicyCommand } = await import(
      '@aws-sdk/client-iam'
    );
    const iam = new IAMClient({});
    for (const [path, name] of [
      ['/', 'ci-deployer'],
      ['/teams/research/', 'trainer,gpu+spot'],
    ] as const) {
      await iam.send(new CreateRoleCommand({ Path: path, RoleName: name, AssumeRolePolicyDocument: '{}' }));
    }
    await iam.send(new CreateUserCommand({ UserName: 'dev.sandbox@example' }));
    for (const name of ['narrow', 'there-before']) {
      await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }));
    }
    const port = connectAws();
    await port.setBoundary(trainer, boundary('there-before'));

    const plan = planOf({
      denied: [ciDeployer, trainer, developer],
      documents: ['ec2:RunInstances', 'rds:CreateDBInstance'].map((action) => documentOf('ci-quarantine', action)),
      boundaries: [ciDeployer, trainer].map((principal) => ({ principal, boundary: boundary('narrow') })),
    });
    const dry = await applyPlan(plan, port, { now: start, dryRun: true });
    const applied = await applyPlan(plan, port, { now: start, approver: 'U024BE7LH' });
    assert.equal([applied.result, applied.diagnostics], ['applied', []]);
    assert.equal(dry.calls, applied.calls);
    const second = planOf({
      policy: 'second',
      denied: [ciDeployer],
      documents: [documentOf('second', 'ec2:RunInstances')],
    });
    assert.is((await applyPlan(second, port, { now: start })).result, 'applied');

    const again = await applyPlan(plan, port, { now: start + 1 });
    assert.equal([again.result, again.calls, again.diagnostics], ['unchanged', [], []]);
    const status = await statusOf(port, start);
    assert.equal(status.diagnostics, []);
    assert.equal(
      status.responses.map(({ policy, state }) => [policy, state]),
      [
        ['ci-quarantine', 'active'],
        ['second', 'active'],
      ],
    );
    for (const { attached, missing, surplus } of status.responses[0]!.documents) {
      assert.equal([attached, missing, surplus], [[ciDeployer, trainer, developer], [], []]);
    }
    assert.equal(
      status.responses[0]!.boundaries.map(({ state }) => state),
      ['set', 'set'],
    );

    const name = plan.documents[0]!.name;
    await port.replaceDocument(
      `arn:aws:iam::123456789012:policy/polc/guardrail/${name}`,
      document.replace('Deny', 'Allow'),
    );
    const put = await applyPlan(plan, port, { now: start + 2 });
    assert.equal(
      put.diagnostics.map(({ code }) => code),
      ['POL8024'],
    );

    const { ended, diagnostics } = await rollback({ expired: true }, port, { now: start + minutes(180) });
    assert.equal(diagnostics, []);
    assert.equal(
      ended.map(({ policy, complete }) => [policy, complete]),
      [
        ['ci-quarantine', true],
        ['second', true],
      ],
    );
    assert.equal(await port.listPolicies('/polc/guardrail/'), []);
    assert.equal(await port.parametersBelow('/polc/guardrail/boundary'), []);
    assert.equal(await port.principal(ciDeployer), {});
    assert.equal(await port.principal(trainer), { boundary: boundary('there-before') });
    assert.is((await applyPlan(plan, port, { now: start + minutes(181) })).result, 'ended');
    assert.equal(
      (
        await applyPlan({ ...plan, breach: 'ci-quarantine/next', denied: [`${ciDeployer}-not`] }, port, { now: start })
      ).diagnostics.map(({ code }) => code),
      ['POL8022'],
    );
  } finally {
    await moto.close();
  }
}

const what = 'responses of two guardrails against IAM and SSM of moto';
if (hasMoto()) test(what, responses);
else skip(what, 'moto_server is not on the PATH');

run();
