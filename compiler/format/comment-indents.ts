import type { SourceText } from '../source/text.ts';
import { type LinePlan, step } from './plan.ts';

/**
 * The columns of lines that hold a comment only. A comment goes with the line below it, unless it is further in than
 * that, or a blank line parts the two: then it ends the block above in whose column it stands.
 */
export function commentIndents(source: SourceText, plans: ReadonlyMap<number, LinePlan>): ReadonlyMap<number, number> {
  const { text, lineStarts } = source;
  const indents = new Map<number, number>();
  let below = { line: lineStarts.length, column: 0, indent: 0 };
  /** From the last line up. */
  let pending: number[] = [];
  const settle = (above: number) => {
    pending.reverse();
    let attached = 0;
    while (pending[attached] === above + 1 + attached) attached += 1;
    // A dash may stand in the column of its key, so that only the blank line tells whose the comment is.
    const parted = below.line > above + 1 + attached;
    const open = new OpenBlocks(source, plans, above);
    let goesBelow = false;
    for (const [index, line] of pending.entries()) {
      const column = columnOf(source, line);
      const indent =
        column > below.column || (column === below.column && parted && index < attached) ? open.indentAt(column) : 0;
      // What follows a comment of the line below is its comment too.
      goesBelow ||= indent <= below.indent;
      indents.set(line, goesBelow ? below.indent : indent);
    }
    pending = [];
  };
  for (let line = lineStarts.length - 1; line >= 0; line -= 1) {
    const plan = plans.get(line);
    if (plan !== undefined) {
      if (pending.length > 0) settle(line);
      if (plan.kind === 'content') below = { line, column: columnOf(source, line), indent: plan.indent };
    } else if (text[lineStarts[line]! + columnOf(source, line)] === '#') {
      pending.push(line);
    }
  }
  if (pending.length > 0) settle(-1);
  return indents;
}

/** The blocks that a comment may end, from the innermost out. */
class OpenBlocks {
  readonly #source: SourceText;
  readonly #plans: ReadonlyMap<number, LinePlan>;
  #line: number;
  #column = Number.MAX_SAFE_INTEGER;
  /** The least indent of the lines that are further in than the last comment. */
  #inner = Number.MAX_SAFE_INTEGER;
  #indent = 0;
  /** The furthest in that a comment may stand: behind a block scalar's text it would be text. */
  #most = Number.MAX_SAFE_INTEGER;

  constructor(source: SourceText, plans: ReadonlyMap<number, LinePlan>, above: number) {
    this.#source = source;
    this.#plans = plans;
    this.#line = above;
    const plan = plans.get(above);
    if (plan?.kind === 'raw') this.#most = plan.indent - step;
  }

  /**
   * The new column of a comment in `column`: that of the block's lines which stand there. 0 where it ends no block.
   * Asked for the comments between two lines in turn, and a comment never goes further in than the one before.
   */
  indentAt(column: number): number {
    if (column >= this.#column) return this.#indent;
    this.#column = column;
    this.#indent = 0;
    for (; this.#line >= 0; this.#line -= 1) {
      const plan = this.#plans.get(this.#line);
      if (plan?.kind !== 'content') continue;
      let level = { column: columnOf(this.#source, this.#line), indent: plan.indent };
      for (let inner = level; inner.column <= column; ) {
        level = inner;
        const next = behindDash(this.#source, this.#line, inner);
        if (next === undefined) break;
        if (next.column > column) this.#inner = Math.min(this.#inner, next.indent);
        inner = next;
      }
      if (level.column > column) {
        this.#inner = Math.min(this.#inner, level.indent);
        continue;
      }
      if (level.column === column) this.#indent = level.indent;
      else if (this.#inner !== Number.MAX_SAFE_INTEGER) this.#indent = this.#inner;
      break;
    }
    this.#indent = Math.min(this.#indent, this.#most);
    return this.#indent;
  }
}

interface Level {
  readonly column: number;
  readonly indent: number;
}

/** Where the item begins whose dash is at the level, if one is and its item is on the line. */
function behindDash({ text, lineStarts }: SourceText, line: number, { column, indent }: Level): Level | undefined {
  const start = lineStarts[line]!;
  if (text[start + column] !== '-') return undefined;
  let at = start + column + 1;
  while (text[at] === ' ') at += 1;
  if (at === start + column + 1 || at >= (lineStarts[line + 1] ?? text.length)) return undefined;
  return text[at] === '\n' || text[at] === '\r' || text[at] === '#'
    ? undefined
    : { column: at - start, indent: indent + step };
}

function columnOf({ text, lineStarts }: SourceText, line: number): number {
  let at = lineStarts[line]!;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at - lineStarts[line]!;
}
