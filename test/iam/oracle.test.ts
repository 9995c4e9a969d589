import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { BackendName } from '../../compiler/backends/backend.ts';
import { iam } from '../../compiler/backends/iam/index.ts';
import { scp } from '../../compiler/backends/scp/index.ts';
import { compile } from '../../compiler/compile.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { actionsMatching, actionsOf, iamAction, resourceArns } from '../../compiler/tables/iam-actions.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { denying, guardrailOf, guardrails, role, surroundings } from '../support/guardrails.ts';
import { suite } from '../support/harness.ts';

// iam-simulate knows every action, its resource types and AWS's evaluation logic, and refuses documents that AWS would.

const { test, run } = suite('iam-oracle');

const account = '123456789012';
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

type Emitted = readonly { readonly name: string; readonly policy: unknown }[];

function emitted(backend: typeof iam, policy: Policy): Emitted {
  const { artifacts } = backend.emit(policy, defaultTarget, surroundings);
  assert.is(backend.validate(policy, defaultTarget, artifacts, surroundings).counterexample, undefined);
  return artifacts.map(({ path, content }) => ({ name: path, policy: JSON.parse(String(content)) }));
}

/** Whether the simulator lets a principal, to whom all else is allowed, make the request; undefined where it cannot tell. */
async function simulated(
  documents: Emitted,
  kind: 'identity' | 'organisation',
  request: { action: string; region: string; resource: string; principal: string },
): Promise<boolean | undefined> {
  const all = { name: 'all', policy: everything };
  const result = await runSimulation(
    {
      request: {
        principal: request.principal,
        action: request.action,
        resource: { resource: request.resource, accountId: account },
        contextVariables: { 'aws:RequestedRegion': request.region, 'aws:PrincipalArn': request.principal },
      },
      identityPolicies: kind === 'identity' ? [all, ...documents] : [all],
      serviceControlPolicies: kind === 'identity' ? [] : [{ orgIdentifier: 'ou-1', policies: [all, ...documents] }],
      resourceControlPolicies: [],
    },
    {},
  );
  if (result.resultType === 'error') {
    const { message, ...about } = result.errors;
    assert.equal(about, {}, `the simulator refuses a document: ${message} ${JSON.stringify(about)}`);
    return undefined;
  }
  return result.overallResult === 'Allowed';
}

/** ARNs of the action's resource types, or `*` where it has none. */
function resourcesFor(action: string): readonly string[] {
  const service = action.slice(0, action.indexOf(':'));
  const types = iamAction(action)?.resources ?? [];
  const arns = types.flatMap((type) => resourceArns(service, type)).map(filled);
  return arns.length === 0 ? ['*'] : arns;
}

/** `arn:*:ec2:*:*:instance/*` with each part filled in. */
function filled(pattern: string): string {
  const parts = ['arn', 'aws', undefined, 'us-east-1', account];
  return pattern
    .split(':')
    .map((part, index) => (part === '*' ? (parts[index] ?? 'x') : part.replaceAll('*', 'x')))
    .join(':');
}

function deniedByPolicy(policy: Policy, action: string, region: string): boolean {
  const attributes: Readonly<Record<string, string>> = { action: action.toLowerCase(), region };
  const environment = { attribute: (name: string) => attributes[name], parameter: () => undefined };
  return decide(decisionAt(policy, 'aws-request')!, environment)?.effect.kind === 'deny';
}

/** Asks the simulator about some requests; returns how many it decided. */
async function compare(
  policy: Policy,
  actions: readonly string[],
  regions: readonly string[],
  mostResources: number,
): Promise<number> {
  const documents = emitted(iam, policy);
  let compared = 0;
  for (const action of actions) {
    for (const region of regions) {
      for (const resource of resourcesFor(action).slice(0, mostResources)) {
        const allowed = await simulated(documents, 'identity', { action, region, resource, principal: role('x') });
        if (allowed === undefined) continue;
        compared += 1;
        const wanted = !deniedByPolicy(policy, action, region);
        assert.is(allowed, wanted, `${policy.name}: ${action} in ${region} on ${resource}`);
      }
    }
  }
  return compared;
}

/** Every guardrail of the dialect's fixtures that compiles, and what became of it. */
function compiledFixtures() {
  return fixtureCases('guardrail').flatMap(({ folder }) => {
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.includes('base'));
    if (file === undefined) return [];
    const emit: readonly BackendName[] = ['guardrail', 'iam', 'scp', 'eventbridge', 'budgets-action'];
    const content = readFileSync(join(folder, file));
    const result = compile(file, content, hostOf(folder), { emit, maximumMilliseconds: 0 });
    return result.ok && result.policy !== undefined ? [{ ...result, policy: result.policy }] : [];
  });
}

test('every fixture of the dialect is proven by every backend, and means to the simulator what it says', async () => {
  let compared = 0;
  for (const { policy, outputs } of compiledFixtures()) {
    for (const { backend, validation } of outputs) {
      assert.is(validation.status, 'proven', `${policy.name} ${backend}: ${validation.counterexample}`);
    }
    if (decisionAt(policy, 'aws-request') === undefined) continue;
    const documents = emitted(iam, policy);
    const named = new Set(JSON.stringify(documents).match(/[a-z0-9-]+:[A-Z][A-Za-z0-9*?]+/g));
    const denied = [...named].flatMap((pattern) => actionsMatching(pattern).slice(0, 2)).slice(0, 6);
    const others = ['ec2:DescribeInstances', 's3:PutObject'];
    compared += await compare(policy, [...denied, ...others], ['us-east-1', 'ap-northeast-1'], 1);
  }
  assert.ok(compared > 200, `the simulator decided only ${compared} requests`);
});

test('every example denies and allows what its policy says, by action, region and resource type', async () => {
  let compared = 0;
  for (const policy of [guardrails.quarantine!, guardrails.complete!]) {
    const denied = ['ec2:RunInstances', 'ec2:CreateNatGateway', 'ec2:CreateVpc', 'ec2:AllocateAddress'];
    const near = ['ec2:StartInstances', 'ec2:DescribeInstances', 'ec2:DeleteVpc', 's3:PutObject', 'iam:CreateUser'];
    const actions = [...denied, ...near, ...actionsMatching('rds:Create*').slice(0, 4), 'rds:DeleteDBCluster'];
    compared += await compare(policy, actions, ['ap-northeast-1', 'us-east-1'], 3);
  }
  assert.ok(compared > 60, `the simulator decided only ${compared} requests`);
});

const services = ['ec2', 'rds', 'lambda', 's3', 'iam', 'sagemaker', 'dynamodb', 'ecs', 'eks', 'bedrock'];
const action = fc.constantFrom(...services.flatMap(actionsOf));
const entry = fc.oneof(
  { weight: 3, arbitrary: action },
  { weight: 1, arbitrary: action.map((name) => name.slice(0, name.indexOf(':') + 4).concat('*')) },
  { weight: 1, arbitrary: action.map((name) => name.replace(/(:.{3})./, '$1?')) },
);
const region = fc.constantFrom('us-east-1', 'eu-west-1', 'ap-southeast-2');

test('random deny lists mean to the simulator what they mean to the policy', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(entry, { minLength: 1, maxLength: 12 }),
      fc.option(fc.uniqueArray(region, { minLength: 1 }), { nil: undefined }),
      fc.array(action, { maxLength: 5 }),
      async (list, regions, others) => {
        const policy = guardrailOf('random', [denying(list, regions)], []);
        const denied = list.flatMap((each) => actionsMatching(each).slice(0, 2)).slice(0, 6);
        compared += await compare(policy, [...denied, ...others], ['us-east-1', 'eu-west-1'], 1);
      },
    ),
    { numRuns: 100 },
  );
  assert.ok(compared > 1000, `the simulator decided only ${compared} requests`);
});

test('a service control policy binds the named principals and nobody else', async () => {
  const documents = emitted(scp, guardrails.complete!);
  let compared = 0;
  for (const principal of [role('ci-deployer'), role('other'), `arn:aws:iam::${account}:user/dev-sandbox`]) {
    for (const each of ['ec2:RunInstances', 'rds:CreateDBInstance', 'ec2:DescribeInstances']) {
      for (const where of ['ap-northeast-1', 'us-east-1']) {
        const [resource] = resourcesFor(each);
        const request = { action: each, region: where, resource: resource!, principal };
        const allowed = await simulated(documents, 'organisation', request);
        if (allowed === undefined) continue;
        compared += 1;
        const bound = principal !== role('other') && deniedByPolicy(guardrails.complete!, each, where);
        assert.is(allowed, !bound, `${each} in ${where} by ${principal}`);
      }
    }
  }
  assert.ok(compared >= 12, `the simulator decided only ${compared} requests`);
});

run();
