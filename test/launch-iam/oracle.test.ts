import { runSimulation } from '@cloud-copilot/iam-simulate';
import * as assert from 'uvu/assert';
import { launchIam } from '../../compiler/backends/launch-iam/index.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { surroundings } from '../support/guardrails.ts';
import { suite } from '../support/harness.ts';
import { launchRolePolicies } from '../support/launch-roles.ts';

// iam-simulate knows AWS's evaluation logic and which condition keys each resource of RunInstances has.

const { test, run } = suite('launch-iam-oracle');

const account = '123456789012';
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

interface Documents {
  readonly role: readonly { readonly name: string; readonly policy: unknown }[];
  readonly guard: readonly { readonly name: string; readonly policy: unknown }[];
}

function emitted(policy: Policy): Documents {
  const { artifacts } = launchIam.emit(policy, defaultTarget, surroundings);
  const documents = (start: string) =>
    artifacts
      .filter(({ path }) => path.startsWith(start))
      .map(({ path, content }) => ({ name: path, policy: JSON.parse(String(content)) }));
  return { role: documents('launch-role'), guard: documents('tag-guard') };
}

interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | string[]>>;
  readonly principal?: string;
}

/** Whether the simulator lets the role make a request; with `guarded`, whether the guard lets one who may do everything. */
async function simulated(documents: Documents, request: Request, guarded = false): Promise<boolean> {
  const all = { name: 'all', policy: everything };
  const principal = request.principal ?? `arn:aws:iam::${account}:role/launcher`;
  const result = await runSimulation(
    {
      request: {
        principal,
        action: request.action,
        resource: { resource: request.resource, accountId: account },
        contextVariables: { 'aws:PrincipalArn': principal, ...request.context },
      },
      identityPolicies: guarded ? [all] : [...documents.role],
      serviceControlPolicies: guarded ? [{ orgIdentifier: 'ou-1', policies: [all, ...documents.guard] }] : [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
  return result.overallResult === 'Allowed';
}

/** A launch as EC2 is asked for it. */
interface Launch {
  readonly image: string;
  readonly owner: string;
  readonly imageTags: Readonly<Record<string, string>>;
  readonly type: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly encrypted: boolean;
}

/** Each resource that RunInstances touches: the launch is allowed where all of them are. */
function requestsOf({ image, owner, imageTags, type, region, tags, encrypted }: Launch): readonly Request[] {
  const arn = (kind: string, own = account) => `arn:aws:ec2:${region}:${own}:${kind}`;
  const ask = (resource: string, context: Request['context'] = {}): Request => ({
    action: 'ec2:RunInstances',
    resource,
    context: { 'aws:RequestedRegion': region, 'ec2:Region': region, ...context },
  });
  const prefixed = (prefix: string, values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}/${key}`, value]));
  return [
    ask(arn(`image/${image}`, ''), {
      'ec2:ImageID': image,
      'ec2:Owner': owner,
      ...prefixed('ec2:ResourceTag', imageTags),
      ...prefixed('aws:ResourceTag', imageTags),
    }),
    ask(arn('instance/i-1'), { 'ec2:InstanceType': type, ...prefixed('aws:RequestTag', tags) }),
    ask(arn('volume/vol-1'), { 'ec2:Encrypted': String(encrypted) }),
    ask(arn('subnet/subnet-1')),
    ask(arn('network-interface/eni-1')),
    ask(arn('security-group/sg-1')),
  ];
}

async function isLaunched(documents: Documents, launch: Launch): Promise<boolean> {
  for (const request of requestsOf(launch)) if (!(await simulated(documents, request))) return false;
  return true;
}

const ranks = ['public', 'internal', 'confidential', 'restricted'];

/** Whether the policy's rules that IAM can see let the launch pass, each rule by the reference evaluator. */
function isAllowed(policy: Policy, launch: Launch): boolean {
  const facts = launchFacts(policy);
  const classification = ranks.indexOf(launch.imageTags['polc:classification'] ?? '');
  const seen: Readonly<Record<string, Value | undefined>> = {
    template: launch.imageTags['polc:template'],
    launched: launch.image,
    owner: launch.owner,
    classification: classification < 0 ? undefined : BigInt(classification),
    clearance: facts('clearance'),
    instance_type: launch.type,
    region: launch.region,
    encrypted: launch.encrypted,
    ...Object.fromEntries(Object.entries(launch.tags).map(([key, value]) => [`tag:${key}`, value])),
  };
  // What nobody can tell IAM holds here: a launch that is refused for it is refused before AWS is asked.
  const unseen: Readonly<Record<string, Value>> = {
    source: 'departmental',
    approved: true,
    lifecycle: 'active',
    signature: 'valid',
    hourly_cost: 0.01,
    hourly_spend: 0.01,
    daily_spend: 0.01,
    monthly_spend: 0.01,
    image_age: 1,
    invitation: 'valid',
    profile: 'p',
  };
  // The template's own policy knows nobody's clearance; a person's reaches it here.
  const isPerson = seen.clearance === 0n && Object.values(launchRolePolicies).indexOf(policy) !== classAt;
  const environment = {
    attribute: (name: string): Value | undefined => {
      if (name === 'clearance' && isPerson) return 3n;
      if (name in seen) return seen[name];
      return name.startsWith('framework:') ? true : unseen[name];
    },
    parameter: () => undefined,
  };
  return decisionAt(policy, 'launch')!.rules.every(({ when }) => evaluate(when, environment) === false);
}

const classAt = Object.keys(launchRolePolicies).indexOf('class');

/** Launches near those that a policy lets pass: each differs in one thing. */
function near(good: Launch, ...changes: readonly Partial<Launch>[]): readonly Launch[] {
  return [good, ...changes.map((change) => ({ ...good, ...change }))];
}

const base: Launch = {
  image: 'ami-0123456789abcdef0',
  owner: account,
  imageTags: { 'polc:template': 'phi', 'polc:classification': 'public' },
  type: 't3.medium',
  region: 'us-west-2',
  tags: {},
  encrypted: false,
};
const tagged = (template: string, classification = 'public') => ({
  imageTags: { 'polc:template': template, 'polc:classification': classification },
});
const changes: readonly Partial<Launch>[] = [
  tagged('other'),
  tagged('python-basic'),
  tagged('r-old'),
  tagged('r-new'),
  tagged('python2-basic'),
  tagged('python-ml', 'internal'),
  tagged('python-ml', 'confidential'),
  { imageTags: {} },
  { imageTags: { 'polc:template': 'python-basic' } },
  { image: 'ami-0abc123def456789a' },
  { image: 'ami-0def456abc789012b' },
  { image: 'ami-0abc123def456789a', imageTags: {} },
  { owner: '210987654321' },
  { owner: '999999999999' },
  { type: 'm5.large' },
  { type: 't3.nano' },
  { type: 'p4d.24xlarge' },
  { type: 't4g.medium' },
  { region: 'eu-west-1' },
  { region: 'ap-northeast-1' },
  { region: 'us-gov-west-1' },
  { tags: {} },
  { tags: { Project: '', 'Cost Center': 'x', Course: '' } },
  { tags: { Project: 'x' } },
  { encrypted: true },
  { encrypted: false },
];

const goods: readonly (readonly [name: string, own: string, good: Launch])[] = [
  ['example', 'python-ml-compiled', base],
  ['class', 'python-basic', { ...base, tags: { Course: 'x' } }],
  ['encrypted', 'phi', { ...base, encrypted: true, tags: { Project: 'x', 'Cost Center': 'y' } }],
  ['institution', 'python-ml', { ...base, tags: { Course: 'x' } }],
];

test('launches are allowed and refused as the policy says, on every resource that they touch', async () => {
  let allowed = 0;
  let refused = 0;
  for (const [name, own, good] of goods) {
    const policy = launchRolePolicies[name]!;
    const documents = emitted(policy);
    const described = policy.obligations.find((each) => each.kind === 'describe-template');
    for (const launch of near({ ...good, ...tagged(own) }, ...changes)) {
      const isOwn = described === undefined || launch.imageTags['polc:template'] === own;
      const wanted = isOwn && isAllowed(policy, launch);
      assert.is(await isLaunched(documents, launch), wanted, `${name} ${JSON.stringify(launch)}`);
      if (wanted) allowed += 1;
      else refused += 1;
    }
  }
  assert.ok(allowed >= 15 && refused >= 40, `${allowed} allowed and ${refused} refused`);
});

test('a template without images launches what it stands on', async () => {
  const image = { imageTags: {} };
  const unbuilt = emitted(launchRolePolicies.unbuilt!);
  assert.ok(await isLaunched(unbuilt, { ...base, ...image, owner: '099720109477' }));
  assert.not(await isLaunched(unbuilt, { ...base, ...image }));
  assert.not(await isLaunched(unbuilt, { ...base, ...image, owner: '099720109477', region: 'eu-west-1' }));
  const own = emitted(launchRolePolicies.own!);
  assert.ok(await isLaunched(own, { ...base, ...image, image: 'ami-0abc123def456789a' }));
  assert.not(await isLaunched(own, { ...base, ...image }));
});

test('the role starts instances in no other way, and changes only the type of its own', async () => {
  const documents = emitted(launchRolePolicies.encrypted!);
  const instance = `arn:aws:ec2:us-west-2:${account}:instance/i-1`;
  const ask = (action: string, resource: string, context: Request['context'] = {}) =>
    simulated(documents, { action, resource, context: { 'aws:RequestedRegion': 'us-west-2', ...context } });
  const siblings = ['StartInstances', 'CreateFleet', 'TerminateInstances'];
  for (const sibling of siblings) assert.not(await ask(`ec2:${sibling}`, instance), sibling);
  const spot = `arn:aws:ec2:us-west-2:${account}:spot-instances-request/x`;
  assert.not(await ask('ec2:RequestSpotInstances', spot));
  const mine = { 'ec2:ResourceTag/polc:template': 'phi' };
  const resize = (context: Request['context']) => ask('ec2:ModifyInstanceAttribute', instance, context);
  assert.ok(await resize({ ...mine, 'ec2:Attribute/InstanceType': 'm5.large' }));
  assert.not(await resize({ ...mine, 'ec2:Attribute/InstanceType': 'p4d.24xlarge' }));
  assert.not(await resize({ 'ec2:Attribute/InstanceType': 'm5.large' }));
  assert.not(await resize({ ...mine, 'ec2:Attribute/UserData': 'x' }));
  assert.ok(await ask('ec2:CreateTags', instance, { 'ec2:CreateAction': 'RunInstances' }));
  assert.not(await ask('ec2:CreateTags', instance));
  assert.ok(await ask('ec2:DescribeImages', '*'));
});

test('the guard keeps polc’s tags for the builder', async () => {
  const documents = emitted(launchRolePolicies.example!);
  const image = 'arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0';
  const instance = `arn:aws:ec2:us-west-2:${account}:instance/i-1`;
  const builder = `arn:aws:iam::${account}:role/polc-image-builder`;
  const ask = (action: string, resource: string, keys: readonly string[], more: Partial<Request> = {}) => {
    const tagKeys = keys.length === 0 ? {} : { 'aws:TagKeys': [...keys] };
    return simulated(documents, { action, resource, ...more, context: { ...tagKeys, ...more.context } }, true);
  };
  for (const key of ['polc:template', 'POLC:Template', 'Polc:scan']) {
    assert.not(await ask('ec2:CreateTags', image, [key]), key);
    assert.not(await ask('ec2:DeleteTags', image, ['Name', key]), key);
    assert.ok(await ask('ec2:CreateTags', image, [key], { principal: builder }), key);
    assert.not(await ask('ec2:CreateTags', instance, [key]), key);
    const launching = { context: { 'ec2:CreateAction': 'RunInstances' } };
    assert.ok(await ask('ec2:CreateTags', instance, [key], launching), key);
    assert.not(await ask('ec2:CreateTags', image, [key], launching), key);
  }
  assert.ok(await ask('ec2:CreateTags', image, ['Name', 'polc']));
  assert.not(await ask('ec2:DeleteTags', image, []));
  assert.ok(await ask('ec2:DeleteTags', image, [], { principal: builder }));
});

run();
