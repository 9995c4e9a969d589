/** `ruleset.json`: what landlock(7)'s three calls are given. Masks are below 2^53, so plain JSON numbers hold them. */
export interface RulesetFile {
  readonly abi: number;
  readonly handled: {
    readonly access_fs: readonly string[];
    readonly access_net: readonly string[];
    readonly scoped: readonly string[];
  };
  readonly masks: Masks;
  readonly path_beneath: readonly PathEntry[];
  readonly net_port: readonly PortEntry[];
}

/** The fields of struct landlock_ruleset_attr. */
export interface Masks {
  readonly handled_access_fs: number;
  readonly handled_access_net: number;
  readonly scoped: number;
}

export interface PathEntry {
  readonly path: string;
  /** `path` holds `*` or `?`: it is expanded when the sandbox starts, since Landlock takes no patterns. */
  readonly glob: boolean;
  /** The path may be absent. */
  readonly optional: boolean;
  readonly rights: readonly string[];
  readonly allowed_access: number;
  /** What is left of `allowed_access` for a path that is no directory: any other right is EINVAL there. 0: no rule. */
  readonly file_allowed_access: number;
}

export interface PortEntry {
  readonly port: number;
  readonly rights: readonly string[];
  readonly allowed_access: number;
}

/** One line of `by-abi.json`: the masks that a kernel of that ABI takes, and what it loses. */
export interface AbiEntry {
  readonly abi: number;
  readonly kernel: string;
  readonly masks: Masks;
  readonly lost: readonly string[];
}

/** `by-abi.json` covers the ABIs from 1 to this one. */
export const newestListedAbi = 7;

/** The most ports that rules are written for. The kernel takes more, but each costs a system call at every start. */
export const mostPortRules = 1024;
