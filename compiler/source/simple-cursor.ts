import {
  BACKSLASH,
  beginsPlain,
  COLON,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  HASH,
  isBlank,
  isDigit,
  isFlowIndicator,
  LINE_FEED,
  SINGLE_QUOTE,
  SPACE,
} from './characters.ts';
import { coreValue } from './core-schema.ts';
import type { SourceText } from './text.ts';
import type { Comment, ScalarNode } from './tree.ts';

/** A place in a text without tabs and carriage returns, with what a line of simple YAML is made of. */
export class SimpleCursor {
  readonly comments: Comment[] = [];
  protected readonly text: string;
  protected readonly file: string;
  protected at = 0;
  /** Where the line of `at` begins. */
  protected lineStart = 0;

  constructor({ text, path }: SourceText) {
    this.text = text;
    this.file = path;
  }

  protected column(): number {
    return this.at - this.lineStart;
  }

  protected isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Goes to a place on whose line nothing else is of interest before it. */
  protected goTo(at: number): void {
    this.at = at;
    this.lineStart = at === 0 ? 0 : this.text.lastIndexOf('\n', at - 1) + 1;
  }

  /** Goes on to the next character that is neither blank nor of a comment; false where a comment is glued to a value. */
  protected toContent(): boolean {
    const { text } = this;
    let { at } = this;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === SPACE) at += 1;
      else if (code === LINE_FEED) {
        at += 1;
        this.lineStart = at;
      } else if (code === HASH) {
        const before = at === 0 ? LINE_FEED : text.charCodeAt(at - 1);
        if (before !== SPACE && before !== LINE_FEED) return false;
        const newline = text.indexOf('\n', at);
        const end = newline === -1 ? text.length : newline;
        this.comments.push({
          span: { file: this.file, start: at, end },
          text: text.slice(at + 1, end).trim(),
        });
        at = end;
      } else break;
    }
    this.at = at;
    return true;
  }

  /** Goes on to the next line with content; false where something else stands on this one. */
  protected toNextLine(): boolean {
    const line = this.lineStart;
    return this.toContent() && (this.lineStart !== line || this.isAtEnd());
  }

  /** Whether an indicator stands at `at`: `-` or `:` with a blank or the end behind it. */
  protected isIndicator(indicator: number, at: number): boolean {
    return this.text.charCodeAt(at) === indicator && isBlank(this.text.charCodeAt(at + 1));
  }

  /** A scalar that begins and ends on this line; `at` is at its end afterwards. Undefined where it is not simple. */
  protected scalar(inFlow: boolean): ScalarNode | undefined {
    const code = this.text.charCodeAt(this.at);
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) return this.#quoted(code);
    return this.#plain(code, inFlow);
  }

  /** Without escapes. */
  #quoted(quote: number): ScalarNode | undefined {
    const { text, at: start } = this;
    let at = start + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === quote) break;
      if (code === LINE_FEED || (code === BACKSLASH && quote === DOUBLE_QUOTE) || at >= text.length) return undefined;
      at += 1;
    }
    this.at = at + 1;
    if (quote === SINGLE_QUOTE && text.charCodeAt(this.at) === SINGLE_QUOTE) return undefined;
    const value = text.slice(start + 1, at);
    const style = quote === DOUBLE_QUOTE ? 'double' : 'single';
    return { kind: 'scalar', span: { file: this.file, start, end: this.at }, value, text: value, style };
  }

  #plain(first: number, inFlow: boolean): ScalarNode | undefined {
    const { text, at: start } = this;
    if (!beginsPlain(first) && !(first === DASH && isDigit(text.charCodeAt(start + 1)))) return undefined;
    // `...` ends a document.
    if (first === DOT && start === this.lineStart) return undefined;
    let end = start + 1;
    for (let at = end; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === LINE_FEED) break;
      if (code === SPACE) {
        if (text.charCodeAt(at + 1) === HASH) break;
        continue;
      }
      if (code === COLON) {
        const next = text.charCodeAt(at + 1);
        if (isBlank(next) || (inFlow && isFlowIndicator(next))) break;
      } else if (inFlow && isFlowIndicator(code)) break;
      end = at + 1;
    }
    this.at = end;
    const plain = text.slice(start, end);
    return {
      kind: 'scalar',
      span: { file: this.file, start, end },
      value: coreValue(plain),
      text: plain,
      style: 'plain',
    };
  }

  protected missing(at: number): ScalarNode {
    return { kind: 'scalar', span: { file: this.file, start: at, end: at }, value: null, text: '', style: 'missing' };
  }
}
