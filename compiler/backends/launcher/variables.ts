/**
 * Where the launcher keeps what it learns while it runs: offsets from the `variables` register, which points into memory
 * that `entry` reserves below what the kernel put on the stack. Nothing there is known before it is written. Those that
 * code names most often lie within 128 bytes of the register, where x86_64 needs one byte to say so.
 */
export const variables = {
  /** With which a failure ends the launcher: 125, or what the search for the command and exec choose. */
  exitCode: -120,
  /** The program's path, its argv and envp. */
  command: -112,
  arguments: -104,
  environment: -96,
  /** The address of the 16 bytes of AT_RANDOM. */
  random: -88,
  cookie0: -80,
  cookie1: -72,
  userId: -64,
  groupId: -56,
  deadlinePassed: -48,
  /** wait4's status, or the error that is being reported. */
  status: -40,
  signalMask: -32,
  /** Whether a bound parent is the init of its namespace. */
  isInit: -24,
  /** Two descriptors of 4 bytes: the reading end, and the writing end, which the first parent alone keeps. */
  parentPipe: -16,
  /** Structures that live for a call or two; the longest is clone3's, 88 bytes. */
  scratch: 0,
  /** A path or an identity map being put together. Longer than PATH_MAX (steps/command.ts). */
  buffer: 88,
  /** The kernel's siginfo_t, 128 bytes, and SIGCHLD's action, 32 bytes; nothing is put together meanwhile. */
  signalInformation: 96,
  childAction: 224,
  /** The filter with the cookie. */
  filter: 88 + 4608,
  /** A failure's message, which may quote the buffer; the filter is attached by then, or lost. */
  message: 96 + 4608,
} as const;

/** Where the register points, from the beginning of the memory. */
export const variablesBase = 120;

/** PATH_MAX of linux/limits.h. */
export const bufferSize = 4096;

/** Bytes of a message that are shown; on a terminal nobody misses the end of a longer one. */
const messageSize = 7400;

/** The first offset behind a message. */
export const messageEnd = variables.message + messageSize;

const page = 4096;

/** How much stack the variables and a filter take: whole pages, which each machine's instructions can say. */
export function stackSize(filterSize: number): number {
  return Math.ceil((variablesBase + Math.max(variables.filter + filterSize, messageEnd)) / page) * page;
}
