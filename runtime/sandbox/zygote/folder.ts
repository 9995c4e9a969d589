import { lstatSync, mkdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/**
 * The folder of this user's fork servers, made where it is missing: below XDG_RUNTIME_DIR, else in /tmp. Nobody else may
 * enter it, and nobody else may have made it.
 */
export function zygoteFolder(
  environment: NodeJS.ProcessEnv = process.env,
): { readonly folder: string } | { readonly problem: string } {
  const user = process.geteuid?.() ?? -1;
  const above = environment.XDG_RUNTIME_DIR;
  const folder = above !== undefined && isAbsolute(above) ? join(above, 'polc') : `/tmp/polc-${user}`;
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      return { problem: `${folder} cannot be made: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
  const found = lstatSync(folder);
  if (!found.isDirectory()) return { problem: `${folder} is no folder` };
  if (found.uid !== user) return { problem: `${folder} belongs to another user` };
  if ((found.mode & 0o77) !== 0) return { problem: `others may enter ${folder}: take their rights away (chmod 700)` };
  return { folder };
}
