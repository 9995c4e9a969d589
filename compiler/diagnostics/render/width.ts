/**
 * How many terminal columns a code point takes: 2 for the wide and full-width ones of Unicode Standard Annex 11, 0 for
 * marks that combine with the letter before them, else 1. Blocks are taken whole; unassigned code points in them count
 * as wide, as the annex asks for the ideographic ones.
 */
export function columnsOf(codePoint: number): 0 | 1 | 2 {
  if (codePoint < 0x300) return 1;
  if (zeroWidth.test(String.fromCodePoint(codePoint))) return 0;
  if (codePoint < 0x1100) return 1;
  for (let at = 0; at < wide.length; at += 2) {
    if (codePoint < wide[at]!) break;
    if (codePoint <= wide[at + 1]!) return 2;
  }
  return emoji.test(String.fromCodePoint(codePoint)) ? 2 : 1;
}

/** The terminal columns of a text without control characters. */
export function columnsOfText(text: string): number {
  let columns = 0;
  for (let at = 0; at < text.length; at++) {
    const codePoint = text.codePointAt(at)!;
    columns += columnsOf(codePoint);
    if (codePoint > 0xffff) at++;
  }
  return columns;
}

const zeroWidth = /^[\p{Mn}\p{Me}\u200b-\u200d]$/u;
/** A flag is two regional indicators of one column each. */
const emoji = /^(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}$/u;

/** First and last code points of the wide blocks, in order. */
const wide: readonly number[] = [
  0x1100, 0x115f, 0x2329, 0x232a, 0x2e80, 0x303e, 0x3041, 0x3247, 0x3250, 0x4dbf, 0x4e00, 0xa4cf, 0xa960, 0xa97f,
  0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6f, 0xff01, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x18dff,
  0x1aff0, 0x1b2ff, 0x1f200, 0x1f265, 0x20000, 0x3fffd,
];

/**
 * The text with every control character made visible, so that what a policy holds can neither move the cursor nor
 * recolour the terminal, nor reorder the line (the bidirectional controls of Unicode Standard Annex 9).
 */
export function visible(text: string): string {
  return hidden.test(text) ? text.replace(everyHidden, picture) : text;
}

const hiddenSet = '[\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\p{Cs}]';
const hidden = new RegExp(hiddenSet, 'u');
const everyHidden = new RegExp(hiddenSet, 'gu');

/** The picture of a C0 control (U+2400 and on) or the replacement character. */
function picture(character: string): string {
  const unit = character.charCodeAt(0);
  if (unit < 0x20) return String.fromCharCode(0x2400 + unit);
  return unit === 0x7f ? '\u2421' : '\ufffd';
}
