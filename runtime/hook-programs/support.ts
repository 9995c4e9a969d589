import type { MachineFiles } from '../kernel/machine-facts.ts';
import { readLockdown, readSecurityModules } from '../kernel/machine-facts.ts';

/** What keeps a machine from running programs of the kernel for a policy, and what to do about it. */
export interface Lack {
  readonly what: string;
  readonly help: string;
}

/** Which programs are wanted: at hooks of security modules, at calls on sockets, or both. */
export interface WantedPrograms {
  readonly hooks: boolean;
  readonly sockets: boolean;
}

/** Bits of linux/capability.h. */
const capability = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 } as const;

/** Linux 5.15, the oldest that programs are written for; 6.4 on arm64 (trampolines). */
const oldest = { x86_64: [5, 15], aarch64: [6, 4] } as const;

/**
 * Why programs of the kernel cannot be loaded or would hold nothing, as far as files tell: a kernel that is locked down takes
 * none at hooks, and one without `bpf` among its security modules takes them and never asks them.
 */
export function lacks(files: MachineFiles, wanted: WantedPrograms): readonly Lack[] {
  if (files.platform !== 'linux') {
    return [{ what: `programs of the kernel are of Linux; this is ${files.platform}`, help: 'start polc on Linux' }];
  }
  return [
    ...(wanted.hooks ? lacksOfHooks(files) : []),
    ...lacksOfCapabilities(files, wanted),
    ...(files.read('/proc/self/mountinfo')?.includes(' - cgroup2 ') === true
      ? []
      : [
          {
            what: 'no control groups of version 2 are mounted, to which programs are attached',
            help: 'mount them: `mount -t cgroup2 cgroup2 /sys/fs/cgroup`, or start the machine with `systemd.unified_cgroup_hierarchy=1`',
          },
        ]),
  ];
}

function lacksOfHooks(files: MachineFiles): readonly Lack[] {
  const found: Lack[] = [];
  const [major = 0, minor = 0] = files.release.split('.').map((part) => Number.parseInt(part, 10));
  const [least, behind] = files.architecture === 'aarch64' ? oldest.aarch64 : oldest.x86_64;
  if (major < least || (major === least && minor < behind)) {
    const needed = `${least}.${behind}`;
    found.push({
      what: `programs at hooks need Linux ${needed} on ${files.architecture}, and this is ${files.release}`,
      help: `start a kernel of ${needed} or later`,
    });
  }
  const modules = readSecurityModules(files);
  if (modules.value === undefined) {
    found.push({
      what: `nothing tells whether programs at hooks are asked: ${modules.from}`,
      help: 'mount it: `mount -t securityfs securityfs /sys/kernel/security`',
    });
  } else if (!modules.value.includes('bpf')) {
    found.push({
      what: `\`bpf\` is not among the security modules (${modules.from}), so that no program at a hook is asked`,
      help: `start the kernel with \`lsm=${[...modules.value.filter((name) => name !== 'capability'), 'bpf'].join(',')}\``,
    });
  }
  const lockdown = readLockdown(files, modules);
  if (lockdown.value === 'integrity' || lockdown.value === 'confidentiality') {
    found.push({
      what: `the kernel is locked down (${lockdown.value}) and takes no program at a hook`,
      help: 'start it without `lockdown=`, and without Secure Boot where that locks it down',
    });
  }
  if (files.read('/sys/kernel/btf/vmlinux') === undefined) {
    found.push({
      what: 'the kernel does not describe its types: there is no /sys/kernel/btf/vmlinux to be read',
      help: 'start one that is built with CONFIG_DEBUG_INFO_BTF=y, as those of distributions are',
    });
  }
  return found;
}

function lacksOfCapabilities(files: MachineFiles, { hooks, sockets }: WantedPrograms): readonly Lack[] {
  const held = effectiveCapabilities(files);
  if (held === undefined) return [];
  const has = (name: keyof typeof capability) => (held & (1n << BigInt(capability[name]))) !== 0n;
  const wanted = [
    'CAP_BPF' as const,
    ...(hooks ? (['CAP_PERFMON'] as const) : []),
    ...(hooks || sockets ? (['CAP_NET_ADMIN'] as const) : []),
  ];
  // What CAP_BPF and CAP_PERFMON allow, CAP_SYS_ADMIN allowed before them, and still does.
  const missing = wanted.filter((name) => !has(name) && (name === 'CAP_NET_ADMIN' || !has('CAP_SYS_ADMIN')));
  if (missing.length === 0) return [];
  const setting = files.read('/proc/sys/kernel/unprivileged_bpf_disabled')?.trim();
  const others =
    setting === undefined || setting === '0'
      ? ''
      : `; others may use bpf(2) for nothing here (unprivileged_bpf_disabled is ${setting})`;
  return [
    { what: `polc has not ${missing.join(', ')}${others}`, help: 'start polc as root, in the first user namespace' },
  ];
}

/** Of this process, as a mask; undefined where /proc does not tell. */
function effectiveCapabilities(files: MachineFiles): bigint | undefined {
  const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(files.read('/proc/self/status') ?? '')?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}
