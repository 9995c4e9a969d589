import * as assert from 'uvu/assert';
import type { Obligation } from '../../compiler/ir/policy.ts';
import { affinityHere, processorsIn } from '../../runtime/sandbox/processors.ts';
import { suite } from '../support/harness.ts';
import { policyOf } from '../support/policies.ts';

const { test, run } = suite('processors of a machine');

/** What a policy gets that asks for `value`. */
function asking(value: string, online: string, allowed: string, ...nodes: readonly string[]) {
  const obligation: Obligation = {
    id: 'run-with/cpu-affinity',
    topic: 'performance.cpu_affinity',
    origin: { span: { file: 'policy.yaml', start: 0, end: 0 } },
    kind: 'run-with',
    setting: 'cpu-affinity',
    value,
  };
  return affinityHere(policyOf({ obligations: [obligation] }), () => ({
    online: processorsIn(online),
    allowed: processorsIn(allowed),
    nodes: nodes.map(processorsIn),
  }));
}

test('the lists of the kernel are read', () => {
  assert.equal(processorsIn('0-3,8,10-11\n'), [0, 1, 2, 3, 8, 10, 11]);
  assert.equal(processorsIn('\n'), []);
});

test('numa-aware is the node that has the most processors for us', () => {
  assert.equal(asking('numa-aware', '0-7', '0-7', '0-3', '4-7'), { node: [0, 1, 2, 3] });
  assert.equal(asking('numa-aware', '0-7', '2-7', '0-3', '4-7'), { node: [4, 5, 6, 7] });
  assert.equal(asking('numa-aware', '0-5', '0-7', '4-7', '0-3'), { node: [0, 1, 2, 3] });
  // A node of memory alone has no processors.
  assert.equal(asking('numa-aware', '0-1', '1', '', '0-1'), { node: [1] });
  assert.equal(asking('numa-aware', '0-1', '0-1'), {});
  assert.equal(asking('numa-aware', '0-1', '0-1', ''), {});
});

test('a processor that is not there, or not for us, is named', () => {
  assert.equal(asking('0,2', '0-3', '0-3', '0-3'), {});
  assert.is(asking('0,4', '0-3', '0-7').problem, 'there is no processor 4 here, only 0-3 (performance.cpu_affinity)');
  assert.is(
    asking('0,1', '0-3', '0,2-3').problem,
    'processor 1 is not of those that polc itself may run on, 0,2-3 (performance.cpu_affinity)',
  );
  assert.equal(
    affinityHere(policyOf({}), () => {
      throw new Error('nothing is read for a policy that asks for nothing');
    }),
    {},
  );
});

run();
