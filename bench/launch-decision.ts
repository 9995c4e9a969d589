// One launch under the policies of an institution, a profile, an invitation and a template, loaded before, on one core: as
// generated code, and by the reference evaluator; beside it Cedar's engine with the same rules, parsed before. All must
// decide every launch alike.
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { mentionedValues } from '../compiler/expressions/mentioned-values.ts';
import { combineLaunches, launchRules } from '../compiler/ir/launch.ts';
import { unlessAmong } from '../compiler/ir/launch-rules.ts';
import type { Policy } from '../compiler/ir/policy.ts';
import { instanceTypes } from '../compiler/tables/instance-types.ts';
import { compileLaunch } from '../runtime/launch/compiled.ts';
import { decideLaunch } from '../runtime/launch/decide.ts';
import { type LaunchFacts, launchEnvironment } from '../runtime/launch/facts.ts';
import { templateOf } from '../test/support/launch-policies.ts';
import { launchRolePolicies } from '../test/support/launch-roles.ts';
import { cedarLaunchPolicies, cedarValue } from './support/launch-cedar.ts';
import { interleaved, warmUp } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

/** Microseconds for a thousand decisions, at a million a second. */
const target = 1000;

const types = ['t3.medium', 't3.large', 'c5.large', 'c5.4xlarge', 'p3.2xlarge', 't4g.small', 'm5.large'];
const regions = ['us-west-2', 'us-east-1', 'eu-west-1', 'ap-northeast-1'];

/** Launches by turns allowed and refused, each for a reason of its own. */
const launches = Array.from({ length: 1000 }, (_, index): LaunchFacts => {
  const hourlyCost = (index % 13) * 0.017;
  return {
    launched: index % 11 === 0 ? 'r-basic' : 'python-ml-compiled',
    source: 'institutional',
    signature: index % 17 === 0 ? 'invalid' : 'valid',
    authority: 'University IT',
    owner: '123456789012',
    approved: true,
    lifecycle: 'active',
    instanceType: types[index % types.length]!,
    architecture: 'x86_64',
    region: regions[index % regions.length]!,
    encrypted: true,
    ...(index % 19 === 0 ? {} : { hourlyCost }),
    hourlySpend: hourlyCost,
    dailySpend: hourlyCost * 8,
    monthlySpend: hourlyCost * 160,
    imageAge: 12,
    baseOutdated: false,
    scan: 'passed',
    invitation: 'valid',
    tags: new Map(index % 23 === 0 ? [] : [['Course', 'CS101']]),
  };
});

function cedarEngine(id: string, policy: Policy): (facts: LaunchFacts) => boolean {
  const parsed = preparsePolicySet(id, { staticPolicies: cedarLaunchPolicies(policy) });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed.errors[0]));
  const names = [...mentionedValues(launchRules(policy).map(({ when }) => when)).keys()];
  const contexts = new Map(
    launches.map((facts) => {
      const { attribute } = launchEnvironment(policy, facts);
      const known = names.flatMap((name) => {
        const value = attribute(name);
        return value === undefined ? [] : [[name, cedarValue(value)] as const];
      });
      return [facts, Object.fromEntries(known)];
    }),
  );
  return (facts) => {
    const answer = statefulIsAuthorized({
      principal: { type: 'Person', id: '' },
      action: { type: 'Action', id: 'launch' },
      resource: { type: 'Instance', id: '' },
      context: contexts.get(facts)!,
      preparsedPolicySetId: id,
      entities: [],
    });
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors[0]));
    return answer.response.decision === 'allow';
  };
}

/** Microseconds for a thousand launches, over so many from the list, again and again. */
function each(times: number, decide: (facts: LaunchFacts) => unknown): number {
  const start = performance.now();
  for (let index = 0; index < times; index += 1) decide(launches[index % launches.length]!);
  return ((performance.now() - start) * 1_000_000) / times;
}

function measure(what: string, policy: Policy): readonly Row[] {
  const { rules, allows, refusing } = compileLaunch(policy);
  const reference = (facts: LaunchFacts) => decideLaunch(policy, facts).allowed;
  const cedar = cedarEngine(what, policy);
  const allowed = launches.filter((facts) => {
    const decided = reference(facts);
    if (allows(facts) !== decided || cedar(facts) !== decided || (refusing(facts).length === 0) !== decided) {
      throw new Error(`the engines disagree on ${JSON.stringify(facts)}`);
    }
    return decided;
  });
  for (const work of [allows, refusing, reference]) {
    warmUp(300, () => launches.map((facts) => work(facts)));
  }
  const [compiled = 0, named = 0, evaluated = 0, byCedar = 0] = interleaved(7, [
    () => each(300_000, allows),
    () => each(100_000, refusing),
    () => each(3000, reference),
    () => each(300, cedar),
  ]);
  const rate = Math.round(1e9 / compiled).toLocaleString('en-US');
  console.log(
    `${what}: ${rules.length} rules, ${allowed.length} of 1,000 launches allowed; ${rate} decisions a second`,
  );
  return [
    { what, ours: compiled, peer: { name: 'Cedar', value: byCedar }, target },
    { what: '  and which rules refuse', ours: named },
    { what: '  by the reference evaluator', ours: evaluated },
  ];
}

const many = [...instanceTypes()].map(({ name }) => name).filter((_, index) => index % 2 === 0);
const { class: group, example } = launchRolePolicies;
const governed = combineLaunches([
  { role: 'profile', policy: group! },
  { role: 'template', policy: example! },
]);
const one = templateOf('one', [['resources', 'types', unlessAmong(['instance_type'], types.slice(0, 3))]]);
const long = templateOf('long', [['resources', 'types', unlessAmong(['instance_type'], [...many, ...types])]], {
  template: 'python-ml-compiled',
  classification: 'internal',
  frameworks: ['university_policy'],
});

printTable('decide a thousand launches', 'us', [
  ...measure('one rule', combineLaunches([{ role: 'template', policy: one }])),
  ...measure('a class under its university', governed),
  ...measure(
    `  with ${many.length + types.length} instance types`,
    combineLaunches([
      { role: 'profile', policy: group! },
      { role: 'template', policy: long },
    ]),
  ),
]);
