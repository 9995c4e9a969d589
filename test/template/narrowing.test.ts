// Whatever a template writes, it lets nothing be launched that what it inherits refuses.
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import type { Environment } from '../../compiler/expressions/evaluate.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { suite } from '../support/harness.ts';
import { filesHost } from '../support/templates.ts';

const { test, run } = suite('template-narrowing');

const types = ['t3.medium', 't3.large', 'm5.large', 't4g.medium', 'g5.xlarge'];
const regions = ['us-east-1', 'us-west-2', 'eu-west-1'];
const classes = ['public', 'internal', 'confidential', 'restricted'];
const profiles = ['cs101', 'chemistry'];

/** What one file limits, as a model of our own reads it. */
interface Limits {
  readonly types: readonly string[] | undefined;
  readonly clearer: readonly string[] | undefined;
  readonly forbidden: readonly string[] | undefined;
  readonly most: number | undefined;
  readonly tags: readonly string[] | undefined;
  readonly class: string | undefined;
  readonly profiles: readonly string[] | undefined;
  readonly approval: boolean | undefined;
  readonly gpu: boolean | undefined;
  readonly encrypted: boolean;
}

/** Most files say nothing of most things, or nothing would be launched. */
function seldom<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });
}

const some = (values: readonly string[]) => seldom(fc.subarray([...values], { minLength: 1 }));

const limits: fc.Arbitrary<Limits> = fc.record({
  types: some(types),
  clearer: some(types),
  forbidden: some(regions),
  most: seldom(fc.constantFrom(0.05, 0.1, 0.2, 1)),
  tags: some(['Project', 'Owner']),
  class: seldom(fc.constantFrom(...classes)),
  profiles: some(profiles),
  approval: seldom(fc.boolean()),
  gpu: seldom(fc.boolean()),
  encrypted: seldom(fc.boolean()).map((value) => value === true),
});

interface Launch {
  readonly type: string | undefined;
  readonly region: string;
  readonly cost: number | undefined;
  readonly project: string | undefined;
  readonly owner: string | undefined;
  readonly clearance: number | undefined;
  readonly profile: string;
  readonly approved: boolean;
  readonly encrypted: boolean;
}

const launches: fc.Arbitrary<Launch> = fc.record({
  type: fc.option(fc.constantFrom(...types), { nil: undefined, freq: 20 }),
  region: fc.constantFrom(...regions),
  cost: fc.option(fc.constantFrom(0.04, 0.05, 0.15, 0.5, 2), { nil: undefined, freq: 10 }),
  project: fc.constantFrom('thesis', 'thesis', '', undefined),
  owner: fc.constantFrom('ada', 'ada', '', undefined),
  clearance: fc.option(fc.constantFrom(0, 1, 2, 3, 3), { nil: undefined, freq: 20 }),
  profile: fc.constantFrom(...profiles),
  approved: fc.boolean(),
  encrypted: fc.boolean(),
});

/** Whether one file's own limits let a launch pass. */
function passes(of: Limits, launch: Launch, classified: number): boolean {
  const among = (list: readonly string[] | undefined, value: string | undefined) =>
    list === undefined || (value !== undefined && list.includes(value));
  return (
    among(of.types, launch.type) &&
    among(of.clearer, launch.type) &&
    (of.forbidden === undefined || !of.forbidden.includes(launch.region)) &&
    (of.most === undefined || (launch.cost !== undefined && launch.cost <= of.most)) &&
    (of.tags ?? []).every((tag) => Boolean(tag === 'Project' ? launch.project : launch.owner)) &&
    (classified === 0 || (launch.clearance !== undefined && launch.clearance >= classified)) &&
    among(of.profiles, launch.profile) &&
    (of.approval !== true || launch.approved) &&
    (of.gpu !== true || launch.type === 'g5.xlarge') &&
    (!of.encrypted || launch.encrypted)
  );
}

function environmentOf(launch: Launch, classified: number): Environment {
  const attributes = new Map<string, Value>([
    ['region', launch.region],
    ['profile', launch.profile],
    ['approved', launch.approved],
    ['encrypted', launch.encrypted],
    ['classification', BigInt(classified)],
  ]);
  const set = (name: string, value: Value | undefined) => value !== undefined && attributes.set(name, value);
  set('instance_type', launch.type);
  set('hourly_cost', launch.cost);
  set('tag:Project', launch.project);
  set('tag:Owner', launch.owner);
  set('clearance', launch.clearance === undefined ? undefined : BigInt(launch.clearance));
  return { attribute: (name) => attributes.get(name), parameter: () => undefined };
}

function fileOf(of: Limits, inherits: readonly string[]): string {
  const list = (values: readonly string[]) => `[${values.join(', ')}]`;
  const line = (key: string, value: string | undefined, indent = '  ') =>
    value === undefined ? '' : `${indent}${key}: ${value}\n`;
  const deeper = [
    line('max_instance_types', of.types && list(of.types), '    '),
    line('allowed_instance_types', of.clearer && list(of.clearer), '    '),
    line('forbidden_regions', of.forbidden && list(of.forbidden), '    '),
    line('max_hourly_cost', of.most?.toString(), '    '),
    line('required_tags', of.tags && list(of.tags), '    '),
  ].join('');
  return [
    `name: template\n${inherits.length === 0 ? 'base: ubuntu-22.04' : `inherits: ${list(inherits)}`}\npolicy_metadata:\n`,
    '  suitable_for: [tests]\n',
    line('data_classification', of.class),
    line('allowed_profiles', of.profiles && list(of.profiles)),
    line('approval_required', of.approval?.toString()),
    line('requires_gpu', of.gpu?.toString()),
    line('data_handling', of.encrypted ? '[encrypted_storage_required]' : undefined),
    deeper === '' ? '' : `  resource_limits:\n${deeper}`,
  ].join('');
}

function allows(policy: Policy, launch: Launch, classified: number): boolean {
  const decision = decisionAt(policy, 'launch');
  if (decision === undefined) throw new Error('no decision');
  return decide(decision, environmentOf(launch, classified))?.effect.kind === 'allow';
}

/** What a template lets pass with all that it inherits, before and after it was optimised. */
function policiesOf(files: ReadonlyMap<string, string>, path: string): readonly Policy[] {
  const { lowered, policy, diagnostics } = compile(path, files.get(path) ?? '', filesHost(files), { emit: ['ir'] });
  const wrong = diagnostics.filter(({ severity, code }) => severity === 'error' && !/^POL6|POL5302/.test(code));
  assert.equal(wrong, []);
  if (lowered === undefined) throw new Error('nothing was lowered');
  return policy === undefined ? [lowered] : [lowered, policy];
}

test('a template lets pass what it and all that it inherits let pass, and nothing else', () => {
  let allowed = 0;
  let refused = 0;
  const family = fc.record({ root: limits, left: limits, right: limits, own: limits });
  fc.assert(
    fc.property(family, fc.array(launches, { minLength: 20, maxLength: 40 }), (layers, tried) => {
      const files = new Map([
        ['root.yaml', fileOf(layers.root, [])],
        ['left.yaml', fileOf(layers.left, ['root'])],
        ['right.yaml', fileOf(layers.right, ['root'])],
        ['own.yaml', fileOf(layers.own, ['left', 'right'])],
      ]);
      const all = [layers.root, layers.left, layers.right, layers.own];
      const highest = Math.max(...all.map((each) => (each.class === undefined ? 0 : classes.indexOf(each.class))));
      for (const policy of policiesOf(files, 'own.yaml')) {
        for (const launch of tried) {
          const expected = all.every((each) => passes(each, launch, highest));
          assert.is(allows(policy, launch, highest), expected);
          if (expected) allowed += 1;
          else refused += 1;
        }
      }
    }),
    { numRuns: 150 },
  );
  assert.ok(allowed > 20 && refused > 20, `${allowed} allowed, ${refused} refused`);
});

test('what is said of a template joins what it inherits: the highest class, all promises, fewer profiles', () => {
  fc.assert(
    fc.property(limits, limits, (base, own) => {
      const files = new Map([
        ['base.yaml', fileOf(base, [])],
        ['own.yaml', fileOf(own, ['base'])],
      ]);
      const [lowered] = policiesOf(files, 'own.yaml');
      const described = lowered?.obligations.find((each) => each.kind === 'describe-template');
      if (described?.kind !== 'describe-template') throw new Error('it is not described');
      const ranks = [base, own].flatMap((each) => (each.class === undefined ? [] : [classes.indexOf(each.class)]));
      assert.is(described.classification, ranks.length === 0 ? undefined : classes[Math.max(...ranks)]);
      assert.equal(described.dataRules, base.encrypted || own.encrypted ? ['encrypted_storage_required'] : []);
      const both =
        base.profiles && own.profiles ? own.profiles.filter((each) => base.profiles?.includes(each)) : undefined;
      assert.equal(described.profiles, (both ?? base.profiles ?? own.profiles)?.slice().sort());
      assert.is(described.approvalRequired, base.approval === true || own.approval === true);
    }),
    { numRuns: 100 },
  );
});

run();
