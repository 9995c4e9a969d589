/**
 * How a program is attached: to a hook of the whole system, to a hook for one cgroup, or to a cgroup's socket calls.
 * BPF_PROG_TYPE_LSM with BPF_LSM_MAC or BPF_LSM_CGROUP, and BPF_PROG_TYPE_CGROUP_SOCK_ADDR.
 */
export type ProgramKind = 'lsm' | 'lsm-cgroup' | 'socket-address';

/** The calls on sockets that a cgroup's programs decide on: BPF_CGROUP_INET4_BIND and so on, by libbpf's names. */
export const socketCalls = ['bind4', 'bind6', 'connect4', 'connect6', 'sendmsg4', 'sendmsg6'] as const;
export type SocketCall = (typeof socketCalls)[number];

/** Where a program is attached. */
export type Attachment =
  | { readonly kind: 'lsm' | 'lsm-cgroup'; readonly hook: string }
  | { readonly kind: 'socket-address'; readonly call: SocketCall };

/** The section that a program lies in, by which loaders know its type and where it goes (libbpf, `section_defs`). */
export function sectionName(attachment: Attachment): string {
  switch (attachment.kind) {
    case 'lsm':
      return `lsm/${attachment.hook}`;
    case 'lsm-cgroup':
      return `lsm_cgroup/${attachment.hook}`;
    case 'socket-address':
      return `cgroup/${attachment.call}`;
    default: {
      const unreachable: never = attachment;
      return unreachable;
    }
  }
}
