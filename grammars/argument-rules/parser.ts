import {
  EmbeddedActionsParser,
  EOF,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type IToken,
  tokenLabel,
  tokenMatcher,
} from 'chevrotain';
import { tokenTypes } from './lexer.ts';
import { readNumber } from './number.ts';
import { tokens } from './tokens.ts';
import type { ComparisonOperator, Expression, Item, Problem, TextRange } from './tree.ts';

/**
 * From loose to tight:
 *
 *     a || b    a && b    !(a)    a == b  a in [b, c..d]    a | b    a & b    ~a  -a
 *
 * Unlike in C, `&` and `|` bind tighter than comparisons, so that `arg2 & O_CREAT == 0` means what it looks like, and
 * `!` must be followed by parentheses, since `!arg0 == 1` means one thing in C and looks like another.
 */
class RuleParser extends EmbeddedActionsParser {
  readonly #types = tokenTypes();
  #problems: Problem[] = [];
  #end = 0;

  constructor() {
    super(Object.values(tokenTypes()), {
      maxLookahead: 1,
      recoveryEnabled: true,
      skipValidations: true,
      errorMessageProvider: messages,
    });
    this.performSelfAnalysis();
  }

  /** `end` is where the last token ends. The tokens are forgotten afterwards. */
  parse(
    read: IToken[],
    end: number,
  ): { readonly tree: Expression; readonly problems: readonly Problem[]; readonly errors: IRecognitionException[] } {
    this.#problems = [];
    this.#end = end;
    this.input = read;
    const tree = this.condition();
    const result = { tree, problems: this.#problems, errors: this.errors };
    this.input = [];
    return result;
  }

  readonly condition = this.#rule('condition', () => {
    const of = [this.SUBRULE1(this.conjunction)];
    this.MANY(() => {
      this.CONSUME(this.#types.Or);
      of.push(this.SUBRULE2(this.conjunction));
    });
    return this.ACTION(() => logic('||', of));
  });

  readonly conjunction = this.#rule('conjunction', () => {
    const of = [this.SUBRULE1(this.negation)];
    this.MANY(() => {
      this.CONSUME(this.#types.And);
      of.push(this.SUBRULE2(this.negation));
    });
    return this.ACTION(() => logic('&&', of));
  });

  readonly negation = this.#rule('negation', () =>
    this.OR([
      {
        ALT: () => {
          const mark = this.CONSUME(this.#types.Not);
          const of = this.SUBRULE(this.negation);
          return this.ACTION((): Expression => {
            if (of.kind !== 'group' && of.kind !== 'not' && of.kind !== 'missing') {
              this.#problems.push({ kind: 'bare not', range: of.range });
            }
            return { kind: 'not', of, range: span(rangeOf(mark), of.range) };
          });
        },
      },
      { ALT: () => this.SUBRULE(this.comparison) },
    ]),
  );

  readonly comparison = this.#rule('comparison', () => {
    let tree = this.SUBRULE1(this.union);
    let compared = false;
    this.MANY(() => {
      const left = tree;
      const next = this.OR([
        {
          ALT: (): [IToken, Expression] => {
            const mark = this.CONSUME(this.#types.Comparison);
            const right = this.SUBRULE2(this.union);
            return this.ACTION(() => {
              const operator = operatorOf(mark);
              return [mark, { kind: 'comparison', operator, left, right, range: span(left.range, right.range) }];
            });
          },
        },
        {
          ALT: (): [IToken, Expression] => {
            const mark = this.CONSUME(this.#types.In);
            const members = this.SUBRULE(this.members);
            return this.ACTION(() => {
              const range = span(left.range, members.range);
              return [mark, { kind: 'membership', of: left, items: members.items, range }];
            });
          },
        },
      ]);
      this.ACTION(() => {
        // Of `a < b < c` the first comparison is kept: the tree stays shallow.
        if (compared) this.#problems.push({ kind: 'chain', range: rangeOf(next[0]) });
        else tree = next[1];
        compared = true;
      });
    });
    return tree;
  });

  readonly members = this.RULE(
    'members',
    (): { readonly items: readonly Item[]; readonly range: TextRange } =>
      this.OR([
        {
          ALT: () => {
            const items: Item[] = [];
            const open = this.CONSUME(this.#types.OpenList);
            items.push(this.SUBRULE1(this.item));
            this.MANY(() => {
              this.CONSUME(this.#types.Comma);
              items.push(this.SUBRULE2(this.item));
            });
            const close = this.#missesAtEnd('`]`') ? undefined : this.CONSUME(this.#types.CloseList);
            return this.ACTION(() => ({
              items,
              range: span(rangeOf(open), this.#closing(close, items.at(-1)!.range)),
            }));
          },
        },
        {
          ALT: () => {
            const item = this.SUBRULE3(this.item);
            return { items: [item], range: item.range };
          },
        },
      ]),
    { recoveryValueFunc: (error) => ({ items: [], range: this.#place(error) }) },
  );

  readonly item = this.RULE(
    'item',
    (): Item => {
      const low = this.SUBRULE1(this.union);
      let item: Item = { low, range: low.range };
      this.OPTION(() => {
        this.CONSUME(this.#types.Between);
        const high = this.SUBRULE2(this.union);
        this.ACTION(() => {
          item = { low, high, range: span(low.range, high.range) };
        });
      });
      return item;
    },
    {
      recoveryValueFunc: (error): Item => {
        const range = this.#place(error);
        return { low: { kind: 'missing', range }, range };
      },
    },
  );

  readonly union = this.#rule('union', () => {
    const of = [this.SUBRULE1(this.intersection)];
    this.MANY(() => {
      this.CONSUME(this.#types.BitOr);
      of.push(this.SUBRULE2(this.intersection));
    });
    return this.ACTION(() => bits('|', of));
  });

  readonly intersection = this.#rule('intersection', () => {
    const of = [this.SUBRULE1(this.value)];
    this.MANY(() => {
      this.CONSUME(this.#types.BitAnd);
      of.push(this.SUBRULE2(this.value));
    });
    return this.ACTION(() => bits('&', of));
  });

  readonly value = this.#rule('value', () => {
    if (this.#missesValue()) return { kind: 'missing', range: this.#before(this.LA(1)) };
    return this.OR([
      {
        ALT: () => {
          const mark = this.CONSUME(this.#types.Complement);
          const of = this.SUBRULE1(this.value);
          return this.#prefixed('complement', mark, of);
        },
      },
      {
        ALT: () => {
          const mark = this.CONSUME(this.#types.Minus);
          const of = this.SUBRULE2(this.value);
          return this.#prefixed('negative', mark, of);
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(this.#types.Argument);
          return { kind: 'argument', index: Number(token.image.slice('arg'.length)), range: rangeOf(token) } as const;
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(this.#types.Name);
          return { kind: 'name', name: token.image, range: rangeOf(token) } as const;
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(this.#types.Integer);
          const { value } = readNumber(token.image);
          const range = rangeOf(token);
          return value === undefined
            ? ({ kind: 'missing', range } as const)
            : ({ kind: 'integer', value, range } as const);
        },
      },
      {
        ALT: () => {
          const open = this.CONSUME(this.#types.Open);
          const of = this.SUBRULE(this.condition);
          const close = this.#missesAtEnd('`)`') ? undefined : this.CONSUME(this.#types.Close);
          return this.ACTION(
            (): Expression => ({ kind: 'group', of, range: span(rangeOf(open), this.#closing(close, of.range)) }),
          );
        },
      },
    ]);
  });

  /** A rule whose result is an expression, `missing` where the text has none. */
  #rule(name: string, implementation: () => Expression) {
    return this.RULE(name, implementation, {
      recoveryValueFunc: (error): Expression => ({ kind: 'missing', range: this.#place(error) }),
    });
  }

  /**
   * Reports a value that is missing where the next condition begins or the text ends. Chevrotain would go on in a rule
   * further out, and give up the comparison that it has read so far.
   */
  #missesValue(): boolean {
    if (this.RECORDING_PHASE) return false;
    const next = this.LA(1);
    if (!tokenMatcher(next, this.#types.And) && !tokenMatcher(next, this.#types.Or))
      return this.#missesAtEnd('a value');
    this.#problems.push({ kind: 'expected', expected: 'a value', found: next.image, range: rangeOf(next) });
    return true;
  }

  /** Reports what is missing at the end of the text, where Chevrotain has no token to go on with. */
  #missesAtEnd(expected: string): boolean {
    if (this.RECORDING_PHASE || this.LA(1).tokenType !== EOF) return false;
    this.#problems.push({ kind: 'expected', expected, found: '', range: { start: this.#end, end: this.#end } });
    return true;
  }

  #prefixed(kind: 'complement' | 'negative', mark: IToken, of: Expression): Expression {
    return this.ACTION(() => ({ kind, of, range: span(rangeOf(mark), of.range) }));
  }

  #place({ token }: IRecognitionException): TextRange {
    return this.#before(token);
  }

  /** The empty range in front of a token. */
  #before(token: IToken): TextRange {
    const start = Number.isNaN(token.startOffset) ? this.#end : token.startOffset;
    return { start, end: start };
  }

  /** The range of a closing bracket; that of what stands before it where recovery put the bracket in. */
  #closing(close: IToken | undefined, before: TextRange): TextRange {
    return close === undefined || Number.isNaN(close.startOffset) ? before : rangeOf(close);
  }
}

const afterCondition = '`&&` or `||`';

/** The message is what was expected; the place is the error's token. */
const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => (expected === EOF ? afterCondition : tokenLabel(expected)),
  buildNotAllInputParsedMessage: () => afterCondition,
  buildNoViableAltMessage: ({ ruleName }) => (ruleName === 'comparison' ? 'a comparison' : 'a value'),
  buildEarlyExitMessage: () => 'a value',
};

let parser: RuleParser | undefined;

/** The parser, made when it is first asked for. */
export function ruleParser(): RuleParser {
  parser ??= new RuleParser();
  return parser;
}

const replacements: ReadonlyMap<string, string> = new Map(
  tokens.flatMap(({ name, replacement }) => (replacement === undefined ? [] : [[name, replacement] as const])),
);

function operatorOf({ image, tokenType }: IToken): ComparisonOperator {
  const written = replacements.get(tokenType.name) ?? image;
  return operators.find((operator) => operator === written) ?? '==';
}

const operators: readonly ComparisonOperator[] = ['==', '!=', '<', '<=', '>', '>='];

function logic(operator: '&&' | '||', of: readonly Expression[]): Expression {
  return of.length === 1 ? of[0]! : { kind: 'logic', operator, of, range: span(of[0]!.range, of.at(-1)!.range) };
}

function bits(operator: '&' | '|', of: readonly Expression[]): Expression {
  return of.length === 1 ? of[0]! : { kind: 'bits', operator, of, range: span(of[0]!.range, of.at(-1)!.range) };
}

function span(from: TextRange, to: TextRange): TextRange {
  return { start: from.start, end: Math.max(from.end, to.end) };
}

function rangeOf({ startOffset, image }: IToken): TextRange {
  return { start: startOffset, end: startOffset + image.length };
}
