import { readFileSync } from 'node:fs';
import { machine as machineName, release } from 'node:os';
import type { Machine } from '../../compiler/backends/launcher/plan.ts';
import type { Architecture } from '../../compiler/tables/architectures.ts';
import { landlockAbiOfKernel, newestLandlockAbi } from '../../compiler/tables/landlock.ts';
import { defaultTarget, type Target } from '../../compiler/target.ts';

/** Why this machine runs no sandbox. */
export interface Unsupported {
  readonly problem: string;
}

/** The machine that this process runs on, as a target. */
export interface LocalMachine {
  readonly machine: Machine;
  readonly target: Target;
}

/**
 * This machine as a target: its architecture with those that run beside it left out, its kernel, the Landlock ABI that
 * the kernel's version brings, its cgroup version. A kernel whose Landlock is switched off refuses the launcher's first
 * Landlock call, so that an ABI read too high fails closed.
 */
export function localMachine(): LocalMachine | Unsupported {
  if (process.platform !== 'linux') {
    return { problem: `sandboxes are enforced by Linux; this is ${process.platform}` };
  }
  const name = machineName();
  const machine: Machine | undefined = name === 'x86_64' || name === 'aarch64' ? name : undefined;
  if (machine === undefined)
    return { problem: `there is no launcher for ${name}; there is one for x86_64 and aarch64` };
  const version = /^(\d+)\.(\d+)/.exec(release());
  if (version === null) return { problem: `the kernel's version is not to be read from \`${release()}\`` };
  const kernel = { major: Number(version[1]), minor: Number(version[2]) };
  const architectures: readonly Architecture[] = [machine];
  const landlock = Math.min(landlockAbiOfKernel(kernel.major, kernel.minor), newestLandlockAbi);
  return { machine, target: { ...defaultTarget, architectures, kernel, landlock, cgroup: cgroupVersion() } };
}

/** Version 2 where its hierarchy is the only one, or holds the memory controller; version 1 otherwise. */
function cgroupVersion(): 'v1' | 'v2' {
  try {
    const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
    return lines.length === 1 && lines[0]!.startsWith('0::') ? 'v2' : 'v1';
  } catch {
    // Without /proc nothing can be joined; making the group says so.
    return 'v2';
  }
}
