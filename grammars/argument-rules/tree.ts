import type * as Conditions from '../conditions/tree.ts';
import type { TextRange } from '../conditions/tree.ts';

/** `arg0` to `arg5`; a larger index is left for the compiler to refuse. */
export interface Argument {
  readonly kind: 'argument';
  readonly index: number;
  readonly range: TextRange;
}

/** The tree of an argument rule: the small language of `when:` in seccomp rules. No argument is negative, as the compiler says. */
export type Expression = Conditions.Expression<Argument>;

export type Item = Conditions.Item<Argument>;

export type Problem = Conditions.Problem | { readonly kind: 'empty'; readonly range: TextRange };
