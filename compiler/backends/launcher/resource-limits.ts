/** RLIMIT_* of asm-generic/resource.h, in the order of their numbers; x86_64 and aarch64 both use it. */
const names = [
  'cpu',
  'fsize',
  'data',
  'stack',
  'core',
  'rss',
  'nproc',
  'nofile',
  'memlock',
  'as',
  'locks',
  'sigpending',
  'msgqueue',
  'nice',
  'rtprio',
  'rttime',
];

/** The number of a resource by its name in lower case; undefined where setrlimit(2) has none of that name. */
export function resourceNumber(name: string): number | undefined {
  const index = names.indexOf(name);
  return index < 0 ? undefined : index;
}
