import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET } from './characters.ts';
import { Composition } from './composition.ts';
import { checkDuplicates } from './keys.ts';
import { checkOldSpelling } from './old-spellings.ts';
import { SimpleCursor } from './simple-cursor.ts';
import type { SourceText } from './text.ts';
import type { MapEntry, MapNode, ScalarNode, SequenceNode, YamlNode } from './tree.ts';

/** Deeper values are left to the reader that knows the limit. */
export const deepest = 30;

/** Reads flow collections of simple scalars; undefined stands for all others, and `at` is then anywhere. */
export class SimpleFlow extends SimpleCursor {
  protected readonly composition: Composition;
  /** Of the collection at `at`. */
  protected depth = 0;
  protected flowDepth = 0;

  constructor(source: SourceText) {
    super(source);
    this.composition = new Composition(source);
  }

  /** `[...]` or `{...}` of which every further line has at least the column `least`; `at` is at its end afterwards. */
  protected flow(least: number): MapNode | SequenceNode | undefined {
    if (this.depth === deepest) return undefined;
    this.depth += 1;
    this.flowDepth += 1;
    const { text, at: start } = this;
    const isMap = text.charCodeAt(start) === OPEN_BRACE;
    const close = isMap ? CLOSE_BRACE : CLOSE_BRACKET;
    const entries: MapEntry[] = [];
    const items: YamlNode[] = [];
    this.at += 1;
    for (;;) {
      if (!this.#toFlowContent(least)) return undefined;
      if (text.charCodeAt(this.at) === close) break;
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
      const code = text.charCodeAt(this.at);
      if (code === close) break;
      if (code !== COMMA) return undefined;
      this.at += 1;
    }
    this.at += 1;
    this.depth -= 1;
    this.flowDepth -= 1;
    const span = { file: this.file, start, end: this.at };
    if (!isMap) return { kind: 'sequence', span, items, flow: true };
    checkDuplicates(entries, this.composition);
    return { kind: 'map', span, entries, flow: true };
  }

  #flowEntry(least: number): MapEntry | undefined {
    const key = this.scalar(true);
    if (key === undefined || !isKey(key) || !this.isIndicator(COLON, this.at)) return undefined;
    this.at += 1;
    if (!this.#toFlowContent(least)) return undefined;
    const value = this.#flowValue(least);
    if (value === undefined) return undefined;
    return { key, value, span: { file: this.file, start: key.span.start, end: value.span.end } };
  }

  #flowValue(least: number): YamlNode | undefined {
    const code = this.text.charCodeAt(this.at);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) return this.flow(least);
    const scalar = this.scalar(true);
    if (scalar?.style === 'plain') checkOldSpelling(scalar, this.composition);
    return scalar;
  }

  /** Goes on within a flow collection; false where the line is indented too little for it. */
  #toFlowContent(least: number): boolean {
    const line = this.lineStart;
    if (!this.toContent()) return false;
    if (this.lineStart === line || this.column() >= least) return true;
    // The lexer lets the end of an outermost collection stand below its key.
    const code = this.text.charCodeAt(this.at);
    return this.flowDepth === 1 && this.column() === least - 1 && (code === CLOSE_BRACKET || code === CLOSE_BRACE);
  }
}

/** Whether compose.ts has nothing to say of the key. */
export function isKey({ value, text, style }: ScalarNode): boolean {
  return typeof value === 'string' && (text !== '<<' || style !== 'plain');
}
