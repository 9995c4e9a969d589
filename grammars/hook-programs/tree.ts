import type * as Conditions from '../conditions/tree.ts';
import type { TextRange } from '../conditions/tree.ts';

/** The tree of a hook program: what is decided where the kernel asks its security modules. */
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
      /** The window: `10s`. Absent where the counter has none, which the compiler refuses; empty where it could not be read. */
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

/** `value` is what the text means, its escapes resolved. */
export interface Text {
  readonly kind: 'text';
  readonly value: string;
  readonly range: TextRange;
}

export type Expression = Conditions.Expression<Text>;

export type Problem =
  | Conditions.Problem
  /** A text without its closing quote, or with an escape that there is not; `range` is that. */
  | { readonly kind: 'text'; readonly reason: 'open' | 'escape'; readonly range: TextRange }
  /** A statement before the first `hook`; `range` is its first word. */
  | { readonly kind: 'no hook'; readonly range: TextRange };
