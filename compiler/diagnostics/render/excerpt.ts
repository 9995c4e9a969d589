import type { SourceText } from '../../source/text.ts';
import { positionAt } from '../../source/text.ts';
import { columnAt, type DisplayLine, displayLine, type Window, windowFor, windowText } from './line.ts';
import type { Paint, Style } from './paint.ts';
import { lineText } from './sources.ts';
import { columnsOfText, visible } from './width.ts';

/** A place to underline in an excerpt: with carets in the severity's style, or with dashes for the related ones. */
export interface Annotation {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly primary: boolean;
  readonly style: Style;
}

/** An annotation within one line, in code units of that line. */
interface Mark {
  readonly from: number;
  readonly to: number;
  readonly annotation: Annotation;
}

/** An annotation over several lines, drawn as a bar in the margin column `depth`. */
interface Bar {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  /** It starts at its line's first letter, so `/` beside the line says enough. */
  readonly flush: boolean;
  readonly annotation: Annotation;
}

/** A span over at most this many lines is shown whole; of a longer one the first and last lines. */
const wholeLines = 5;

/**
 * The annotated lines of one file, in line order, with `…` between distant ones. `gutter` is the width of the line
 * numbers, `width` that of the terminal.
 */
export function excerpt(
  source: SourceText,
  annotations: readonly Annotation[],
  gutter: number,
  width: number,
  paint: Paint,
): readonly string[] {
  const marks = new Map<number, Mark[]>();
  const bars: Bar[] = [];
  const shown = new Set<number>();
  for (const annotation of annotations) place(source, annotation, marks, bars, shown);
  const margin = bars.reduce((most, bar) => Math.max(most, bar.depth + 1), 0);
  const available = Math.max(24, width - gutter - 3 - (margin > 0 ? margin + 1 : 0));
  const lines = [...shown].sort((a, b) => a - b);
  const rows: string[] = [];
  const blank = `${' '.repeat(gutter + 1)}${paint('gutter', '|')}`;
  const put = (start: string, text: string) => rows.push(`${start} ${text}`.trimEnd());

  let previous: number | undefined;
  for (const line of lines) {
    if (previous !== undefined && line === previous + 2) draw(previous + 1);
    else if (previous !== undefined && line > previous + 2) {
      put(`${' '.repeat(gutter + 1)}${paint('gutter', '…')}`, marginText(bars, margin, line, 'before', paint));
    }
    draw(line);
    previous = line;
  }
  return rows;

  function draw(line: number): void {
    const raw = lineText(source, line);
    const here = (marks.get(line) ?? []).sort((a, b) => a.from - b.from || a.to - b.to);
    const focus = focusOf(here, line, bars);
    const display = displayLine(raw, focus.from);
    const window = windowFor(
      display,
      columnAt(display, focus.from),
      columnAt(display, focus.to),
      columnsOfText(focus.label),
      available,
    );
    const number = paint('gutter', `${String(line + 1).padStart(gutter)} |`);
    put(number, marginText(bars, margin, line, 'line', paint) + windowText(display, window));
    const below = marginText(bars, margin, line, 'below', paint);
    for (const row of markRows(here, display, window, paint)) put(blank, below + row);
    for (const row of barRows(bars, margin, line, display, window, paint)) put(blank, row);
  }
}

function place(
  source: SourceText,
  annotation: Annotation,
  marks: Map<number, Mark[]>,
  bars: Bar[],
  shown: Set<number>,
): void {
  const start = positionAt(source, annotation.start);
  let end = positionAt(source, Math.max(annotation.start, annotation.end));
  // A span that takes in the line break ends on the line before it.
  if (end.line > start.line && end.column === 0) {
    end = { line: end.line - 1, column: lineText(source, end.line - 1).length };
  }
  if (start.line === end.line) {
    const mark = { from: start.column, to: Math.max(start.column + 1, end.column), annotation };
    const others = marks.get(start.line);
    if (others === undefined) marks.set(start.line, [mark]);
    else others.push(mark);
    shown.add(start.line);
    return;
  }
  const taken = new Set(bars.filter((bar) => bar.first <= end.line && start.line <= bar.last).map((bar) => bar.depth));
  let depth = 0;
  while (taken.has(depth)) depth++;
  const flush = lineText(source, start.line).slice(0, start.column).trim() === '';
  bars.push({ first: start.line, last: end.line, from: start.column, to: end.column, depth, flush, annotation });
  shown.add(start.line).add(end.line);
  if (end.line - start.line >= wholeLines) return;
  for (let line = start.line + 1; line < end.line; line++) shown.add(line);
}

/** What the window of a line must show: the primary mark, else the first one, else the end of a bar. */
function focusOf(
  marks: readonly Mark[],
  line: number,
  bars: readonly Bar[],
): { from: number; to: number; label: string } {
  const mark = marks.find((candidate) => candidate.annotation.primary) ?? marks[0];
  if (mark !== undefined) return { from: mark.from, to: mark.to, label: mark.annotation.label };
  const ends = bars.find((bar) => bar.last === line);
  if (ends !== undefined) return { from: Math.max(0, ends.to - 1), to: ends.to, label: ends.annotation.label };
  const starts = bars.find((bar) => bar.first === line);
  return starts === undefined ? { from: 0, to: 0, label: '' } : { from: starts.from, to: starts.from + 1, label: '' };
}

/** The margin's bars beside a line, beside the gap before it, or beside the rows that hang below it. */
function marginText(
  bars: readonly Bar[],
  margin: number,
  line: number,
  where: 'before' | 'line' | 'below',
  paint: Paint,
): string {
  if (margin === 0) return '';
  let text = '';
  for (let depth = 0; depth < margin; depth++) {
    const bar = bars.find((candidate) => {
      if (candidate.depth !== depth || line > candidate.last) return false;
      if (line > candidate.first) return true;
      return line === candidate.first && candidate.flush && where !== 'before';
    });
    if (bar === undefined) text += ' ';
    else text += paint(bar.annotation.style, where === 'line' && line === bar.first ? '/' : '|');
  }
  return `${text} `;
}

/** The rows that open and close the bars: underscores from the margin to the letter, and the label at the end. */
function barRows(
  bars: readonly Bar[],
  margin: number,
  line: number,
  display: DisplayLine,
  window: Window,
  paint: Paint,
): readonly string[] {
  const rows: string[] = [];
  const row = (bar: Bar, unit: number, label: string, closing: boolean) => {
    const column = Math.max(0, Math.min(columnAt(display, unit), window.to - 1) - window.from);
    let text = '';
    for (let depth = 0; depth < bar.depth; depth++) {
      const other = bars.find((each) => each.depth === depth && each.first < line && line <= each.last);
      text += other === undefined ? ' ' : paint(other.annotation.style, '|');
    }
    const head = closing ? '|' : ' ';
    const tip = bar.annotation.primary ? '^' : '-';
    const tail = `${'_'.repeat(margin - bar.depth + column)}${tip}${label === '' ? '' : ` ${visible(label)}`}`;
    rows.push(text + paint(bar.annotation.style, head + tail));
  };
  for (const bar of bars) if (bar.first === line && !bar.flush) row(bar, bar.from, '', false);
  for (const bar of bars) if (bar.last === line) row(bar, Math.max(0, bar.to - 1), bar.annotation.label, true);
  return rows;
}

/** The underline of a line's marks and their labels: the last one's beside it, the others hanging below. */
function markRows(marks: readonly Mark[], display: DisplayLine, window: Window, paint: Paint): readonly string[] {
  if (marks.length === 0) return [];
  const drawn = marks.map((mark) => {
    const from = Math.min(Math.max(columnAt(display, mark.from), window.from), Math.max(window.to - 1, window.from));
    const to = Math.max(from + 1, Math.min(columnAt(display, mark.to), Math.max(window.to, from + 1)));
    // Past the line's end there are no columns to count: an empty span there still gets its caret.
    const beyond =
      mark.from - display.skipped >= display.columns.length - 1 && window.to === columnAt(display, mark.from);
    const shift = beyond ? window.to - from : 0;
    return { from: from + shift - window.from, to: to + shift - window.from, annotation: mark.annotation };
  });
  const last = drawn[drawn.length - 1]!;
  const inline = drawn.every((mark) => mark === last || mark.to <= last.from);
  const rows: string[] = [];
  const underline: Piece[] = [];
  for (const mark of [...drawn].sort((a, b) => Number(a.annotation.primary) - Number(b.annotation.primary))) {
    const text = (mark.annotation.primary ? '^' : '-').repeat(mark.to - mark.from);
    underline.push({ at: mark.from, text, style: mark.annotation.style });
  }
  if (inline && last.annotation.label !== '') {
    underline.push({ at: last.to + 1, text: visible(last.annotation.label), style: last.annotation.style });
  }
  rows.push(lay(underline, paint));
  const hanging = drawn.filter((mark) => mark.annotation.label !== '' && !(inline && mark === last));
  for (let index = hanging.length - 1; index >= 0; index--) {
    const stems = hanging
      .slice(0, index + 1)
      .map((mark) => ({ at: mark.from, text: '|', style: mark.annotation.style }));
    if (index === hanging.length - 1) rows.push(lay(stems, paint));
    const mark = hanging[index]!;
    const label = { at: mark.from, text: visible(mark.annotation.label), style: mark.annotation.style };
    rows.push(lay([...stems.slice(0, index), label], paint));
  }
  return rows;
}

/** A text at a column of a row; later pieces lie over earlier ones. */
interface Piece {
  readonly at: number;
  readonly text: string;
  readonly style: Style;
}

function lay(pieces: readonly Piece[], paint: Paint): string {
  const cells: string[] = [];
  const styles: Style[] = [];
  for (const piece of pieces) {
    let at = piece.at;
    for (const letter of piece.text) {
      while (cells.length < at) {
        cells.push(' ');
        styles.push('plain');
      }
      cells[at] = letter;
      styles[at] = piece.style;
      at++;
    }
  }
  let row = '';
  for (let from = 0; from < cells.length; ) {
    let to = from + 1;
    while (to < cells.length && styles[to] === styles[from]) to++;
    row += paint(styles[from]!, cells.slice(from, to).join(''));
    from = to;
  }
  return row;
}
