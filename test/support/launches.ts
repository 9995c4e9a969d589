import fc from 'fast-check';
import type { Environment } from '../../compiler/expressions/evaluate.ts';
import {
  and,
  attribute,
  compare,
  literal,
  not,
  or,
  type Predicate,
  type Value,
} from '../../compiler/expressions/predicate.ts';
import { type LaunchPart, launchRoles, launchSteps } from '../../compiler/ir/launch.ts';
import {
  launchNames,
  unlessAmong,
  unlessIs,
  unlessTagged,
  whereAmong,
  whereOver,
} from '../../compiler/ir/launch-rules.ts';
import type { Decision, Policy, Rule } from '../../compiler/ir/policy.ts';

/** Random policies about launches and random launches, over so few values that they meet. */

const types = ['t3.medium', 't3.large', 'm5.large', 'c5.xlarge'];
const typePatterns = [...types, 't3.*', '*.large', 'm?.large'];
const names = ['python-ml', 'python-basic', 'r-basic'];
const namePatterns = [...names, 'python-*'];
const costs = [0, 0.05, 0.15, 0.2, 1];

const some = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });

const plain: fc.Arbitrary<Predicate> = fc.oneof(
  some(typePatterns).map((values) => unlessAmong(['instance_type'], values)),
  some(typePatterns).map((values) => whereAmong(['instance_type'], values)),
  some(namePatterns).map((values) => unlessAmong(launchNames, values)),
  some(namePatterns).map((values) => whereAmong(launchNames, values)),
  fc.constantFrom(...costs).map((bound) => whereOver('hourly_cost', bound)),
  fc.constantFrom(...costs).map((bound) => compare(literal(bound), '<=', attribute('hourly_cost'))),
  fc.constantFrom(...costs).map((bound) => compare(attribute('hourly_cost'), '<', literal(bound))),
  fc.constantFrom(0n, 1n, 2n, 3n).map((bound) => whereOver('classification', bound)),
  fc.constant(compare(attribute('clearance'), '<', attribute('classification'))),
  fc.constantFrom('Project', 'Owner').map(unlessTagged),
  fc.boolean().map((value) => unlessIs('encrypted', value)),
  fc.constant(unlessIs('signature', 'valid')),
  fc.constant(compare(attribute('signature'), '==', literal('invalid'))),
);

const denied: fc.Arbitrary<Predicate> = fc.oneof(
  { weight: 4, arbitrary: plain },
  fc.tuple(plain, plain).map(([one, other]) => or(one, other)),
  fc.tuple(plain, plain).map(([one, other]) => and(one, other)),
  plain.map(not),
  fc.boolean().map((value): Predicate => ({ kind: 'constant', value })),
);

const effect = fc.constantFrom('deny', 'deny', 'deny', 'allow');

/** @param mixed also rules that allow, and decisions that deny where no rule holds */
export function launchPart(mixed: boolean): fc.Arbitrary<LaunchPart> {
  const rules = fc.array(fc.record({ when: denied, step: fc.constantFrom(...launchSteps), effect }), { maxLength: 4 });
  return fc
    .record({ role: fc.constantFrom(...launchRoles), name: fc.constantFrom('one', 'two'), rules, open: fc.boolean() })
    .map(({ role, name, rules, open }) => ({
      role,
      policy: policyOf(
        name,
        rules.map((rule) => (mixed ? rule : { ...rule, effect: 'deny' as const })),
        mixed ? open : true,
      ),
    }));
}

interface RandomRule {
  readonly when: Predicate;
  readonly step: string;
  readonly effect: string;
}

function policyOf(name: string, rules: readonly RandomRule[], open: boolean): Policy {
  const origin = { span: { file: '', start: 0, end: 0 } };
  const decision: Decision = {
    point: 'launch',
    combine: 'deny-overrides',
    rules: rules.map(({ when, step, effect }, at): Rule => {
      const kind = effect === 'allow' ? 'allow' : 'deny';
      return { id: `${step}/${at}`, topic: step, origin, when, effect: { kind } };
    }),
    otherwise: { id: 'launch/otherwise', topic: 'launch', origin, effect: { kind: open ? 'allow' : 'deny' } },
  };
  return { name, decisions: [decision], limits: [], obligations: [] };
}

const may = <T extends Value>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 6 });

/** What one launch says; an attribute may be missing. */
export const launch: fc.Arbitrary<Readonly<Record<string, Value | undefined>>> = fc.record({
  instance_type: may(fc.constantFrom(...types)),
  template: may(fc.constantFrom(...names)),
  launched: may(fc.constantFrom(...names, 'ami-0abc123def456789a')),
  hourly_cost: may(fc.constantFrom(...costs, 0.1, 2)),
  classification: may(fc.constantFrom(0n, 1n, 2n, 3n)),
  clearance: may(fc.constantFrom(0n, 1n, 2n, 3n)),
  'tag:Project': may(fc.constantFrom('', 'a')),
  'tag:Owner': may(fc.constantFrom('', 'b')),
  encrypted: may(fc.boolean()),
  signature: may(fc.constantFrom('valid', 'absent', 'invalid')),
});

export function environmentOf(said: Readonly<Record<string, Value | undefined>>): Environment {
  return { attribute: (name) => said[name], parameter: () => undefined };
}
