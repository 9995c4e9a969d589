import { dirname, relative } from 'node:path';
import { policyHash } from '../../compiler/bundle.ts';
import { sha256 } from '../../runtime/sha256.ts';
import type { LibraryTemplate } from './library.ts';
import type { OpenedProfile } from './profile.ts';

/**
 * The hash of every policy file that decides, as the audit log has it; the same wherever they lie.
 *
 * @param digest of what the image carries
 */
export function decidingHash(
  template: LibraryTemplate | undefined,
  profile: OpenedProfile | undefined,
  digest?: string,
): string {
  const contents = new Map<string, Uint8Array | string>();
  // Wherever the files lie: the same policies have the same hash on every machine.
  const add = (role: string, root: string, path: string, content: Uint8Array | string) =>
    contents.set(`${role} ${relative(dirname(root), path)}`, content);
  for (const [path, content] of template?.compilation.contents ?? [])
    add('template', template?.path ?? '', path, content);
  for (const [path, { text }] of profile?.sources ?? []) add('profile', profile?.path ?? '', path, text);
  if (digest !== undefined) contents.set('image', digest);
  return policyHash(contents, { sha256 });
}
