import type { Problem } from '../problem.ts';
import { Scanner, type Token } from '../scan.ts';
import type { TokenName } from '../tokens.ts';
import { closers } from './brackets.ts';
import { innerQuote, placeOfQuote, quoteAt } from './quotes.ts';

/** Characters that look like one of CEL's. */
const lookalikes: Readonly<Partial<Record<string, string>>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201C': '"',
  '\u201D': '"',
  '\u2260': '!=',
  '\u2264': '<=',
  '\u2265': '>=',
  '\u00A0': ' ',
  '\u2013': '-',
  '\u2212': '-',
};

/** The tokens, strings without their end ended where they could; what begins no token goes to `strange`. */
export function scanAll(text: string, problems: Problem[], strange: { start: number; end: number }[]): Token[] {
  let scanner = new Scanner(text);
  const read: Token[] = [];
  const brackets: TokenName[] = [];
  for (scanner.next(); scanner.name !== 'End'; scanner.next()) {
    const { name, start, end } = scanner;
    if (name === 'Strange') {
      const last = strange.at(-1);
      if (last?.end === start) last.end = end;
      else strange.push({ start, end });
    } else if (name === 'UnclosedString') {
      const inner = innerQuote(text, read, start);
      if (inner === undefined) {
        const place = placeOfQuote(text, start, end, brackets.length);
        const quote = quoteAt(text, start);
        problems.push({
          kind: 'unclosed string',
          quote: quote.text,
          range: { start, end: quote.at + quote.text.length },
          place,
        });
        read.push({ name, start, end: place });
        scanner = new Scanner(text);
        scanner.end = place;
      } else {
        const first = read[inner]!;
        problems.push({
          kind: 'inner quote',
          quote: text[start]!,
          range: { start: first.end - 1, end: first.end },
        });
        read.length = inner;
        read.push({ name: 'UnclosedString', start: first.start, end: start + 1 });
        scanner = new Scanner(text);
        scanner.end = start + 1;
      }
    } else {
      if (closers[name] !== undefined) brackets.push(name);
      else if (name === 'Close' || name === 'CloseList' || name === 'CloseMap') brackets.pop();
      read.push({ name, start, end });
    }
  }
  for (const range of strange) {
    const image = text.slice(range.start, range.end);
    const replacement = [...image].map((each) => lookalikes[each]);
    problems.push({
      kind: 'character',
      text: image,
      range,
      ...(replacement.includes(undefined) ? {} : { replacement: replacement.join('') }),
    });
  }
  return read;
}
