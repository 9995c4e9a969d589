import { observingHooks, verdictHooks } from './lsm-hooks.generated.ts';
import { namesIn, valueIn } from './sorted-words.ts';

/** One argument of a hook: its name in the kernel, and what it is. */
export interface HookArgument {
  readonly name: string;
  /** `*file` for a pointer to a structure, `str` for a text, `u32`, `i32`, ..., `bool`; `-` for what none of these is. */
  readonly type: string;
}

let refusing: readonly string[] | undefined;
let all: readonly string[] | undefined;

/** Old names that policies still use; a hook that was renamed or that another took over. */
const aliases: Readonly<Record<string, string>> = {
  // security_task_create() went in Linux 4.14; task_alloc is called at the same place of copy_process().
  task_create: 'task_alloc',
  // Renamed in 6.9, when BPF tokens came.
  bpf_map_alloc_security: 'bpf_map_create',
  bpf_prog_alloc_security: 'bpf_prog_load',
};

/**
 * Hooks that return an int with which no program of ours can refuse: the kernel takes no program there
 * (`bpf_lsm_disabled_hooks` in kernel/bpf/bpf_lsm.c), what they return is an answer of another kind (`bool_lsm_hooks` there, and
 * defaults other than 0 in include/linux/lsm_hook_defs.h), or they keep the labels of other security modules.
 */
const answering: ReadonlySet<string> = new Set(
  (
    'audit_rule_init audit_rule_known audit_rule_match backing_file_alloc bdev_alloc_security bdev_setintegrity cred_alloc_blank cred_prepare ' +
    'dentry_create_files_as dentry_init_security file_alloc_security getprocattr getselfattr inode_alloc_security ' +
    'inode_copy_up inode_copy_up_xattr inode_getsecctx inode_getsecurity inode_init_security inode_init_security_anon ' +
    'inode_killpriv inode_listsecurity inode_need_killpriv inode_notifysecctx inode_setintegrity inode_setsecctx ' +
    'inode_setsecurity inode_xattr_skipcap ismaclabel kernel_act_as kernel_create_files_as kernfs_init_security key_getsecurity ' +
    'lsmprop_to_secctx msg_msg_alloc_security msg_queue_alloc_security perf_event_alloc sb_alloc_security ' +
    'sb_clone_mnt_opts sb_eat_lsm_opts sb_mnt_opts_compat sb_set_mnt_opts sb_show_options secctx_to_secid secid_to_secctx ' +
    'secmark_relabel_packet sem_alloc_security setprocattr setselfattr shm_alloc_security sk_alloc_security ' +
    'socket_getpeersec_dgram socket_getpeersec_stream tun_dev_alloc_security vm_enough_memory xfrm_decode_session ' +
    'xfrm_policy_alloc_security xfrm_policy_clone_security xfrm_policy_delete_security xfrm_policy_lookup ' +
    'xfrm_state_alloc xfrm_state_alloc_acquire xfrm_state_delete_security xfrm_state_pol_flow_match'
  ).split(' '),
);

/** The error by which a hook says that it refuses nothing, if there is one (include/linux/lsm_hook_defs.h). */
const harmless: Readonly<Record<string, number>> = {
  // ENOSYS: prctl(2) goes on.
  task_prctl: 38,
  // ENOPARAM: the file system is asked.
  fs_context_parse_param: 519,
};

/**
 * The kernels that brought hooks which came after 5.15, or programs at them. A stable release may have a hook before.
 */
const versions: Readonly<Record<string, string>> = {
  bpf_map_create: '6.9',
  bpf_prog_load: '6.9',
  bpf_token_capable: '6.9',
  bpf_token_cmd: '6.9',
  bpf_token_create: '6.9',
  file_ioctl_compat: '6.8',
  file_post_open: '6.9',
  file_truncate: '6.2',
  fs_context_submount: '6.6',
  inode_file_getattr: '6.17',
  inode_file_setattr: '6.17',
  inode_get_acl: '6.2',
  inode_remove_acl: '6.2',
  inode_set_acl: '6.2',
  // Debian's 6.12 has it from a stable release.
  mmap_backing_file: '6.12',
  mptcp_add_subflow: '6.4',
  // Its arguments are structures by value, which programs are given since then (kernel/bpf/btf.c).
  path_chown: '6.1',
  sctp_assoc_established: '5.18',
  task_fix_setgroups: '6.0',
  uring_allowed: '6.15',
  uring_cmd: '6.0',
  uring_override_creds: '5.16',
  uring_sqpoll: '5.16',
  userns_create: '6.1',
};

/** Every hook, sorted, by the name that follows `bpf_lsm_`. */
export function hookNames(): readonly string[] {
  all ??= [...namesIn(verdictHooks), ...observingHooks.trim().split(/\s+/)].sort();
  return all;
}

/** The hooks at which a program can refuse, sorted. */
export function refusingHooks(): readonly string[] {
  refusing ??= namesIn(verdictHooks).filter((name) => !answering.has(name));
  return refusing;
}

/** Whether the hook exists and can refuse. */
export function hookReturnsVerdict(name: string): boolean {
  return !answering.has(name) && valueIn(verdictHooks, name) !== undefined;
}

/** The hook of today that an old name stands for. */
export function hookAlias(name: string): string | undefined {
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}

/** The arguments of a hook that returns a verdict, in their order on Linux 6.18. */
export function hookArguments(name: string): readonly HookArgument[] {
  const words = valueIn(verdictHooks, name) ?? '';
  if (words === '') return [];
  return words.split(',').map((word) => {
    const colon = word.indexOf(':');
    return { name: word.slice(0, colon), type: word.slice(colon + 1) };
  });
}

/** Whether an error refuses a call at the hook. */
export function refusesWith(name: string, errno: number): boolean {
  return !Object.hasOwn(harmless, name) || harmless[name] !== errno;
}

/** The kernel since which a program can be at the hook, `6.2`; undefined where that is 5.15 or nothing is known. */
export function hookSince(name: string): string | undefined {
  return Object.hasOwn(versions, name) ? versions[name] : undefined;
}
