import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import type { SandboxPlan } from './plan.ts';
import type { PythonProgram } from './python-command.ts';

/** What a process hands on to those that it starts, of /proc/self/status. */
const handedOn =
  /^(?:Umask|Uid|Gid|Groups|SigBlk|SigIgn|Cap\w+|NoNewPrivs|Seccomp|Cpus_allowed|Mems_allowed|Speculation_Store_Bypass|SpeculationIndirectBranch|THP_enabled):.*$/gm;
const namespaces = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];

/**
 * 16 hexadecimal digits for everything that a server's programs have from it: another policy, another meaning of it on
 * this machine, another interpreter or another surrounding gives another server.
 *
 * @param folder of the servers: those of another take no part in each other's control groups, which their names tell apart
 */
export function identityOf(
  folder: string,
  plan: SandboxPlan,
  { interpreter, startEnvironment }: PythonProgram,
  source: string,
): string {
  const { mtimeMs, size, ino } = statSync(interpreter);
  const parts = [
    folder,
    source,
    JSON.stringify(plan),
    interpreter,
    realpathSync(interpreter),
    [mtimeMs, size, ino].join(),
    JSON.stringify(Object.entries(startEnvironment).sort(([left], [right]) => (left < right ? -1 : 1))),
    (readFileSync('/proc/self/status', 'utf8').match(handedOn) ?? []).join('\n'),
    // "Max pending signals" and the like differ by user, whom the lines above name.
    readFileSync('/proc/self/limits', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
    readFileSync('/proc/self/oom_score_adj', 'utf8'),
    readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[16] ?? '',
    ...namespaces.map((name) => linkOf(`/proc/self/ns/${name}`)),
    linkOf('/proc/self/root'),
  ];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
