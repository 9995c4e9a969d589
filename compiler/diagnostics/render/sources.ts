import { positionAt, type SourceText } from '../../source/text.ts';

/** Finds the text of a file that a span names; undefined where it could not be read. */
export type Sources = (file: string) => SourceText | undefined;

/** Line and column of an offset, both counted from 1, columns in UTF-16 code units as the Language Server Protocol does. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export function placeAt(source: SourceText, offset: number): Place {
  const { line, column } = positionAt(source, offset);
  return { line: line + 1, column: column + 1 };
}

/** The text of a line without its line break. */
export function lineText(source: SourceText, line: number): string {
  const start = source.lineStarts[line] ?? source.text.length;
  let end = source.lineStarts[line + 1] ?? source.text.length;
  if (end > start && source.text.charCodeAt(end - 1) === 0x0a) end--;
  if (end > start && source.text.charCodeAt(end - 1) === 0x0d) end--;
  return source.text.slice(start, end);
}
