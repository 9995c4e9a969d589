/** Where the launcher keeps what it learns while it runs: offsets into its zero-filled memory, 64 bits each. */
export const variables = {
  /** Set before exec's failure is reported; 0 stands for 125. */
  exitCode: 0,
  /** The program's path, its argv and envp. */
  command: 8,
  arguments: 16,
  environment: 24,
  /** The address of the 16 bytes of AT_RANDOM. */
  random: 32,
  cookie0: 40,
  cookie1: 48,
  userId: 56,
  groupId: 64,
  deadlinePassed: 72,
  /** wait4's status. */
  status: 80,
  /** The signal mask and SIGCHLD's action (32 bytes) as the caller left them. */
  signalMask: 88,
  childAction: 96,
  /** The kernel's siginfo_t, 128 bytes. */
  signalInformation: 128,
  /** Structures that live for a call or two; the longest is clone3's, 88 bytes. */
  scratch: 256,
  /** A path or an identity map being put together. Longer than PATH_MAX (steps/command.ts). */
  buffer: 352,
  /** A failure's message, which may quote the buffer; on a terminal nobody misses its end. */
  message: 352 + 8192,
} as const;

export const bufferSize = 8192;

export const variablesSize = variables.message + bufferSize;
