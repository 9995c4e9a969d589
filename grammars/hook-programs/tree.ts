/**
 * The tree of a hook program: what is decided where the kernel asks its security modules. Ranges are half-open, in UTF-16
 * code units of the text.
 */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface HookProgram {
  readonly sections: readonly Section[];
  readonly comments: readonly TextRange[];
}

/** A hook and what is said of it, up to the next hook. */
export interface Section {
  readonly hook: Word;
  readonly statements: readonly Statement[];
  /** From the word `hook` to the end of the last statement. */
  readonly range: TextRange;
}

/** A name as it stands in the text; empty where one is missing. */
export interface Word {
  readonly text: string;
  readonly range: TextRange;
}

export type Statement =
  | {
      readonly kind: 'counter';
      readonly name: Word;
      readonly by: readonly Word[];
      /** The window: `10s`. Absent where the counter has none, which the compiler refuses. */
      readonly per?: Word;
      readonly when?: Expression;
      readonly range: TextRange;
    }
  /** The first rule whose condition holds decides. */
  | {
      readonly kind: 'rule';
      readonly audit: boolean;
      readonly verdict: Verdict;
      readonly when?: Expression;
      readonly range: TextRange;
    }
  /** Records the calls for which the condition holds. */
  | { readonly kind: 'audit'; readonly when: Expression; readonly range: TextRange }
  | { readonly kind: 'otherwise'; readonly audit: boolean; readonly verdict: Verdict; readonly range: TextRange }
  /** What begins like a statement and could not be read at all; a problem says so. */
  | { readonly kind: 'unreadable'; readonly range: TextRange };

export type Verdict =
  | { readonly kind: 'allow' | 'deny'; readonly range: TextRange }
  /** `error` is a name, `EACCES`, or a number. */
  | { readonly kind: 'errno'; readonly error: Word; readonly range: TextRange };

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type MembershipOperator = 'in' | 'beneath' | 'like';

/** Whether an expression is a number, a text or a condition is not the grammar's business: the compiler checks it. */
export type Expression =
  /** A field, a counter or a constant. */
  | { readonly kind: 'name'; readonly name: string; readonly range: TextRange }
  | { readonly kind: 'integer'; readonly value: bigint; readonly range: TextRange }
  /** `value` is what the text means, its escapes resolved. */
  | { readonly kind: 'text'; readonly value: string; readonly range: TextRange }
  | { readonly kind: 'negative' | 'complement'; readonly of: Expression; readonly range: TextRange }
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
  /** `of in [a, b..c]`, `of in b..c`, `of beneath "/usr"`, `of like ["*.so", "*.so.*"]`. */
  | {
      readonly kind: 'membership';
      readonly operator: MembershipOperator;
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
      /** The token that stands there instead; empty at the end of the statement. */
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
  /** A text without its closing quote, or with an escape that there is not; `range` is that. */
  | { readonly kind: 'text'; readonly reason: 'open' | 'escape'; readonly range: TextRange }
  /** `!` in front of a comparison without parentheses; `range` is the operand. */
  | { readonly kind: 'bare not'; readonly range: TextRange }
  /** `a < b < c`; `range` is the second operator. */
  | { readonly kind: 'chain'; readonly range: TextRange }
  /** A statement before the first `hook`; `range` is its first word. */
  | { readonly kind: 'no hook'; readonly range: TextRange }
  | {
      readonly kind: 'size';
      readonly what: 'long' | 'nested';
      readonly limit: number;
      readonly range: TextRange;
    };
