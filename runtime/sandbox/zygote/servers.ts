import { closeSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { KernelRefusal, type SystemCalls, systemCalls } from '../../kernel/system-calls.ts';
import { connectTo } from './connection.ts';
import { zygoteFolder } from './folder.ts';
import { listenerOf } from './peer.ts';

/** A fork server of this user. */
export interface RunningServer {
  /** 16 hexadecimal digits, one server for each. */
  readonly identity: string;
  readonly pid: number;
}

/** The servers of this user that listen, in the order of their names. What one that was killed has left is removed. */
export async function runningServers(): Promise<readonly RunningServer[] | { readonly problem: string }> {
  const calls = await systemCalls();
  if ('problem' in calls) return calls;
  const found = zygoteFolder();
  if ('problem' in found) return found;
  const { folder } = found;
  const names = readdirSync(folder).filter((name) => name.endsWith('.socket'));
  return names.sort().flatMap((name) => {
    const identity = name.slice(0, -'.socket'.length);
    const pid = listener(calls, join(folder, name));
    if (pid === undefined)
      for (const kind of ['socket', 'lock']) rmSync(join(folder, `${identity}.${kind}`), { force: true });
    return typeof pid === 'number' ? [{ identity, pid }] : [];
  });
}

/** Undefined where nobody listens; false where who does is no server of ours. */
function listener(calls: SystemCalls, socket: string): number | false | undefined {
  try {
    const connection = connectTo(calls, socket);
    try {
      const found = listenerOf(calls, connection);
      return 'pid' in found ? found.pid : false;
    } finally {
      closeSync(connection);
    }
  } catch (error) {
    if (error instanceof KernelRefusal && ['ENOENT', 'ECONNREFUSED'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Milliseconds that a server has to end its programs and itself. */
const patience = 10_000;

/**
 * Ends every server of this user, and with it the programs that it started.
 *
 * @returns those that were there, and of them those that have not ended in time
 */
export async function stopServers(): Promise<
  { readonly stopped: readonly RunningServer[]; readonly left: readonly RunningServer[] } | { readonly problem: string }
> {
  const servers = await runningServers();
  if ('problem' in servers) return servers;
  for (const { pid } of servers) process.kill(pid, 'SIGTERM');
  const end = performance.now() + patience;
  const lives = ({ pid }: RunningServer) => existsSync(`/proc/${pid}`);
  while (servers.some(lives) && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  return { stopped: servers.filter((server) => !lives(server)), left: servers.filter(lives) };
}
