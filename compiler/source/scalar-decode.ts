import type { ScalarStyle } from './tree.ts';

/** Receives decoded text in order: runs that are the source itself, and text that stands for other source. */
export interface ScalarSink {
  verbatim(from: number, to: number): void;
  replaced(text: string, from: number, to: number): void;
  /** A backslash that starts no escape of YAML 1.2 (section 5.7); its source follows as a verbatim run. */
  invalidEscape(from: number, to: number): void;
}

/**
 * Decodes a scalar's source `[start, end)` into `sink` (YAML 1.2.2, sections 7.3 and 8.1). `indent` is what is taken
 * from each line of a block scalar.
 */
export function decodeScalar(
  text: string,
  style: ScalarStyle,
  start: number,
  end: number,
  indent: number,
  sink: ScalarSink,
): void {
  if (style === 'plain') decodeLines(text, start, end, false, sink);
  else if (style === 'single') decodeLines(text, start + 1, closedEnd(text, start, end, "'"), true, sink);
  else if (style === 'double') decodeDouble(text, start + 1, closedEnd(text, start, end, '"'), sink);
  else if (style !== 'missing') decodeBlock(text, style, start, end, indent, sink);
}

/** The end of a quoted scalar's content: before its closing quote where it has one. */
function closedEnd(text: string, start: number, end: number, quote: string): number {
  return end > start + 1 && text[end - 1] === quote ? end - 1 : end;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** The start of the line break that ends before `after`, which is the offset behind a `\n`. */
function breakStart(text: string, after: number): number {
  return text[after - 2] === '\r' ? after - 2 : after - 1;
}

/** Plain and single-quoted text: line breaks fold into one space, or into one break less than there are. */
function decodeLines(text: string, start: number, end: number, single: boolean, sink: ScalarSink): void {
  let at = start;
  for (;;) {
    const newline = text.indexOf('\n', at);
    if (newline === -1 || newline >= end) break;
    let contentEnd = Math.max(at, breakStart(text, newline + 1));
    while (contentEnd > at && isBlank(text[contentEnd - 1])) contentEnd -= 1;
    decodeLine(text, at, contentEnd, single, sink);
    at = foldBreaks(text, contentEnd, newline + 1, end, sink);
  }
  decodeLine(text, at, end, single, sink);
}

function decodeLine(text: string, start: number, end: number, single: boolean, sink: ScalarSink): void {
  let at = start;
  if (single) {
    for (let quote = text.indexOf("'", at); quote !== -1 && quote < end; quote = text.indexOf("'", at)) {
      if (quote > at) sink.verbatim(at, quote);
      sink.replaced("'", quote, Math.min(quote + 2, end));
      at = quote + 2;
    }
  }
  if (end > at) sink.verbatim(at, end);
}

/**
 * Folds the breaks from `contentEnd`, of which the first ends at `after`; returns the offset of the next content.
 * One break is a space; of several the first is dropped and each other stands for itself.
 */
function foldBreaks(text: string, contentEnd: number, after: number, end: number, sink: ScalarSink): number {
  let next = after;
  let folded = true;
  for (let at = after; at < end; at += 1) {
    const character = text[at];
    if (character === '\n') {
      sink.replaced('\n', breakStart(text, at + 1), at + 1);
      folded = false;
    } else if (!isBlank(character) && !(character === '\r' && text[at + 1] === '\n')) {
      break;
    }
    next = at + 1;
  }
  if (folded) sink.replaced(' ', contentEnd, next);
  return next;
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  '\t': '\t',
};

const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function decodeDouble(text: string, start: number, end: number, sink: ScalarSink): void {
  let run = start;
  let at = start;
  while (at < end) {
    const character = text[at];
    if (character === '\\') {
      if (at > run) sink.verbatim(run, at);
      at = decodeEscape(text, at, end, sink);
      run = at;
    } else if (character === '\n') {
      let contentEnd = Math.max(run, breakStart(text, at + 1));
      while (contentEnd > run && isBlank(text[contentEnd - 1])) contentEnd -= 1;
      if (contentEnd > run) sink.verbatim(run, contentEnd);
      at = foldBreaks(text, contentEnd, at + 1, end, sink);
      run = at;
    } else {
      at += 1;
    }
  }
  if (end > run) sink.verbatim(run, end);
}

/** Decodes the escape whose backslash is at `at`; returns the offset behind it. */
function decodeEscape(text: string, at: number, end: number, sink: ScalarSink): number {
  const next = text[at + 1];
  const length = next === undefined ? undefined : hexLengths[next];
  if (length !== undefined) {
    const code = hexadecimal(text, at + 2, Math.min(at + 2 + length, end), length);
    if (code >= 0 && code <= 0x10ffff) sink.replaced(String.fromCodePoint(code), at, at + 2 + length);
    else invalid(at, Math.min(at + 2 + length, end), sink);
    return Math.min(at + 2 + length, end);
  }
  if (next === '\n' || (next === '\r' && text[at + 2] === '\n')) {
    // An escaped line break is dropped together with the next line's indentation.
    let after = at + (next === '\n' ? 2 : 3);
    while (after < end && isBlank(text[after])) after += 1;
    return after;
  }
  const replacement = next === undefined || at + 1 >= end ? undefined : escapes[next];
  const after = Math.min(at + 2, end);
  if (replacement === undefined) invalid(at, after, sink);
  else sink.replaced(replacement, at, after);
  return after;
}

function invalid(from: number, to: number, sink: ScalarSink): void {
  sink.invalidEscape(from, to);
  sink.verbatim(from, to);
}

/** The number that `length` hexadecimal digits write, or -1. */
function hexadecimal(text: string, from: number, to: number, length: number): number {
  if (to - from !== length) return -1;
  let code = 0;
  for (let at = from; at < to; at += 1) {
    const unit = text.charCodeAt(at);
    const lower = unit | 0x20;
    if (unit >= 0x30 && unit <= 0x39) code = code * 16 + unit - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) code = code * 16 + lower - 0x57;
    else return -1;
  }
  return code;
}

/** The first line of a block scalar: `|` or `>`, then a chomping and an indentation indicator in any order. */
export interface BlockHeader {
  readonly chomp: '' | '-' | '+';
  /** 0 where the first line of content decides. */
  readonly indent: number;
  /** Offset of the first line of content. */
  readonly content: number;
}

export function blockHeader(text: string, start: number, end: number): BlockHeader {
  let chomp: BlockHeader['chomp'] = '';
  let indent = 0;
  let at = start + 1;
  for (; at < end; at += 1) {
    const character = text[at];
    if (character === '-' || character === '+') chomp = character;
    else if (character !== undefined && character >= '1' && character <= '9') indent = Number(character);
    else break;
  }
  const newline = text.indexOf('\n', at);
  return { chomp, indent, content: newline === -1 || newline >= end ? end : newline + 1 };
}

function decodeBlock(
  text: string,
  style: 'literal' | 'folded',
  start: number,
  end: number,
  indent: number,
  sink: ScalarSink,
): void {
  const header = blockHeader(text, start, end);
  // Breaks are held back until it is known whether more content follows: `pending` is the number of breaks since the
  // last content, from the first of them on.
  let pending = 0;
  let pendingFrom = header.content;
  let hasContent = false;
  let previousMoreIndented = false;
  for (let at = header.content; at < end; ) {
    const newline = text.indexOf('\n', at);
    const ended = newline !== -1 && newline < end;
    const next = ended ? newline + 1 : end;
    const lineEnd = ended ? Math.max(at, breakStart(text, next)) : end;
    let from = at;
    while (from < lineEnd && from - at < indent && text[from] === ' ') from += 1;
    if (from < lineEnd) {
      const moreIndented = isBlank(text[from]);
      const folds = style === 'folded' && hasContent && !moreIndented && !previousMoreIndented;
      emitBreaks(text, pending, pendingFrom, from, folds, sink);
      sink.verbatim(from, lineEnd);
      hasContent = true;
      previousMoreIndented = moreIndented;
      pending = 0;
      pendingFrom = lineEnd;
    }
    if (ended) pending += 1;
    at = next;
  }
  if (header.chomp === '-' || pending === 0) {
    // A block scalar that the file's end cuts off still ends in a line break unless `-` strips it.
    if (header.chomp !== '-' && hasContent) sink.replaced('\n', end, end);
    return;
  }
  if (header.chomp === '+') emitBreaks(text, pending, pendingFrom, end, false, sink);
  else if (hasContent) emitBreaks(text, 1, pendingFrom, end, false, sink);
}

/** Emits `count` breaks found in `[from, to)`; where lines fold, one is a space and of several the first is dropped. */
function emitBreaks(text: string, count: number, from: number, to: number, folds: boolean, sink: ScalarSink): void {
  if (folds && count === 1) {
    sink.replaced(' ', from, to);
    return;
  }
  let at = from;
  for (let index = 0; index < count; index += 1) {
    const newline = text.indexOf('\n', at);
    if (!(folds && index === 0)) sink.replaced('\n', Math.max(at, breakStart(text, newline + 1)), newline + 1);
    at = newline + 1;
  }
}
