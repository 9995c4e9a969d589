import { isMap, parseDocument } from 'yaml';
import type { Purpose } from './signed-text.ts';

/** A key that is new to a trust store, in the terms of its file. */
export interface NewKey {
  readonly id: string;
  readonly authority: string;
  readonly publicKey: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  /** Absent: all. */
  readonly purposes?: readonly Purpose[];
}

const heading = ' Whose signatures count here. `polc keys list` shows the keys.';

/**
 * The text of a trust store with one key more; its comments stay.
 *
 * @param text a trust store that was read without an error, or an empty text
 */
export function withTrustedKey(text: string, { id, authority, publicKey, ...more }: NewKey): string {
  const document = parseDocument(text.trim() === '' ? 'authorities: {}\n' : text);
  if (text.trim() === '') document.commentBefore = heading;
  const { validFrom, validUntil, purposes } = more;
  const entry = document.createNode({
    public_key: publicKey,
    ...(validFrom === undefined ? {} : { valid_from: validFrom }),
    ...(validUntil === undefined ? {} : { valid_until: validUntil }),
    ...(purposes === undefined ? {} : { purposes }),
  });
  document.setIn(['authorities', authority, id], entry);
  for (const path of [['authorities'], ['authorities', authority]]) {
    const node = document.getIn(path, true);
    if (isMap(node)) node.flow = false;
  }
  return document.toString({ lineWidth: 0 });
}
