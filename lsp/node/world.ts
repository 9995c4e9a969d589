import { statSync, watch } from 'node:fs';
import { hasScheme } from '../uris.ts';
import type { World } from '../world.ts';
import { filesAround } from './files-around.ts';
import { nodeHost } from './host.ts';
import { whatCanBeRead, yamlFilesBelow } from './yaml-files.ts';

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

/** The machine as Node sees it. @param soon see World.soon; it depends on where messages come from */
export function nodeWorld(soon: World['soon']): World {
  return {
    host: {
      ...nodeHost,
      // A link to `/dev/zero`, or a pipe, would be read for ever.
      read: (path) => (isFile(path) ? nodeHost.read(path) : undefined),
      list: (folder, most) => yamlFilesBelow(folder, most),
    },
    filesBelow: whatCanBeRead,
    around: filesAround,
    watch(folder, changed) {
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          if (name !== null && /\.(ya?ml|bpf|o)$/.test(name)) changed(name);
        });
        // A folder that is removed ends its watcher, not the server.
        watcher.on('error', () => watcher.close());
        return () => watcher.close();
      } catch {
        // No more watches, no such folder, a file system without them.
        return undefined;
      }
    },
    isForeign(path) {
      const user = process.getuid?.();
      const owner = statSync(path, { throwIfNoEntry: false })?.uid;
      return user !== undefined && owner !== undefined && owner !== 0 && owner !== user;
    },
    isOfClient: hasScheme,
    today: () => new Date().toISOString().slice(0, 10),
    soon,
  };
}
