import { join } from 'node:path';
import { nodeHost } from '../../cli/host.ts';
import type { Host } from '../../compiler/host.ts';

/** Reads below the folder of a case and without a clock, so that paths in reviewed output are the case's own. */
export function hostOf(folder: string): Host {
  return {
    ...nodeHost,
    read: (path) => nodeHost.read(join(folder, path)),
    realpath: (path) => nodeHost.realpath?.(join(folder, path)),
    now: () => 0,
  };
}
