import {
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

/** A collection around a place in the text. */
export interface Frame {
  readonly kind: 'map' | 'sequence';
  readonly flow: boolean;
  /** The column of its keys or dashes; of a flow collection that of its bracket. */
  readonly indent: number;
  /** Where its first key, dash or bracket stands. */
  readonly start: number;
  /** The key or index below which the next frame, or the place itself, lies. */
  step: string | number | undefined;
  /** Where that key or dash stands. */
  stepStart: number;
  /** True until something stands behind the colon or dash. */
  pending: boolean;
  /** The keys that were written so far. */
  readonly keys: string[];
}

/** What stands where the scan ended. */
export interface Unfinished {
  readonly kind: 'nothing' | 'plain' | 'single' | 'double' | 'block' | 'comment';
  readonly start: number;
}

export interface Scan {
  /** Outermost first. */
  readonly frames: readonly Frame[];
  readonly last: Unfinished;
  /** The column at which the line of the end begins, or where only blanks stand there, the end itself. */
  readonly column: number;
  /** True where nothing but blanks, dashes and what is unfinished stands on the line. */
  readonly startsLine: boolean;
}

const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const BACKSLASH = 0x5c;

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

class Scanner {
  readonly #text: string;
  readonly #to: number;
  #at: number;
  #lineStart: number;
  #frames: Frame[] = [];
  #last: Unfinished;
  #column = 0;
  #startsLine = true;

  constructor(text: string, from: number, to: number) {
    this.#text = text;
    this.#at = from;
    this.#lineStart = from;
    this.#to = to;
    this.#last = { kind: 'nothing', start: to };
  }

  scan(): Scan {
    while (this.#at < this.#to) this.#line();
    return { frames: this.#frames, last: this.#last, column: this.#column, startsLine: this.#startsLine };
  }

  /** The code unit at `at`; a line feed at the end of what is read, as if the text ended there. */
  #code(at: number): number {
    return at < this.#to ? this.#text.charCodeAt(at) : LINE_FEED;
  }

  #isBlankAt(at: number): boolean {
    const code = this.#code(at);
    return code === SPACE || code === LINE_FEED || code === TAB || code === CARRIAGE_RETURN;
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#code(this.#at);
      if (code !== SPACE && code !== TAB && code !== CARRIAGE_RETURN) break;
      this.#at += 1;
    }
  }

  /** Whether the line ends here, but for a comment. Takes the comment. */
  #endsLine(): boolean {
    const code = this.#code(this.#at);
    if (code === LINE_FEED) return true;
    if (code !== HASH || !this.#isBlankAt(this.#at - 1)) return false;
    const end = this.#lineEnd(this.#at);
    if (end >= this.#to) this.#last = { kind: 'comment', start: this.#at };
    this.#at = end;
    return true;
  }

  #lineEnd(at: number): number {
    const newline = this.#text.indexOf('\n', at);
    return newline === -1 || newline > this.#to ? this.#to : newline;
  }

  #toNextLine(): void {
    this.#at = Math.min(this.#lineEnd(this.#at) + 1, this.#to + 1);
    this.#lineStart = this.#at;
  }

  #line(): void {
    this.#lineStart = this.#at;
    this.#last = { kind: 'nothing', start: this.#to };
    this.#startsLine = true;
    this.#skipBlanks();
    this.#column = this.#at - this.#lineStart;
    if (this.#endsLine()) {
      // Only where the cursor is does a line without content say anything: what it would belong to.
      if (this.#lineEnd(this.#lineStart) >= this.#to) this.#leave(this.#column, false);
      this.#toNextLine();
      // The text ends in a line that holds nothing.
      if (this.#at === this.#to) this.#emptyLastLine();
      return;
    }
    if (this.#column === 0 && /^(?:---|\.\.\.)(?=\s|$)/.test(this.#text.slice(this.#at, this.#at + 4))) {
      this.#frames = [];
      this.#at += 3;
      this.#skipBlanks();
      if (this.#endsLine()) this.#toNextLine();
      if (this.#at === this.#to) this.#emptyLastLine();
      return;
    }
    this.#content();
    this.#toNextLine();
    if (this.#at === this.#to) this.#emptyLastLine();
  }

  #emptyLastLine(): void {
    this.#lineStart = this.#at;
    this.#column = 0;
    this.#startsLine = true;
    this.#last = this.#last.kind === 'block' ? this.#last : { kind: 'nothing', start: this.#to };
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
      const column = this.#at - this.#lineStart;
      const isDash = this.#code(this.#at) === DASH && !(this.#text.charCodeAt(this.#at + 1) > SPACE);
      this.#leave(column, isDash);
      if (isDash) {
        this.#dash(column);
        this.#skipBlanks();
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
      this.#skipBlanks();
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
      top = frame('sequence', false, column, this.#at);
      this.#frames.push(top);
    }
    top.step = typeof top.step === 'number' ? top.step + 1 : 0;
    top.stepStart = this.#at;
    top.pending = true;
    this.#at += 1;
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
    const start = this.#at;
    const first = this.#code(start);
    let end = start;
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      end = this.#closingQuote(start, first);
      if (end === -1) return undefined;
      end += 1;
    } else {
      if (!flow && (first === OPEN_BRACKET || first === OPEN_BRACE)) return undefined;
      for (; ; end += 1) {
        const code = this.#code(end);
        if (code === LINE_FEED) return undefined;
        if (code === COLON && (this.#isBlankAt(end + 1) || (flow && isFlowIndicator(this.#code(end + 1))))) break;
        if (code === HASH && this.#isBlankAt(end - 1)) return undefined;
        if (flow && isFlowIndicator(code)) return undefined;
      }
    }
    let colon = end;
    while (this.#code(colon) === SPACE) colon += 1;
    if (this.#code(colon) !== COLON) return undefined;
    // Behind a colon at the very end of what is read, the text may go on with something that makes it part of a word.
    if (colon + 1 >= this.#to && !this.#colonHolds(colon, flow)) return undefined;
    const written = this.#text.slice(start, end).trimEnd();
    const quoted = first === DOUBLE_QUOTE || first === SINGLE_QUOTE;
    this.#at = colon + 1;
    return { text: quoted ? written.slice(1, -1) : written, start };
  }

  #colonHolds(colon: number, flow: boolean): boolean {
    const next = this.#text.charCodeAt(colon + 1);
    return Number.isNaN(next) || next <= SPACE || (flow && isFlowIndicator(next));
  }

  /** The offset of the quote that closes the one at `start` on the same line; -1 where none does. */
  #closingQuote(start: number, quote: number): number {
    for (let at = start + 1; ; at += 1) {
      const code = this.#code(at);
      if (code === LINE_FEED) return -1;
      if (code === BACKSLASH && quote === DOUBLE_QUOTE) at += 1;
      else if (code === quote) {
        if (quote === SINGLE_QUOTE && this.#code(at + 1) === SINGLE_QUOTE) at += 1;
        else return at;
      }
    }
  }

  /** What stands behind a key or dash, or alone on its line. */
  #value(): void {
    const parentIndent = this.#frames.at(-1)?.indent ?? -1;
    this.#skipProperties();
    const start = this.#at;
    const code = this.#code(start);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      this.#flow(parentIndent);
      return;
    }
    if ((code === 0x7c || code === 0x3e) && /^[|>][-+0-9]*\s*(?:#.*)?$/.test(this.#restOfLine())) {
      this.#block(start, parentIndent);
      return;
    }
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      this.#quoted(code, parentIndent);
      return;
    }
    this.#plain(start, false);
  }

  #restOfLine(): string {
    const end = this.#text.indexOf('\n', this.#at);
    return this.#text.slice(this.#at, end === -1 ? this.#text.length : end);
  }

  /** Anchors and tags say nothing of a place. */
  #skipProperties(): void {
    for (;;) {
      const code = this.#code(this.#at);
      if (code !== 0x26 && code !== 0x21) return;
      let end = this.#at;
      while (!this.#isBlankAt(end)) end += 1;
      if (end >= this.#to) return;
      this.#at = end;
      this.#skipBlanks();
    }
  }

  #plain(start: number, flow: boolean): void {
    let at = start;
    for (; at < this.#to; at += 1) {
      const code = this.#code(at);
      if (code === LINE_FEED || (code === HASH && this.#isBlankAt(at - 1))) break;
      if (flow && (isFlowIndicator(code) || (code === COLON && this.#isBlankAt(at + 1)))) break;
    }
    this.#at = at;
    if (at >= this.#to && start < this.#to) this.#last = { kind: 'plain', start };
    else if (!flow) this.#endsLine();
  }

  /** Runs over the lines of a block scalar: those that are empty or indented further than what it belongs to. */
  #block(start: number, parentIndent: number): void {
    this.#toNextLine();
    while (this.#at <= this.#to) {
      const lineStart = this.#at;
      this.#lineStart = lineStart;
      this.#skipBlanks();
      const column = this.#at - lineStart;
      const empty = this.#code(this.#at) === LINE_FEED;
      if (!empty && column <= parentIndent) {
        this.#backTo(lineStart);
        return;
      }
      const end = this.#lineEnd(lineStart);
      if (end >= this.#to) {
        this.#at = this.#to;
        if (empty && column <= parentIndent) {
          this.#column = column;
          this.#startsLine = true;
          this.#leave(column, false);
        } else this.#last = { kind: 'block', start };
        return;
      }
      this.#at = end + 1;
    }
  }

  /** Puts the scan before a line, so that whoever goes on to the next one comes to it. */
  #backTo(lineStart: number): void {
    this.#at = lineStart - 1;
  }

  /** A quoted scalar; left open, it ends where a line is indented no further than what it belongs to. */
  #quoted(quote: number, parentIndent: number): void {
    const start = this.#at;
    for (let at = start + 1; at < this.#to; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === LINE_FEED && this.#isOutside(at + 1, parentIndent)) {
        this.#at = at;
        return;
      }
      if (code === BACKSLASH && quote === DOUBLE_QUOTE) at += 1;
      else if (code === quote) {
        if (quote === SINGLE_QUOTE && this.#code(at + 1) === SINGLE_QUOTE) at += 1;
        else {
          this.#at = at + 1;
          if (this.#at >= this.#to) break;
          this.#skipBlanks();
          this.#endsLine();
          return;
        }
      }
    }
    this.#at = this.#to;
    this.#last = { kind: quote === DOUBLE_QUOTE ? 'double' : 'single', start };
  }

  /** Whether the line at `lineStart` has content that is indented no further than `parentIndent`. */
  #isOutside(lineStart: number, parentIndent: number): boolean {
    let at = lineStart;
    while (this.#code(at) === SPACE) at += 1;
    const code = this.#code(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return false;
    return at - lineStart <= parentIndent && code !== CLOSE_BRACKET && code !== CLOSE_BRACE;
  }

  /** `[...]` or `{...}`, over as many lines as it has. */
  #flow(parentIndent: number): void {
    const outer = this.#frames.length;
    do {
      const code = this.#code(this.#at);
      if (code === LINE_FEED) {
        if (this.#at >= this.#to) return;
        if (this.#isOutside(this.#at + 1, parentIndent)) {
          this.#frames.length = outer;
          return;
        }
        this.#at += 1;
        this.#lineStart = this.#at;
        this.#skipBlanks();
        this.#column = this.#at - this.#lineStart;
        continue;
      }
      this.#flowToken(code, parentIndent);
    } while (this.#frames.length > outer && this.#at < this.#to);
    if (this.#frames.length === outer) {
      this.#skipBlanks();
      this.#endsLine();
    }
  }

  #flowToken(code: number, parentIndent: number): void {
    const top = this.#frames.at(-1);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (top !== undefined) top.pending = false;
      const made = frame(code === OPEN_BRACE ? 'map' : 'sequence', true, this.#at - this.#lineStart, this.#at);
      if (made.kind === 'sequence') made.step = 0;
      made.pending = made.kind === 'sequence';
      this.#frames.push(made);
      this.#at += 1;
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) {
      this.#frames.pop();
      this.#at += 1;
    } else if (code === COMMA && top !== undefined) {
      top.step = top.kind === 'sequence' ? Number(top.step ?? 0) + 1 : undefined;
      top.pending = top.kind === 'sequence';
      top.stepStart = this.#at + 1;
      this.#at += 1;
    } else if (this.#isBlankAt(this.#at)) {
      this.#at += 1;
    } else if (code === HASH && this.#isBlankAt(this.#at - 1)) {
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
      const start = this.#at;
      this.#plain(start, true);
      if (this.#at === start) this.#at += 1;
    }
  }
}

function frame(kind: Frame['kind'], flow: boolean, indent: number, start: number): Frame {
  return { kind, flow, indent, start, step: undefined, stepStart: start, pending: false, keys: [] };
}
