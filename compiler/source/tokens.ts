import { type CST, Lexer, Parser } from 'yaml';
import { nestingLimit } from './composition.ts';
import type { Comment } from './tree.ts';

/** A YAML stream as the `yaml` package's concrete syntax, with all its offsets counted from the start of the text. */
export interface TokenStream {
  readonly documents: readonly CST.Document[];
  readonly directives: readonly CST.Directive[];
  /** What stands outside every document, or makes no sense at its place. */
  readonly unplaced: readonly CST.Token[];
  readonly comments: readonly Comment[];
  /** Where nesting went beyond the limit; nothing behind it was read. */
  readonly tooDeep: number | undefined;
}

/** The lexer announces a scalar's text with this character (`CST.SCALAR`), which no policy holds. */
const scalarFollows = '\x1f';

/**
 * Reads `text.slice(from, to)`. The parser recurses where it leaves nested values, so nesting is limited here, as the
 * lexemes come, and not afterwards.
 */
export function readTokens(text: string, file: string, from: number, to: number): TokenStream {
  const documents: CST.Document[] = [];
  const directives: CST.Directive[] = [];
  const unplaced: CST.Token[] = [];
  const comments: Comment[] = [];
  const parser = new Parser();
  parser.offset = from;
  let isScalar = false;
  const place = (token: CST.Token) => {
    if (token.type === 'document') documents.push(token);
    else if (token.type === 'directive') directives.push(token);
    else if (token.type === 'error') unplaced.push(token);
    else if (token.type === 'doc-end') {
      for (const end of token.end ?? []) {
        if (end.type !== 'space' && end.type !== 'newline' && end.type !== 'comment') unplaced.push(end);
      }
    } else if (token.type !== 'comment' && token.type !== 'newline' && token.type !== 'space') {
      if (token.type !== 'byte-order-mark') unplaced.push(token);
    }
  };
  const result = { documents, directives, unplaced, comments };
  try {
    for (const lexeme of new Lexer().lex(from === 0 && to === text.length ? text : text.slice(from, to))) {
      if (!isScalar && lexeme.charCodeAt(0) === 0x23) {
        const start = parser.offset;
        comments.push({ span: { file, start, end: start + lexeme.length }, text: lexeme.slice(1).trim() });
      }
      isScalar = lexeme === scalarFollows;
      for (const token of parser.next(lexeme)) place(token);
      if (parser.stack.length > nestingLimit + 1) return { ...result, tooDeep: parser.offset };
    }
    for (const token of parser.end()) place(token);
  } catch (error) {
    // The lexer recurses over a long row of indicators, tags or anchors.
    if (!(error instanceof RangeError)) throw error;
    return { ...result, tooDeep: Math.min(parser.offset, to) };
  }
  return { ...result, tooDeep: undefined };
}
