import type { Position, Range } from 'vscode-languageserver';
import type { Span } from '../compiler/source/span.ts';
import type { SourceText } from '../compiler/source/text.ts';

/** Looked for once in a text: it is asked for each end of each finding. */
const starts = new WeakMap<SourceText, readonly number[]>();

/** Where lines begin as the protocol counts them: it takes a carriage return alone for the end of a line too. */
function lineStartsOf(source: SourceText): readonly number[] {
  const known = starts.get(source);
  if (known !== undefined) return known;
  let found = source.lineStarts;
  if (/\r(?!\n)/.test(source.text)) {
    found = [0, ...Array.from(source.text.matchAll(/\r\n|\n|\r/g), ({ index, 0: end }) => index + end.length)];
  }
  starts.set(source, found);
  return found;
}

/** The protocol's position of an offset: UTF-16 code units, as offsets are here. */
export function positionOf(source: SourceText, offset: number): Position {
  return positionIn(lineStartsOf(source), Math.max(0, Math.min(offset, source.text.length)));
}

function positionIn(lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - lineStarts[low]! };
}

/** The range of a span, or of any two offsets. */
export function rangeOf(source: SourceText, { start, end }: Pick<Span, 'start' | 'end'>): Range {
  return { start: positionOf(source, start), end: positionOf(source, end) };
}

/** The offset of a position; one behind the end of its line is at the end of the line, as the protocol says. */
export function offsetOf(source: SourceText, { line, character }: Position): number {
  const { text } = source;
  const lineStarts = lineStartsOf(source);
  if (line < 0) return 0;
  if (line >= lineStarts.length) return text.length;
  const start = lineStarts[line]!;
  let end = lineStarts[line + 1] ?? text.length;
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end -= 1;
  return Math.min(start + Math.max(0, character), end);
}
