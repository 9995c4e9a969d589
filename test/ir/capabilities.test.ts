import { is } from 'uvu/assert';
import { attribute, inSet } from '../../compiler/expressions/predicate.ts';
import { keptCapabilities } from '../../compiler/ir/capabilities.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny } from '../support/policies.ts';

const { test, run } = suite('capabilities');
const named = (...names: string[]) => inSet(attribute('capability'), names);

test('the bits are those of linux/capability.h', () => {
  const decision = decisionOf('capability', 'union-of-allows', [[named('kill', 'sys_admin'), allow]], deny);
  is(keptCapabilities(decision), (1n << 5n) | (1n << 21n));
});

test('a capability that has no name yet is kept only where the policy keeps by default', () => {
  const decision = decisionOf('capability', 'deny-overrides', [[named('chown'), deny]], allow);
  is(keptCapabilities(decision), (1n << 64n) - 2n);
});

test('what is undecided is dropped', () => {
  const decision = decisionOf('capability', 'deny-overrides', [[inSet(attribute('other'), ['x']), deny]], allow);
  is(keptCapabilities(decision), 0n);
});

run();
