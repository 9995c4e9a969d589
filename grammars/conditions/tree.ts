/**
 * The tree of a condition, as argument rules and hook programs have it. Ranges are half-open, in UTF-16 code units of the
 * text.
 */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** Argument rules have `in` alone. */
export type MembershipOperator = 'in' | 'beneath' | 'like';

/** A value that only one of the languages has. */
export interface OwnValue {
  readonly kind: 'argument' | 'text';
  readonly range: TextRange;
}

/**
 * Whether an expression is a number, a text or a condition is not the grammar's business: the compiler checks it.
 *
 * @typeParam Own the values of the one language
 */
export type Expression<Own extends OwnValue> =
  | Own
  /** A field, a counter or a constant: `AF_INET`. */
  | { readonly kind: 'name'; readonly name: string; readonly range: TextRange }
  | { readonly kind: 'integer'; readonly value: bigint; readonly range: TextRange }
  /** `-of`, `~of`. */
  | { readonly kind: 'negative' | 'complement'; readonly of: Expression<Own>; readonly range: TextRange }
  /** `a & b`, `a | b`, of two operands or more. */
  | {
      readonly kind: 'bits';
      readonly operator: '&' | '|';
      readonly of: readonly Expression<Own>[];
      readonly range: TextRange;
    }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Expression<Own>;
      readonly right: Expression<Own>;
      readonly range: TextRange;
    }
  /** `of in [a, b..c]`, `of in b..c`, `of beneath "/usr"`, `of like ["*.so", "*.so.*"]`. */
  | {
      readonly kind: 'membership';
      readonly operator: MembershipOperator;
      readonly of: Expression<Own>;
      readonly items: readonly Item<Own>[];
      readonly range: TextRange;
    }
  | { readonly kind: 'not'; readonly of: Expression<Own>; readonly range: TextRange }
  /** `a && b`, `a || b`, of two operands or more. */
  | {
      readonly kind: 'logic';
      readonly operator: '&&' | '||';
      readonly of: readonly Expression<Own>[];
      readonly range: TextRange;
    }
  | { readonly kind: 'group'; readonly of: Expression<Own>; readonly range: TextRange }
  /** What the parser expected and did not find; a problem says so. */
  | { readonly kind: 'missing'; readonly range: TextRange };

/** One value of a list, or all values from `low` to `high`, both included. */
export interface Item<Own extends OwnValue> {
  readonly low: Expression<Own>;
  readonly high?: Expression<Own>;
  readonly range: TextRange;
}

/** What is wrong with the text. Each has the place and what the message needs. */
export type Problem =
  | { readonly kind: 'character'; readonly text: string; readonly range: TextRange }
  | {
      readonly kind: 'expected';
      /** As the message says it: `` `)` `` or `a value`. */
      readonly expected: string;
      /** The token that stands there instead; empty at the end. */
      readonly found: string;
      readonly range: TextRange;
      /** The bracket that is still open. */
      readonly opening?: TextRange;
    }
  /** A word or an operator as another language spells it. */
  | { readonly kind: 'spelling'; readonly text: string; readonly replacement: string; readonly range: TextRange }
  | {
      readonly kind: 'number';
      readonly text: string;
      readonly reason: 'leading zero' | 'suffix' | 'digits';
      readonly range: TextRange;
    }
  /** `!` in front of what needs parentheses; `range` is the operand. */
  | { readonly kind: 'bare not'; readonly range: TextRange }
  /** `a < b < c`; `range` is the second operator. */
  | { readonly kind: 'chain'; readonly range: TextRange }
  | { readonly kind: 'size'; readonly what: 'long' | 'nested'; readonly limit: number; readonly range: TextRange };
