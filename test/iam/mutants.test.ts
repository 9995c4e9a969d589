import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { denyDocuments, documentName } from '../../compiler/backends/iam/deny-documents.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { decisionAt } from '../../compiler/ir/policy.ts';
import { actionsOf } from '../../compiler/tables/iam-actions.ts';
import { validateDocuments } from '../../compiler/verify/iam/index.ts';
import { denying, guardrailOf, guardrails, surroundings } from '../support/guardrails.ts';
import { suite } from '../support/harness.ts';
import { naiveDenier } from '../support/naive-iam.ts';

const { test, run } = suite('iam-mutants');

const quota = { characters: 6144, documents: 20 };
const policies: readonly Policy[] = [
  guardrails.quarantine!,
  guardrails.complete!,
  guardrailOf('wide', [denying(['ec2:Create*', 'rds:*', 'lambda:Create?unction', 'sqs:*Queue'])], []),
  guardrailOf('regions', [denying(actionsOf('sagemaker').slice(0, 12), ['eu-west-1', 'eu-central-1'])], []),
];

/** Every action that a mutant could come to name, and what its neighbours are. */
const actions = ['rds', 'lambda', 'sqs', 's3'].flatMap(actionsOf).concat(
  actionsOf('ec2').filter((_, index) => index % 2 === 0),
  actionsOf('sagemaker').slice(0, 40),
  ['ec2:RunInstances', 'ec2:CreateVpc', 'ec2:CreateNatGateway', 'ec2:AllocateAddress'],
);
const regions = ['ap-northeast-1', 'eu-west-1', 'eu-central-1', 'us-east-1'];
const resources = ['*', 'arn:aws:ec2:us-east-1:123456789012:instance/i-1', 'arn:aws:rds:eu-west-1:123456789012:db:x'];

/** What a document denies, as far as the sample goes; undefined where AWS would refuse it. */
function sampled(text: string): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const denies = naiveDenier(document);
  if (denies === undefined) return undefined;
  let said = '';
  for (const region of regions) {
    for (const resource of resources) {
      for (const action of actions) said += denies({ action, region, resource }) ? '1' : '0';
    }
  }
  return said;
}

function validated(policy: Policy, document: string) {
  const name = documentName(policy.name, document, surroundings.sha256);
  return validateDocuments(policy, [{ name, document }], quota, surroundings);
}

type Json = Record<string, unknown>;

/** One change of what a document says. */
function mutate(text: string, kind: number, pick: (most: number) => number): string {
  const document = JSON.parse(text) as { Version: string; Statement: Json[] };
  const statement = document.Statement[pick(document.Statement.length)]!;
  const named = statement.Action as string[];
  const at = pick(named.length);
  const name = named[at]!;
  const condition = statement.Condition as { StringEquals: { 'aws:RequestedRegion': string[] } } | undefined;
  const asked = condition?.StringEquals['aws:RequestedRegion'];
  switch (kind) {
    case 0:
      named.splice(at, 1);
      break;
    case 1:
      named.push(actions[pick(actions.length)]!);
      break;
    case 2:
      named[at] = actions[pick(actions.length)]!;
      break;
    case 3:
      named[at] = `${name.slice(0, name.length - 1 - pick(6))}*`;
      break;
    case 4: {
      const place = name.indexOf(':') + 1 + pick(name.length - name.indexOf(':') - 1);
      named[at] = `${name.slice(0, place)}${'?*xS'[pick(4)]}${name.slice(place + pick(2))}`;
      break;
    }
    case 5:
      if (asked !== undefined) asked[pick(asked.length)] = regions[pick(regions.length)]!;
      else statement.Condition = { StringEquals: { 'aws:RequestedRegion': [regions[pick(regions.length)]] } };
      break;
    case 6:
      if (asked !== undefined) asked.push(regions[pick(regions.length)]!);
      else statement.Resource = resources[1 + pick(2)];
      break;
    case 7:
      if (asked !== undefined) statement.Condition = [undefined, { StringNotEquals: condition?.StringEquals }][pick(2)];
      else statement.Effect = 'Allow';
      break;
    case 8:
      if (pick(2) === 0) statement.NotAction = named;
      else statement.NotResource = '*';
      if (statement.NotAction !== undefined) delete statement.Action;
      break;
    case 9:
      document.Statement.push({ ...statement, Action: [actions[pick(actions.length)]], Sid: 'Deny9' });
      break;
    case 10:
      statement.Resource = [resources[pick(3)], resources[pick(3)]];
      break;
    default: {
      // Any character of the text.
      const place = pick(text.length);
      return `${text.slice(0, place)}${['', 'a', '*', '"', ','][pick(5)]}${text.slice(place + 1)}`;
    }
  }
  return JSON.stringify(document);
}

test('every mutant that a sampler tells from the original is refused', () => {
  let told = 0;
  for (const policy of policies) {
    const [original] = denyDocuments(decisionAt(policy, 'aws-request')!, policy.name, quota, surroundings).documents;
    const text = original!.document;
    const meaning = sampled(text);
    assert.is(validated(policy, text).counterexample, undefined);
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.nat(11), fc.infiniteStream(fc.nat(1 << 20)), (kind, numbers) => {
        const mutant = mutate(text, kind, (most) => numbers.next().value! % most);
        if (seen.has(mutant)) return;
        seen.add(mutant);
        if (sampled(mutant) === meaning) return;
        told += 1;
        assert.is(validated(policy, mutant).status, 'refused', mutant);
      }),
      { numRuns: 850 },
    );
  }
  assert.ok(told >= 1000, `only ${told} mutants were told apart`);
});

test('a document that says the same in another order or case is accepted, under its own name only', () => {
  const policy = guardrails.quarantine!;
  const [original] = denyDocuments(decisionAt(policy, 'aws-request')!, policy.name, quota, surroundings).documents;
  const text = original!.document
    .replace(/"ec2:CreateNatGateway","ec2:RunInstances"/, '"ec2:RUNINSTANCES","ec2:createnatgateway"')
    .replace('{"Version"', '{ "Version"');
  assert.not.equal(text, original!.document);
  assert.is(validated(policy, text).status, 'proven');
  const renamed = [{ name: original!.name, document: text }];
  assert.is(validateDocuments(policy, renamed, quota, surroundings).status, 'refused');
});

test('what AWS would refuse is refused, though it would deny the same', () => {
  const policy = guardrails.quarantine!;
  const [original] = denyDocuments(decisionAt(policy, 'aws-request')!, policy.name, quota, surroundings).documents;
  const { document } = original!;
  const refused: readonly (readonly [string, string])[] = [
    ['a key twice', document.replace('"Effect":"Deny"', '"Effect":"Allow","Effect":"Deny"')],
    ['a Sid with a hyphen', document.replace('Deny0', 'Deny-0')],
    ['a Sid twice', document.replace(/\[(\{.*\})\]\}$/, '[$1,$1]}')],
    ['another version', document.replace('2012-10-17', '2008-10-17')],
    ['an empty Action', document.replace(/\[(\{.*\})\]\}$/, '[$1,{"Effect":"Deny","Action":[],"Resource":"*"}]}')],
    ['an unknown element', document.replace('"Resource"', '"Note":"x","Resource"')],
    ['a wildcard in the service', document.replace('"ec2:RunInstances"', '"ec2:RunInstances","e?2:RunInstances"')],
    ['an empty condition', document.replace('"Resource":"*"', '"Resource":"*","Condition":{}')],
    ['an unknown operator', document.replace('"*"', '"*","Condition":{"StringEqual":{"aws:RequestedRegion":["x"]}}')],
    ['a repeated action', document.replace('"ec2:RunInstances"', '"ec2:RunInstances","ec2:RunInstances"')],
  ];
  for (const [what, text] of refused) {
    assert.not.equal(text, document, what);
    assert.is(validated(policy, text).status, 'refused', what);
  }
  const name = documentName(policy.name, document, surroundings.sha256);
  const tight = { characters: document.length - 1, documents: 20 };
  assert.is(validateDocuments(policy, [{ name, document }], tight, surroundings).status, 'refused');
  assert.is(validateDocuments(policy, [], quota, surroundings).status, 'refused');
});

run();
