import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  costServiceFamilies,
  costServiceGlob,
  costServiceNames,
  nearestCostService,
} from '../../compiler/tables/cost-services.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cost-services');

const ec2 = ['Amazon Elastic Compute Cloud - Compute', 'EC2 - Other'];

test('every name that a family has leads to names of Cost Explorer', () => {
  const families = costServiceFamilies();
  assert.ok(families.length >= 100);
  for (const { name, costNames, aliases } of families) {
    assert.ok(costNames.length > 0 && costNames.every((each) => each !== '' && each.trim() === each), name);
    assert.equal(costServiceNames(name), costNames);
    for (const each of [...costNames, ...aliases]) {
      for (const written of [each, each.toLowerCase(), ` ${each.toUpperCase()} `]) {
        assert.ok(costServiceNames(written) !== undefined, written);
      }
    }
    for (const each of costNames) assert.ok(costServiceNames(each)!.includes(each), each);
  }
});

test('no other name belongs to two families', () => {
  const seen = new Map<string, string>();
  for (const { name, aliases } of costServiceFamilies()) {
    for (const alias of [name, ...aliases]) {
      assert.is(seen.get(alias.toLowerCase()), undefined, `${alias} of ${name}`);
      seen.set(alias.toLowerCase(), name);
    }
  }
});

test('what people write for EC2 is what Cost Explorer bills as EC2', () => {
  for (const written of ['Amazon Elastic Compute Cloud', 'Amazon EC2', 'ec2', ...ec2]) {
    const names = costServiceNames(written);
    for (const name of ec2) assert.ok(names?.includes(name), `${name} for ${written}`);
  }
  assert.equal(costServiceNames('Amazon Simple Storage Service')?.[0], 'Amazon Simple Storage Service');
  assert.equal(costServiceNames('CloudWatch')?.[0], 'AmazonCloudWatch');
  assert.ok(costServiceNames('Amazon Elasticsearch Service')?.includes('Amazon OpenSearch Service'));
});

test('models that are sold for Bedrock are known by how their names end', () => {
  assert.equal(costServiceNames('Nova 9 (Amazon Bedrock Edition)'), ['Nova 9 (Amazon Bedrock Edition)']);
  assert.is(costServiceNames(' (Amazon Bedrock Edition)'), undefined);
  assert.is(costServiceGlob('bedrock'), '* (Amazon Bedrock Edition)');
  assert.is(costServiceGlob('Amazon EC2'), undefined);
  assert.is(costServiceGlob('nothing'), undefined);
});

test('a name that no family has is unknown, and the nearest is suggested', () => {
  const known = new Set(
    costServiceFamilies().flatMap(({ name, costNames, aliases }) =>
      [name, ...costNames, ...aliases].map((each) => each.toLowerCase()),
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('constructor', '', '__proto__', 'Amazon')), (written) => {
      assert.is(costServiceNames(written) !== undefined, known.has(written.trim().toLowerCase()));
    }),
  );
  assert.is(nearestCostService('Amazon Elastic Compute Clod'), 'Amazon Elastic Compute Cloud');
  assert.is(nearestCostService('Amazon Simple Storge Service'), 'Amazon Simple Storage Service');
  assert.is(nearestCostService('Amazon Zzzzzzzzz Yyyyyyyyy'), undefined);
});

run();
