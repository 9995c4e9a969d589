import { readTokens } from '../../../grammars/cel/tokens-with-comments.ts';
import { readWellFormed } from '../../../grammars/cel/well-formed.ts';
import { type Piece, pieces } from './format-pieces.ts';

export interface CelFormat {
  /** Columns up to which a line may go; a single long word may go beyond. */
  readonly width?: number;
}

/**
 * An expression in the usual layout. The words stay as the author wrote them, parentheses and quotes too, and so do comments;
 * only blanks, line breaks and commas behind the last element change. What does not fit one line is broken at `?` and `:`, else
 * in front of `||`, else of `&&`, else within brackets. Formatting twice changes nothing more.
 *
 * @returns undefined where the expression is not well formed
 */
export function formatCel(text: string, { width = 100 }: CelFormat = {}): string | undefined {
  if (readWellFormed(text) === undefined) return undefined;
  const { tokens, comments } = readTokens(text);
  const { list, tail } = pieces(text, tokens, comments);
  const writer = new Writer(list, width);
  writer.render(0, list.length, 0);
  writer.comments(tail, 0);
  return writer.text;
}

const indentation = 2;

class Writer {
  readonly #pieces: readonly Piece[];
  readonly #width: number;
  /** Up to each piece, how wide all before it are on one line. */
  readonly #offsets: readonly number[];
  /** Up to each piece, how many of those before it have comments or several lines. */
  readonly #breaks: readonly number[];
  text = '';
  #column = 0;
  /** The indentation of the line that the next word begins. */
  #line: number | undefined = 0;
  /** Whether a comment was written last, behind which only a new line can begin. */
  #commented = false;

  constructor(list: readonly Piece[], width: number) {
    this.#pieces = list;
    this.#width = width;
    const offsets = [0];
    const breaks = [0];
    for (const { text, space, comments } of list) {
      offsets.push(offsets.at(-1)! + text.length + (space ? 1 : 0));
      breaks.push(breaks.at(-1)! + (comments.length > 0 || text.includes('\n') ? 1 : 0));
    }
    this.#offsets = offsets;
    this.#breaks = breaks;
  }

  /** Writes the pieces of one expression, or of an element of brackets; further lines begin at `indent`. */
  render(from: number, to: number, indent: number): void {
    if (from >= to) return;
    if (this.#fits(from, to)) {
      for (let at = from; at < to; at += 1) this.#piece(at, indent);
      return;
    }
    const conditionals = this.#top(from, to, (piece) => piece.conditional);
    if (conditionals.length > 0) {
      this.#split(from, to, conditionals, indent + indentation, indent + 2 * indentation, indent);
      return;
    }
    for (const operator of ['Or', 'And'] as const) {
      const operators = this.#top(from, to, ({ name }) => name === operator);
      if (operators.length > 0) {
        this.#split(from, to, operators, indent, indent + indentation, indent + indentation);
        return;
      }
    }
    this.#brackets(from, to, indent);
  }

  /** Writes comments in front of what begins at `indent`. */
  comments(comments: Piece['comments'], indent: number): void {
    for (const { text, trailing } of comments) {
      const behind = trailing && this.text !== '' && !this.#commented;
      this.#line = behind ? undefined : this.text === '' ? 0 : indent;
      this.#write(text, behind);
      this.#line = indent;
      this.#commented = true;
    }
  }

  /** Begins a line with each of the operators, and lays out what is between. */
  #split(from: number, to: number, operators: readonly number[], indent: number, inner: number, first: number): void {
    this.render(from, operators[0]!, first);
    operators.forEach((operator, index) => {
      this.comments(this.#pieces[operator]!.comments, indent);
      this.#line = indent;
      this.#word(operator);
      this.render(operator + 1, operators[index + 1] ?? to, inner);
    });
  }

  /** Writes the pieces one after the other, and brackets that do not fit on lines of their own. */
  #brackets(from: number, to: number, indent: number): void {
    for (let at = from; at < to; at += 1) {
      this.#piece(at, indent);
      const { close } = this.#pieces[at]!;
      if (close === undefined || close === at + 1) continue;
      if (this.#fits(at + 1, close + 1)) {
        for (at += 1; at < close; at += 1) this.#piece(at, indent);
      } else {
        this.#elements(at + 1, close, indent + indentation);
        this.comments(this.#pieces[close]!.comments, indent + indentation);
        this.#line = indent;
        at = close;
      }
      this.#word(close);
    }
  }

  #elements(from: number, to: number, indent: number): void {
    const commas = this.#top(from, to, ({ name }) => name === 'Comma');
    let start = from;
    for (const comma of [...commas, to]) {
      this.#line = indent;
      this.render(start, comma, indent);
      if (comma < to) this.#piece(comma, indent);
      start = comma + 1;
    }
  }

  /** Those that are not within brackets. */
  #top(from: number, to: number, wanted: (piece: Piece) => boolean): readonly number[] {
    const found: number[] = [];
    for (let at = from; at < to; at += 1) {
      const piece = this.#pieces[at]!;
      if (wanted(piece)) found.push(at);
      if (piece.close !== undefined) at = piece.close;
    }
    return found;
  }

  /** Whether the pieces fit the rest of the line; the comments in front of the first stand before it. */
  #fits(from: number, to: number): boolean {
    const broken = this.#breaks[to]! - this.#breaks[from + 1]! > 0 || this.#pieces[from]!.text.includes('\n');
    const column = this.#line ?? this.#column;
    return !broken && column + this.#offsets[to]! - this.#offsets[from]! <= this.#width;
  }

  #piece(at: number, indent: number): void {
    this.comments(this.#pieces[at]!.comments, indent);
    this.#word(at);
  }

  #word(at: number): void {
    const { text, space } = this.#pieces[at]!;
    this.#write(text, space);
  }

  #write(text: string, space: boolean): void {
    if (this.#line !== undefined) {
      const start = this.text === '' ? '' : `\n${' '.repeat(this.#line)}`;
      this.text += start + text;
      this.#column = (this.text === text ? 0 : this.#line) + text.length;
    } else {
      this.text += (space ? ' ' : '') + text;
      this.#column += (space ? 1 : 0) + text.length;
    }
    const lines = text.lastIndexOf('\n');
    if (lines !== -1) this.#column = text.length - lines - 1;
    this.#line = undefined;
    this.#commented = false;
  }
}
