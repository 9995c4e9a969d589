/** Starter policies by dialect: each compiles as it is, and its comments say what to change. */
export const starters: Readonly<Record<string, (name: string) => string>> = {
  sandbox: (name) => `# A sandbox policy: what a program may ask of the kernel. All else is refused.
# \`polc build\` compiles it; \`polc run FILE -- command\` runs a command under it.
profile: ${name}

# sandbox enforces, hardened enforces the strictest preset, direct only audits.
mode: sandbox

security:
  # A preset of refused system calls: low, medium or high. It comes after \`rules\`, and no group in \`allow\` undoes it.
  level: medium

  # The capabilities that the program keeps, such as CAP_NET_BIND_SERVICE.
  capabilities: []

  seccomp:
    # What a system call that nothing below speaks of gets. \`errno(EPERM)\` lets the program notice; \`deny\` kills it.
    default: errno(EPERM)
    rules:
      # Local and Internet sockets, but no raw packets.
      - syscalls: [socket]
        when: arg0 in [AF_UNIX, AF_INET, AF_INET6]
    allow:
      # What a program needs to start, and then to work with files, pipes, signals and time.
      - "@basic-start"
      - "@default"
      - "@basic-io"
      - "@file-system"
      - "@io-event"
      - "@ipc"
      - "@signal"
      - "@sync"
      - "@timer"
      # Processes and threads; the level refuses new namespaces.
      - clone
      - madvise
      - uname
      - vfork
      - wait4

  landlock:
    # What it may do with files, everything beneath a path included.
    paths:
      - path: /usr
        access: execute
      - path: /lib
        access: execute
        optional: true
      - path: /lib64
        access: execute
        optional: true
      - path: /etc
        access: read-only
      - path: /dev
        access: [read_file, write_file]
      - path: /tmp
        access: read-write

resources:
  memory: 512MiB
  cpu: 1.0
  pids: 64
  timeout: 300s

network:
  # none, loopback-only or host.
  mode: none
`,
};
