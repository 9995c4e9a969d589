import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isPattern } from '../../compiler/backends/landlock/path-grants.ts';
import { folderGrants } from '../../compiler/backends/wasi/capabilities.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';

/** The folders that a guest is given: where it sees them, and where they are. */
export interface Preopens {
  readonly folders: Readonly<Record<string, string>>;
  /** Paths of the policy that are not there. */
  readonly missing: readonly string[];
  /** Removes what was made. */
  remove(): void;
}

/**
 * The folders in which something lies that the policy allows, under their own names: of a pattern the folder above it, of
 * a file its folder. That is more than the policy allows; the guard in the guest holds the rest. What is to be private
 * is a new folder under the name of the old.
 */
export function makePreopens(policy: Policy): Preopens {
  const folders: Record<string, string> = {};
  const missing: string[] = [];
  const optional = new Set(
    folderGrants(policy)
      .filter(({ rules }) => rules.every((rule) => rule.optional))
      .map(({ pattern }) => pattern),
  );
  const wanted = decisionAt(policy, 'path') === undefined ? ['/'] : folderGrants(policy).map(({ pattern }) => pattern);
  for (const pattern of wanted) {
    const path = fixedPart(pattern);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      if (!optional.has(pattern)) missing.push(pattern);
      continue;
    }
    const folder = found.isDirectory() ? path : dirname(path);
    folders[folder] = folder;
  }
  const made: string[] = [];
  for (const obligation of policy.obligations) {
    if (obligation.kind !== 'private-layer') continue;
    const folder = mkdtempSync(join(tmpdir(), 'polc-guest-'));
    made.push(folder);
    folders[obligation.path] = folder;
  }
  return {
    folders,
    missing,
    remove() {
      for (const folder of made) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The folder above the first component with a wildcard. */
function fixedPart(pattern: string): string {
  const components = pattern.split('/').slice(1);
  const wild = components.findIndex(isPattern);
  return wild === -1 ? pattern : `/${components.slice(0, wild).join('/')}`;
}
