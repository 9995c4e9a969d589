import { columnsOf, visible } from './width.ts';

const tabColumns = 4;
/** A longer line is cut to this many code units around the place of interest before its columns are counted. */
const measured = 4096;

/** A source line as a terminal shows it: tabs expanded, control characters made visible. */
export interface DisplayLine {
  /** One string per code unit of the measured part; the first unit of a pair is empty. */
  readonly cells: readonly string[];
  /** The column where each cell starts, and one more: the width of the whole. */
  readonly columns: readonly number[];
  /** How many code units of the line lie before the measured part. */
  readonly skipped: number;
  readonly cutAfter: boolean;
}

export function displayLine(raw: string, interest: number): DisplayLine {
  let from = 0;
  let to = raw.length;
  if (raw.length > measured) {
    from = Math.max(0, Math.min(interest - measured / 2, raw.length - measured));
    to = from + measured;
    if (isLowSurrogate(raw.charCodeAt(from))) from++;
    if (isLowSurrogate(raw.charCodeAt(to))) to--;
  }
  const cells: string[] = [];
  const columns: number[] = [0];
  let column = 0;
  for (let at = from; at < to; at++) {
    const unit = raw.charCodeAt(at);
    if (unit === 0x09) {
      cells.push(' '.repeat(tabColumns - (column % tabColumns)));
      column += tabColumns - (column % tabColumns);
    } else if (unit >= 0x20 && unit < 0x7f) {
      cells.push(raw[at]!);
      column++;
    } else {
      const codePoint = raw.codePointAt(at)!;
      const text = visible(String.fromCodePoint(codePoint));
      if (codePoint > 0xffff) {
        cells.push('');
        columns.push(column);
        at++;
      }
      cells.push(text);
      column += columnsOf(text.codePointAt(0)!);
    }
    columns.push(column);
  }
  return { cells, columns, skipped: from, cutAfter: to < raw.length };
}

/** The column of a code unit of the raw line. */
export function columnAt(line: DisplayLine, unit: number): number {
  const at = Math.max(0, Math.min(unit - line.skipped, line.columns.length - 1));
  return line.columns[at]!;
}

/** The part of a line between two columns, an ellipsis standing for what is cut. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Chooses which columns to show so that `[start, end)` and `after` more columns (a label) are seen. */
export function windowFor(line: DisplayLine, start: number, end: number, after: number, available: number): Window {
  const width = line.columns[line.columns.length - 1]!;
  const whole = line.skipped === 0 && !line.cutAfter;
  if (whole && width <= available) return { from: 0, to: width };
  const lead = Math.min(Math.floor(available / 4), 16);
  const needed = end + 2 + Math.min(after, Math.floor(available / 2));
  const latest = line.cutAfter ? width : Math.max(0, width - available);
  const from = Math.max(0, Math.min(start - lead, needed - available, latest));
  return { from, to: Math.min(from + available, width) };
}

/** The visible text of a window; what is cut on a side is told by `…` in its outermost column. */
export function windowText(line: DisplayLine, window: Window): string {
  const width = line.columns[line.columns.length - 1]!;
  const before = window.from > 0 || line.skipped > 0;
  const after = window.to < width || line.cutAfter;
  const left = window.from + (before ? 1 : 0);
  const right = window.to - (after ? 1 : 0);
  let text = before ? '…' : '';
  let at = left;
  for (let index = 0; index < line.cells.length; index++) {
    const start = line.columns[index]!;
    const end = line.columns[index + 1]!;
    // A mark without width goes with the cell before it.
    if (end === start ? before && end <= left : end <= left) continue;
    if (end === start ? start > right : start >= right) break;
    // A wide cell or a tab that a border cuts in two becomes spaces.
    if (start < left || end > right) {
      const kept = Math.min(end, right) - Math.max(start, left);
      text += ' '.repeat(kept);
      at = Math.min(end, right);
      continue;
    }
    text += line.cells[index]!;
    at = end;
  }
  if (after) text += `${' '.repeat(Math.max(0, right - at))}…`;
  return text;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
