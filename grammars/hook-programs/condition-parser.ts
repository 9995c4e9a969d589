import { EmbeddedActionsParser, EOF, type IRecognitionException, type IToken, tokenMatcher } from 'chevrotain';
import { readNumber } from '../argument-rules/number.ts';
import { tokenTypes } from './lexer.ts';
import { messages } from './parser-messages.ts';
import { readText } from './text.ts';
import { tokens } from './tokens.ts';
import type { ComparisonOperator, Expression, Item, MembershipOperator, Problem, TextRange, Word } from './tree.ts';

/**
 * Conditions, from loose to tight:
 *
 *     a || b    a && b    !(a)  !a    a == b  a in [b, c..d]  a beneath "b"  a like "b"    a | b    a & b    ~a  -a
 *
 * As in argument rules, `&` and `|` bind tighter than comparisons, and `!` is followed by parentheses or a name.
 */
export abstract class ConditionParser extends EmbeddedActionsParser {
  protected readonly kinds = tokenTypes();
  protected found: Problem[] = [];
  /** Where the last token ends. */
  protected endOfStatement = 0;

  constructor() {
    super(Object.values(tokenTypes()), {
      maxLookahead: 2,
      recoveryEnabled: true,
      skipValidations: true,
      errorMessageProvider: messages,
    });
  }

  readonly condition = this.expression('condition', () => {
    const of = [this.SUBRULE1(this.conjunction)];
    this.MANY(() => {
      this.CONSUME(this.kinds.Or);
      of.push(this.SUBRULE2(this.conjunction));
    });
    return this.ACTION(() => joined(of, (range) => ({ kind: 'logic', operator: '||', of, range })));
  });

  readonly conjunction = this.expression('conjunction', () => {
    const of = [this.SUBRULE1(this.negation)];
    this.MANY(() => {
      this.CONSUME(this.kinds.And);
      of.push(this.SUBRULE2(this.negation));
    });
    return this.ACTION(() => joined(of, (range) => ({ kind: 'logic', operator: '&&', of, range })));
  });

  readonly negation = this.expression('negation', () =>
    this.OR([
      {
        ALT: () => {
          const mark = this.CONSUME(this.kinds.Not);
          const of = this.SUBRULE(this.negation);
          return this.ACTION((): Expression => {
            if (!['group', 'not', 'name', 'missing'].includes(of.kind)) {
              this.found.push({ kind: 'bare not', range: of.range });
            }
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
          ALT: (): [IToken, Expression] => {
            const mark = this.CONSUME(this.kinds.Comparison);
            const right = this.SUBRULE2(this.union);
            return this.ACTION(() => {
              const operator = operatorOf(mark);
              return [mark, { kind: 'comparison', operator, left, right, range: span(left.range, right.range) }];
            });
          },
        },
        {
          ALT: (): [IToken, Expression] => {
            const mark = this.CONSUME(this.kinds.Membership);
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
    (): { readonly items: readonly Item[]; readonly range: TextRange } =>
      this.OR([
        {
          ALT: () => {
            const items: Item[] = [];
            const open = this.CONSUME(this.kinds.OpenList);
            items.push(this.SUBRULE1(this.item));
            this.MANY(() => {
              this.CONSUME(this.kinds.Comma);
              items.push(this.SUBRULE2(this.item));
            });
            const close = this.missesAtEnd('`]`') ? undefined : this.CONSUME(this.kinds.CloseList);
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
    (): Item => {
      const low = this.SUBRULE1(this.union);
      let item: Item = { low, range: low.range };
      this.OPTION(() => {
        this.CONSUME(this.kinds.Between);
        const high = this.SUBRULE2(this.union);
        this.ACTION(() => {
          item = { low, high, range: span(low.range, high.range) };
        });
      });
      return item;
    },
    {
      recoveryValueFunc: (error): Item => {
        const range = this.placeOf(error);
        return { low: { kind: 'missing', range }, range };
      },
    },
  );

  readonly union = this.expression('union', () => {
    const of = [this.SUBRULE1(this.intersection)];
    this.MANY(() => {
      this.CONSUME(this.kinds.BitOr);
      of.push(this.SUBRULE2(this.intersection));
    });
    return this.ACTION(() => joined(of, (range) => ({ kind: 'bits', operator: '|', of, range })));
  });

  readonly intersection = this.expression('intersection', () => {
    const of = [this.SUBRULE1(this.value)];
    this.MANY(() => {
      this.CONSUME(this.kinds.BitAnd);
      of.push(this.SUBRULE2(this.value));
    });
    return this.ACTION(() => joined(of, (range) => ({ kind: 'bits', operator: '&', of, range })));
  });

  readonly value = this.expression('value', () => {
    if (this.missesValue()) return { kind: 'missing', range: this.inFrontOf(this.LA(1)) };
    return this.OR([
      {
        ALT: () => {
          const mark = this.CONSUME(this.kinds.Complement);
          const of = this.SUBRULE1(this.value);
          return this.ACTION(() => ({ kind: 'complement', of, range: span(rangeOf(mark), of.range) }) as const);
        },
      },
      {
        ALT: () => {
          const mark = this.CONSUME(this.kinds.Minus);
          const of = this.SUBRULE2(this.value);
          return this.ACTION(() => ({ kind: 'negative', of, range: span(rangeOf(mark), of.range) }) as const);
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(this.kinds.Name);
          return { kind: 'name', name: token.image, range: rangeOf(token) } as const;
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(this.kinds.Integer);
          const { value } = readNumber(token.image);
          return orMissing(value, rangeOf(token), (known) => ({
            kind: 'integer',
            value: known,
            range: rangeOf(token),
          }));
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(this.kinds.Text);
          const { value } = readText(token.image);
          return orMissing(value, rangeOf(token), (known) => ({ kind: 'text', value: known, range: rangeOf(token) }));
        },
      },
      {
        ALT: () => {
          const open = this.CONSUME(this.kinds.Open);
          const of = this.SUBRULE(this.condition);
          const close = this.missesAtEnd('`)`') ? undefined : this.CONSUME(this.kinds.Close);
          return this.ACTION(
            (): Expression => ({ kind: 'group', of, range: span(rangeOf(open), closing(close, of.range)) }),
          );
        },
      },
    ]);
  });

  /** A rule whose result is an expression, `missing` where the text has none. */
  protected expression(name: string, implementation: () => Expression) {
    return this.RULE(name, implementation, {
      recoveryValueFunc: (error): Expression => ({ kind: 'missing', range: this.placeOf(error) }),
    });
  }

  protected nameAt(at: 1 | 2 | 3 | 4): Word {
    if (this.missesAtEnd('a name')) return { text: '', range: this.inFrontOf(this.LA(1)) };
    const token = this.consume(at, this.kinds.Name);
    return this.ACTION(() => wordOf(token));
  }

  /**
   * Reports a value that is missing where the next condition begins or the text ends. Chevrotain would go on in a rule
   * further out, and give up the comparison that it has read so far.
   */
  protected missesValue(): boolean {
    if (this.RECORDING_PHASE) return false;
    const next = this.LA(1);
    if (!tokenMatcher(next, this.kinds.And) && !tokenMatcher(next, this.kinds.Or)) return this.missesAtEnd('a value');
    this.found.push({ kind: 'expected', expected: 'a value', found: next.image, range: rangeOf(next) });
    return true;
  }

  /** Reports what is missing at the end of the statement, where Chevrotain has no token to go on with. */
  protected missesAtEnd(expected: string): boolean {
    if (this.RECORDING_PHASE || this.LA(1).tokenType !== EOF) return false;
    this.found.push({
      kind: 'expected',
      expected,
      found: '',
      range: { start: this.endOfStatement, end: this.endOfStatement },
    });
    return true;
  }

  protected rangeAt(token: IToken): TextRange {
    return this.ACTION(() => rangeOf(token));
  }

  protected placeOf({ token }: IRecognitionException): TextRange {
    return this.inFrontOf(token);
  }

  /** The empty range in front of a token. */
  protected inFrontOf(token: IToken): TextRange {
    const start = Number.isNaN(token.startOffset) ? this.endOfStatement : token.startOffset;
    return { start, end: start };
  }
}

const operators: readonly ComparisonOperator[] = ['==', '!=', '<', '<=', '>', '>='];
const membershipOperators: readonly MembershipOperator[] = ['in', 'beneath', 'like'];

/** What a comparison means; one that other languages spell otherwise means what it says there. */
function operatorOf({ image }: IToken): ComparisonOperator {
  const spelt = tokens.find(({ pattern }) => pattern === image)?.replacement ?? image;
  return operators.find((operator) => operator === spelt) ?? '==';
}

function membershipOf({ image }: IToken): MembershipOperator {
  return membershipOperators.find((operator) => operator === image) ?? 'in';
}

function orMissing<Value>(value: Value | undefined, range: TextRange, make: (value: Value) => Expression): Expression {
  return value === undefined ? { kind: 'missing', range } : make(value);
}

export function wordOf(token: IToken): Word {
  return { text: token.image, range: rangeOf(token) };
}

function joined(of: readonly Expression[], several: (range: TextRange) => Expression): Expression {
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
