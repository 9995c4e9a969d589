/** A call that a hook decides on, made by a program of busybox, and the text that refuses it. */
export interface HookCall {
  readonly hook: string;
  readonly statements: string;
  /** What is there before; runs outside of the cgroup. */
  readonly before?: string;
  /** Ends with 0 outside of the cgroup, and with something else or what `refused` matches in it. */
  readonly command: string;
  /** A part of what the command prints where it is refused. */
  readonly refused?: string;
  /** The first kernel on which the call comes to another hook. */
  readonly until?: string;
}

const file = (hook: string, name: string, command: string, before = 'true'): HookCall => ({
  hook,
  statements: `deny when name == "${name}"`,
  command,
  before,
});

const path = (hook: string, name: string, command: string, before = 'true'): HookCall => ({
  ...file(hook, name, command, before),
  statements: `deny when path == "/t/${name}"`,
});

/** Each names what is its own, so that no program refuses a call of another row. */
export const hookCalls: readonly HookCall[] = [
  {
    hook: 'file_open',
    statements: 'errno EACCES when path == "/t/open" && flags & O_ACCMODE == O_RDONLY',
    before: 'echo x > /t/open',
    command: 'cat /t/open',
    refused: 'Permission denied',
  },
  path('path_mkdir', 'pmkdir', 'mkdir /t/pmkdir && rmdir /t/pmkdir'),
  path('path_rmdir', 'prmdir', 'rmdir /t/prmdir', 'mkdir -p /t/prmdir'),
  path('path_unlink', 'punlink', 'rm /t/punlink', 'touch /t/punlink'),
  path('path_symlink', 'psymlink', 'ln -s x /t/psymlink && rm /t/psymlink'),
  path('path_mknod', 'pmknod', 'mknod /t/pmknod p && rm /t/pmknod'),
  {
    hook: 'path_link',
    statements: 'deny when old_path == "/t/plink1" && new_path == "/t/plink2"',
    before: 'touch /t/plink1; rm -f /t/plink2',
    command: 'ln /t/plink1 /t/plink2',
  },
  {
    hook: 'path_rename',
    statements: 'deny when old_path == "/t/prename1" && new_path like "/t/prename?"',
    before: 'touch /t/prename1; rm -f /t/prename2',
    command: 'mv /t/prename1 /t/prename2 && mv /t/prename2 /t/prename3',
  },
  {
    hook: 'path_chmod',
    statements: 'deny when path == "/t/pchmod" && mode & 0o777 == 0o640',
    before: 'touch /t/pchmod',
    command: 'chmod 640 /t/pchmod',
  },
  {
    hook: 'path_chown',
    statements: 'deny when path beneath "/t/pchown"',
    before: 'touch /t/pchown',
    command: 'chown 5 /t/pchown',
  },
  // Since Linux 6.2 what truncates an open file comes to `file_truncate`, and to this hook only truncate(2).
  { ...path('path_truncate', 'ptruncate', 'echo > /t/ptruncate', 'echo x > /t/ptruncate'), until: '6.2' },
  path('path_chroot', 'pchroot', 'chroot /t/pchroot /true', 'mkdir -p /t/pchroot; cp /bin/busybox /t/pchroot/true'),
  file('inode_create', 'icreate', 'touch /t/icreate && rm /t/icreate'),
  file('inode_unlink', 'iunlink', 'rm /t/iunlink', 'touch /t/iunlink'),
  file('inode_mkdir', 'imkdir', 'mkdir /t/imkdir && rmdir /t/imkdir'),
  file('inode_rmdir', 'irmdir', 'rmdir /t/irmdir', 'mkdir -p /t/irmdir'),
  {
    hook: 'inode_symlink',
    statements: 'deny when target == "isymlink-target"',
    command: 'ln -s isymlink-target /t/isymlink && rm /t/isymlink',
  },
  file('inode_mknod', 'imknod', 'mknod /t/imknod p && rm /t/imknod'),
  {
    hook: 'inode_link',
    statements: 'deny when new_name == "ilink2"',
    before: 'touch /t/ilink1; rm -f /t/ilink2',
    command: 'ln /t/ilink1 /t/ilink2',
  },
  {
    hook: 'inode_rename',
    statements: 'deny when old_name like "irename?"',
    before: 'touch /t/irename1; rm -f /t/irename2',
    command: 'mv /t/irename1 /t/irename2',
  },
  {
    hook: 'inode_setattr',
    statements: 'deny when name == "isetattr" && valid & 1 != 0 && mode & 0o777 == 0o600',
    before: 'touch /t/isetattr; chmod 644 /t/isetattr',
    command: 'chmod 600 /t/isetattr',
  },
  {
    hook: 'inode_getattr',
    statements: 'deny when path beneath "/t/igetattr"',
    before: 'mkdir -p /t/igetattr; touch /t/igetattr/x',
    command: 'stat /t/igetattr/x',
  },
  file('inode_readlink', 'ireadlink', 'readlink /t/ireadlink', 'ln -sf x /t/ireadlink'),
  {
    hook: 'bprm_check_security',
    statements: 'deny when path like "/t/bprm-*"',
    before: 'cp /bin/busybox /t/bprm-1; ln -sf /t/bprm-1 /t/true',
    command: 'exec /t/true',
  },
  {
    hook: 'bprm_creds_for_exec',
    statements: 'errno EACCES when filename == "/t/bprm2/true"',
    before: 'mkdir -p /t/bprm2; cp /bin/busybox /t/bprm2/true',
    command: 'exec /t/bprm2/true',
  },
  {
    hook: 'mmap_file',
    statements: 'deny when !anonymous && path == "/lib/x86_64-linux-gnu/libelf.so.1" && prot & PROT_EXEC != 0',
    command: 'bpftool version',
  },
  {
    hook: 'task_kill',
    statements: 'deny when sig == SIGUSR1 && target_comm == "sleep"',
    command: 'sleep 5 & p=$!; usleep 50000; kill -USR1 $p; r=$?; kill $p; exit $r',
  },
  {
    hook: 'task_setnice',
    statements: 'deny when nice == 7',
    command: 'renice -n 7 -p $$',
  },
  {
    hook: 'task_alloc',
    statements: 'deny when comm == "forker"',
    before: "cp /bin/busybox /t/forker; printf '/bin/true; exit $?\\n' > /t/forker.sh",
    command: 'exec -a sh /t/forker /t/forker.sh',
  },
  {
    hook: 'task_setrlimit',
    statements: 'deny when resource == RLIMIT_NOFILE && soft == 77',
    command: 'ulimit -S -n 77',
  },
  {
    hook: 'task_prctl',
    statements: 'deny when option == 38',
    command: 'setpriv --no-new-privs true',
  },
  {
    hook: 'task_setioprio',
    statements: 'deny when ioprio == 0x6000',
    command: 'ionice -c 3 true',
    refused: 'ionice',
  },
  {
    hook: 'ptrace_access_check',
    statements: 'deny when target_pid == 1',
    command: 'cat /proc/1/environ > /dev/null',
  },
  {
    hook: 'socket_create',
    statements: 'deny when family == AF_INET6',
    command: 'nc -w 1 ::1 9; test $? -ne 0; ping -6 -c 1 ::1 > /dev/null',
  },
  {
    hook: 'socket_bind',
    statements: 'deny when port == 4040',
    command: 'timeout 1 nc -l -p 4040 < /dev/null; test $? -ge 128',
  },
  {
    hook: 'socket_connect',
    statements: 'errno EACCES when address in "127.0.0.64/26" && port == 81',
    command: 'nc -w 1 127.0.0.65 81 < /dev/null 2>&1 | grep refused',
  },
  {
    hook: 'socket_listen',
    statements: 'deny when comm == "nc"',
    command: 'timeout 1 nc -l -p 4041 < /dev/null; test $? -ge 128',
  },
  {
    hook: 'sb_mount',
    statements: 'deny when mount_type == "ramfs"',
    before: 'mkdir -p /t/mnt',
    command: 'mount -t ramfs x /t/mnt && umount /t/mnt',
  },
  {
    hook: 'sb_statfs',
    statements: 'deny when filesystem == "proc"',
    command: 'stat -f /proc',
  },
  {
    hook: 'settime',
    statements: 'deny',
    command: 'date -s 2031-01-01',
    refused: 'not permitted',
  },
  {
    hook: 'capable',
    statements: 'deny when cap == CAP_SYS_ADMIN && comm == "hostname"',
    command: 'hostname machine',
  },
  {
    hook: 'file_ioctl',
    statements: 'deny when path == "/dev/ttyS0" && comm == "stty"',
    command: 'stty -F /dev/ttyS0 > /dev/null',
  },
  {
    hook: 'syslog',
    statements: 'deny',
    command: 'dmesg > /dev/null',
  },
  {
    hook: 'bpf',
    statements: 'deny when comm == "bpftool"',
    command: 'bpftool prog show > /dev/null',
  },
  {
    hook: 'userns_create',
    statements: 'deny',
    command: 'unshare -U true',
  },
];
