import { type FSWatcher, statSync, watch as watchFolder } from 'node:fs';
import { dirname } from 'node:path';
import type { Terminal } from '../terminal.ts';

/** Editors write a file in several steps; what comes within this time is one change. */
const settleMilliseconds = 40;

/**
 * Builds again whenever a policy, or a file that one pulls in, changes. Runs until the process is interrupted.
 *
 * @param rebuild builds once and gives every file that was read
 */
export function watch(
  words: readonly string[],
  reads: readonly string[],
  rebuild: () => Promise<readonly string[]>,
  terminal: Terminal,
): Promise<number> {
  return new Promise((resolve) => {
    const watchers = new Map<string, FSWatcher>();
    let timer: NodeJS.Timeout | undefined;
    let running: Promise<void> = Promise.resolve();
    const follow = (files: readonly string[]) => {
      const folders = new Set([...words.map(folderOf), ...files.map((file) => dirname(file))]);
      for (const folder of folders) {
        if (watchers.has(folder)) continue;
        const watcher = watchFolder(folder, (_event, name) => {
          if (name === null || /\.(ya?ml|bpf|o)$/.test(name)) schedule();
        });
        // A folder that is removed ends its watcher, not the build.
        watcher.on('error', () => watchers.delete(folder));
        watchers.set(folder, watcher);
      }
    };
    const schedule = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        running = running.then(async () => follow(await rebuild()));
      }, settleMilliseconds);
    };
    follow(reads);
    terminal.writeError('watching for changes; end with Ctrl-C\n');
    process.once('SIGINT', () => {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      void running.then(() => resolve(0));
    });
  });
}

function folderOf(word: string): string {
  return statSync(word, { throwIfNoEntry: false })?.isDirectory() ? word : dirname(word);
}
