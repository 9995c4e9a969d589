import { Scanner, type Token } from '../../../grammars/cel/scan.ts';
import type { Range } from '../../../grammars/cel/syntax-tree.ts';

/** What stands before a cursor in an expression. */
export interface TokensBefore {
  /** Those that begin before it; the last may go on behind it. */
  readonly tokens: readonly Token[];
  /** True inside a string or a comment. */
  readonly isInText: boolean;
  /** The name that is being written; empty where none is. */
  readonly word: Range;
  /** How many of the tokens stand before that name. */
  readonly before: number;
}

/** Reads the tokens up to a cursor. */
export function tokensBefore(text: string, at: number): TokensBefore {
  const comments: Range[] = [];
  const scanner = new Scanner(text, comments);
  const tokens: Token[] = [];
  for (scanner.next(); scanner.name !== 'End' && scanner.start < at; scanner.next()) {
    const { name, start, end } = scanner;
    tokens.push({ name, start, end });
  }
  const last = tokens.at(-1);
  const isText = last?.name === 'String' || last?.name === 'Bytes';
  const isInText =
    comments.some(({ start, end }) => start < at && at <= end) ||
    (isText && at < last.end) ||
    (last?.name === 'UnclosedString' && at <= last.end);
  const isWord = last !== undefined && last.end >= at && isName(last);
  return {
    tokens,
    isInText,
    word: isWord ? { start: last.start, end: last.end } : { start: at, end: at },
    before: isWord ? tokens.length - 1 : tokens.length,
  };
}

/** A name, or a word that a name may still become. */
function isName({ name }: Token): boolean {
  return (
    name === 'Identifier' ||
    name === 'In' ||
    name === 'True' ||
    name === 'False' ||
    name === 'Null' ||
    name === 'Reserved'
  );
}

const opening = new Set<Token['name']>(['Open', 'OpenList', 'OpenMap']);
const closing = new Set<Token['name']>(['Close', 'CloseList', 'CloseMap']);

/** The indices of brackets that are not closed before `end`, outermost first. */
export function openBrackets(tokens: readonly Token[], end: number): readonly number[] {
  const open: number[] = [];
  for (let index = 0; index < end; index += 1) {
    const { name } = tokens[index]!;
    if (opening.has(name)) open.push(index);
    else if (closing.has(name)) open.pop();
  }
  return open;
}

/**
 * The index of the first token of the operand that ends with the token before `end`: `a.b(c)[0]` before `.d`. Undefined
 * where none does.
 */
export function operandStart(tokens: readonly Token[], end: number): number | undefined {
  let index = end - 1;
  for (;;) {
    const token = tokens[index];
    if (token === undefined) return undefined;
    if (closing.has(token.name)) {
      const open = openingOf(tokens, index);
      if (open === undefined) return undefined;
      const before = tokens[open - 1];
      const isPostfix =
        before !== undefined &&
        ((token.name === 'Close' && isCallable(before)) ||
          (token.name === 'CloseList' && (isCallable(before) || closing.has(before.name) || before.name === 'String')));
      if (!isPostfix) return open;
      index = open - 1;
      continue;
    }
    if (!isCallable(token)) return token.name === 'String' || token.name === 'Int' ? index : undefined;
    if (tokens[index - 1]?.name !== 'Dot') {
      // `a.?b`
      if (tokens[index - 1]?.name !== 'Question' || tokens[index - 2]?.name !== 'Dot') return index;
      index -= 3;
    } else if (index === 1) return 0;
    else index -= 2;
  }
}

function isCallable({ name }: Token): boolean {
  return name === 'Identifier' || name === 'Escaped';
}

function openingOf(tokens: readonly Token[], close: number): number | undefined {
  let depth = 0;
  for (let index = close; index >= 0; index -= 1) {
    const { name } = tokens[index]!;
    if (closing.has(name)) depth += 1;
    else if (opening.has(name)) depth -= 1;
    if (depth === 0) return index;
  }
  return undefined;
}
