/** What a resource limit counts. Microseconds is RLIMIT_RTTIME's; `nice` is 20 minus the lowest nice value. */
export type RlimitUnit = 'bytes' | 'seconds' | 'microseconds' | 'count' | 'nice' | 'priority';

export interface Rlimit {
  /** In lower case, without `RLIMIT_`. */
  readonly name: string;
  /** The number of asm-generic/resource.h, which all our architectures use. */
  readonly number: number;
  readonly unit: RlimitUnit;
  readonly doc: string;
}

/** The resource limits of getrlimit(2), by number. */
export const rlimits: readonly Rlimit[] = [
  { name: 'cpu', number: 0, unit: 'seconds', doc: 'processor time of the process' },
  { name: 'fsize', number: 1, unit: 'bytes', doc: 'size of a file that the process writes' },
  { name: 'data', number: 2, unit: 'bytes', doc: 'size of the data segment and private writable mappings' },
  { name: 'stack', number: 3, unit: 'bytes', doc: 'size of the main stack' },
  { name: 'core', number: 4, unit: 'bytes', doc: 'size of a core dump' },
  { name: 'rss', number: 5, unit: 'bytes', doc: 'resident memory; not enforced since Linux 2.4.30' },
  { name: 'nproc', number: 6, unit: 'count', doc: 'processes and threads of the user' },
  { name: 'nofile', number: 7, unit: 'count', doc: 'one more than the highest file descriptor' },
  { name: 'memlock', number: 8, unit: 'bytes', doc: 'memory locked into RAM' },
  { name: 'as', number: 9, unit: 'bytes', doc: 'size of the address space' },
  { name: 'locks', number: 10, unit: 'count', doc: 'file locks; not enforced since Linux 2.4.25' },
  { name: 'sigpending', number: 11, unit: 'count', doc: 'queued signals of the user' },
  { name: 'msgqueue', number: 12, unit: 'bytes', doc: 'POSIX message queues of the user' },
  { name: 'nice', number: 13, unit: 'nice', doc: 'how far the nice value may be lowered' },
  { name: 'rtprio', number: 14, unit: 'priority', doc: 'highest real-time priority' },
  { name: 'rttime', number: 15, unit: 'microseconds', doc: 'real-time processor time without a blocking call' },
];

/** The limit called `name` (lower case, without `RLIMIT_`), undefined when there is none. */
export function rlimit(name: string): Rlimit | undefined {
  return rlimits.find((limit) => limit.name === name);
}

/** Names in lower case without `RLIMIT_`, by number. */
export function rlimitNames(): readonly string[] {
  return rlimits.map((limit) => limit.name);
}
