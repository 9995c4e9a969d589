import {
  EmbeddedActionsParser,
  EOF,
  type IOrAlt,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type IToken,
  tokenMatcher,
} from 'chevrotain';
import { readNumber } from './number.ts';
import type { TokenTypes } from './token-types.ts';
import { type ConditionToken, operators } from './tokens.ts';
import type { ComparisonOperator, Expression, Item, MembershipOperator, OwnValue, Problem, TextRange } from './tree.ts';

/** How the conditions of one language differ from another's. */
export interface Language<Own extends OwnValue, Name extends string> {
  readonly types: TokenTypes<Name | ConditionToken>;
  readonly maxLookahead: 1 | 2;
  readonly messages: IParserErrorMessageProvider;
  /** What `!` may stand in front of, besides another. */
  readonly negatable: readonly Expression<Own>['kind'][];
}

/**
 * Conditions, from loose to tight:
 *
 *     a || b    a && b    !(a)    a == b  a in [b, c..d]    a | b    a & b    ~a  -a
 *
 * Unlike in C, `&` and `|` bind tighter than comparisons, so that `arg2 & O_CREAT == 0` means what it looks like, and
 * `!` must be followed by parentheses, since `!arg0 == 1` means one thing in C and looks like another.
 */
export abstract class ConditionParser<Own extends OwnValue, Name extends string> extends EmbeddedActionsParser {
  protected readonly types: TokenTypes<Name | ConditionToken>;
  protected found: Problem[] = [];
  /** Where the last token ends. */
  protected end = 0;
  readonly #negatable: ReadonlySet<string>;

  constructor({ types, maxLookahead, messages, negatable }: Language<Own, Name>) {
    super(Object.values(types), {
      maxLookahead,
      recoveryEnabled: true,
      skipValidations: true,
      errorMessageProvider: messages,
    });
    this.types = types;
    this.#negatable = new Set([...negatable, 'not', 'missing']);
  }

  /** The values that the language has beside names and integers. */
  protected abstract ownValues(): IOrAlt<Expression<Own>>[];

  readonly condition = this.expression('condition', () => {
    const of = [this.SUBRULE1(this.conjunction)];
    this.MANY(() => {
      this.CONSUME(this.types.Or);
      of.push(this.SUBRULE2(this.conjunction));
    });
    return this.ACTION(() => joined(of, (range) => ({ kind: 'logic', operator: '||', of, range })));
  });

  readonly conjunction = this.expression('conjunction', () => {
    const of = [this.SUBRULE1(this.negation)];
    this.MANY(() => {
      this.CONSUME(this.types.And);
      of.push(this.SUBRULE2(this.negation));
    });
    return this.ACTION(() => joined(of, (range) => ({ kind: 'logic', operator: '&&', of, range })));
  });

  readonly negation = this.expression('negation', () =>
    this.OR([
      {
        ALT: () => {
          const mark = this.CONSUME(this.types.Not);
          const of = this.SUBRULE(this.negation);
          return this.ACTION((): Expression<Own> => {
            if (!this.#negatable.has(of.kind)) this.found.push({ kind: 'bare not', range: of.range });
            return { kind: 'not', of, range: span(rangeOf(mark), of.range) };
          });
        },
      },
      { ALT: () => this.SUBRULE(this.comparison) },
    ]),
  );

  readonly comparison = this.expression('comparison', () => {
    let tree = this.SUBRULE1(this.union);
    let compared = false;
    this.MANY(() => {
      const left = tree;
      const next = this.OR([
        {
          ALT: (): [IToken, Expression<Own>] => {
            const mark = this.CONSUME(this.types.Comparison);
            const right = this.SUBRULE2(this.union);
            return this.ACTION(() => {
              const operator = comparisonOf(mark);
              return [mark, { kind: 'comparison', operator, left, right, range: span(left.range, right.range) }];
            });
          },
        },
        {
          ALT: (): [IToken, Expression<Own>] => {
            const mark = this.CONSUME(this.types.Membership);
            const members = this.SUBRULE(this.members);
            return this.ACTION(() => {
              const range = span(left.range, members.range);
              const operator = membershipOf(mark);
              return [mark, { kind: 'membership', operator, of: left, items: members.items, range }];
            });
          },
        },
      ]);
      this.ACTION(() => {
        // Of `a < b < c` the first comparison is kept: the tree stays shallow.
        if (compared) this.found.push({ kind: 'chain', range: rangeOf(next[0]) });
        else tree = next[1];
        compared = true;
      });
    });
    return tree;
  });

  readonly members = this.RULE(
    'members',
    (): { readonly items: readonly Item<Own>[]; readonly range: TextRange } =>
      this.OR([
        {
          ALT: () => {
            const items: Item<Own>[] = [];
            const open = this.CONSUME(this.types.OpenList);
            items.push(this.SUBRULE1(this.item));
            this.MANY(() => {
              this.CONSUME(this.types.Comma);
              items.push(this.SUBRULE2(this.item));
            });
            const close = this.missesAtEnd('`]`') ? undefined : this.CONSUME(this.types.CloseList);
            return this.ACTION(() => ({ items, range: span(rangeOf(open), closing(close, items.at(-1)!.range)) }));
          },
        },
        {
          ALT: () => {
            const item = this.SUBRULE3(this.item);
            return { items: [item], range: item.range };
          },
        },
      ]),
    { recoveryValueFunc: (error) => ({ items: [], range: this.placeOf(error) }) },
  );

  readonly item = this.RULE(
    'item',
    (): Item<Own> => {
      const low = this.SUBRULE1(this.union);
      let item: Item<Own> = { low, range: low.range };
      this.OPTION(() => {
        this.CONSUME(this.types.Between);
        const high = this.SUBRULE2(this.union);
        this.ACTION(() => {
          item = { low, high, range: span(low.range, high.range) };
        });
      });
      return item;
    },
    {
      recoveryValueFunc: (error): Item<Own> => {
        const range = this.placeOf(error);
        return { low: { kind: 'missing', range }, range };
      },
    },
  );

  readonly union = this.expression('union', () => {
    const of = [this.SUBRULE1(this.intersection)];
    this.MANY(() => {
      this.CONSUME(this.types.BitOr);
      of.push(this.SUBRULE2(this.intersection));
    });
    return this.ACTION(() => joined(of, (range) => ({ kind: 'bits', operator: '|', of, range })));
  });

  readonly intersection = this.expression('intersection', () => {
    const of = [this.SUBRULE1(this.value)];
    this.MANY(() => {
      this.CONSUME(this.types.BitAnd);
      of.push(this.SUBRULE2(this.value));
    });
    return this.ACTION(() => joined(of, (range) => ({ kind: 'bits', operator: '&', of, range })));
  });

  readonly value = this.expression('value', () => {
    if (this.missesValue()) return { kind: 'missing', range: this.inFrontOf(this.LA(1)) };
    return this.OR<Expression<Own>>([
      {
        ALT: () => {
          const mark = this.CONSUME(this.types.Complement);
          const of = this.SUBRULE1(this.value);
          return this.ACTION(() => ({ kind: 'complement', of, range: span(rangeOf(mark), of.range) }));
        },
      },
      {
        ALT: () => {
          const mark = this.CONSUME(this.types.Minus);
          const of = this.SUBRULE2(this.value);
          return this.ACTION(() => ({ kind: 'negative', of, range: span(rangeOf(mark), of.range) }));
        },
      },
      ...this.ownValues(),
      {
        ALT: () => {
          const token = this.CONSUME(this.types.Name);
          return { kind: 'name', name: token.image, range: rangeOf(token) };
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(this.types.Integer);
          const { value } = readNumber(token.image);
          const range = rangeOf(token);
          return value === undefined ? { kind: 'missing', range } : { kind: 'integer', value, range };
        },
      },
      {
        ALT: () => {
          const open = this.CONSUME(this.types.Open);
          const of = this.SUBRULE(this.condition);
          const close = this.missesAtEnd('`)`') ? undefined : this.CONSUME(this.types.Close);
          return this.ACTION(() => ({ kind: 'group', of, range: span(rangeOf(open), closing(close, of.range)) }));
        },
      },
    ]);
  });

  /** A rule whose result is an expression, `missing` where the text has none. */
  protected expression(name: string, implementation: () => Expression<Own>) {
    return this.RULE(name, implementation, {
      recoveryValueFunc: (error): Expression<Own> => ({ kind: 'missing', range: this.placeOf(error) }),
    });
  }

  /**
   * Reports a value that is missing where the next condition begins or the text ends. Chevrotain would go on in a rule
   * further out, and give up the comparison that it has read so far.
   */
  protected missesValue(): boolean {
    if (this.RECORDING_PHASE) return false;
    const next = this.LA(1);
    if (!tokenMatcher(next, this.types.And) && !tokenMatcher(next, this.types.Or)) return this.missesAtEnd('a value');
    this.found.push({ kind: 'expected', expected: 'a value', found: next.image, range: rangeOf(next) });
    return true;
  }

  /** Reports what is missing at the end, where Chevrotain has no token to go on with. */
  protected missesAtEnd(expected: string): boolean {
    if (this.RECORDING_PHASE || this.LA(1).tokenType !== EOF) return false;
    this.found.push({ kind: 'expected', expected, found: '', range: { start: this.end, end: this.end } });
    return true;
  }

  protected placeOf({ token }: IRecognitionException): TextRange {
    return this.inFrontOf(token);
  }

  /** The empty range in front of a token. */
  protected inFrontOf(token: IToken): TextRange {
    const start = Number.isNaN(token.startOffset) ? this.end : token.startOffset;
    return { start, end: start };
  }
}

const comparisonOperators: readonly ComparisonOperator[] = ['==', '!=', '<', '<=', '>', '>='];
const membershipOperators: readonly MembershipOperator[] = ['in', 'beneath', 'like'];

/** What a comparison means; one that other languages spell otherwise means what it says there. */
function comparisonOf({ image }: IToken): ComparisonOperator {
  const meant = operators.find(({ pattern }) => pattern === image)?.replacement ?? image;
  return comparisonOperators.find((operator) => operator === meant) ?? '==';
}

function membershipOf({ image }: IToken): MembershipOperator {
  return membershipOperators.find((operator) => operator === image) ?? 'in';
}

function joined<Own extends OwnValue>(
  of: readonly Expression<Own>[],
  several: (range: TextRange) => Expression<Own>,
): Expression<Own> {
  return of.length === 1 ? of[0]! : several(span(of[0]!.range, of.at(-1)!.range));
}

/** The range of a closing bracket; that of what stands before it where recovery put the bracket in. */
function closing(close: IToken | undefined, before: TextRange): TextRange {
  return close === undefined || Number.isNaN(close.startOffset) ? before : rangeOf(close);
}

export function span(from: TextRange, to: TextRange): TextRange {
  return { start: from.start, end: Math.max(from.end, to.end) };
}

export function rangeOf({ startOffset, image }: IToken): TextRange {
  return { start: startOffset, end: startOffset + image.length };
}
