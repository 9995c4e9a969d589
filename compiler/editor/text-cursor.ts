import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  DOUBLE_QUOTE,
  isFlowIndicator,
  LINE_FEED,
  SINGLE_QUOTE,
  SPACE,
} from '../source/characters.ts';

const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const EXCLAMATION = 0x21;
const AMPERSAND = 0x26;

/** Where a scan of a text up to an offset is. Behind that offset nothing is read but to see whether a word ends there. */
export class TextCursor {
  readonly text: string;
  readonly to: number;
  at: number;
  lineStart: number;

  constructor(text: string, from: number, to: number) {
    this.text = text;
    this.at = from;
    this.lineStart = from;
    this.to = to;
  }

  /** The code unit at `at`; a line feed at the end of what is read, as if the text ended there. */
  code(at: number): number {
    return at < this.to ? this.text.charCodeAt(at) : LINE_FEED;
  }

  isBlankAt(at: number): boolean {
    const code = this.code(at);
    return at < 0 || code === SPACE || code === LINE_FEED || code === TAB || code === CARRIAGE_RETURN;
  }

  skipBlanks(): void {
    for (;;) {
      const code = this.code(this.at);
      if (code !== SPACE && code !== TAB && code !== CARRIAGE_RETURN) break;
      this.at += 1;
    }
  }

  lineEnd(at: number): number {
    const newline = this.text.indexOf('\n', at);
    return newline === -1 || newline > this.to ? this.to : newline;
  }

  /** The offset of the quote that closes the one at `start` on the same line; -1 where none does. */
  closingQuote(start: number, quote: number): number {
    for (let at = start + 1; ; at += 1) {
      const code = this.code(at);
      if (code === LINE_FEED) return -1;
      if (code === BACKSLASH && quote === DOUBLE_QUOTE) at += 1;
      else if (code === quote) {
        if (quote === SINGLE_QUOTE && this.code(at + 1) === SINGLE_QUOTE) at += 1;
        else return at;
      }
    }
  }

  /** Whether the line at `lineStart` has content that is indented no further than `parentIndent`. */
  isOutside(lineStart: number, parentIndent: number): boolean {
    let at = lineStart;
    while (this.code(at) === SPACE) at += 1;
    const code = this.code(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return false;
    return at - lineStart <= parentIndent && code !== CLOSE_BRACKET && code !== CLOSE_BRACE;
  }

  restOfLine(): string {
    const end = this.text.indexOf('\n', this.at);
    return this.text.slice(this.at, end === -1 ? this.text.length : end);
  }

  /** Anchors and tags say nothing of a place. */
  skipProperties(): void {
    for (;;) {
      const code = this.code(this.at);
      if (code !== AMPERSAND && code !== EXCLAMATION) return;
      let end = this.at;
      while (!this.isBlankAt(end)) end += 1;
      if (end >= this.to) return;
      this.at = end;
      this.skipBlanks();
    }
  }

  colonHolds(colon: number, flow: boolean): boolean {
    const next = this.text.charCodeAt(colon + 1);
    return Number.isNaN(next) || next <= SPACE || (flow && isFlowIndicator(next));
  }

  toNextLine(): void {
    this.at = Math.min(this.lineEnd(this.at) + 1, this.to + 1);
    this.lineStart = this.at;
  }
}
