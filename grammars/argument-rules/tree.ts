/**
 * The tree of an argument rule: the small language of `when:` in seccomp rules. Ranges are half-open, in UTF-16 code
 * units of the rule's text.
 */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** Whether an expression is a number or a condition is not the grammar's business: the compiler checks it. */
export type Expression =
  /** `arg0` to `arg5`; a larger index is left for the compiler to refuse. */
  | { readonly kind: 'argument'; readonly index: number; readonly range: TextRange }
  /** A named constant, `AF_INET`. */
  | { readonly kind: 'name'; readonly name: string; readonly range: TextRange }
  | { readonly kind: 'integer'; readonly value: bigint; readonly range: TextRange }
  /** `-of`. No argument is negative; it is parsed so that the message can say so. */
  | { readonly kind: 'negative'; readonly of: Expression; readonly range: TextRange }
  /** `~of`. */
  | { readonly kind: 'complement'; readonly of: Expression; readonly range: TextRange }
  /** `a & b`, `a | b`, of two operands or more. */
  | {
      readonly kind: 'bits';
      readonly operator: '&' | '|';
      readonly of: readonly Expression[];
      readonly range: TextRange;
    }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly range: TextRange;
    }
  /** `of in [a, b..c]`, or `of in b..c`. */
  | {
      readonly kind: 'membership';
      readonly of: Expression;
      readonly items: readonly Item[];
      readonly range: TextRange;
    }
  | { readonly kind: 'not'; readonly of: Expression; readonly range: TextRange }
  /** `a && b`, `a || b`, of two operands or more. */
  | {
      readonly kind: 'logic';
      readonly operator: '&&' | '||';
      readonly of: readonly Expression[];
      readonly range: TextRange;
    }
  | { readonly kind: 'group'; readonly of: Expression; readonly range: TextRange }
  /** What the parser expected and did not find; a problem says so. */
  | { readonly kind: 'missing'; readonly range: TextRange };

/** One value of a list, or all values from `low` to `high`, both included. */
export interface Item {
  readonly low: Expression;
  readonly high?: Expression;
  readonly range: TextRange;
}

/** What is wrong with the text. Each has the place and what the message needs. */
export type Problem =
  | { readonly kind: 'character'; readonly text: string; readonly range: TextRange }
  | {
      readonly kind: 'expected';
      /** As the message says it: `` `)` `` or `a value`. */
      readonly expected: string;
      /** The token that stands there instead; empty at the end of the rule. */
      readonly found: string;
      readonly range: TextRange;
      /** The bracket that is still open. */
      readonly opening?: TextRange;
    }
  /** An operator as another language spells it. */
  | { readonly kind: 'spelling'; readonly text: string; readonly replacement: string; readonly range: TextRange }
  | {
      readonly kind: 'number';
      readonly text: string;
      readonly reason: 'leading zero' | 'suffix' | 'digits';
      readonly range: TextRange;
    }
  /** `!` in front of something else than parentheses; `range` is the operand. */
  | { readonly kind: 'bare not'; readonly range: TextRange }
  /** `a < b < c`; `range` is the second operator. */
  | { readonly kind: 'chain'; readonly range: TextRange }
  | { readonly kind: 'size'; readonly what: 'long' | 'nested'; readonly limit: number; readonly range: TextRange }
  | { readonly kind: 'empty'; readonly range: TextRange };
