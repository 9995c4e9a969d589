import type { BackendName } from './backends/backend.ts';

export type DeploymentName =
  | 'launcher'
  | 'oci'
  | 'guardrail'
  | 'organisation'
  | 'budgets'
  | 'kuadrant'
  | 'launch'
  | 'launch-role'
  | 'wasi'
  | 'wasm';

/** What is put to work together on one machine. The rules that one of its parts holds, the whole holds. */
export interface Deployment {
  readonly name: DeploymentName;
  /** What a sentence calls whoever enforces it. */
  readonly enforcer: string;
  /** What to do about what it lacks beside a deployment that holds more; absent, that is not worth a finding. */
  readonly insteadOf?: string;
  readonly backends: readonly BackendName[];
  /** What may hold rules in its place, and is no way of deploying a policy by itself: programs of the control group. */
  readonly beside?: readonly BackendName[];
}

/** Every backend whose rules a deployment holds. */
export function holdersIn({ backends, beside = [] }: Deployment): readonly BackendName[] {
  return [...backends, ...beside];
}

/**
 * The ways of deploying a policy, of which a machine uses one: what the launcher does not hold, an OCI configuration
 * that nobody starts holds no better. Of two that hold as much, the first counts.
 */
export const deployments: readonly Deployment[] = [
  { name: 'launcher', enforcer: 'the launcher', backends: ['launcher', 'cgroup', 'landlock', 'seccomp', 'bpf-lsm'] },
  {
    name: 'oci',
    enforcer: 'an OCI runtime',
    insteadOf:
      'see `polc explain`; start the program with `polc run`, which makes the control group that the launcher joins, or accept the loss by name',
    backends: ['oci'],
    beside: ['bpf-lsm'],
  },
  { name: 'guardrail', enforcer: 'the guardrail runtime', backends: ['guardrail', 'iam', 'eventbridge'] },
  {
    name: 'organisation',
    enforcer: 'a service control policy',
    insteadOf: 'see `polc explain`; let the guardrail runtime respond, or accept the loss by name',
    backends: ['scp'],
  },
  {
    name: 'budgets',
    enforcer: 'an action of AWS Budgets',
    insteadOf: 'see `polc explain`; let the guardrail runtime respond, or accept the loss by name',
    backends: ['budgets-action'],
  },
  { name: 'kuadrant', enforcer: 'Kuadrant', backends: ['kuadrant'] },
  { name: 'launch', enforcer: '`polc launch`', backends: ['launch', 'ami'] },
  { name: 'launch-role', enforcer: 'a launch role', backends: ['launch-iam'] },
  { name: 'wasi', enforcer: 'a hardened guest of WASI', backends: ['wasi'] },
  { name: 'wasm', enforcer: 'a host that asks the WebAssembly module', backends: ['wasm'] },
];
