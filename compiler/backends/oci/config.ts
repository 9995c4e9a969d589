import type { Policy } from '../../ir/policy.ts';
import type { NetworkIsolation } from '../network-isolation.ts';
import { processCapabilities } from './capabilities.ts';
import { linuxResources, processRlimits } from './resources.ts';

/** The user that `rootless.json` maps to root inside; whoever runs it puts the ids of the caller here. */
const rootlessId = 1000;

/**
 * A whole `config.json` of the runtime specification, which starts a container as it stands, but for its part `linux`:
 * the arguments and the root folder are placeholders.
 */
export function ociConfig(policy: Policy) {
  const rlimits = processRlimits(policy);
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ['/bin/sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      cwd: '/',
      capabilities: processCapabilities(policy),
      rlimits: rlimits.length === 0 ? undefined : rlimits,
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: false },
    mounts: mounts(policy),
  };
}

/**
 * What runc, Docker and Podman hide of `/proc` and `/sys`: kernel memory, keys, and what tells of other programs or
 * drives hardware. A path that the machine does not have is passed over (config-linux.md, section Masked Paths).
 */
const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

/**
 * Without these, uid 0 inside owns the host however few capabilities it has: the kernel asks who writes to
 * `/proc/sys/kernel/core_pattern` for the user id alone (test_perm in fs/proc/proc_sysctl.c), and then runs on the host
 * what is written there.
 */
const readonlyPaths: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/**
 * `linux`, but for its filter. `rootless` runs without privileges: a user namespace, and no control groups.
 */
export function linuxPart(policy: Policy, network: NetworkIsolation, rootless: boolean) {
  const kinds = [
    'pid',
    'mount',
    'ipc',
    'uts',
    'cgroup',
    ...(network === 'shared' ? [] : ['network']),
    ...(rootless ? ['user'] : []),
  ];
  const mapping = [{ containerID: 0, hostID: rootlessId, size: 1 }];
  return {
    namespaces: kinds.map((type) => ({ type })),
    ...(rootless ? { uidMappings: mapping, gidMappings: mapping } : {}),
    resources: rootless ? undefined : linuxResources(policy),
    maskedPaths,
    readonlyPaths,
  };
}

const end = '\n}\n';
const linuxEnd = '\n  }';

/** The text of `ociConfig` with that of `linux`, printed for its depth, as its last field. */
export function withLinux(config: string, linux: string): string {
  return `${config.slice(0, -end.length)},\n  "linux": ${linux}${end}`;
}

/** The text of a configuration with a filter, printed for its depth, as the last field of `linux`. */
export function withSeccomp(config: string, seccomp: string): string {
  return `${config.slice(0, -(linuxEnd.length + end.length))},\n    "seccomp": ${seccomp}${linuxEnd}${end}`;
}

/** The file systems that programs expect, and the policy's private layers, which come last so that they lie on top. */
function mounts(policy: Policy) {
  const layers = policy.obligations.filter((obligation) => obligation.kind === 'private-layer');
  const layered = new Set(layers.map((layer) => layer.path));
  const usual = [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] },
  ];
  return [
    ...usual.filter((mount) => !layered.has(mount.destination)),
    ...layers.map(({ path, bytes }) => ({
      destination: path,
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'nodev', 'mode=1777', `size=${bytes}`],
    })),
  ];
}
