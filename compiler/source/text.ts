/** A decoded source file. Offsets everywhere are UTF-16 code units, as in the Language Server Protocol. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  /** Offset of the first code unit of each line; the first entry is 0. */
  readonly lineStarts: readonly number[];
}

/** A zero-based line and a zero-based column in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function sourceText(path: string, text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return { path, text, lineStarts };
}

export function positionAt(source: SourceText, offset: number): Position {
  const clamped = Math.max(0, Math.min(offset, source.text.length));
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (source.lineStarts[middle]! <= clamped) low = middle;
    else high = middle - 1;
  }
  return { line: low, column: clamped - source.lineStarts[low]! };
}
