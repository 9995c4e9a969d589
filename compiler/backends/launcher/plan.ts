/**
 * What the launcher does, in the order in which it does it. A plan belongs to one machine, because its filter does.
 *
 * The order that `planOf` makes, and why:
 *
 * 1. close descriptors: before the launcher opens its own (all close-on-exec), so that neither the program nor a
 *    supervising parent holds what it inherited;
 * 2. join the cgroup, while the caller's credentials and mounts are still there to reach it;
 * 3. namespaces, then what only their owner may do: bring `lo` up, mount private layers;
 * 4. supervise: the fork comes after `unshare(CLONE_NEWPID)`, since only a child enters the new PID namespace;
 * 5. no_new_privs, which Landlock and seccomp ask of a caller without CAP_SYS_ADMIN;
 * 6. Landlock, whose paths are opened while capabilities still reach them, and after the last mount, which a Landlock
 *    domain forbids;
 * 7. capabilities, needed by everything above and by nothing below;
 * 8. resource limits, late so that a small `nofile` or `nproc` does not stop the launcher itself;
 * 9. find the command, as the program's own credentials see it;
 * 10. where a supervisor answers for the filter, tell it: it takes the listener while the exec waits for its first answer;
 * 11. the filter, then exec: one call, or three when exec fails and the failure is reported.
 */
export interface LaunchPlan {
  readonly machine: Machine;
  readonly steps: readonly LaunchStep[];
  readonly exec: ExecPermission;
}

/** The machines that a launcher can be written for. */
export type Machine = 'x86_64' | 'aarch64';

export const machines: readonly Machine[] = ['x86_64', 'aarch64'];

/**
 * How the filter lets the one exec pass. `no-filter`: there is none. `policy`: the policy itself allows execve whatever
 * the arguments. `cookie`: the filter asks for 128 random bits in execve's unused arguments (exec-permission.ts).
 */
export type ExecPermission = 'no-filter' | 'policy' | 'cookie';

export type LaunchStep = StepBody & {
  /** The ids of the rules, limits and obligations that the step enforces; empty where the launcher needs it itself. */
  readonly rules: readonly string[];
};

export type StepBody =
  /** Of descriptor 3 and above, but for as many as who starts the launcher hands over: the supervisor's, then the starter's. */
  | { readonly kind: 'close-descriptors'; readonly handed: number }
  /** Writes `0` to `DIRECTORY/tasks` of each version 1 controller. */
  | { readonly kind: 'join-cgroup'; readonly directories: readonly string[] }
  | { readonly kind: 'cpu-affinity'; readonly cpus: readonly number[] }
  /** New namespaces; where the caller lacks CAP_SYS_ADMIN, inside a new user namespace that maps only the caller. */
  | { readonly kind: 'namespaces'; readonly kinds: readonly NamespaceKind[] }
  | { readonly kind: 'loopback-up' }
  | { readonly kind: 'private-layers'; readonly layers: readonly PrivateLayer[] }
  | Supervise
  | { readonly kind: 'no-new-privileges' }
  | LandlockStep
  /** Keeps, of what the caller holds, exactly these (bit N is capability N), in every set. */
  | { readonly kind: 'capabilities'; readonly keep: bigint }
  | { readonly kind: 'resource-limits'; readonly limits: readonly ResourceLimit[] }
  | { readonly kind: 'find-command' }
  /** Tells the supervisor, at descriptor 3, that its number is about to be the filter's listener. */
  | { readonly kind: 'report' }
  | SeccompStep
  | { readonly kind: 'exec' };

export type NamespaceKind = 'network' | 'mount' | 'pid' | 'ipc' | 'uts';

/** An empty tmpfs over `path`, of at most `bytes`. */
export interface PrivateLayer {
  readonly path: string;
  readonly bytes: number;
  readonly rule: string;
}

/**
 * Forks; the parent stays outside, forwards signals and the exit status, and at the deadline kills the child. With the
 * PID namespace of an earlier step the child is its init, and every process in it dies with it.
 */
export interface Supervise {
  readonly kind: 'supervise';
  /** Whole milliseconds of wall-clock time, at most 2^31. */
  readonly deadline?: number;
  /** A version 2 cgroup that the child is born into (clone3, CLONE_INTO_CGROUP). */
  readonly cgroup?: string;
  /** The descriptor of the starter's socket. The first parent ends what it has started when the starter ends, and keeps the socket until then. */
  readonly bound?: number;
  /** The starter's socket, which the child that goes on to the program gives up. */
  readonly givesUp?: number;
}

export interface LandlockStep {
  readonly kind: 'landlock';
  /** Landlock ABI, which decides the size of the ruleset's attribute. */
  readonly abi: number;
  /** LANDLOCK_ACCESS_FS_*, LANDLOCK_ACCESS_NET_* and LANDLOCK_SCOPE_* that are refused unless a rule allows them. */
  readonly handledPaths: bigint;
  readonly handledPorts: bigint;
  readonly scoped: bigint;
  /** Whether what the program is refused makes audit records, as what the launcher is refused does: from ABI 7. */
  readonly logged?: true;
  readonly paths: readonly LandlockPath[];
  readonly ports: readonly LandlockPort[];
}

export interface LandlockPath {
  readonly path: string;
  readonly access: bigint;
  /** True where the absence of the path is no failure. */
  readonly optional: boolean;
  readonly rule: string;
}

export interface LandlockPort {
  readonly port: number;
  readonly access: bigint;
  readonly rule: string;
}

/** Both the soft and the hard limit become the ceiling, or the hard limit of the caller where that is lower. */
export interface ResourceLimit {
  /** A name of tables/rlimits.ts. */
  readonly resource: string;
  /** 2^64 - 1 is RLIM_INFINITY. */
  readonly ceiling: bigint;
  readonly rule: string;
}

export interface SeccompStep {
  readonly kind: 'seccomp';
  /** `struct sock_filter[]`, 8 bytes each, little-endian. */
  readonly filter: Uint8Array;
  readonly relocations: readonly FilterRelocation[];
  /** SECCOMP_FILTER_FLAG_* bits; with NEW_LISTENER the descriptor of the notifications becomes the lowest free one. */
  readonly flags: number;
}

/** The `k` of `instruction` is one word of the cookie, which the launcher fills in when it starts. */
export interface FilterRelocation {
  readonly instruction: number;
  /** One of the parameters of exec-permission.ts. */
  readonly parameter: string;
  readonly word: 'low' | 'high';
}
