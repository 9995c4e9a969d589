import type { CST } from 'yaml';
import { blockHeader } from '../source/scalar-decode.ts';
import { positionAt, type SourceText } from '../source/text.ts';
import { spaceFlow } from './flow-spacing.ts';
import { type Edit, type LinePlan, type Planner, step } from './plan.ts';

/** Decides, from the concrete syntax, the column of each line and the spacing within lines. */
export class Layout implements Planner {
  readonly source: SourceText;
  readonly text: string;
  /** By line number. */
  readonly plans = new Map<number, LinePlan>();
  readonly edits: Edit[] = [];

  constructor(source: SourceText) {
    this.source = source;
    this.text = source.text;
  }

  document(document: CST.Document): void {
    for (const token of document.start)
      if (token.type === 'anchor' || token.type === 'tag') this.#startsAt(token.offset, 0);
    if (document.value !== undefined) this.#node(document.value, -step);
  }

  /** `column` is that of the collection which holds the node; the node's own lines are one step further in. */
  #node(token: CST.Token, column: number, behindKey = false): void {
    const inner = column + step;
    switch (token.type) {
      case 'block-map':
        for (const item of token.items) {
          if (item.key != null) {
            this.#startsAt(item.key.offset, inner);
            this.#separator(item.sep ?? [], item.value, inner);
          }
          if (item.value !== undefined) this.#node(item.value, inner, true);
        }
        break;
      case 'block-seq':
        for (const { start, value } of token.items) {
          this.#separator(start, value, inner);
          if (value !== undefined) this.#node(value, inner);
        }
        break;
      case 'block-scalar':
        this.#startsAt(token.offset, inner);
        this.#blockScalar(token, Math.max(inner, step), column);
        break;
      case 'flow-collection':
        this.#startsAt(token.offset, inner);
        // Behind a key the brackets hang from the key; behind a dash and on a line of their own, from themselves.
        spaceFlow(token, behindKey && !this.#isFirstOnLine(token.offset) ? column : inner, this);
        break;
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        this.#startsAt(token.offset, inner);
        this.continuation(token.offset, token.source, Math.max(inner, step));
        break;
      case 'alias':
        this.#startsAt(token.offset, inner);
        break;
      default:
    }
  }

  /** The tokens between a key or a dash and its value: indicator, blanks, comments, tag and anchor. */
  #separator(tokens: readonly CST.SourceToken[], value: CST.Token | undefined, column: number): void {
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'seq-item-ind') this.#startsAt(token.offset, column);
      else if (token.type === 'anchor' || token.type === 'tag') this.#startsAt(token.offset, column + step);
      else if (token.type === 'space') {
        const next = tokens[index + 1] ?? value;
        const before = tokens[index - 1];
        if (next === undefined || next.type === 'newline' || next.type === 'comment' || before?.type === 'newline')
          continue;
        if (index === 0 && next.type === 'seq-item-ind') continue;
        this.space(token, next.type === 'map-value-ind' ? '' : ' ');
      }
    }
  }

  insert(offset: number, text: string): void {
    this.edits.push({ start: offset, end: offset, text });
  }

  space(token: CST.SourceToken, text: string): void {
    if (token.source !== text) this.edits.push({ start: token.offset, end: token.offset + token.source.length, text });
  }

  /** Plans the column of the line on which `offset` is the first that is not blank. */
  #startsAt(offset: number, indent: number): void {
    this.lineStart(offset, { indent, kind: 'content', strip: 0 });
  }

  lineStart(offset: number, plan: LinePlan): void {
    if (!this.#isFirstOnLine(offset)) return;
    const { line } = positionAt(this.source, offset);
    if (!this.plans.has(line)) this.plans.set(line, plan);
  }

  #isFirstOnLine(offset: number): boolean {
    for (let at = this.source.lineStarts[positionAt(this.source, offset).line]!; at < offset; at += 1) {
      const character = this.text[at];
      if (character !== ' ' && character !== '\t' && character !== '\ufeff') return false;
    }
    return true;
  }

  /** Plans the second and later lines of a plain or quoted text. */
  continuation(offset: number, text: string, indent: number): void {
    if (!text.includes('\n')) return;
    const first = positionAt(this.source, offset).line;
    const last = positionAt(this.source, offset + text.length).line;
    for (let line = first + 1; line <= last; line += 1) this.plans.set(line, { indent, kind: 'folded', strip: 0 });
  }

  #blockScalar(token: CST.BlockScalar, indent: number, column: number): void {
    let content = token.offset;
    for (const part of token.props) {
      if ('source' in part && typeof part.source === 'string') content = part.offset + part.source.length;
    }
    const header = blockHeader(this.text, token.offset, content);
    const end = content + token.source.length;
    const lines: number[] = [];
    // A header that ends the file without a line break has no lines; its own line is not one of them.
    const first = positionAt(this.source, content).line + (this.source.text[content - 1] === '\n' ? 0 : 1);
    for (let line = first; (this.source.lineStarts[line] ?? end) < end; line += 1) lines.push(line);
    const strip = header.indent === 0 ? this.#detectedIndent(lines) : Math.max(token.indent, 0) + header.indent;
    if (header.indent !== 0) {
      const digit = token.offset + this.text.slice(token.offset, content).search(/[1-9]/);
      this.edits.push({ start: digit, end: digit + 1, text: String(indent - Math.max(column, 0)) });
    }
    const ends = header.chomp === '+' ? lines.length : lines.length - this.#trailingBlank(lines, strip);
    for (const line of lines.slice(0, ends)) this.plans.set(line, { indent, kind: 'raw', strip });
  }

  #detectedIndent(lines: readonly number[]): number {
    for (const line of lines) {
      const start = this.source.lineStarts[line]!;
      let at = start;
      while (this.text[at] === ' ') at += 1;
      const character = this.text[at];
      if (character !== undefined && character !== '\n' && character !== '\r') return at - start;
    }
    return Number.MAX_SAFE_INTEGER;
  }

  #trailingBlank(lines: readonly number[], strip: number): number {
    let count = 0;
    for (const line of [...lines].reverse()) {
      const start = this.source.lineStarts[line]!;
      const text = this.text.slice(start, this.source.lineStarts[line + 1] ?? this.text.length).replace(/\r?\n$/, '');
      if (text.trim() !== '' || text.length > strip) break;
      count += 1;
    }
    return count;
  }
}
