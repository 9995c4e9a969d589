import { policyHash } from '../../compiler/bundle.ts';
import { sha256 } from '../../runtime/sha256.ts';
import type { LibraryTemplate } from './library.ts';
import type { OpenedProfile } from './profile.ts';

/**
 * The hash of every policy file that decides, as the audit log has it.
 *
 * @param digest of what the image carries
 */
export function decidingHash(
  template: LibraryTemplate | undefined,
  profile: OpenedProfile | undefined,
  digest?: string,
): string {
  const contents = new Map<string, Uint8Array | string>(template?.compilation.contents ?? []);
  for (const [path, source] of profile?.sources ?? []) contents.set(path, source.text);
  if (digest !== undefined) contents.set('image', digest);
  return policyHash(contents, { sha256 });
}
