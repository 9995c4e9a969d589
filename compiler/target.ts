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
  readonly cgroup: 'v1' | 'v2';
  /** One seccomp program per architecture, or one that serves all of them. */
  readonly seccomp: 'per-architecture' | 'combined';
  /** How seccomp weighs syscalls when it lays out its tree. */
  readonly weights: 'uniform' | 'frequency';
}

export const defaultTarget: Target = {
  architectures: ['x86_64', 'aarch64'],
  kernel: { major: 6, minor: 12 },
  landlock: 6,
  cgroup: 'v2',
  seccomp: 'per-architecture',
  weights: 'frequency',
};

/** The target as plain data, for manifests and cache keys. */
export function describeTarget(target: Target): Readonly<Record<string, string | number>> {
  return {
    architectures: target.architectures.join(','),
    kernel: `${target.kernel.major}.${target.kernel.minor}`,
    landlock: target.landlock,
    cgroup: target.cgroup,
    seccomp: target.seccomp,
    weights: target.weights,
  };
}
