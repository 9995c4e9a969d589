/** Of families of constants, those that rules mostly speak of, the most usual first. */
export const usual: Readonly<Record<string, string>> = {
  AF: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_VSOCK AF_ALG AF_BLUETOOTH',
  CLONE:
    'CLONE_NEWUSER CLONE_NEWNS CLONE_NEWPID CLONE_NEWNET CLONE_NEWIPC CLONE_NEWUTS CLONE_NEWCGROUP CLONE_THREAD CLONE_VM',
  F: 'F_GETFD F_SETFD F_GETFL F_SETFL F_DUPFD F_DUPFD_CLOEXEC F_SETLK F_ADD_SEALS',
  FUTEX: 'FUTEX_WAIT FUTEX_WAKE FUTEX_WAIT_PRIVATE FUTEX_WAKE_PRIVATE',
  IPPROTO: 'IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMP IPPROTO_ICMPV6 IPPROTO_IPV6 IPPROTO_RAW',
  MAP: 'MAP_PRIVATE MAP_SHARED MAP_ANONYMOUS MAP_FIXED MAP_STACK MAP_NORESERVE',
  MS: 'MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_REMOUNT MS_BIND',
  O: 'O_RDONLY O_WRONLY O_RDWR O_CREAT O_TRUNC O_APPEND O_EXCL O_CLOEXEC O_DIRECTORY O_NONBLOCK O_NOFOLLOW O_PATH',
  PROT: 'PROT_READ PROT_WRITE PROT_EXEC PROT_NONE',
  PR: 'PR_SET_NAME PR_GET_NAME PR_SET_NO_NEW_PRIVS PR_SET_DUMPABLE PR_SET_PDEATHSIG PR_SET_SECCOMP PR_CAPBSET_DROP',
  PTRACE: 'PTRACE_TRACEME PTRACE_ATTACH PTRACE_SEIZE PTRACE_PEEKDATA PTRACE_POKEDATA PTRACE_CONT',
  SOCK: 'SOCK_STREAM SOCK_DGRAM SOCK_SEQPACKET SOCK_RAW SOCK_CLOEXEC SOCK_NONBLOCK',
  SOL: 'SOL_SOCKET SOL_TCP SOL_UDP SOL_IPV6',
  SO: 'SO_REUSEADDR SO_KEEPALIVE SO_ERROR SO_TYPE SO_SNDBUF SO_RCVBUF SO_BROADCAST',
};

/** The names in their order, but in each family those first that are usual. */
export function usualFirst(names: readonly string[]): readonly string[] {
  const families = new Map<string, string[]>();
  for (const name of names) {
    const family = name.slice(0, Math.max(0, name.indexOf('_')));
    const known = families.get(family);
    if (known === undefined) families.set(family, [name]);
    else known.push(name);
  }
  return [...families].flatMap(([family, members]) => {
    const first = usual[family]?.split(' ').filter((name) => members.includes(name)) ?? [];
    const among = new Set(first);
    return first.length === 0 ? members : [...first, ...members.filter((name) => !among.has(name))];
  });
}
