import { isFlowIndicator } from '../source/characters.ts';
import type { Scan } from './frames.ts';
import { scanText } from './scan-text.ts';

/** What is written where a cursor stands. */
export interface Token {
  /** `nothing` between tokens, on an empty line and behind a colon. */
  readonly style: 'nothing' | 'plain' | 'single' | 'double' | 'block' | 'comment';
  readonly start: number;
  readonly end: number;
  /** Without quotes, escapes as they are written. */
  readonly text: string;
  /** Where it is a key with its colon: the offset behind that. */
  readonly key: { readonly behindColon: number } | undefined;
  /** What is around it. */
  readonly scan: Scan;
}

/** @param from where the scan of what is around begins */
export function tokenAt(text: string, from: number, offset: number): Token {
  let scan = scanText(text, from, offset);
  if (scan.last.kind === 'nothing' && begins(text, offset)) scan = scanText(text, from, offset + 1);
  const { kind: style, start } = scan.last;
  switch (style) {
    case 'nothing':
      return { style, start: offset, end: offset, text: '', key: undefined, scan };
    case 'comment':
    case 'block': {
      const end = lineEnd(text, offset);
      return { style, start, end, text: text.slice(start, end), key: undefined, scan };
    }
    case 'plain': {
      const ended = plainEnd(text, start, scan.frames.at(-1)?.flow === true);
      // Behind a blank, a text of several words goes on.
      const end = Math.max(ended, offset);
      return { style, start, end, text: text.slice(start, end), key: keyAt(text, ended), scan };
    }
    default: {
      const end = quotedEnd(text, start);
      const inner = text.slice(start + 1, end);
      const closed = end > start + 1 && text[end - 1] === text[start];
      return { style, start, end, text: closed ? inner.slice(0, -1) : inner, key: keyAt(text, end), scan };
    }
  }
}

/** Whether a scalar begins at the offset. */
function begins(text: string, offset: number): boolean {
  const character = text[offset];
  if (character === undefined || ' \t\r\n,[]{}:#|>?&!'.includes(character)) return false;
  return character !== '-' || !/\s/.test(text[offset + 1] ?? ' ');
}

function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  if (newline === -1) return text.length;
  return newline > at && text[newline - 1] === '\r' ? newline - 1 : newline;
}

function plainEnd(text: string, start: number, flow: boolean): number {
  const limit = lineEnd(text, start);
  let end = start;
  for (let at = start; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    const next = at + 1 < limit ? text[at + 1]! : ' ';
    if (flow && isFlowIndicator(code)) break;
    if (text[at] === ':' && (/\s/.test(next) || (flow && isFlowIndicator(next.charCodeAt(0))))) break;
    if (text[at] === '#' && at > start && /\s/.test(text[at - 1]!)) break;
    if (text[at] !== ' ' && text[at] !== '\t') end = at + 1;
  }
  return end;
}

/** Behind the closing quote of the same line, or the end of the line. */
function quotedEnd(text: string, start: number): number {
  const quote = text[start];
  const limit = lineEnd(text, start);
  for (let at = start + 1; at < limit; at += 1) {
    if (quote === '"' && text[at] === '\\') at += 1;
    else if (text[at] === quote) {
      if (quote === "'" && text[at + 1] === "'") at += 1;
      else return at + 1;
    }
  }
  return limit;
}

function keyAt(text: string, end: number): Token['key'] {
  let at = end;
  while (text[at] === ' ') at += 1;
  if (text[at] !== ':') return undefined;
  const next = text[at + 1];
  if (next !== undefined && !/[\s,[\]{}]/.test(next)) return undefined;
  return { behindColon: at + 1 };
}
