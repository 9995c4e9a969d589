import { scalarMap } from '../../source/scalar-map.ts';
import type { Span } from '../../source/span.ts';
import type { EditorDocument } from '../document.ts';
import { lineStartAt } from '../line-start.ts';
import type { Place } from '../locate.ts';
import { meaningOf } from '../meaning/explain.ts';
import { alternativesOf } from '../narrow.ts';

/** An expression inside a value, as far as it is written. */
export interface Embedded {
  readonly language: 'cel' | 'argument-rule';
  /** Decoded; a blank at its end where the cursor stands behind one. */
  readonly text: string;
  /** Where the cursor is in it. */
  readonly at: number;
  /** Where a range of it stands in the file. */
  span(start: number, end: number): Span;
}

/** The expression that a place is in, by what the schema says of the value; undefined where it is none. */
export function embeddedAt(document: EditorDocument, place: Place): Embedded | undefined {
  const language = languageOf(place);
  if (language === undefined) return undefined;
  const { source } = document;
  const { scalar, offset, span } = place;
  if (scalar === undefined || scalar.style === 'missing') return asWritten(document, place, language);
  const map = scalarMap(source, scalar);
  const { length } = scalar.text;
  let at = 0;
  let high = length;
  while (at < high) {
    const middle = (at + high + 1) >> 1;
    if (map.offset(middle) <= offset) at = middle;
    else high = middle - 1;
  }
  // Behind blanks that are no part of the scalar, another token begins.
  const isBeyond = at === length && offset > map.offset(length) && offset > map.span(length - 1, length).end;
  const text = isBeyond ? `${scalar.text} ` : scalar.text;
  return {
    language,
    text,
    at: isBeyond ? length + 1 : at,
    span: (start, end) =>
      start > length || (start === end && start === at)
        ? { ...span, start: offset, end: offset }
        : map.span(start, end),
  };
}

export function languageOf({ description, at }: Place): Embedded['language'] | undefined {
  if (at !== 'value') return undefined;
  for (const each of alternativesOf(description)) {
    const means = meaningOf(each);
    if (means === 'cel' || means === 'argument-rule') return means;
  }
  return undefined;
}

/** Where the tree has no such scalar: the text of the line as it stands. */
function asWritten({ source }: EditorDocument, place: Place, language: Embedded['language']): Embedded {
  const { span, style, offset } = place;
  const lineStart = lineStartAt(source.text, offset);
  const quote = style === 'single' || style === 'double' ? 1 : 0;
  let start = style === 'block' ? Math.max(span.start, lineStart) : span.start + quote;
  while (style === 'block' && start < offset && /\s/.test(source.text[start]!)) start += 1;
  const closed = quote === 1 && span.end - span.start > 1 && source.text[span.end - 1] === source.text[span.start];
  const end = Math.max(start, closed ? span.end - 1 : span.end);
  return {
    language,
    text: source.text.slice(start, end),
    at: Math.max(0, offset - start),
    span: (from, to) => ({ ...span, start: start + from, end: start + to }),
  };
}
