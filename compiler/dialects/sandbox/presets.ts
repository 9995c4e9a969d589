import { and, attribute, compare, inSet, literal, type Predicate, type Term } from '../../expressions/predicate.ts';
import { groupMembers } from '../../tables/syscall-groups.ts';

export type Preset = 'low' | 'medium' | 'high';

export interface PresetRule {
  readonly doc: string;
  readonly when: Predicate;
  /** What it answers where a refusal is an errno; the policy's own refusal when absent. */
  readonly errno?: string;
  /** True where a name in `allow` or `log` does not make an exception: only an entry of `rules` does. */
  readonly firm?: true;
}

const syscall = attribute('syscall');

/** Flags of clone(2) and unshare(2) that make a new namespace: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const newNamespaces = 0x7e02_0000n;

/** ioctl(2) requests that type into a terminal of somebody else. Compared in the low word, as the kernel takes them. */
const terminalInjection: readonly bigint[] = [
  0x5412n, // TIOCSTI
  0x541cn, // TIOCLINUX
];

function calls(...names: readonly string[]): Predicate {
  return inSet(
    syscall,
    names.flatMap((name) => (name.startsWith('@') ? (groupMembers(name) ?? []) : [name])),
  );
}

function lowWord(argument: string): Term {
  return { kind: 'mask', term: attribute(argument), mask: 0xffff_ffffn };
}

/** What each level adds to the one before it. The sources are the lists that container runtimes refuse by default. */
const levels: Readonly<Record<Preset, () => readonly PresetRule[]>> = {
  low: () => [
    {
      doc: 'changing the machine: modules, kexec, reboot, swap, raw I/O, the clock',
      when: calls('@module', '@reboot', '@swap', '@raw-io', '@clock', 'acct', 'nfsservctl', 'quotactl', 'quotactl_fd'),
    },
  ],
  medium: () => [
    {
      doc: 'reaching other processes, mounts and the kernel: ptrace, mount, bpf, perf, keyrings, handles',
      when: calls(
        '@debug',
        '@mount',
        '@keyring',
        '@obsolete',
        'bpf',
        'fanotify_init',
        'kcmp',
        'lookup_dcookie',
        'name_to_handle_at',
        'open_by_handle_at',
        'process_madvise',
        'process_vm_readv',
        'process_vm_writev',
        'setns',
        'unshare',
      ),
    },
    {
      doc: 'new namespaces by clone',
      when: and(
        calls('clone'),
        compare({ kind: 'mask', term: attribute('arg0'), mask: newNamespaces }, '!=', literal(0n)),
      ),
      firm: true,
    },
    {
      doc: 'clone3, whose flags are behind a pointer that no filter follows; ENOSYS, so that a C library falls back to clone',
      when: calls('clone3'),
      errno: 'ENOSYS',
      firm: true,
    },
  ],
  high: () => [
    {
      doc: 'attack surface that programs rarely need: io_uring, userfaultfd, personality, splicing from memory',
      when: calls(
        'io_uring_setup',
        'io_uring_enter',
        'io_uring_register',
        'userfaultfd',
        'personality',
        'vmsplice',
        'modify_ldt',
        'migrate_pages',
        'move_pages',
        'mbind',
        'set_mempolicy',
        'set_mempolicy_home_node',
        'remap_file_pages',
        'syslog',
        'vhangup',
      ),
    },
    {
      doc: 'typing into another terminal',
      when: and(calls('ioctl'), {
        kind: 'in-ranges',
        term: lowWord('arg1'),
        ranges: terminalInjection.map((request) => ({ low: request, high: request })),
      }),
      firm: true,
    },
  ],
};

/** The rules of a level, which refuse what they match. */
export function presetRules(preset: Preset): readonly PresetRule[] {
  const order: readonly Preset[] = ['low', 'medium', 'high'];
  return order.slice(0, order.indexOf(preset) + 1).flatMap((each) => levels[each]());
}
