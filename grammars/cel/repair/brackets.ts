import type { Problem } from '../problem.ts';
import type { Token } from '../scan.ts';
import type { TokenName } from '../tokens.ts';

/** What closes each opening bracket. */
export const closers: Readonly<Partial<Record<TokenName, TokenName>>> = {
  Open: 'Close',
  OpenList: 'CloseList',
  OpenMap: 'CloseMap',
};
const brackets: Readonly<Partial<Record<TokenName, string>>> = {
  Open: '(',
  OpenList: '[',
  OpenMap: '{',
  Close: ')',
  CloseList: ']',
  CloseMap: '}',
};

/** Closes what is open, and leaves out what closes nothing. */
export function balanced(text: string, read: readonly Token[], problems: Problem[]): Token[] {
  const result: Token[] = [];
  const open: Token[] = [];
  const close = (opening: Token, place: number) => {
    const name = closers[opening.name]!;
    problems.push({
      kind: 'unclosed',
      opening: { start: opening.start, end: opening.end },
      open: brackets[opening.name]!,
      close: brackets[name]!,
      range: { start: place, end: place },
    });
    result.push({ name, start: place, end: place });
  };
  for (const token of read) {
    const { name, start, end } = token;
    if (closers[name] !== undefined) open.push(token);
    if (name !== 'Close' && name !== 'CloseList' && name !== 'CloseMap') {
      result.push(token);
      continue;
    }
    const innermost = open.at(-1);
    if (innermost !== undefined && closers[innermost.name] === name) {
      open.pop();
      result.push(token);
    } else if (open.some((opening) => closers[opening.name] === name)) {
      // Those inside were forgotten.
      for (let opening = open.pop(); opening !== undefined; opening = open.pop()) {
        if (closers[opening.name] === name) break;
        close(opening, result.at(-1)!.end);
      }
      result.push(token);
    } else if (innermost !== undefined) {
      const wanted = closers[innermost.name]!;
      problems.push({
        kind: 'mismatch',
        opening: { start: innermost.start, end: innermost.end },
        open: brackets[innermost.name]!,
        close: brackets[wanted]!,
        text: text.slice(start, end),
        range: { start, end },
      });
      open.pop();
      result.push({ name: wanted, start, end });
    } else {
      problems.push({ kind: 'unopened', text: text.slice(start, end), range: { start, end } });
    }
  }
  for (let opening = open.pop(); opening !== undefined; opening = open.pop()) close(opening, result.at(-1)!.end);
  return result;
}
