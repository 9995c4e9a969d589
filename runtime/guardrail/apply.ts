import type { AwsPort } from './aws/port.ts';
import type { ApplyOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';

export interface ApplyOptions {
  /** In milliseconds since 1970. */
  readonly now: number;
  /** Who approved the response; absent where it is automatic. */
  readonly approver?: string;
  /** Lists the calls and makes none that changes anything. A plan of the mode dry-run is never more than that. */
  readonly dryRun?: boolean;
}

export async function applyPlan(plan: Plan, _port: AwsPort, { dryRun = false }: ApplyOptions): Promise<ApplyOutcome> {
  return { policy: plan.policy, breach: plan.breach, result: 'failed', dryRun, calls: [], diagnostics: [] };
}
