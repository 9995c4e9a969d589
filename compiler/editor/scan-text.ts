import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DASH,
  DOUBLE_QUOTE,
  HASH,
  isFlowIndicator,
  LINE_FEED,
  OPEN_BRACE,
  OPEN_BRACKET,
  SINGLE_QUOTE,
  SPACE,
} from '../source/characters.ts';
import { type Frame, frame, type Scan, type Unfinished } from './frames.ts';
import { TextCursor } from './text-cursor.ts';

/**
 * Reads a YAML text up to an offset, for what a cursor there is in: it needs no text that is whole, gives no errors, and
 * goes by indentation where something is left open, so that a mistake above is forgotten with the next line that is
 * indented less. The tree of parse-yaml.ts has the last word wherever it has one.
 *
 * @param from where the document, or a top-level entry of it, begins
 */
export function scanText(text: string, from: number, to: number): Scan {
  return new Scanner(text, from, to).scan();
}

class Scanner extends TextCursor {
  #frames: Frame[] = [];
  #last: Unfinished;
  #column = 0;
  #startsLine = true;

  constructor(text: string, from: number, to: number) {
    super(text, from, to);
    this.#last = { kind: 'nothing', start: to };
  }

  scan(): Scan {
    while (this.at < this.to) this.#line();
    return { frames: this.#frames, last: this.#last, column: this.#column, startsLine: this.#startsLine };
  }

  /** Whether the line ends here, but for a comment. Takes the comment. */
  #endsLine(): boolean {
    const code = this.code(this.at);
    if (code === LINE_FEED) return true;
    if (code !== HASH || !this.isBlankAt(this.at - 1)) return false;
    const end = this.lineEnd(this.at);
    if (end >= this.to) this.#last = { kind: 'comment', start: this.at };
    this.at = end;
    return true;
  }

  #line(): void {
    this.lineStart = this.at;
    this.#last = { kind: 'nothing', start: this.to };
    this.#startsLine = true;
    this.skipBlanks();
    this.#column = this.at - this.lineStart;
    if (this.#endsLine()) {
      // Only where the cursor is does a line without content say anything: what it would belong to.
      if (this.lineEnd(this.lineStart) >= this.to) this.#leave(this.#column, false);
      this.toNextLine();
      // The text ends in a line that holds nothing.
      if (this.at === this.to) this.#emptyLastLine();
      return;
    }
    if (this.#column === 0 && /^(?:---|\.\.\.)(?=\s|$)/.test(this.text.slice(this.at, this.at + 4))) {
      this.#frames = [];
      this.at += 3;
      this.skipBlanks();
      if (this.#endsLine()) this.toNextLine();
      if (this.at === this.to) this.#emptyLastLine();
      return;
    }
    this.#content();
    this.toNextLine();
    if (this.at === this.to) this.#emptyLastLine();
  }

  #emptyLastLine(): void {
    this.lineStart = this.at;
    this.#column = 0;
    this.#startsLine = true;
    this.#last = this.#last.kind === 'block' ? this.#last : { kind: 'nothing', start: this.to };
    this.#leave(0, false);
  }

  /** Leaves the collections that what begins at this column is not in. */
  #leave(column: number, isDash: boolean): void {
    for (let top = this.#frames.at(-1); top !== undefined; top = this.#frames.at(-1)) {
      if (top.indent < column || (top.indent === column && (top.kind === 'map' || isDash))) break;
      this.#frames.pop();
    }
  }

  #content(): void {
    for (;;) {
      const column = this.at - this.lineStart;
      const isDash = this.code(this.at) === DASH && !(this.text.charCodeAt(this.at + 1) > SPACE);
      this.#leave(column, isDash);
      if (isDash) {
        this.#dash(column);
        this.skipBlanks();
        if (this.#endsLine()) return;
        continue;
      }
      const key = this.#key(false);
      if (key === undefined) {
        const top = this.#frames.at(-1);
        this.#value();
        // What the cursor is in may become a key yet.
        if (top !== undefined && this.#last.kind === 'nothing') top.pending = false;
        return;
      }
      this.#inMap(column, key.start).step = key.text;
      this.#enter(this.#frames.at(-1)!, key.text, key.start);
      this.#startsLine = false;
      this.skipBlanks();
      if (this.#endsLine()) return;
      const map = this.#frames.at(-1)!;
      this.#value();
      map.pending = false;
      return;
    }
  }

  #dash(column: number): void {
    let top = this.#frames.at(-1);
    if (top?.kind !== 'sequence' || top.indent !== column) {
      if (top !== undefined) top.pending = false;
      top = frame('sequence', false, column, this.at);
      this.#frames.push(top);
    }
    top.step = typeof top.step === 'number' ? top.step + 1 : 0;
    top.stepStart = this.at;
    top.pending = true;
    this.at += 1;
  }

  #inMap(column: number, start: number): Frame {
    const top = this.#frames.at(-1);
    if (top?.kind === 'map' && top.indent === column) return top;
    if (top !== undefined) top.pending = false;
    const made = frame('map', false, column, start);
    this.#frames.push(made);
    return made;
  }

  #enter(map: Frame, key: string, start: number): void {
    map.step = key;
    map.stepStart = start;
    map.pending = true;
    map.keys.push(key);
  }

  /** A key with its colon, behind which the scan then is; undefined where there is none, and the scan stays. */
  #key(flow: boolean): { readonly text: string; readonly start: number } | undefined {
    const start = this.at;
    const first = this.code(start);
    let end = start;
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      end = this.closingQuote(start, first);
      if (end === -1) return undefined;
      end += 1;
    } else {
      if (!flow && (first === OPEN_BRACKET || first === OPEN_BRACE)) return undefined;
      for (; ; end += 1) {
        const code = this.code(end);
        if (code === LINE_FEED) return undefined;
        if (code === COLON && (this.isBlankAt(end + 1) || (flow && isFlowIndicator(this.code(end + 1))))) break;
        if (code === HASH && this.isBlankAt(end - 1)) return undefined;
        if (flow && isFlowIndicator(code)) return undefined;
      }
    }
    let colon = end;
    while (this.code(colon) === SPACE) colon += 1;
    if (this.code(colon) !== COLON) return undefined;
    // Behind a colon at the very end of what is read, the text may go on with something that makes it part of a word.
    if (colon + 1 >= this.to && !this.colonHolds(colon, flow)) return undefined;
    const written = this.text.slice(start, end).trimEnd();
    const quoted = first === DOUBLE_QUOTE || first === SINGLE_QUOTE;
    this.at = colon + 1;
    return { text: quoted ? written.slice(1, -1) : written, start };
  }

  /** What stands behind a key or dash, or alone on its line. */
  #value(): void {
    const parentIndent = this.#frames.at(-1)?.indent ?? -1;
    this.skipProperties();
    const start = this.at;
    const code = this.code(start);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      this.#flow(parentIndent);
      return;
    }
    if ((code === 0x7c || code === 0x3e) && /^[|>][-+0-9]*\s*(?:#.*)?$/.test(this.restOfLine())) {
      this.#block(start, parentIndent);
      return;
    }
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      this.#quoted(code, parentIndent);
      return;
    }
    this.#plain(start, false);
  }

  #plain(start: number, flow: boolean): void {
    let at = start;
    for (; at < this.to; at += 1) {
      const code = this.code(at);
      if (code === LINE_FEED || (code === HASH && this.isBlankAt(at - 1))) break;
      if (flow && (isFlowIndicator(code) || (code === COLON && this.isBlankAt(at + 1)))) break;
    }
    this.at = at;
    if (at >= this.to && start < this.to) this.#last = { kind: 'plain', start };
    else if (!flow) this.#endsLine();
  }

  /** Runs over the lines of a block scalar: those that are empty or indented further than what it belongs to. */
  #block(start: number, parentIndent: number): void {
    this.toNextLine();
    while (this.at <= this.to) {
      const lineStart = this.at;
      this.lineStart = lineStart;
      this.skipBlanks();
      const column = this.at - lineStart;
      const empty = this.code(this.at) === LINE_FEED;
      if (!empty && column <= parentIndent) {
        this.#backTo(lineStart);
        return;
      }
      const end = this.lineEnd(lineStart);
      if (end >= this.to) {
        this.at = this.to;
        if (empty && column <= parentIndent) {
          this.#column = column;
          this.#startsLine = true;
          this.#leave(column, false);
        } else this.#last = { kind: 'block', start };
        return;
      }
      this.at = end + 1;
    }
  }

  /** Puts the scan before a line, so that whoever goes on to the next one comes to it. */
  #backTo(lineStart: number): void {
    this.at = lineStart - 1;
  }

  /** A quoted scalar; left open, it ends where a line is indented no further than what it belongs to. */
  #quoted(quote: number, parentIndent: number): void {
    const start = this.at;
    for (let at = start + 1; at < this.to; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === LINE_FEED && this.isOutside(at + 1, parentIndent)) {
        this.at = at;
        return;
      }
      if (code === BACKSLASH && quote === DOUBLE_QUOTE) at += 1;
      else if (code === quote) {
        if (quote === SINGLE_QUOTE && this.code(at + 1) === SINGLE_QUOTE) at += 1;
        else {
          this.at = at + 1;
          if (this.at >= this.to) break;
          this.skipBlanks();
          this.#endsLine();
          return;
        }
      }
    }
    this.at = this.to;
    this.#last = { kind: quote === DOUBLE_QUOTE ? 'double' : 'single', start };
  }

  /** `[...]` or `{...}`, over as many lines as it has. */
  #flow(parentIndent: number): void {
    const outer = this.#frames.length;
    do {
      const code = this.code(this.at);
      if (code === LINE_FEED) {
        if (this.at >= this.to) return;
        if (this.isOutside(this.at + 1, parentIndent)) {
          this.#frames.length = outer;
          return;
        }
        this.at += 1;
        this.lineStart = this.at;
        this.skipBlanks();
        this.#column = this.at - this.lineStart;
        continue;
      }
      this.#flowToken(code, parentIndent);
    } while (this.#frames.length > outer && this.at < this.to);
    if (this.#frames.length === outer) {
      this.skipBlanks();
      this.#endsLine();
    }
  }

  #flowToken(code: number, parentIndent: number): void {
    const top = this.#frames.at(-1);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (top !== undefined) top.pending = false;
      const made = frame(code === OPEN_BRACE ? 'map' : 'sequence', true, this.at - this.lineStart, this.at);
      if (made.kind === 'sequence') made.step = 0;
      made.pending = made.kind === 'sequence';
      this.#frames.push(made);
      this.at += 1;
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) {
      this.#frames.pop();
      this.at += 1;
    } else if (code === COMMA && top !== undefined) {
      top.step = top.kind === 'sequence' ? Number(top.step ?? 0) + 1 : undefined;
      top.pending = top.kind === 'sequence';
      top.stepStart = this.at + 1;
      this.at += 1;
    } else if (this.isBlankAt(this.at)) {
      this.at += 1;
    } else if (code === HASH && this.isBlankAt(this.at - 1)) {
      this.#endsLine();
    } else {
      this.#flowScalar(code, top, parentIndent);
    }
  }

  #flowScalar(code: number, top: Frame | undefined, parentIndent: number): void {
    if (top?.kind === 'map' && top.step === undefined) {
      const key = this.#key(true);
      if (key !== undefined) {
        this.#enter(top, key.text, key.start);
        return;
      }
    } else if (top !== undefined) top.pending = false;
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) this.#quoted(code, parentIndent);
    else {
      const start = this.at;
      this.#plain(start, true);
      if (this.at === start) this.at += 1;
    }
  }
}
