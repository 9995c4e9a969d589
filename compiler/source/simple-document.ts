import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  DASH,
  GREATER,
  HASH,
  LINE_FEED,
  OPEN_BRACE,
  OPEN_BRACKET,
  PIPE,
  SPACE,
} from './characters.ts';
import type * as ComposedPiece from './composed-piece.ts';
import { EarlierText } from './earlier-text.ts';
import { checkDuplicates } from './keys.ts';
import { mayContinue } from './may-continue.ts';
import { movedEntry, movedNode } from './moved-node.ts';
import { checkOldSpelling } from './old-spellings.ts';
import type { Mistaken, ReadText, SimpleDocument } from './read-text.ts';
import { readBlockScalar } from './simple-block-scalar.ts';
import { deepest, isKey, SimpleFlow } from './simple-flow.ts';
import type { SourceText } from './text.ts';
import type { MapEntry, MapNode, ScalarNode, SequenceNode, YamlNode } from './tree.ts';

/** Loads the `yaml` package, without which simple documents are read. */
const composer = (): typeof ComposedPiece => require('./composed-piece.ts');

/** In a text of so many code units a mistake in one entry must not make the others slow to read. */
const longText = 16 * 1024;

/** Mistakes about structure in one text; one with more is not a policy. */
const mostMistakes = 100;

/**
 * Reads the part of YAML that policies are made of, many times faster than the `yaml` package's lexemes and tokens:
 * block and flow collections of scalars that are plain or quoted and stay on their line, or are blocks. An entry or item
 * that is of other YAML is given to the `yaml` package by itself, which stays the judge of what is YAML. It gives the very
 * tree and findings that compose.ts gives of the whole document, and undefined where it cannot: where anchors, tabs or
 * further documents connect one line with another, and where the structure is wrong.
 *
 * Of a long text also the structure of an entry may be wrong: it counts as read by itself then, and the others are sound.
 *
 * @param source without the characters that text-checks.ts refuses
 * @param before a version of the text that was read before, of which what is unchanged is taken over
 */
export function readSimpleDocument(
  source: SourceText,
  before?: ReadText,
  mayBeMistaken: boolean = source.text.length >= longText,
): SimpleDocument | undefined {
  const { text } = source;
  // Tabs and carriage returns count as blanks at some places only, and a byte order mark is no part of the first key.
  if (text.includes('\t') || text.includes('\r') || text.startsWith('\ufeff')) return undefined;
  return new SimpleReader(source, before, mayBeMistaken).document();
}

/** What begins or ends a document, and what may speak of lines around it. */
const belongsElsewhere = /^(?:---|\.\.\.|[%!&*?])/;

/**
 * Reads by recursive descent. Every function that gives undefined has met something that is not simple, and whoever
 * called it gives up too, up to the entry or item that begins a line; `at` is then anywhere.
 */
class SimpleReader extends SimpleFlow {
  readonly #earlier: EarlierText | undefined;
  readonly #mayBeMistaken: boolean;
  readonly #found: Diagnostic[] = [];
  readonly #mistaken: Mistaken[] = [];
  #followed: readonly number[] = [];
  /** Entries whose structure is wrong: their keys are not compared with others. */
  readonly #mistakenEntries = new Set<MapEntry>();
  /** Set where no part of the document can be read for itself. */
  #isHopeless = false;

  constructor(source: SourceText, before: ReadText | undefined, mayBeMistaken: boolean) {
    super(source);
    this.#earlier = before === undefined ? undefined : new EarlierText(before, source.text);
    this.#mayBeMistaken = mayBeMistaken;
  }

  document(): SimpleDocument | undefined {
    this.toContent();
    if (this.isAtEnd() || this.column() !== 0) return undefined;
    const root = this.#block(this.#earlier?.root);
    if (root === undefined || !this.isAtEnd()) return undefined;
    const found = [...this.#found, ...this.composition.details];
    const diagnostics = found.sort((one, other) => one.span.start - other.span.start);
    return { root, comments: this.comments, diagnostics, mistaken: this.#mistaken, followed: this.#followed };
  }

  /**
   * A block collection that begins at `at`.
   *
   * @param old what stood there before
   */
  #block(old: YamlNode | undefined): YamlNode | undefined {
    if (this.depth === deepest) return undefined;
    this.depth += 1;
    const node = this.isIndicator(DASH, this.at) ? this.#blockSequence(old) : this.#blockMap(old, undefined);
    this.depth -= 1;
    return node;
  }

  /** @param first the key at whose end `at` is, where the first one is read already */
  #blockMap(old: YamlNode | undefined, first: ScalarNode | undefined): MapNode | undefined {
    const known = old?.kind === 'map' && !old.flow ? old.entries : undefined;
    const start = first?.span.start ?? this.at;
    const column = start - this.lineStart;
    const entries: MapEntry[] = [];
    let key = first;
    do {
      const same = known === undefined ? undefined : this.#earlier?.nodeAt(known, key?.span.start ?? this.at);
      if (key !== undefined || known === undefined || same === undefined || !this.#takeEntries(known, same, entries)) {
        if (!this.#readEntry(column, key, same?.value, entries)) return undefined;
      }
      key = undefined;
    } while (!this.isAtEnd() && this.column() === column);
    if (!this.isAtEnd() && this.column() > column) return undefined;
    const sound =
      this.#mistakenEntries.size === 0 ? entries : entries.filter((each) => !this.#mistakenEntries.has(each));
    checkDuplicates(sound, this.composition);
    const end = entries.at(-1)?.span.end ?? start;
    return { kind: 'map', span: { file: this.file, start, end }, entries, flow: false };
  }

  #readEntry(column: number, first: ScalarNode | undefined, old: YamlNode | undefined, into: MapEntry[]): boolean {
    const { at, lineStart } = this;
    const depth = this.depth;
    const entry = this.#entry(column, first, old);
    if (entry !== undefined) {
      into.push(entry);
      return true;
    }
    if (first !== undefined || !this.#goBack(at, lineStart, depth)) return false;
    const piece = this.#piece(column, 'entries', into.length === 0);
    if (piece?.nodes.kind !== 'entries') return false;
    if (piece.nodes.of.length === 0) this.#followed = [...this.#followed, into.at(-1)?.span.start ?? at];
    for (const each of piece.nodes.of) {
      into.push(each);
      if (this.#mistaken.at(-1)?.start === at) this.#mistakenEntries.add(each);
    }
    return true;
  }

  #entry(column: number, first: ScalarNode | undefined, old: YamlNode | undefined): MapEntry | undefined {
    const key = first ?? this.scalar(false);
    if (key === undefined || !isKey(key) || !this.isIndicator(COLON, this.at)) return undefined;
    this.at += 1;
    const value = this.#blockValue(column, true, old);
    if (value === undefined) return undefined;
    return { key, value, span: { file: this.file, start: key.span.start, end: value.span.end } };
  }

  #blockSequence(old: YamlNode | undefined): SequenceNode | undefined {
    const known = old?.kind === 'sequence' && !old.flow ? old.items : undefined;
    const start = this.at;
    const column = this.column();
    const items: YamlNode[] = [];
    while (this.column() === column && this.isIndicator(DASH, this.at)) {
      const same = known === undefined ? undefined : this.#earlier?.itemAt(known, this.at);
      if (known === undefined || same === undefined || !this.#takeItems(known, same, items)) {
        if (!this.#readItem(column, same, items)) return undefined;
      }
    }
    if (!this.isAtEnd() && this.column() > column) return undefined;
    return {
      kind: 'sequence',
      span: { file: this.file, start, end: items.at(-1)?.span.end ?? start },
      items,
      flow: false,
    };
  }

  #readItem(column: number, old: YamlNode | undefined, into: YamlNode[]): boolean {
    const { at, lineStart } = this;
    const depth = this.depth;
    this.at += 1;
    const item = this.#blockValue(column, false, old);
    if (item !== undefined) {
      into.push(item);
      return true;
    }
    if (!this.#goBack(at, lineStart, depth)) return false;
    const piece = this.#piece(column, 'items', into.length === 0);
    if (piece?.nodes.kind !== 'items') return false;
    for (const each of piece.nodes.of) into.push(each);
    return true;
  }

  #takeEntries(known: readonly MapEntry[], first: MapEntry, into: MapEntry[]): boolean {
    const same = this.#earlier?.unchanged(known, first, this.at, this.lineStart);
    if (same === undefined) return false;
    for (let index = same.from; index < same.to; index += 1) into.push(movedEntry(known[index]!, same.by));
    return this.#goBehind(known[same.to - 1]!.span.end, same.by);
  }

  #takeItems(known: readonly YamlNode[], first: YamlNode, into: YamlNode[]): boolean {
    const same = this.#earlier?.unchanged(known, first, this.at, this.lineStart);
    if (same === undefined) return false;
    for (let index = same.from; index < same.to; index += 1) into.push(movedNode(known[index]!, same.by));
    return this.#goBehind(known[same.to - 1]!.span.end, same.by);
  }

  /** Goes on behind what has been taken over, with its comments. */
  #goBehind(end: number, by: number): boolean {
    for (const comment of this.#earlier?.comments(this.at - by, end, by) ?? []) this.comments.push(comment);
    this.goTo(end + by);
    return this.toContent();
  }

  /** Goes back to the begin of an entry or item that is not simple; false where it cannot be read by itself. */
  #goBack(at: number, lineStart: number, depth: number): boolean {
    if (this.#isHopeless) return false;
    for (let before = lineStart; before < at; before += 1) {
      if (this.text.charCodeAt(before) !== SPACE) return false;
    }
    this.at = at;
    this.lineStart = lineStart;
    this.depth = depth;
    this.flowDepth = 0;
    this.#forgetFrom(at);
    return true;
  }

  #forgetFrom(at: number): void {
    while (this.comments.length > 0 && this.comments.at(-1)!.span.start >= at) this.comments.pop();
    while (this.#found.length > 0 && this.#found.at(-1)!.span.start >= at) this.#found.pop();
    while (this.#mistaken.length > 0 && this.#mistaken.at(-1)!.start >= at) this.#mistaken.pop();
    if (this.#followed.length > 0) this.#followed = this.#followed.filter((each) => each < at);
    this.composition.forgetFrom(at);
  }

  /**
   * Has the lines of the entry or item at `at` read by the `yaml` package; `at` is at the next line's content afterwards.
   *
   * @param isFirst whether it is the first of its collection
   */
  #piece(column: number, kind: 'entries' | 'items', isFirst: boolean): ComposedPiece.Piece | undefined {
    const { at: start, lineStart } = this;
    if (kind === 'entries' && belongsElsewhere.test(this.text.slice(start, start + 3))) {
      this.#isHopeless = true;
      return undefined;
    }
    const end = this.#endOfPiece(column, kind);
    const composition = this.composition;
    composition.depth = this.depth - 1;
    const piece = composer().composePiece(lineStart, end, kind, isFirst, composition);
    composition.depth = 0;
    const mistake = composition.takeStructural();
    this.#isHopeless = composition.hasAnchors || (piece !== undefined && mistake !== undefined && !this.#mayMistake());
    if (piece === undefined || this.#isHopeless) {
      composition.forgetFrom(start);
      return undefined;
    }
    if (mistake !== undefined) this.#keepMistake(mistake, start, end);
    for (const comment of piece.comments) this.comments.push(comment);
    this.at = end;
    this.lineStart = end;
    return this.toContent() ? piece : undefined;
  }

  #mayMistake(): boolean {
    return this.#mayBeMistaken && this.#mistaken.length < mostMistakes;
  }

  #keepMistake(finding: Diagnostic, start: number, end: number): void {
    const before = this.#mistaken.at(-1);
    if (before?.end === this.lineStart && mayContinue(this.text, before.finding, this.lineStart)) {
      this.composition.forgetFrom(start);
    } else {
      // From there on nothing is certain in this entry.
      this.composition.forgetFrom(this.text.lastIndexOf('\n', finding.span.start - 1) + 1);
      this.#found.push(finding);
    }
    this.#mistaken.push({ start, end, finding });
  }

  /** Where the next line begins that is not of the entry or item at `at`. */
  #endOfPiece(column: number, kind: 'entries' | 'items'): number {
    const { text } = this;
    for (let line = text.indexOf('\n', this.at) + 1; line > 0; line = text.indexOf('\n', line) + 1) {
      let at = line;
      while (text.charCodeAt(at) === SPACE) at += 1;
      const code = text.charCodeAt(at);
      if (at - line > column || code === LINE_FEED || code === HASH || at === text.length) continue;
      // An outermost flow collection may be closed below its key, and a key's sequence may stand below it.
      if (code === CLOSE_BRACKET || code === CLOSE_BRACE) continue;
      if (kind === 'entries' && at - line === column && (this.isIndicator(DASH, at) || this.isIndicator(COLON, at)))
        continue;
      return line;
    }
    return text.length;
  }

  /**
   * What stands behind the indicator at whose end `at` is; `at` is at the next line's content afterwards.
   *
   * @param column of the collection; what belongs to the value is indented further
   * @param ofKey whether the indicator is a key's, below which a sequence needs no indentation
   * @param old what stood there before
   */
  #blockValue(column: number, ofKey: boolean, old: YamlNode | undefined): YamlNode | undefined {
    const { text, at: behind, lineStart: line } = this;
    if (!this.toContent()) return undefined;
    const code = text.charCodeAt(this.at);
    if (this.lineStart !== line || this.isAtEnd()) {
      const own = this.column();
      if (this.isAtEnd() || own < column) return this.missing(behind);
      if (own === column) {
        return ofKey && this.isIndicator(DASH, this.at) ? this.#block(old) : this.missing(behind);
      }
      if (code !== OPEN_BRACKET && code !== OPEN_BRACE) return this.#block(old);
    } else if (!ofKey && this.isIndicator(DASH, this.at)) return this.#block(old);
    else if (code === PIPE || code === GREATER) return this.#blockScalar(column);
    const value = code === OPEN_BRACKET || code === OPEN_BRACE ? this.flow(column + 1) : this.scalar(false);
    if (value === undefined) return undefined;
    if (!ofKey && value.kind === 'scalar' && text.charCodeAt(this.at) === COLON) {
      if (this.depth === deepest) return undefined;
      this.depth += 1;
      const map = this.#blockMap(old, value);
      this.depth -= 1;
      return map;
    }
    if (value.kind === 'scalar' && value.style === 'plain') checkOldSpelling(value, this.composition);
    // Whatever is indented further below would belong to the value.
    if (!this.toNextLine() || (!this.isAtEnd() && this.column() > column)) return undefined;
    return value;
  }

  /** @param column of the collection whose value it is */
  #blockScalar(column: number): ScalarNode | undefined {
    const read = readBlockScalar(this.text, this.file, this.at, column);
    if (read === undefined) return undefined;
    if (read.comment !== undefined) this.comments.push(read.comment);
    this.lineStart = read.next;
    this.at = read.next;
    return this.toContent() && (this.isAtEnd() || this.column() <= column) ? read.node : undefined;
  }
}
