import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { launchIam } from '../../compiler/backends/launch-iam/index.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { refusesAll } from '../support/backend-fixture.ts';
import { surroundings } from '../support/guardrails.ts';
import { suite } from '../support/harness.ts';
import { launchRolePolicies } from '../support/launch-roles.ts';
import { jsonMutants } from '../support/mutate-json.ts';
import { type NaiveLaunchRequest, naiveLaunch } from '../support/naive-launch.ts';

const { test, run } = suite('launch-iam-mutants');

const actions = [
  'RunInstances',
  'CreateTags',
  'DeleteTags',
  'ModifyInstanceAttribute',
  'StartInstances',
  'CreateFleet',
];
const types = ['t3.medium', 't3.nano', 't3.large', 'm5.large', 'p4d.24xlarge', ''];
const regions = ['us-west-2', 'eu-west-1', 'ap-northeast-1'];
const templates = ['phi', 'other', 'python-ml', 'python-basic', 'r-new', 'r-old', 'python2-basic', ''];
const classes = ['public', 'internal', 'confidential'];
const images = ['ami-0abc123def456789a', 'ami-0def456abc789012b', 'ami-0123456789abcdef0'];
const values = [...types, ...regions, ...templates, ...classes, ...images, 'true', 'false', '123456789012', '?*', '*'];
const operators = ['StringEquals', 'StringLike', 'StringNotEquals', 'StringNotLike', 'StringEqualsIfExists', 'Null'];
const resources = ['image', 'instance', 'volume', 'subnet', 'snapshot', 'key-pair'];

/** Requests that tell documents apart: each with what its resource has, one thing missing or changed. */
function requests(): readonly NaiveLaunchRequest[] {
  const found: NaiveLaunchRequest[] = [];
  const arn = (type: string, id = 'x') =>
    `arn:aws:ec2:us-west-2:${type === 'image' || type === 'snapshot' ? '' : '111111111111'}:${type}/${id}`;
  const add = (action: string, type: string, context: NaiveLaunchRequest['context'] = {}) =>
    found.push({ action: `ec2:${action}`, resource: arn(type), context });
  for (const action of actions) for (const type of resources) add(action, type);
  for (const template of templates) {
    for (const level of [...classes, undefined]) {
      for (const owner of ['123456789012', '999999999999']) {
        for (const image of images) {
          add('RunInstances', 'image', {
            'ec2:ResourceTag/polc:template': template,
            ...(level === undefined ? {} : { 'ec2:ResourceTag/polc:classification': level }),
            'ec2:Owner': owner,
            'ec2:ImageID': image,
          });
        }
      }
    }
  }
  for (const type of types) {
    for (const region of [...regions, undefined]) {
      for (const tag of ['x', '', undefined]) {
        const tags = { 'aws:RequestTag/Project': tag, 'aws:RequestTag/Cost Center': 'y', 'aws:RequestTag/Course': tag };
        const given = Object.fromEntries(
          Object.entries(tags).flatMap(([key, each]) => (each === undefined ? [] : [[key, each]])),
        );
        const where = region === undefined ? {} : { 'aws:RequestedRegion': region };
        add('RunInstances', 'instance', { 'ec2:InstanceType': type, ...where, ...given });
      }
      for (const template of ['phi', 'other', '']) {
        const where = region === undefined ? {} : { 'aws:RequestedRegion': region };
        const context = { 'ec2:Attribute/InstanceType': type, 'ec2:ResourceTag/polc:template': template, ...where };
        add('ModifyInstanceAttribute', 'instance', context);
      }
    }
  }
  add('RunInstances', 'instance', {
    'ec2:InstanceType': 't3.medium',
    'aws:RequestedRegion': 'us-west-2',
    'aws:RequestTag/Project': 'x',
    'aws:RequestTag/Cost Center': 'y',
    'aws:RequestTag/polc:template': 'other',
  });
  for (const encrypted of ['true', 'false']) add('RunInstances', 'volume', { 'ec2:Encrypted': encrypted });
  for (const action of ['CreateTags', 'DeleteTags']) {
    for (const type of resources) {
      for (const creating of ['RunInstances', 'CreateImage', undefined]) {
        for (const tags of [['polc:template'], ['POLC:x'], ['Name', 'polc:scan'], ['Name'], undefined]) {
          for (const name of ['polc-image-builder', 'someone']) {
            add(action, type, {
              ...(creating === undefined ? {} : { 'ec2:CreateAction': creating }),
              ...(tags === undefined ? {} : { 'aws:TagKeys': tags }),
              'aws:PrincipalArn': `arn:aws:iam::111111111111:role/${name}`,
            });
          }
        }
      }
    }
  }
  for (const action of ['DescribeImages', 'DescribeInstances', 'DescribeVolumes']) {
    found.push({ action: `ec2:${action}`, resource: '*', context: {} });
  }
  return found;
}

const sample = requests();

/** What a document says of the sample; undefined where AWS would refuse it. */
function sampled(text: string): string | undefined {
  try {
    const tell = naiveLaunch(JSON.parse(text));
    return tell === undefined ? undefined : sample.map((request) => tell(request)[0]).join('');
  } catch {
    return undefined;
  }
}

type Json = Record<string, unknown>;

/** One change of what a document says. */
function mutate(text: string, kind: number, pick: (most: number) => number): string {
  const document = JSON.parse(text) as { Statement: Json[] };
  const at = pick(document.Statement.length);
  const statement = document.Statement[at]!;
  const condition = (statement.Condition ?? {}) as Record<string, Record<string, unknown>>;
  const blocks = Object.keys(condition);
  const block = blocks[pick(Math.max(1, blocks.length))];
  const tests = block === undefined ? {} : condition[block]!;
  const names = Object.keys(tests);
  const name = names[pick(Math.max(1, names.length))];
  const held = name === undefined ? [] : [tests[name]].flat();
  const value = values[pick(values.length)]!;
  const hold = (next: readonly unknown[]) => {
    if (name !== undefined) tests[name] = next.length === 1 ? next[0] : next;
  };
  const place = pick(Math.max(1, held.length));
  switch (kind) {
    case 0:
      document.Statement.splice(at, 1);
      break;
    case 1:
      if (name !== undefined) delete tests[name];
      if (block !== undefined && Object.keys(tests).length === 0) delete condition[block];
      if (Object.keys(condition).length === 0) delete statement.Condition;
      break;
    case 2:
      hold(held.filter((_, index) => index !== place));
      break;
    case 3:
      hold([...held, value]);
      break;
    case 4:
      hold(held.map((each, index) => (index === place ? value : each)));
      break;
    case 5:
      hold(held.map((each, index) => (index === place ? `${String(each).slice(0, pick(9))}*` : each)));
      break;
    case 6: {
      const other = operators[pick(operators.length)]!;
      if (block === undefined || condition[other] !== undefined) break;
      condition[other] = tests;
      delete condition[block];
      break;
    }
    case 7:
      statement.Effect = statement.Effect === 'Deny' ? 'Allow' : 'Deny';
      break;
    case 8:
      statement.Action = [...[statement.Action].flat(), `ec2:${actions[pick(actions.length)]}`];
      break;
    case 9: {
      const type = resources[pick(resources.length)]!;
      const arn = `arn:aws:ec2:*:${type === 'image' || type === 'snapshot' ? '' : '*'}:${type}/*`;
      statement.Resource = [[...[statement.Resource].flat(), arn], arn, '*'][pick(3)];
      break;
    }
    case 10:
      statement[`Not${['Action', 'Resource'][pick(2)]}`] = 'ec2:RunInstances';
      break;
    default: {
      const index = pick(text.length);
      return `${text.slice(0, index)}${['', 'a', '*', '"', ','][pick(5)]}${text.slice(index + 1)}`;
    }
  }
  return JSON.stringify(document);
}

const cases = ['encrypted', 'institution', 'class', 'unbuilt', 'example'].flatMap((name) => {
  const policy = launchRolePolicies[name]!;
  const { artifacts } = launchIam.emit(policy, defaultTarget, surroundings);
  return artifacts
    .filter(({ path }) => path.startsWith('launch-role') || (path === 'tag-guard.json' && name === 'encrypted'))
    .map(({ path }) => ({ name, policy, artifacts, path }));
});

function validated(policy: Policy, artifacts: readonly Artifact[], path: string, text: string) {
  const changed = artifacts.map((each) => (each.path === path ? { ...each, content: text } : each));
  return launchIam.validate(policy, defaultTarget, changed, surroundings);
}

test('every mutant that a sampler tells from the original is refused', () => {
  let told = 0;
  for (const { name, policy, artifacts, path } of cases) {
    const text = String(artifacts.find((each) => each.path === path)!.content);
    const meaning = sampled(text);
    assert.is(validated(policy, artifacts, path, text).status, 'proven');
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.noBias(fc.nat(11)), fc.infiniteStream(fc.noBias(fc.nat(1 << 20))), (kind, numbers) => {
        const mutant = mutate(text, kind, (most) => numbers.next().value! % most);
        if (seen.has(mutant)) return;
        seen.add(mutant);
        if (sampled(mutant) === meaning) return;
        told += 1;
        assert.is(validated(policy, artifacts, path, mutant).status, 'refused', `${name} ${mutant}`);
      }),
      { numRuns: 1000 },
    );
  }
  assert.ok(told >= 1000, `only ${told} mutants were told apart`);
});

test('any change of Allowed AMIs is refused', () => {
  for (const name of ['class', 'institution']) {
    const policy = launchRolePolicies[name]!;
    const { artifacts } = launchIam.emit(policy, defaultTarget, surroundings);
    const { content } = artifacts.find(({ path }) => path === 'allowed-images.json')!;
    const text = JSON.stringify(JSON.parse(String(content)), undefined, 1);
    assert.is(validated(policy, artifacts, 'allowed-images.json', text).status, 'proven');
    assert.ok(refusesAll(launchIam, policy, defaultTarget, 'allowed-images.json', jsonMutants(text, [])) > 1);
  }
});

run();
