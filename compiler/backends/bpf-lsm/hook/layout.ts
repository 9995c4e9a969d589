/** The longest path that programs read, in bytes with the NUL at its end: PATH_MAX. */
export const pathBytes = 4096;

/** The longest other text, with the NUL at its end. */
export const textBytes = 256;

/** Bytes of the name of a task: TASK_COMM_LEN. */
export const commBytes = 16;

/** Programs read texts in steps of so many bytes. */
export const step = 8;

/** The map in which each task has room for what its programs read. */
export const scratchMap = 'scratch';

/** The ring buffer of records. */
export const eventsMap = 'events';

/** The map whose only entry is the cgroup that programs before Linux 6.0 are for. */
export const cgroupMap = 'cgroup';

/** The map whose only entry, where it is not 0, says that the program of the cgroup was moved to the level of these programs. */
export const levelMap = 'level';

/** Where things lie in a task's room: a record, then the path that is its end, then another text. */
export const scratch = {
  record: 0,
  path: 64,
  text: 64 + pathBytes + step,
  /** While a path is walked up: where in the room of the path it begins so far, and how many components it has. */
  begins: 64 + pathBytes + step + textBytes + 2 * step,
  components: 64 + pathBytes + step + textBytes + 3 * step,
  bytes: 64 + pathBytes + step + textBytes + 4 * step,
} as const;

/** The components of a path that programs walk up; of a longer one nothing is known. */
export const mostComponents = 64;

/** Steps of such a walk: of components, and from the root of a mount to where it is mounted. */
export const mostSteps = 128;

/**
 * A record, which the ring buffer holds for each call that is to be recorded; numbers are little-endian as the machine's.
 *
 *      0  u32  version, 1
 *      4  u32  the index of the rule in the table of rules beside the object
 *      8  u64  nanoseconds since the machine was started, without those asleep: CLOCK_MONOTONIC
 *     16  u64  id of the cgroup
 *     24  u32  id of the thread; 28  u32  of the process
 *     32  u32  user; 36  u32  group
 *     40  s32  what the program answered: 0 allowed, -errno refused, 1 for a statement that only records
 *     44  u32  bytes of the path
 *     48  name of the thread, 16 bytes
 *     64  the path without a NUL, where the program reads one
 */
export const record = {
  version: 0,
  rule: 4,
  time: 8,
  cgroup: 16,
  thread: 24,
  user: 32,
  answer: 40,
  pathBytes: 44,
  comm: 48,
  path: 64,
} as const;

/** The answer of a statement that only records. */
export const recordedOnly = 1;
