import { canonicalJson, type Json } from '../../compiler/images/canonical-json.ts';

/** What a key signs. A signature of one purpose is none of another, whatever the two texts say. */
export const purposes = ['template', 'image', 'approval', 'invitation'] as const;
export type Purpose = (typeof purposes)[number];

/**
 * The bytes that are signed: a line that says what for, the canonical JSON (RFC 8785) of the content, and `more` lines.
 * No line feed stands inside canonical JSON, so no two contents have the same bytes.
 *
 * @returns undefined where the content has no canonical JSON: a number that is not finite, half of a surrogate pair
 */
export function signedText(purpose: Purpose, content: Json, more: readonly string[] = []): Uint8Array | undefined {
  const text = canonicalJson(content);
  if (text === undefined) return undefined;
  return Buffer.from([`polc ${purpose} 1`, text, ...more].join('\n'));
}
