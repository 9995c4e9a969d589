import type { EscapeProblem } from './literal.ts';
import type { Range } from './syntax-tree.ts';

/** What is wrong with an expression. Each has the place and what the message needs. */
export type Problem =
  | {
      readonly kind: 'character';
      readonly text: string;
      /** What was probably meant: a straight quote for a curly one. */
      readonly replacement?: string;
      readonly range: Range;
    }
  | {
      readonly kind: 'expected';
      /** As the message says it: `` `:` `` or `an expression`. */
      readonly expected: string;
      /** What stands there instead; empty at the end. */
      readonly found: string;
      readonly range: Range;
    }
  /** An operator without its left or right operand; `range` is the operator. */
  | { readonly kind: 'operand'; readonly operator: string; readonly side: 'left' | 'right'; readonly range: Range }
  /** Two values with nothing between them; `range` is the beginning of the second. */
  | { readonly kind: 'joint'; readonly found: string; readonly range: Range }
  /** An operator as another language spells it. */
  | { readonly kind: 'spelling'; readonly text: string; readonly replacement: string; readonly range: Range }
  /** `a not in b`; `range` is `not in`. */
  | { readonly kind: 'not in'; readonly text: string; readonly range: Range }
  /** `range` is the empty place where the bracket could be closed. */
  | {
      readonly kind: 'unclosed';
      readonly opening: Range;
      readonly open: string;
      readonly close: string;
      readonly range: Range;
    }
  | { readonly kind: 'unopened'; readonly text: string; readonly range: Range }
  /** `(a]`; `range` is the closing bracket. */
  | {
      readonly kind: 'mismatch';
      readonly opening: Range;
      readonly open: string;
      readonly close: string;
      readonly text: string;
      readonly range: Range;
    }
  /** `range` is the opening quote, `place` where it could be closed. */
  | { readonly kind: 'unclosed string'; readonly quote: string; readonly range: Range; readonly place: number }
  /** `'it's'`; `range` is the quote within. */
  | { readonly kind: 'inner quote'; readonly quote: string; readonly range: Range }
  | {
      readonly kind: 'escape';
      readonly reason: EscapeProblem['reason'];
      readonly text: string;
      readonly range: Range;
    }
  | { readonly kind: 'number'; readonly text: string; readonly range: Range }
  | {
      readonly kind: 'overflow';
      readonly type: 'int' | 'uint' | 'double';
      readonly text: string;
      readonly range: Range;
    }
  | { readonly kind: 'reserved'; readonly text: string; readonly range: Range }
  /** A point without a name behind it; `range` is what stands there, or the point. */
  | {
      readonly kind: 'field';
      readonly found: string;
      /** What to write in place of the range from the point on. */
      readonly replacement?: string;
      readonly range: Range;
      readonly point: Range;
    }
  /** `(int) x`; `range` is the type in its parentheses, `operand` what it stands before. */
  | { readonly kind: 'cast'; readonly type: string; readonly range: Range; readonly operand: Range }
  | { readonly kind: 'trailing comma'; readonly range: Range }
  /** A conditional without its other branch; `range` is the question mark. */
  | { readonly kind: 'no otherwise'; readonly range: Range }
  /** A conditional between `?` and `:`, without parentheses. */
  | { readonly kind: 'nested conditional'; readonly range: Range }
  /** `!-a`; `range` is the second operator with its operand. */
  | { readonly kind: 'mixed prefix'; readonly range: Range }
  | {
      readonly kind: 'escaped name';
      readonly reason: 'characters' | 'place';
      readonly text: string;
      readonly range: Range;
    }
  /** `range` is the opening parenthesis. */
  | { readonly kind: 'not callable'; readonly range: Range }
  | { readonly kind: 'size'; readonly what: 'long' | 'nested'; readonly limit: number; readonly range: Range }
  | { readonly kind: 'empty'; readonly range: Range };
