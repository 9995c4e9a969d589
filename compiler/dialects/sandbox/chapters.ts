import { printPredicate } from '../../expressions/print.ts';
import { accessPresets } from './names.ts';
import { type Preset, presetRules } from './presets.ts';

/** What the reference says besides the keys: in which order rules decide, what the presets hold, and what stays open. */
export function chapters(): readonly string[] {
  return [order, accesses(), presets(), localRuns, adaptiveLevels, blindSpots];
}

const order = `## Which rule decides

A system call is decided by the first that speaks of it:

1. the \`rules\` of the policy, in order, then those of each policy that it \`extends\`, nearest first;
2. its \`deny\`, then theirs;
3. the preset of the \`level\`;
4. its \`log\` and \`allow\`, then theirs;
5. where \`default\` is an errno, calls that are newer than polc's table: ENOSYS, so that a C library falls back;
6. \`default\`.

So a group in \`allow\` allows what the level does not refuse. A call that \`allow\` or \`log\` names by itself passes although
the level refuses it, with a warning, except where the level looks at arguments or has nothing else to look at: new
namespaces by clone, clone3, and typing into a terminal. Only an entry of \`rules\` makes an exception from those, with
a warning too.

Of a policy and all that it extends, the strictest \`mode\` and \`level\` hold. Any other value replaces the one of the
base, with a warning where it allows more; what a base denies is refused as the base's own \`default\` refuses.

In \`mode: hardened\` the preset of \`high\` comes first of all, and nothing makes an exception from it.

An architecture that is not among \`architectures\` is killed before all that. Paths and capabilities are unions: what any
entry allows is allowed, and all else is denied. In the network, \`dns: disabled\` and scopes win over what is allowed.
`;

const localRuns = `## What \`polc run\` adds

\`polc run\` starts the command only when the policy compiled without an error, the launcher for this machine was validated
against it, and nothing is lost here that \`accept:\` does not name: otherwise it ends with 125. Accepted losses are printed,
one line each, unless \`--quiet\`.

- The program always enters a Landlock domain where the kernel has one (ABI 2), also under a policy without Landlock
  rules, because a domain keeps it from the memory of processes of the same user, such as polc. A domain refuses to
  mount and unmount. Where there is no domain to enter, a line says so. A launcher that was built with \`polc build\`
  enters one only where the policy asks for it. From Linux 6.15 on a domain does not keep \`environ\`, \`maps\` and
  \`auxv\` in the folders of \`/proc\` from a program with CAP_PERFMON or CAP_SYS_ADMIN on the machine, which root's programs
  have unless \`security.capabilities\` leaves them out; Landlock's paths may leave out \`/proc\`. Memory itself (\`mem\`,
  ptrace) it keeps.
- A path under \`landlock\` that leads over a symbolic link is followed, as everywhere. Where the policy lets the program make
  links in the folder of such a link, one run could choose what the next is allowed, so \`polc run\` refuses to start.
- \`memory\`, \`cpu\` and \`pids\` take a control group: of version 1 below that of polc, of version 2 beside it, for which the
  group above has to be writable. An ordinary user gets one with
  \`systemd-run --user --scope -p Delegate=yes polc run POLICY -- COMMAND\`. A kernel that does not count swap is named,
  since the limit of memory says that swap is included.
- The processors of \`cpu_affinity\` are looked for before the start: one that is not there, or that polc itself may not run
  on, starts nothing. \`numa-aware\` is the NUMA node of which most processors may be used, and its memory is where the
  kernel then allocates first; a launcher that was built knows no nodes, so that there it counts as lost. A program may choose
  other processors by itself, within its cpuset, unless the policy refuses \`sched_setaffinity\`.
- The library of \`memory_allocator\` is looked for in the folders of the system and in the dynamic linker's cache, and preloaded
  for the program and what it starts, not for polc. A library that is not there, is of another kind of machine, cannot be
  loaded, or, with what it needs, may not be read under the \`landlock\` paths starts nothing; nor does a program that is linked
  statically. With the loss accepted, a program starts without a library that cannot be had, and a line says so.
`;

const adaptiveLevels = `## Levels that adapt

\`adaptive\` moves a policy between \`direct\`, \`sandbox\` and \`hardened\`, beginning with its \`mode\`. A running program only
becomes stricter, and the next start is in the level of \`mode\` again: a \`downgrade\` is an error. \`polc explain POLICY --adaptive\`
lists the levels that can be reached, what moves between them, and which system calls each refuses; \`--format mermaid\` draws the
same. \`polc run\` moves the program, and [docs/adaptive.md](../adaptive.md) says how; a built launcher stays in the level of its
start, as a hint says.
`;

const blindSpots = `## What a sandbox does not see

- Landlock restricts opening, making and removing files, not what is only said about them: \`chmod\`, \`chown\`, times,
  extended attributes, \`stat\` and \`chdir\` go where the permissions of the file system let them. Refuse the calls
  under \`seccomp\` where that matters.
- A network namespace (\`mode: none\`, \`loopback-only\`) isolates network addresses. It does not isolate AF_VSOCK, which
  reaches the host of a virtual machine, nor UNIX sockets that have a path: docker.sock, nscd, systemd-resolved. Landlock
  leaves connecting to such a path alone before ABI 9. Refuse \`socket\` with AF_UNIX and AF_VSOCK, and io_uring_setup,
  which makes sockets that no filter sees.
- Landlock's TCP ports are those of plain TCP. MPTCP, SMC, raw sockets and \`sendto\` with MSG_FASTOPEN go past them.
- A process that stays root and may write beneath \`/sys/fs/cgroup\`, or call \`clone3\`, can leave its control group, and with it the
  limits of memory, cpu and pids, and the programs of the kernel that hold the group. These and other ways coverage names:
  [docs/bpf-lsm.md](../bpf-lsm.md#ways-out).
- \`action: trace\` and \`notify\` leave the answer to another process. The program can be that process, unless the policy
  refuses \`ptrace\` and \`seccomp\`. The launcher and \`polc run\` leave no supervisor: a \`notify\` call gets ENOSYS.
`;

function accesses(): string {
  const rows = Object.entries(accessPresets).map(
    ([name, { doc, rights }]) => `| \`${name}\` | ${doc} | ${rights.map((right) => `\`${right}\``).join(', ')} |`,
  );
  return `## Accesses\n\n| access | meaning | Landlock rights |\n| --- | --- | --- |\n${rows.join('\n')}\n${withoutAccess}`;
}

const withoutAccess = `
\`access: none\` takes back what other entries allow, of a file or folder and all beneath it. Landlock cannot say that: programs of the
kernel hold it, on a target that takes them (\`--target bpf-lsm=yes\`), and the guard of a hardened guest.
`;

function presets(): string {
  const levels: readonly Preset[] = ['low', 'medium', 'high'];
  const parts = levels.map((level, index) => {
    const before = index === 0 ? 0 : presetRules(levels[index - 1]!).length;
    const rules = presetRules(level).slice(before);
    const lines = rules.map(({ doc, when }) => `- ${doc}: \`${printPredicate(when)}\``);
    const intro = index === 0 ? 'Refuses:' : `What \`${levels[index - 1]}\` refuses, and:`;
    return `### \`${level}\`\n\n${intro}\n\n${lines.join('\n')}\n`;
  });
  return `## Levels\n\nWhat a level refuses is refused as \`default\` refuses, or with EPERM where the default allows.\n\n${parts.join('\n')}`;
}
