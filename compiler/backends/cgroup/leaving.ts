import { decide } from '../../ir/evaluate.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import { withoutDenials } from '../../ir/without-denials.ts';

/** Files by which a process is moved, of cgroup v2 and v1 and at any depth. */
const memberships = [
  '/sys/fs/cgroup/cgroup.procs',
  '/sys/fs/cgroup/polc/cgroup.procs',
  '/sys/fs/cgroup/memory/cgroup.procs',
  '/sys/fs/cgroup/memory/tasks',
] as const;

/**
 * How a process gets rid of the ceilings of its control group: undefined where the policy's paths do not let it write
 * beneath `/sys/fs/cgroup`. Landlock refuses mounts as well, so that the hierarchy cannot be had elsewhere.
 *
 * @param landlock the ABI on which the paths are enforced, 0 for none
 */
export function leavingLoss(policy: Policy, landlock: number): string | undefined {
  const paths = decisionAt(policy, 'path');
  const decision = landlock === 0 || paths === undefined ? undefined : withoutDenials(paths);
  const refused =
    decision !== undefined &&
    memberships.every((path) => {
      const attribute = (name: string) => (name === 'path' ? path : 'write_file');
      return decide(decision, { attribute, parameter: () => undefined })?.effect.kind === 'deny';
    });
  return refused ? undefined : 'a process that stays root can leave its control group; restrict paths';
}
