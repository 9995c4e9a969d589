import { readdirSync } from 'node:fs';
import type { Host } from '../../compiler/host.ts';
import { hostOf } from './folder-host.ts';

/** Reads below a folder, and lists what YAML files lie in it. */
export function templateHost(folder: string): Host {
  return {
    ...hostOf(folder),
    list: () =>
      readdirSync(folder)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort(),
  };
}

/** A world of these files and no time. */
export function filesHost(files: ReadonlyMap<string, string>): Host {
  return {
    read: (path) => files.get(path),
    list: () => [...files.keys()],
    now: () => 0,
    sha256: () => '0'.repeat(64),
  };
}
