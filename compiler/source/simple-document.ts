import {
  BACKSLASH,
  beginsPlain,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  GREATER,
  HASH,
  isBlank,
  isDigit,
  isFlowIndicator,
  LINE_FEED,
  OPEN_BRACE,
  OPEN_BRACKET,
  PIPE,
  SINGLE_QUOTE,
  SPACE,
} from './characters.ts';
import { Composition } from './composition.ts';
import { coreValue } from './core-schema.ts';
import { checkDuplicates } from './keys.ts';
import { checkOldSpelling } from './old-spellings.ts';
import { readBlockScalar } from './simple-block-scalar.ts';
import type { SourceText } from './text.ts';
import type { Comment, MapEntry, MapNode, ScalarNode, SequenceNode, YamlNode } from './tree.ts';

export interface SimpleDocument {
  readonly root: YamlNode;
  readonly comments: readonly Comment[];
}

/**
 * Reads the part of YAML that policies are made of, many times faster than the `yaml` package's lexemes and tokens:
 * block and flow collections of scalars that are plain or quoted and stay on their line, or are blocks. It gives the very tree that
 * compose.ts makes of a document in which there is nothing to report, and undefined for every other text: the `yaml`
 * package is then asked, and stays the judge of what is YAML and of what is wrong with it.
 *
 * @param source without the characters that text-checks.ts refuses
 */
export function readSimpleDocument(source: SourceText): SimpleDocument | undefined {
  const { text } = source;
  // Tabs and carriage returns count as blanks at some places only, and a byte order mark is no part of the first key.
  if (text.includes('\t') || text.includes('\r') || text.startsWith('\ufeff')) return undefined;
  const reader = new SimpleReader(source);
  const root = reader.document();
  return root === undefined ? undefined : { root, comments: reader.comments };
}

/** Deeper values are left to the reader that knows the limit. */
const deepest = 30;

/**
 * Reads by recursive descent. Every function that gives undefined has met something that is not simple, and whoever
 * called it gives up too; `#at` is then anywhere.
 */
class SimpleReader {
  readonly comments: Comment[] = [];
  readonly #text: string;
  readonly #file: string;
  /** Only for its findings: one is enough for the document not to be simple. */
  readonly #composition: Composition;
  #at = 0;
  /** Where the line of `#at` begins. */
  #lineStart = 0;
  #depth = 0;
  #flowDepth = 0;

  constructor(source: SourceText) {
    this.#text = source.text;
    this.#file = source.path;
    this.#composition = new Composition(source);
  }

  document(): YamlNode | undefined {
    this.#toContent();
    if (this.#at >= this.#text.length || this.#column() !== 0) return undefined;
    const root = this.#block();
    return root === undefined || this.#at < this.#text.length || this.#composition.details.length > 0
      ? undefined
      : root;
  }

  #column(): number {
    return this.#at - this.#lineStart;
  }

  /** Goes on to the next character that is neither blank nor of a comment; false where a comment is glued to a value. */
  #toContent(): boolean {
    const text = this.#text;
    let at = this.#at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === SPACE) at += 1;
      else if (code === LINE_FEED) {
        at += 1;
        this.#lineStart = at;
      } else if (code === HASH) {
        const before = at === 0 ? LINE_FEED : text.charCodeAt(at - 1);
        if (before !== SPACE && before !== LINE_FEED) return false;
        const newline = text.indexOf('\n', at);
        const end = newline === -1 ? text.length : newline;
        this.comments.push({
          span: { file: this.#file, start: at, end },
          text: text.slice(at + 1, end).trim(),
        });
        at = end;
      } else break;
    }
    this.#at = at;
    return true;
  }

  /** Goes on to the next line with content; false where something else stands on this one. */
  #toNextLine(): boolean {
    const line = this.#lineStart;
    return this.#toContent() && (this.#lineStart !== line || this.#at >= this.#text.length);
  }

  /** Whether an indicator stands at `at`: `-` or `:` with a blank or the end behind it. */
  #isIndicator(indicator: number, at: number): boolean {
    return this.#text.charCodeAt(at) === indicator && isBlank(this.#text.charCodeAt(at + 1));
  }

  /** A block collection that begins at `#at`. */
  #block(): YamlNode | undefined {
    if (this.#depth === deepest) return undefined;
    this.#depth += 1;
    const node = this.#isIndicator(DASH, this.#at) ? this.#blockSequence() : this.#blockMap(this.#scalar(false));
    this.#depth -= 1;
    return node;
  }

  /** @param first the key at whose end `#at` is */
  #blockMap(first: ScalarNode | undefined): MapNode | undefined {
    if (first === undefined) return undefined;
    const column = first.span.start - this.#lineStart;
    const entries: MapEntry[] = [];
    let end = 0;
    for (let key: ScalarNode | undefined = first; ; key = this.#scalar(false)) {
      if (key === undefined || !isKey(key) || !this.#isIndicator(COLON, this.#at)) return undefined;
      this.#at += 1;
      const value = this.#blockValue(column, true);
      if (value === undefined) return undefined;
      end = value.span.end;
      entries.push({ key, value, span: { file: this.#file, start: key.span.start, end } });
      if (this.#at >= this.#text.length || this.#column() !== column) break;
    }
    if (this.#at < this.#text.length && this.#column() > column) return undefined;
    checkDuplicates(entries, this.#composition);
    return { kind: 'map', span: { file: this.#file, start: first.span.start, end }, entries, flow: false };
  }

  #blockSequence(): SequenceNode | undefined {
    const start = this.#at;
    const column = this.#column();
    const items: YamlNode[] = [];
    let end = start;
    while (this.#column() === column && this.#isIndicator(DASH, this.#at)) {
      this.#at += 1;
      const item = this.#blockValue(column, false);
      if (item === undefined) return undefined;
      items.push(item);
      end = item.span.end;
    }
    if (this.#at < this.#text.length && this.#column() > column) return undefined;
    return { kind: 'sequence', span: { file: this.#file, start, end }, items, flow: false };
  }

  /**
   * What stands behind the indicator at whose end `#at` is; `#at` is at the next line's content afterwards.
   *
   * @param column of the collection; what belongs to the value is indented further
   * @param ofKey whether the indicator is a key's, below which a sequence needs no indentation
   */
  #blockValue(column: number, ofKey: boolean): YamlNode | undefined {
    const text = this.#text;
    const behind = this.#at;
    const line = this.#lineStart;
    if (!this.#toContent()) return undefined;
    const code = text.charCodeAt(this.#at);
    if (this.#lineStart !== line || this.#at >= text.length) {
      const own = this.#column();
      if (this.#at >= text.length || own < column) return this.#missing(behind);
      if (own === column) {
        return ofKey && this.#isIndicator(DASH, this.#at) ? this.#block() : this.#missing(behind);
      }
      if (code !== OPEN_BRACKET && code !== OPEN_BRACE) return this.#block();
    } else if (!ofKey && this.#isIndicator(DASH, this.#at)) return this.#block();
    else if (code === PIPE || code === GREATER) return this.#blockScalar(column);
    const value = code === OPEN_BRACKET || code === OPEN_BRACE ? this.#flow(column + 1) : this.#scalar(false);
    if (value === undefined) return undefined;
    if (!ofKey && value.kind === 'scalar' && text.charCodeAt(this.#at) === COLON) {
      if (this.#depth === deepest) return undefined;
      this.#depth += 1;
      const map = this.#blockMap(value);
      this.#depth -= 1;
      return map;
    }
    if (value.kind === 'scalar') checkOldSpelling(value, this.#composition);
    // Whatever is indented further below would belong to the value.
    if (!this.#toNextLine() || (this.#at < text.length && this.#column() > column)) return undefined;
    return value;
  }

  /** @param column of the collection whose value it is */
  #blockScalar(column: number): ScalarNode | undefined {
    const read = readBlockScalar(this.#text, this.#file, this.#at, column);
    if (read === undefined) return undefined;
    if (read.comment !== undefined) this.comments.push(read.comment);
    this.#lineStart = read.next;
    this.#at = read.next;
    return this.#toContent() && (this.#at >= this.#text.length || this.#column() <= column) ? read.node : undefined;
  }

  /** `[...]` or `{...}` of which every further line has at least the column `least`; `#at` is at its end afterwards. */
  #flow(least: number): MapNode | SequenceNode | undefined {
    if (this.#depth === deepest) return undefined;
    this.#depth += 1;
    this.#flowDepth += 1;
    const text = this.#text;
    const start = this.#at;
    const isMap = text.charCodeAt(start) === OPEN_BRACE;
    const close = isMap ? CLOSE_BRACE : CLOSE_BRACKET;
    const entries: MapEntry[] = [];
    const items: YamlNode[] = [];
    this.#at += 1;
    for (;;) {
      if (!this.#toFlowContent(least)) return undefined;
      if (text.charCodeAt(this.#at) === close) break;
      if (isMap) {
        const entry = this.#flowEntry(least);
        if (entry === undefined) return undefined;
        entries.push(entry);
      } else {
        const item = this.#flowValue(least);
        if (item === undefined) return undefined;
        items.push(item);
      }
      if (!this.#toFlowContent(least)) return undefined;
      const code = text.charCodeAt(this.#at);
      if (code === close) break;
      if (code !== COMMA) return undefined;
      this.#at += 1;
    }
    this.#at += 1;
    this.#depth -= 1;
    this.#flowDepth -= 1;
    const span = { file: this.#file, start, end: this.#at };
    if (!isMap) return { kind: 'sequence', span, items, flow: true };
    checkDuplicates(entries, this.#composition);
    return { kind: 'map', span, entries, flow: true };
  }

  #flowEntry(least: number): MapEntry | undefined {
    const key = this.#scalar(true);
    if (key === undefined || !isKey(key) || !this.#isIndicator(COLON, this.#at)) return undefined;
    this.#at += 1;
    if (!this.#toFlowContent(least)) return undefined;
    const value = this.#flowValue(least);
    if (value === undefined) return undefined;
    return { key, value, span: { file: this.#file, start: key.span.start, end: value.span.end } };
  }

  #flowValue(least: number): YamlNode | undefined {
    const code = this.#text.charCodeAt(this.#at);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) return this.#flow(least);
    const scalar = this.#scalar(true);
    if (scalar !== undefined) checkOldSpelling(scalar, this.#composition);
    return scalar;
  }

  /** Goes on within a flow collection; false where the line is indented too little for it. */
  #toFlowContent(least: number): boolean {
    const line = this.#lineStart;
    if (!this.#toContent()) return false;
    if (this.#lineStart === line || this.#column() >= least) return true;
    // The lexer lets the end of an outermost collection stand below its key.
    const code = this.#text.charCodeAt(this.#at);
    return this.#flowDepth === 1 && this.#column() === least - 1 && (code === CLOSE_BRACKET || code === CLOSE_BRACE);
  }

  /** A scalar that begins and ends on this line; `#at` is at its end afterwards. */
  #scalar(inFlow: boolean): ScalarNode | undefined {
    const code = this.#text.charCodeAt(this.#at);
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) return this.#quoted(code);
    return this.#plain(code, inFlow);
  }

  /** Without escapes. */
  #quoted(quote: number): ScalarNode | undefined {
    const text = this.#text;
    const start = this.#at;
    let at = start + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === quote) break;
      if (code === LINE_FEED || (code === BACKSLASH && quote === DOUBLE_QUOTE) || at >= text.length) return undefined;
      at += 1;
    }
    this.#at = at + 1;
    if (quote === SINGLE_QUOTE && text.charCodeAt(this.#at) === SINGLE_QUOTE) return undefined;
    const value = text.slice(start + 1, at);
    const style = quote === DOUBLE_QUOTE ? 'double' : 'single';
    return { kind: 'scalar', span: { file: this.#file, start, end: this.#at }, value, text: value, style };
  }

  #plain(first: number, inFlow: boolean): ScalarNode | undefined {
    const text = this.#text;
    const start = this.#at;
    if (!beginsPlain(first) && !(first === DASH && isDigit(text.charCodeAt(start + 1)))) return undefined;
    // `...` ends a document.
    if (first === DOT && start === this.#lineStart) return undefined;
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
    this.#at = end;
    const plain = text.slice(start, end);
    return {
      kind: 'scalar',
      span: { file: this.#file, start, end },
      value: coreValue(plain),
      text: plain,
      style: 'plain',
    };
  }

  #missing(at: number): ScalarNode {
    return { kind: 'scalar', span: { file: this.#file, start: at, end: at }, value: null, text: '', style: 'missing' };
  }
}

/** Whether compose.ts has nothing to say of the key. */
function isKey({ value, text, style }: ScalarNode): boolean {
  return typeof value === 'string' && (text !== '<<' || style !== 'plain');
}
