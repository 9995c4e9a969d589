import { decodeScalar, type ScalarSink } from './scalar-decode.ts';
import type { Span } from './span.ts';
import type { SourceText } from './text.ts';
import type { ScalarNode } from './tree.ts';

/**
 * The exact map from offsets in a scalar's decoded text to offsets in its source, both in UTF-16 code units. Make one
 * where several offsets of a long scalar are looked up; `sourceOffset` and `decodedSpan` make one for each call.
 */
export interface ScalarMap {
  /** Where the decoded code unit begins in the source; for the text's length, where its source ends. */
  offset(decoded: number): number;
  /** The source of the decoded text `[start, end)`; an escape or a folded break is covered whole. */
  span(start: number, end: number): Span;
}

export function scalarMap(source: SourceText, scalar: ScalarNode): ScalarMap {
  const { text } = source;
  const { file } = scalar.span;
  const quote = scalar.style === 'single' || scalar.style === 'double' ? 1 : 0;
  const block = scalar.style === 'literal' || scalar.style === 'folded';
  const sourceLength = scalar.span.end - scalar.span.start - 2 * quote;
  if (!block && sourceLength === scalar.text.length) {
    // Text is never longer than its source, so equal lengths mean that each code unit stands for itself.
    const base = scalar.span.start + quote;
    const offset = (decoded: number) => base + clamp(decoded, scalar.text.length);
    return {
      offset,
      span: (start, end) => ({ file, start: offset(start), end: Math.max(offset(start), offset(end)) }),
    };
  }
  const runs = new Runs();
  decodeScalar(text, scalar.style, scalar.span.start, scalar.span.end, scalar.indent ?? 0, runs);
  const contentEnd = runs.lastEnd(scalar.span.start + quote);
  const offset = (decoded: number) => runs.start(clamp(decoded, scalar.text.length), contentEnd);
  return {
    offset,
    span(start, end) {
      const from = offset(start);
      const last = clamp(end, scalar.text.length) - 1;
      return { file, start: from, end: last < start ? from : Math.max(from, runs.end(last)) };
    },
  };
}

/** Where `decoded`, an offset in `scalar.text`, begins in the source. */
export function sourceOffset(source: SourceText, scalar: ScalarNode, decoded: number): number {
  return scalarMap(source, scalar).offset(decoded);
}

/** The source of `scalar.text.slice(start, end)`. */
export function decodedSpan(source: SourceText, scalar: ScalarNode, start: number, end: number): Span {
  return scalarMap(source, scalar).span(start, end);
}

function clamp(offset: number, length: number): number {
  return Math.max(0, Math.min(offset, length));
}

/** Runs of decoded text with their source. A run whose `literal` entry is 1 maps code unit by code unit. */
class Runs implements ScalarSink {
  readonly #decoded: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #literal: number[] = [];
  #length = 0;

  verbatim(from: number, to: number): void {
    this.#push(from, to, 1);
    this.#length += to - from;
  }

  replaced(text: string, from: number, to: number): void {
    this.#push(from, to, 0);
    this.#length += text.length;
  }

  invalidEscape(): void {}

  #push(from: number, to: number, literal: number): void {
    this.#decoded.push(this.#length);
    this.#from.push(from);
    this.#to.push(to);
    this.#literal.push(literal);
  }

  /** The index of the run that holds the decoded offset. */
  #at(decoded: number): number {
    let low = 0;
    let high = this.#decoded.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#decoded[middle]! <= decoded) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  start(decoded: number, contentEnd: number): number {
    if (decoded >= this.#length) return contentEnd;
    const run = this.#at(decoded);
    return this.#from[run]! + (this.#literal[run] === 1 ? decoded - this.#decoded[run]! : 0);
  }

  end(decoded: number): number {
    const run = this.#at(decoded);
    return this.#literal[run] === 1 ? this.#from[run]! + decoded - this.#decoded[run]! + 1 : this.#to[run]!;
  }

  lastEnd(otherwise: number): number {
    return this.#to[this.#to.length - 1] ?? otherwise;
  }
}
