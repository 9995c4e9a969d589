import type { Token } from '../scan.ts';

/** The token of a string that a quote right before a letter seems to end too early, `'it's'`; the text's last quote is left over then. */
export function innerQuote(text: string, read: readonly Token[], unclosed: number): number | undefined {
  const quote = text[unclosed];
  for (let at = read.length - 1; at >= 0; at -= 1) {
    const { name, start, end } = read[at]!;
    if (text.slice(end, unclosed).includes('\n')) return undefined;
    if (name !== 'String' || text[start] !== quote || text[start + 1] === quote) continue;
    // Between the quotes stands prose; anything else has more likely lost a quote somewhere before.
    if (/^[A-Za-z0-9_]/.test(text[end] ?? '') && !/[()[\]{}&|=<>]/.test(text.slice(end, unclosed))) return at;
  }
  return undefined;
}

/** Where the string could end: before the brackets at the end of the line that close open ones. */
export function placeOfQuote(text: string, start: number, end: number, open: number): number {
  const { at, text: quote } = quoteAt(text, start);
  const from = at + quote.length;
  let place = end;
  const back = () => {
    while (place > from && /\s/.test(text[place - 1]!)) place -= 1;
  };
  back();
  for (let left = open; left > 0 && place > from && /[)\]}]/.test(text[place - 1]!); left -= 1) {
    place -= 1;
    back();
  }
  // A backslash at the end escapes nothing.
  return place;
}

export function quoteAt(text: string, start: number): { readonly at: number; readonly text: string } {
  let at = start;
  while (text[at] !== "'" && text[at] !== '"') at += 1;
  const quote = text[at]!;
  return { at, text: text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote };
}
