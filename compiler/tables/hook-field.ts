import type { Predicate } from '../expressions/predicate.ts';

/** Something that a program can read where a hook is called: an attribute of the point `hook`. */
export interface HookField {
  readonly name: string;
  readonly type: 'integer' | 'boolean' | 'string' | 'path' | 'address';
  readonly doc: string;
  /** Of an integer. */
  readonly bits?: 8 | 16 | 32 | 64;
  /** The integer is signed in the kernel; here it is the unsigned number of the same bits. */
  readonly signed?: true;
  readonly read: FieldRead;
  /** Over other fields of the hook: only a call for which it holds has this field. */
  readonly given?: Predicate;
  /** The beginnings of the names of constants that it can be compared with; absent, of any. */
  readonly constants?: readonly string[];
}

/** How a field is read. The type of the field decides the last step. */
export type FieldRead =
  /** What the kernel's helpers say of the task that makes the call. */
  | { readonly from: 'context'; readonly value: ContextValue }
  /**
   * From an argument of the hook: the scalar itself, or what `members` lead to from the structure that it points to, through
   * embedded structures and pointers alike. A `string` is at the end a pointer to characters or an array of them, a
   * `path` a `struct path`, a `boolean` with `isNull` whether the pointer there is none.
   */
  | {
      readonly from: 'argument';
      /** From 0, on Linux 6.18. */
      readonly index: number;
      /** Where the argument stood in kernels before this one. */
      readonly earlier?: { readonly before: string; readonly index: number };
      readonly argument: string;
      /** The structure that the argument points to. */
      readonly structure?: string;
      readonly members: readonly string[];
      readonly isNull?: true;
      /** Of a path that the kernel does not tell there: programs walk it up, from folder to folder and mount to mount. */
      readonly walk?: PathWalk;
    }
  /**
   * From an argument that points to a socket address. The port is in host order; AF_UNSPEC is read as AF_INET, as
   * bind(2) reads it; an IPv4 address inside an IPv6 one is given as the IPv4 address.
   */
  | {
      readonly from: 'sockaddr';
      readonly index: number;
      readonly argument: string;
      readonly what: 'family' | 'port' | 'address';
    };

export type ContextValue = 'uid' | 'gid' | 'pid' | 'tid' | 'comm' | 'cgroup';

/** How a path is walked up, as far as the root of the process. */
export interface PathWalk {
  /** What the members lead to is a `struct dentry` in the folder that this argument, a `struct path`, is; absent, a `struct path`. */
  readonly folder?: { readonly index: number; readonly argument: string };
  /** The path that a removed file had counts as its path. */
  readonly removed?: true;
}
