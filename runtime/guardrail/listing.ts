import type { Guardrails } from './world.ts';

/** `ID:MODE:HASH` of each policy, with blanks between them: what the audit log names by its digest. */
export function writeListing(ordered: Guardrails): string {
  return ordered.map(({ compiled, hash }) => `${compiled.policy}:${compiled.mode.replace('-', '_')}:${hash}`).join(' ');
}

/** The policies of a listing and their modes. */
export function readListing(listing: string): readonly { readonly policy: string; readonly mode: string }[] {
  return listing.split(' ').flatMap((each) => {
    const [policy = '', mode = ''] = each.split(':');
    return policy === '' ? [] : [{ policy, mode }];
  });
}
