import type { BackendName } from './backends/backend.ts';

export type DeploymentName = 'launcher' | 'oci' | 'guardrail' | 'organisation' | 'budgets';

/** What is put to work together on one machine. The rules that one of its parts holds, the whole holds. */
export interface Deployment {
  readonly name: DeploymentName;
  readonly backends: readonly BackendName[];
}

/**
 * The ways of deploying a policy, of which a machine uses one: what the launcher does not hold, an OCI configuration
 * that nobody starts holds no better. Of two that hold as much, the first counts.
 */
export const deployments: readonly Deployment[] = [
  { name: 'launcher', backends: ['launcher', 'cgroup', 'landlock', 'seccomp'] },
  { name: 'oci', backends: ['oci'] },
  { name: 'guardrail', backends: ['guardrail', 'iam', 'eventbridge'] },
  { name: 'organisation', backends: ['scp'] },
  { name: 'budgets', backends: ['budgets-action'] },
];
