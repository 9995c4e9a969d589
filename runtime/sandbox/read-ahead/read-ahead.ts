import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Policy } from '../../../compiler/ir/policy.ts';
import { type SystemCalls, systemCalls } from '../../kernel/system-calls.ts';
import type { LaunchRequest } from '../launch.ts';
import { filesOfPath, filesOfSet, programOf, type Surroundings } from './file-sets.ts';

/** How much is read ahead at most: what a start reads first comes first, and memory is for the program. */
const mostBytes = 256 * 1024 * 1024;
export const mostFiles = 4096;

/** What has been handed to the kernel to be read. */
export interface Amount {
  readonly files: number;
  readonly bytes: number;
}

export interface ReadAhead {
  /** Of the sets, those that this machine has not; one line each. */
  readonly absent: readonly string[];
  /** Once nothing is left to be read, or it has been ended. It does not fail. */
  readonly done: Promise<Amount>;
  /** No further file is begun. */
  end(): void;
}

/**
 * Has the kernel read the files into memory beside whatever else this process does. A file that is not there, or cannot be
 * read, is passed over: the program will say what it misses.
 *
 * @param calls the kernel's own reading ahead; without it the files are read, in threads
 */
export function readAhead(
  asked: readonly string[],
  surroundings: Surroundings,
  calls: () => Promise<SystemCalls | undefined> = kernelCalls,
): ReadAhead {
  const absent: string[] = [];
  const lists = asked.map((name) => {
    if (name.startsWith('/')) return filesOfPath(name);
    const program = programOf(name, surroundings);
    if (program !== undefined) return filesOfSet(name, program, surroundings.machine);
    absent.push(`performance.prefetch: of ${name} nothing is found here`);
    return undefined;
  });
  let ended = false;
  const work = async (): Promise<Amount> => {
    let [files, bytes] = [0, 0];
    const seen = new Set<string>();
    const kernel = await calls();
    for (const list of lists) {
      for await (const path of list ?? []) {
        if (ended || files >= mostFiles || bytes >= mostBytes) return { files, bytes };
        const size = await begin(path, mostBytes - bytes, kernel, seen, () => ended).catch(() => 0);
        if (size > 0) files++;
        bytes += size;
      }
    }
    return { files, bytes };
  };
  return {
    absent,
    done: work(),
    end() {
      ended = true;
    },
  };
}

/** The same for what `performance.prefetch` names, before a command is started. */
export function readAheadFor(
  { obligations }: Policy,
  { command: [program = ''], local: { machine }, warn }: Pick<LaunchRequest, 'command' | 'local' | 'warn'>,
): ReadAhead {
  const asked = obligations.flatMap((each) =>
    each.kind === 'run-with' && each.setting === 'prefetch' ? each.value.split(',') : [],
  );
  const reading = readAhead(asked, { program, path: process.env.PATH, machine });
  for (const line of reading.absent) warn(line);
  return reading;
}

async function kernelCalls(): Promise<SystemCalls | undefined> {
  const calls = await systemCalls();
  return 'problem' in calls ? undefined : calls;
}

/** POSIX_FADV_WILLNEED: the kernel reads what it has not in memory yet, and does not wait for the disk. */
const willNeed = 3;

/** How many bytes of a file are read; none of what is no file or was seen before. */
async function begin(
  path: string,
  most: number,
  kernel: SystemCalls | undefined,
  seen: Set<string>,
  isEnded: () => boolean,
): Promise<number> {
  const found = await stat(path);
  const identity = `${found.dev}:${found.ino}`;
  if (!found.isFile() || seen.has(identity)) return 0;
  seen.add(identity);
  const size = Math.min(found.size, most);
  // It may have become a pipe meanwhile, which opens at once like this.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (kernel !== undefined) await kernel.wait('fadvise64', handle.fd, 0, size, willNeed);
    else await readThrough(handle, size, isEnded);
    return size;
  } finally {
    await handle.close();
  }
}

async function readThrough(handle: FileHandle, size: number, isEnded: () => boolean): Promise<void> {
  const room = Buffer.allocUnsafe(Math.min(size, 1 << 20));
  for (let at = 0; at < size && !isEnded(); ) {
    const { bytesRead } = await handle.read(room, 0, room.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
  }
}
