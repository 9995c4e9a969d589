import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../report.ts';
import { keysFolder, openTrust } from '../../signing/places.ts';
import { openSigner, type Signer } from '../../signing/signer.ts';

/** Opens the key that a compilation signs with; no key where it signs nothing. */
export function imageSigner(
  key: string | undefined,
  given: { readonly keys?: string | undefined; readonly trust?: string | undefined },
): { readonly signer: Signer | undefined } | { readonly diagnostics: readonly Diagnostic[] } {
  if (key === undefined) return { signer: undefined };
  const store = openTrust(given.trust);
  const folder = keysFolder(given.keys);
  const signer = openSigner(key, folder, 'image', store, Date.now(), '--sign-with');
  if ('diagnostic' in signer) return { diagnostics: [...store.diagnostics, signer.diagnostic] };
  if ('usage' in signer)
    return { diagnostics: [report('POL8341', { file: folder, start: 0, end: 0 }, { key, folder })] };
  return { signer };
}
