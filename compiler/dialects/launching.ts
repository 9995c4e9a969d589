import type { BackendAnswer } from '../coverage.ts';
import { enforceables, type Policy } from '../ir/policy.ts';

/** What `polc launch` makes of a policy, which is read as it is. */
export function enforcedByLaunching(policy: Policy): readonly BackendAnswer[] {
  return enforceables(policy).map(({ id }) => ({
    backend: 'launch',
    rule: id,
    status: 'full',
    enforced: 'by `polc launch`, which decides from this file',
  }));
}
