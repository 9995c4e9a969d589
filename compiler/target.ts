import type { Architecture } from './tables/architectures.ts';

/** `major.minor` of a Linux kernel. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** What the artifacts are made for. Backends are pure functions of the IR and this description. */
export interface Target {
  readonly architectures: readonly Architecture[];
  readonly kernel: KernelVersion;
  /** Landlock ABI, 0 where the kernel has none. */
  readonly landlock: number;
  /** Whoever starts programs may attach eBPF programs to LSM hooks and cgroups: `bpf` is among the security modules. */
  readonly bpfLsm: boolean;
  readonly cgroup: 'v1' | 'v2';
  /** One seccomp program per architecture, or one that serves all of them. */
  readonly seccomp: 'per-architecture' | 'combined';
  /** How seccomp weighs syscalls when it lays out its tree. */
  readonly weights: 'uniform' | 'frequency';
  readonly aws: AwsTarget;
  readonly kubernetes: KubernetesTarget;
}

/** The part of the target that is an AWS organisation and its quotas. Source: IAM and Organizations quotas, 2026. */
export interface AwsTarget {
  readonly partition: AwsPartition;
  /** Characters of a managed policy, white space not counted. */
  readonly managedPolicy: number;
  /** Characters of a service control policy, white space counted. */
  readonly serviceControlPolicy: number;
  /** How many managed policies a role or user may have. */
  readonly attachedPolicies: number;
}

/** The part of the target that is a Kubernetes cluster with Kuadrant. */
export interface KubernetesTarget {
  /** `major.minor` of the Kuadrant operator whose resources are written. */
  readonly kuadrant: string;
  /** Bytes that one object may have: etcd takes requests of at most 1.5 MiB (etcd, `--max-request-bytes`). */
  readonly objectBytes: number;
  /** How many routes the gateways have: each has its own counters and its own part of the filter's configuration. */
  readonly routes: number;
  /** What stands before the key in the header `Authorization`. */
  readonly keyPrefix: string;
  /** What the gateway does with a request while the rate limiter cannot be reached: RATELIMIT_SERVICE_FAILURE_MODE. */
  readonly rateLimitFailure: 'allow' | 'deny';
}

export type AwsPartition = 'aws' | 'aws-cn' | 'aws-us-gov';

export const defaultTarget: Target = {
  architectures: ['x86_64', 'aarch64'],
  kernel: { major: 6, minor: 12 },
  landlock: 6,
  bpfLsm: false,
  cgroup: 'v2',
  seccomp: 'per-architecture',
  weights: 'frequency',
  aws: { partition: 'aws', managedPolicy: 6144, serviceControlPolicy: 10_240, attachedPolicies: 20 },
  kubernetes: {
    kuadrant: '1.5',
    objectBytes: 1_572_864,
    routes: 1,
    keyPrefix: 'APIKEY',
    rateLimitFailure: 'allow',
  },
};

/** What a backend makes its artifacts for: a machine that runs Linux, an AWS organisation, a Kubernetes cluster, or none. */
export type Platform = 'linux' | 'aws' | 'kubernetes';

/** The target as plain data, for cache keys; for manifests only the platforms that the artifacts are for. */
export function describeTarget(
  target: Target,
  platforms: ReadonlySet<Platform> = new Set(['linux', 'aws', 'kubernetes']),
): Readonly<Record<string, string | number>> {
  return {
    ...(platforms.has('linux') ? describeLinux(target) : {}),
    ...(platforms.has('aws') ? describeAws(target.aws) : {}),
    ...(platforms.has('kubernetes') ? describeKubernetes(target.kubernetes) : {}),
  };
}

function describeAws(aws: AwsTarget): Readonly<Record<string, string | number>> {
  return {
    partition: aws.partition,
    'managed-policy': aws.managedPolicy,
    'service-control-policy': aws.serviceControlPolicy,
    'attached-policies': aws.attachedPolicies,
  };
}

function describeKubernetes(kubernetes: KubernetesTarget): Readonly<Record<string, string | number>> {
  return {
    kuadrant: kubernetes.kuadrant,
    'object-bytes': kubernetes.objectBytes,
    routes: kubernetes.routes,
    'key-prefix': kubernetes.keyPrefix,
    'rate-limit-failure': kubernetes.rateLimitFailure,
  };
}

function describeLinux(target: Target): Readonly<Record<string, string | number>> {
  return {
    architectures: target.architectures.join(','),
    kernel: `${target.kernel.major}.${target.kernel.minor}`,
    landlock: target.landlock,
    ...(target.bpfLsm ? { 'bpf-lsm': 'yes' } : {}),
    cgroup: target.cgroup,
    seccomp: target.seccomp,
    weights: target.weights,
  };
}
