import type { KernelVersion } from '../target.ts';

/** What a Landlock ruleset handles: file system rights, TCP rights and scopes (linux/landlock.h). */
export type LandlockSet = 'fs' | 'net' | 'scope';

export interface LandlockRight {
  /** In lower case, without `LANDLOCK_ACCESS_FS_`, `LANDLOCK_ACCESS_NET_` or `LANDLOCK_SCOPE_`. */
  readonly name: string;
  readonly set: LandlockSet;
  readonly bit: bigint;
  /** The first ABI that has it. */
  readonly abi: number;
  /** True for a right that a rule on a file that is no directory may grant; any other is EINVAL there. */
  readonly onFiles: boolean;
}

function rights(
  set: LandlockSet,
  rows: readonly (readonly [name: string, abi: number, onFiles?: 'files'])[],
): readonly LandlockRight[] {
  return rows.map(([name, abi, onFiles], at) => ({
    name,
    set,
    bit: 1n << BigInt(at),
    abi,
    onFiles: onFiles === 'files',
  }));
}

const onFileSystem = rights('fs', [
  ['execute', 1, 'files'],
  ['write_file', 1, 'files'],
  ['read_file', 1, 'files'],
  ['read_dir', 1],
  ['remove_dir', 1],
  ['remove_file', 1],
  ['make_char', 1],
  ['make_dir', 1],
  ['make_reg', 1],
  ['make_sock', 1],
  ['make_fifo', 1],
  ['make_block', 1],
  ['make_sym', 1],
  ['refer', 2],
  ['truncate', 3, 'files'],
  ['ioctl_dev', 5, 'files'],
  ['resolve_unix', 9],
]);

const onNetwork = rights('net', [
  ['bind_tcp', 4],
  ['connect_tcp', 4],
]);

const scopes = rights('scope', [
  ['abstract_unix_socket', 6],
  ['signal', 6],
]);

/** File system rights by bit. */
export function fileSystemRights(): readonly LandlockRight[] {
  return onFileSystem;
}

/** TCP rights by bit; UDP and MPTCP are not covered. */
export function networkRights(): readonly LandlockRight[] {
  return onNetwork;
}

/** Scopes by bit. */
export function landlockScopes(): readonly LandlockRight[] {
  return scopes;
}

/** The kernel that brought each ABI, from ABI 1. */
const kernels: readonly KernelVersion[] = [
  { major: 5, minor: 13 },
  { major: 5, minor: 19 },
  { major: 6, minor: 2 },
  { major: 6, minor: 7 },
  { major: 6, minor: 10 },
  { major: 6, minor: 12 },
  { major: 6, minor: 15 },
  { major: 7, minor: 0 },
  { major: 7, minor: 1 },
];

/** The newest ABI that the tables know. */
export const newestLandlockAbi = kernels.length;

/** The Landlock ABI of a mainline kernel, 0 before Linux 5.13; a newer kernel counts as the newest known. */
export function landlockAbiOfKernel(major: number, minor: number): number {
  let abi = 0;
  for (const kernel of kernels) {
    if (major < kernel.major || (major === kernel.major && minor < kernel.minor)) break;
    abi += 1;
  }
  return abi;
}

/** The kernel that brought an ABI, undefined for one that does not exist (yet). */
export function kernelOfLandlockAbi(abi: number): KernelVersion | undefined {
  return kernels[abi - 1];
}

/** All rights of a set that `abi` has, as a mask: what a ruleset may handle. */
export function landlockMask(set: LandlockSet, abi: number): bigint {
  const all = set === 'fs' ? onFileSystem : set === 'net' ? onNetwork : scopes;
  let mask = 0n;
  for (const right of all) if (right.abi <= abi) mask |= right.bit;
  return mask;
}

/** The right or scope called `name`, undefined when there is none. */
export function landlockRight(name: string): LandlockRight | undefined {
  return [...onFileSystem, ...onNetwork, ...scopes].find((right) => right.name === name);
}
