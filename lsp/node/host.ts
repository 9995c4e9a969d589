import { readFileSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { Host } from '../../compiler/host.ts';

/** Reads files as they are on the disk; a path that cannot be read is a file that is not there. */
export const nodeHost: Host = {
  read(path) {
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  },
  realpath(path) {
    try {
      return realpathSync(path === '' ? '.' : path)
        .split(sep)
        .join('/');
    } catch {
      return undefined;
    }
  },
  // Not `performance.now()`, with which Node loads node:perf_hooks: 2 ms.
  now: () => Number(process.hrtime.bigint()) / 1e6,
  // Loaded with the first digest: 4 ms.
  sha256: (content) => process.getBuiltinModule('node:crypto').hash('sha256', content, 'hex'),
};
