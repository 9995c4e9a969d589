import type { EditorDocument } from '../document.ts';
import { lineStartAt } from '../line-start.ts';
import { type Level, locate, type Place } from '../locate.ts';

/**
 * The list that the cursor would begin another item of, where it stands alone on its line in the column of the dashes
 * above; undefined elsewhere.
 */
export function listToContinue(document: EditorDocument, { span, at, style, levels }: Place): Level | undefined {
  const { text } = document.source;
  const lineStart = lineStartAt(text, span.start);
  if (style === 'comment' || style === 'block' || at === 'comment') return undefined;
  if (!isBlank(text, lineStart, span.start) || levels.at(-1)?.flow === true) return undefined;
  const column = span.start - lineStart;
  for (let end = lineStart - 1; end >= 0; ) {
    const start = lineStartAt(text, end);
    const first = firstOf(text, start, end);
    const indent = first - start;
    const isContent = first < end && text[first] !== '#' && text[first] !== '\r';
    if (isContent && indent <= column) {
      const isDash = text[first] === '-' && /\s/.test(text[first + 1] ?? ' ');
      if (!isDash || indent !== column) return undefined;
      const within = locate(document, Math.min(first + 2, end)).levels;
      return within.find((level) => level.kind === 'sequence' && !level.flow && level.indent === column);
    }
    end = start - 1;
  }
  return undefined;
}

function isBlank(text: string, from: number, to: number): boolean {
  return firstOf(text, from, to) === to;
}

/** Where a line's content begins; its end where it has none. */
function firstOf(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text[at] === ' ') at += 1;
  return at;
}
