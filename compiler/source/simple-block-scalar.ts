import { DASH, GREATER, HASH, LINE_FEED, SPACE } from './characters.ts';
import { decodeScalar, type ScalarSink } from './scalar-decode.ts';
import type { Comment, ScalarNode } from './tree.ts';

export interface SimpleBlockScalar {
  readonly node: ScalarNode;
  /** The comment behind the indicator. */
  readonly comment: Comment | undefined;
  /** Where the first line begins that is not of the scalar. */
  readonly next: number;
}

/**
 * Reads a block scalar (YAML 1.2.2, section 8.1) whose first line of text says how far it is indented, and which ends with
 * one line break or with none. Undefined for every other, and for what is wrong in one.
 *
 * @param text without tabs and carriage returns
 * @param start where its `|` or `>` stands
 * @param column of the collection that it is a value of: its lines are indented further
 */
export function readBlockScalar(
  text: string,
  file: string,
  start: number,
  column: number,
): SimpleBlockScalar | undefined {
  const style = text.charCodeAt(start) === GREATER ? 'folded' : 'literal';
  const strips = text.charCodeAt(start + 1) === DASH;
  const afterHeader = start + (strips ? 2 : 1);
  let at = pastSpaces(text, afterHeader);
  const content = text.indexOf('\n', at) + 1;
  if (content === 0) return undefined;
  const isCommented = at > afterHeader && text.charCodeAt(at) === HASH;
  if (at !== content - 1 && !isCommented) return undefined;
  const comment = isCommented
    ? { span: { file, start: at, end: content - 1 }, text: text.slice(at + 1, content - 1).trim() }
    : undefined;
  let indent = 0;
  let longestBlank = 0;
  let end = content;
  for (at = content; at < text.length; ) {
    const first = pastSpaces(text, at);
    const columns = first - at;
    const isEmpty = first === text.length || text.charCodeAt(first) === LINE_FEED;
    if (!isEmpty && indent === 0) {
      if (columns <= column || columns < longestBlank) return undefined;
      indent = columns;
    }
    if (!isEmpty && columns < indent) break;
    const newline = isEmpty ? first : text.indexOf('\n', first);
    at = newline === -1 ? text.length : newline + 1;
    // Empty lines at the end are not of the text, unless they hold blanks that its indentation leaves.
    if (isEmpty && indent === 0) longestBlank = Math.max(longestBlank, columns);
    else if (!isEmpty || columns > indent) end = Math.min(at, text.length);
  }
  if (indent === 0) return undefined;
  if (strips && text.charCodeAt(end - 1) === LINE_FEED) end -= 1;
  const decoded = new Decoded(text);
  decodeScalar(text, style, start, end, indent, decoded);
  const { result } = decoded;
  return {
    node: { kind: 'scalar', span: { file, start, end }, value: result, text: result, style, indent },
    comment,
    next: at,
  };
}

function pastSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at += 1;
  return at;
}

class Decoded implements ScalarSink {
  readonly #text: string;
  result = '';

  constructor(text: string) {
    this.#text = text;
  }

  verbatim(from: number, to: number): void {
    this.result += this.#text.slice(from, to);
  }

  replaced(text: string): void {
    this.result += text;
  }

  /** Block scalars have no escapes. */
  invalidEscape(): void {}
}
