import type { Predicate } from '../expressions/predicate.ts';
import type { Effect } from '../ir/policy.ts';
import type { Span } from '../source/span.ts';

/** What a hook program means, hook by hook. Predicates are over the fields of the hook and `counter:HOOK/NAME`. */
export interface CheckedProgram {
  readonly sections: readonly CheckedSection[];
}

export interface CheckedSection {
  /** The hook as the kernels of today call it. */
  readonly hook: string;
  /** The name behind the word `hook`. */
  readonly span: Span;
  readonly counters: readonly CheckedCounter[];
  readonly rules: readonly CheckedRule[];
  readonly audits: readonly CheckedAudit[];
  /** Absent where the text has none: what no rule decides is then allowed. */
  readonly otherwise?: { readonly effect: Effect; readonly span: Span };
}

export interface CheckedCounter {
  readonly name: string;
  readonly by: readonly string[];
  readonly windowMilliseconds: number;
  readonly when: Predicate;
  readonly span: Span;
}

export interface CheckedRule {
  readonly effect: Effect;
  readonly when: Predicate;
  readonly span: Span;
}

export interface CheckedAudit {
  readonly when: Predicate;
  readonly span: Span;
}
