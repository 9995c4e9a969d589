import type { Span } from '../../../compiler/source/span.ts';

/**
 * JSON (RFC 8259) as a tree in which every value has its place, also where the text is itself a string of another JSON
 * text, as the message of an SNS notification is.
 */
export type JsonNode = JsonText | JsonNumber | JsonConstant | JsonObject | JsonList;

export interface JsonText extends PlacedText {
  readonly kind: 'text';
  /** With the quotes. */
  readonly span: Span;
}

export interface JsonNumber {
  readonly kind: 'number';
  readonly span: Span;
  readonly value: number;
  readonly text: string;
}

export interface JsonConstant {
  readonly kind: 'constant';
  readonly span: Span;
  readonly value: boolean | null;
}

export interface JsonObject {
  readonly kind: 'object';
  readonly span: Span;
  readonly fields: ReadonlyMap<string, JsonNode>;
}

export interface JsonList {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly JsonNode[];
}

/** A text with the place in `file` where each of its code units begins; at its length, where it ends. */
export interface PlacedText {
  readonly text: string;
  readonly file: string;
  locate(offset: number): number;
}

export interface JsonProblem {
  readonly why: string;
  readonly span: Span;
}

/** Deeper values are refused; real events have a handful of levels. */
const deepest = 64;

/**
 * Reads JSON values that follow one another: one document, or one on each line.
 *
 * @returns the values before the first mistake, and the mistake
 */
export function readJson(source: PlacedText): { readonly values: readonly JsonNode[]; readonly problem?: JsonProblem } {
  const reader = new JsonReader(source);
  const values: JsonNode[] = [];
  while (!reader.atEnd()) {
    const value = reader.value();
    if (value === undefined) return { values, problem: reader.problem() };
    values.push(value);
  }
  return { values };
}

/** The place of `[start, end)` of a placed text. */
export function placeIn(source: PlacedText, start: number, end: number): Span {
  return { file: source.file, start: source.locate(start), end: source.locate(end) };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

const constants: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** By recursive descent. A function that gives undefined has noted the problem. */
class JsonReader {
  readonly #source: PlacedText;
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #problem: JsonProblem | undefined;

  constructor(source: PlacedText) {
    this.#source = source;
    this.#text = source.text;
  }

  problem(): JsonProblem {
    return this.#problem ?? { why: 'it cannot be read', span: placeIn(this.#source, 0, 0) };
  }

  atEnd(): boolean {
    this.#toContent();
    return this.#at >= this.#text.length;
  }

  value(): JsonNode | undefined {
    this.#toContent();
    const start = this.#at;
    switch (this.#text[start]) {
      case '{':
        return this.#nested(() => this.#object(start));
      case '[':
        return this.#nested(() => this.#list(start));
      case '"':
        return this.#string();
      default:
        return this.#word(start);
    }
  }

  #nested(read: () => JsonNode | undefined): JsonNode | undefined {
    if (this.#depth === deepest) return this.#fail(`values are nested more than ${deepest} deep`);
    this.#depth += 1;
    this.#at += 1;
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #object(start: number): JsonObject | undefined {
    const fields = new Map<string, JsonNode>();
    this.#toContent();
    if (this.#text.charCodeAt(this.#at) === CLOSE_OBJECT) this.#at += 1;
    else {
      for (;;) {
        this.#toContent();
        if (this.#text.charCodeAt(this.#at) !== QUOTE) return this.#fail('a key in double quotes must stand here');
        const key = this.#string();
        if (key === undefined) return undefined;
        if (fields.has(key.text)) return this.#failAt('this key stands in the object already', key.span);
        this.#toContent();
        if (this.#text.charCodeAt(this.#at) !== COLON) return this.#fail('a `:` must stand here');
        this.#at += 1;
        const value = this.value();
        if (value === undefined) return undefined;
        fields.set(key.text, value);
        const more = this.#more(CLOSE_OBJECT, '`,` or `}`');
        if (more === undefined) return undefined;
        if (!more) break;
      }
    }
    return { kind: 'object', span: placeIn(this.#source, start, this.#at), fields };
  }

  #list(start: number): JsonList | undefined {
    const items: JsonNode[] = [];
    this.#toContent();
    if (this.#text.charCodeAt(this.#at) === CLOSE_LIST) this.#at += 1;
    else {
      for (;;) {
        const value = this.value();
        if (value === undefined) return undefined;
        items.push(value);
        const more = this.#more(CLOSE_LIST, '`,` or `]`');
        if (more === undefined) return undefined;
        if (!more) break;
      }
    }
    return { kind: 'list', span: placeIn(this.#source, start, this.#at), items };
  }

  /** True behind a comma, false behind `close`. */
  #more(close: number, expected: string): boolean | undefined {
    this.#toContent();
    const code = this.#text.charCodeAt(this.#at);
    if (code !== COMMA && code !== close) return this.#fail(`${expected} must stand here`);
    this.#at += 1;
    return code === COMMA;
  }

  #string(): JsonText | undefined {
    const source = this.#source;
    const text = this.#text;
    const start = this.#at;
    let from = start + 1;
    let decoded = '';
    // Behind each escape: offsets in the decoded text and in the source.
    const marks: number[] = [];
    for (let at = from; ; ) {
      const code = text.charCodeAt(at);
      if (at >= text.length) return this.#failAt('this string has no end', placeIn(source, start, start + 1));
      if (code === QUOTE) {
        decoded += text.slice(from, at);
        this.#at = at + 1;
        return {
          kind: 'text',
          span: placeIn(source, start, at + 1),
          text: decoded,
          file: source.file,
          locate: (offset) => source.locate(sourceOffset(marks, start + 1, offset)),
        };
      }
      if (code < 0x20) return this.#failAt('a control character must be escaped', placeIn(source, at, at + 1));
      if (code !== BACKSLASH) {
        at += 1;
        continue;
      }
      const replaced = escapeAt(text, at);
      if (replaced === undefined)
        return this.#failAt('there is no such escape', placeIn(source, at, Math.min(at + 2, text.length)));
      decoded += text.slice(from, at) + replaced.text;
      at += replaced.length;
      from = at;
      marks.push(decoded.length, at);
    }
  }

  #word(start: number): JsonNumber | JsonConstant | undefined {
    const text = this.#text;
    for (const [word, value] of constants) {
      if (text.startsWith(word, start)) {
        this.#at += word.length;
        return { kind: 'constant', span: placeIn(this.#source, start, this.#at), value };
      }
    }
    const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    number.lastIndex = start;
    const match = number.exec(text)?.[0];
    if (match === undefined) return this.#fail('a value must stand here');
    this.#at += match.length;
    return { kind: 'number', span: placeIn(this.#source, start, this.#at), value: Number(match), text: match };
  }

  #toContent(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #fail(why: string): undefined {
    const at = Math.min(this.#at, this.#text.length);
    const ended =
      at === this.#text.length ? `the text ends where ${why.replace(' must stand here', ' must stand')}` : why;
    return this.#failAt(ended, placeIn(this.#source, at, Math.min(at + 1, this.#text.length)));
  }

  #failAt(why: string, span: Span): undefined {
    this.#problem = { why, span };
    return undefined;
  }
}

/** Each entry of `marks` is a pair: from this decoded offset on, source and decoded text run in parallel again. */
function sourceOffset(marks: readonly number[], contentStart: number, decoded: number): number {
  let low = 0;
  let high = marks.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[2 * middle]! <= decoded) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return contentStart + decoded;
  return marks[2 * low - 1]! + decoded - marks[2 * low - 2]!;
}

/** The escape at a backslash; each stands for one UTF-16 code unit. */
function escapeAt(text: string, at: number): { readonly text: string; readonly length: number } | undefined {
  const letter = text[at + 1] ?? '';
  if (letter === 'u') {
    const digits = text.slice(at + 2, at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
    return { text: String.fromCharCode(Number.parseInt(digits, 16)), length: 6 };
  }
  return Object.hasOwn(escapes, letter) ? { text: escapes[letter]!, length: 2 } : undefined;
}
