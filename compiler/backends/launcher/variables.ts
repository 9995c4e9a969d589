/**
 * Where the launcher keeps what it learns while it runs: offsets from the `variables` register, which points into
 * zero-filled memory. Those that code names most often lie within 128 bytes of it, where x86_64 needs one byte to say so.
 */
export const variables = {
  /** Set before exec's failure is reported; 0 stands for 125. */
  exitCode: -128,
  /** The program's path, its argv and envp. */
  command: -120,
  arguments: -112,
  environment: -104,
  /** The address of the 16 bytes of AT_RANDOM. */
  random: -96,
  cookie0: -88,
  cookie1: -80,
  userId: -72,
  groupId: -64,
  deadlinePassed: -56,
  /** wait4's status, or the error that is being reported. */
  status: -48,
  /** The signal mask and SIGCHLD's action (32 bytes) as the caller left them. */
  signalMask: -40,
  childAction: -32,
  /** Structures that live for a call or two; the longest is clone3's, 88 bytes. */
  scratch: 0,
  /** The kernel's siginfo_t, 128 bytes. */
  signalInformation: 88,
  /** A path or an identity map being put together. Longer than PATH_MAX (steps/command.ts). */
  buffer: 216,
  /** A failure's message, which may quote the buffer; on a terminal nobody misses its end. */
  message: 216 + 8192,
} as const;

/** Where the register points, from the beginning of the memory. */
export const variablesBase = 128;

export const bufferSize = 8192;

/** The first offset behind the memory. */
export const variablesEnd = variables.message + bufferSize;
