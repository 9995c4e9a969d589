/** The parts of the OCI runtime specification 1.0.2 (config.md, config-linux.md) that the fragment uses. */
export interface OciSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly OciSyscall[];
}

export interface OciSyscall {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly OciArgument[];
}

/** `value` and `valueTwo` are 64-bit, so they are written as whole JSON numbers from bigint. */
export interface OciArgument {
  readonly index: number;
  readonly value: bigint;
  /** What the masked argument equals; for SCMP_CMP_MASKED_EQ alone. */
  readonly valueTwo?: bigint;
  readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_NE' | 'SCMP_CMP_LE' | 'SCMP_CMP_GE' | 'SCMP_CMP_MASKED_EQ';
}

/** Something in the fragment that the policy does not say, and why it is there. */
export interface Addition {
  readonly call: string;
  readonly action: string;
  readonly why: string;
}

/** Additions of one kind: a filter has dozens for the same reason. */
export interface AdditionGroup {
  readonly calls: readonly string[];
  readonly action: string;
  readonly why: string;
}

/** What `additions.json` holds. */
export interface AdditionsFile {
  /** By machine. */
  readonly seccomp: Readonly<Record<string, readonly AdditionGroup[]>>;
  /** By machine: calls that the fragment refuses more often than the policy does, since it cannot say the condition. */
  readonly stricter: Readonly<Record<string, readonly string[]>>;
  readonly rootless: readonly string[];
}
