import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { isRegion, nearestRegion, partitionOfRegion, regionsOf } from '../../compiler/tables/aws-regions.ts';
import { siblingsOf } from '../../compiler/tables/cost-siblings.ts';
import { destructiveActions } from '../../compiler/tables/destructive-actions.ts';
import { globalActionRegion, isGlobalAction } from '../../compiler/tables/global-services.ts';
import { actionsMatching, iamAction, iamServices } from '../../compiler/tables/iam-actions.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('aws-names');

test('the regions of a partition are those that the SDK knows it by', () => {
  const file = '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';
  const text = readFileSync(join(process.env.POLC_ROOT ?? process.cwd(), 'node_modules', file), 'utf8');
  const { partitions }: { partitions: { id: string; regionRegex: string; regions: Record<string, unknown> }[] } =
    JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
  for (const id of ['aws', 'aws-cn', 'aws-us-gov'] as const) {
    const partition = partitions.find((each) => each.id === id)!;
    const pattern = new RegExp(partition.regionRegex);
    assert.equal(
      regionsOf(id),
      Object.keys(partition.regions)
        .filter((region) => pattern.test(region))
        .sort(),
    );
    for (const region of regionsOf(id)) {
      assert.is(partitionOfRegion(region), id);
      assert.ok(isRegion(region));
    }
  }
  for (const other of ['', 'us-east-9', 'aws-global', 'us-iso-east-1', 'US-EAST-1', 'constructor']) {
    assert.is(isRegion(other), false);
  }
  assert.is(nearestRegion('us-eest-1'), 'us-east-1');
});

test('every destructive action is an action that writes', () => {
  const names = destructiveActions();
  assert.is(new Set(names).size, names.length);
  for (const name of names) {
    const action = iamAction(name);
    assert.is(action?.name, name, name);
    assert.is(action?.access, 'Write', name);
  }
  for (const name of ['s3:DeleteBucket', 'dynamodb:DeleteTable', 'rds:DeleteDBInstance']) {
    assert.ok(names.includes(name));
  }
});

test('every sibling is an action that changes something, and siblings of launches lead back', () => {
  let known = 0;
  for (const name of actionsMatching('*')) {
    const siblings = siblingsOf(name);
    if (siblings.length > 0) known += 1;
    assert.not(siblings.includes(name));
    for (const sibling of siblings) {
      assert.is(iamAction(sibling)?.name, sibling, `${sibling}, of ${name}`);
      assert.ok(iamAction(sibling)?.access !== 'List', sibling);
    }
  }
  assert.ok(known > 150);
  const bypasses = siblingsOf('EC2:runinstances');
  for (const name of ['ec2:StartInstances', 'ec2:RequestSpotInstances', 'ec2:RequestSpotFleet', 'ec2:CreateFleet']) {
    assert.ok(bypasses.includes(name));
    assert.ok(siblingsOf(name).includes('ec2:RunInstances'));
  }
  assert.ok(bypasses.includes('eks:CreateNodegroup'));
  assert.not(siblingsOf('eks:CreateNodegroup').includes('ec2:RunInstances'));
  assert.equal(siblingsOf('ec2:DescribeInstances'), []);
});

test('the services with a global endpoint are told from the regional ones', () => {
  for (const name of ['iam:CreateRole', 'Route53:CreateHostedZone', 'cloudfront:CreateDistribution', 'budgets:*']) {
    assert.is(globalActionRegion(name), 'us-east-1', name);
  }
  assert.is(globalActionRegion('globalaccelerator:CreateAccelerator'), 'us-west-2');
  assert.is(globalActionRegion('S3:CreateMultiRegionAccessPoint'), 'us-west-2');
  assert.ok(isGlobalAction('aws-marketplace:Subscribe'));
  for (const name of [
    'ec2:RunInstances',
    's3:CreateBucket',
    'sts:AssumeRole',
    'wafv2:CreateWebACL',
    'aws-marketplace:MeterUsage',
  ]) {
    assert.is(isGlobalAction(name), false, name);
  }
  const global = iamServices().filter((prefix) => isGlobalAction(`${prefix}:*`));
  // A misspelt prefix in the table would be missing here.
  assert.is(global.length, 49);
});

run();
