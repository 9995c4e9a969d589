import type { RunSetting } from '../../compiler/ir/obligation.ts';
import type { Policy } from '../../compiler/ir/policy.ts';

/** Whether the policy says anything of how its program is to be run in this respect. */
export function asksFor({ obligations }: Policy, setting: RunSetting): boolean {
  return obligations.some((each) => each.kind === 'run-with' && each.setting === setting);
}
