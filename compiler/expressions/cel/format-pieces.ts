import type { Token } from '../../../grammars/cel/scan.ts';
import type { Range } from '../../../grammars/cel/syntax-tree.ts';
import type { TokenName } from '../../../grammars/cel/tokens.ts';
import { endsValue } from '../../../grammars/cel/value-tokens.ts';

export interface Comment {
  readonly text: string;
  /** Whether it stands behind a word on the same line. */
  readonly trailing: boolean;
}

/** A token as the formatter lays it out. */
export interface Piece {
  readonly name: TokenName;
  readonly text: string;
  /** Whether a blank is in front of it where no line begins. */
  readonly space: boolean;
  /** `?` or `:` of a conditional. */
  readonly conditional: boolean;
  /** Of an opening bracket, the index of its closing one. */
  close?: number;
  /** In front of it. */
  readonly comments: readonly Comment[];
}

/** The tokens of well-formed text as pieces, without commas that have no element behind them. */
export function pieces(
  text: string,
  tokens: readonly Token[],
  comments: readonly Range[],
): { readonly list: readonly Piece[]; readonly tail: readonly Comment[] } {
  const list: Piece[] = [];
  const open: { readonly at: number; conditionals: number }[] = [{ at: -1, conditionals: 0 }];
  let waiting: Comment[] = [];
  let nextComment = 0;
  let ended = 0;
  /** Nothing, or what keeps the next token close to the last. */
  let tight = true;
  tokens.forEach(({ name, start, end }, at) => {
    for (; nextComment < comments.length && comments[nextComment]!.start < start; nextComment += 1) {
      waiting.push(commentOf(text, comments[nextComment]!, ended));
    }
    ended = end;
    const level = open.at(-1)!;
    const last = list.at(-1);
    const following = tokens[at + 1]?.name;
    if (name === 'Comma' && (following === 'CloseList' || following === 'CloseMap')) return;
    const optional = name === 'Question' && !endsValue(last?.name);
    const conditional = name === 'Question' ? !optional : name === 'Colon' && level.conditionals > 0;
    if (conditional) level.conditionals += name === 'Question' ? 1 : -1;
    if (name === 'Comma') level.conditionals = 0;
    const prefix = name === 'Not' || (name === 'Minus' && !endsValue(last?.name));
    const space = !tight && !sticks(name, last?.name) && !(name === 'Colon' && !conditional);
    const piece: Piece = {
      name,
      text: text.slice(start, end),
      space,
      conditional,
      // Behind the comma a comment reads better than in front of it.
      comments: name === 'Comma' ? [] : waiting,
    };
    if (name !== 'Comma') waiting = [];
    list.push(piece);
    if (name === 'Open' || name === 'OpenList' || name === 'OpenMap')
      open.push({ at: list.length - 1, conditionals: 0 });
    else if (name === 'Close' || name === 'CloseList' || name === 'CloseMap') {
      open.pop();
      list[level.at]!.close = list.length - 1;
    }
    tight = prefix || optional || name === 'Dot' || name === 'Open' || name === 'OpenList' || name === 'OpenMap';
  });
  for (; nextComment < comments.length; nextComment += 1) {
    waiting.push(commentOf(text, comments[nextComment]!, ended));
  }
  return { list, tail: waiting };
}

function commentOf(text: string, { start, end }: Range, ended: number): Comment {
  const between = text.slice(ended, start);
  return { text: text.slice(start, end).trimEnd(), trailing: ended > 0 && !between.includes('\n') };
}

/** Whether a token stands close to the one before it. */
function sticks(name: TokenName, last: TokenName | undefined): boolean {
  switch (name) {
    case 'Close':
    case 'CloseList':
    case 'CloseMap':
    case 'Comma':
      return true;
    case 'Dot':
    case 'OpenList':
    case 'OpenMap':
      return endsValue(last);
    case 'Question':
      return last === 'Dot';
    case 'Open':
      return last === 'Identifier' || last === 'Reserved';
    default:
      return false;
  }
}
