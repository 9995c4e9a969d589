import type { Span } from '../source/span.ts';
import type { Code } from './catalogue/index.ts';

export type Severity = 'error' | 'warning' | 'hint';

/** One replacement of source text. `span` may be empty (an insertion). */
export interface TextEdit {
  readonly span: Span;
  readonly newText: string;
}

/** A correction that `polc check --fix` can apply and an editor can offer. Edits never overlap. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** True where the fix keeps the author's meaning beyond doubt, so that `--fix` may apply it unasked. */
  readonly certain: boolean;
}

/** A second place that takes part in the problem: the other side of a conflict, the rule that shadows. */
export interface RelatedSpan {
  readonly span: Span;
  readonly label: string;
}

/**
 * One finding. INVARIANT: it has a span, a code and a next step: `help` is never empty.
 */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  /** Text beside the carets of `span`. */
  readonly label?: string;
  readonly related: readonly RelatedSpan[];
  /** Further facts, one line each. */
  readonly notes: readonly string[];
  readonly help: string;
  readonly fixes: readonly Fix[];
}
