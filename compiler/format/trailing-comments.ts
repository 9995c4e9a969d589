import { positionAt, type SourceText } from '../source/text.ts';

/** A comment behind something else on its line. */
interface TrailingComment {
  readonly start: number;
  /** Blanks in front of it; a tab counts as one, since nobody can say how wide it was meant to be. */
  readonly gap: number;
}

/** Keeps comments that stand in one column on lines that follow each other in one column, whatever is before them. */
export class TrailingComments {
  /** By line number. */
  readonly #comments = new Map<number, TrailingComment>();
  /** By line number: the lines whose comments share a column, in order; absent for a comment alone. */
  readonly #columns = new Map<number, readonly number[]>();

  /** `starts` are the offsets of all comments, in order. */
  constructor(source: SourceText, starts: readonly number[]) {
    let column: number[] = [];
    let columnOf = -1;
    for (const start of starts) {
      const { line } = positionAt(source, start);
      const lineStart = source.lineStarts[line]!;
      let end = start;
      while (end > lineStart && (source.text[end - 1] === ' ' || source.text[end - 1] === '\t')) end -= 1;
      if (end === lineStart) continue;
      const tabs = source.text.slice(end, start).includes('\t');
      this.#comments.set(line, { start, gap: tabs ? 1 : start - end });
      const own = tabs ? -1 : start - lineStart;
      if (own !== -1 && own === columnOf && column.at(-1) === line - 1) {
        column.push(line);
        for (const member of column) this.#columns.set(member, column);
      } else {
        column = [line];
        columnOf = own;
      }
    }
  }

  /** Where the comment of a line starts; undefined where it has none, or has nothing else. */
  start(line: number): number | undefined {
    return this.#comments.get(line)?.start;
  }

  /**
   * Puts the comments behind their lines. `contents` are the lines as they are to be, without their trailing comments;
   * `placed` says for each line of the source that has one which of the contents it is, and what the comment reads.
   */
  attach(contents: string[], placed: ReadonlyMap<number, { readonly at: number; readonly comment: string }>): void {
    for (const [line, { at, comment }] of placed) {
      const { gap } = this.#comments.get(line)!;
      const column = this.#columns.get(line) ?? [line];
      if (column[0] !== line) continue;
      if (column.length === 1) {
        contents[at] += ' '.repeat(gap) + comment;
        continue;
      }
      const members = column.map((member) => placed.get(member)!);
      const least = Math.min(...column.map((member) => this.#comments.get(member)!.gap));
      const width = Math.max(...members.map((member) => contents[member.at]!.length)) + least;
      for (const member of members) contents[member.at] = contents[member.at]!.padEnd(width) + member.comment;
    }
  }
}
