import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { positionAt, type SourceText } from '../../../compiler/source/text.ts';
import type { JsonMap } from '../port.ts';

/** A diagnostic as answers and the journal have it. */
export interface Finding extends JsonMap {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly help: string;
  /** From 1; of findings in a text that was sent. */
  readonly line?: number;
  readonly column?: number;
}

/** So many findings are answered and kept at most: those of a text of the largest size are more than the text. */
const mostFindings = 100;

/** Errors first where there are too many. */
export function mostTelling(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= mostFindings) return diagnostics;
  const isError = ({ severity }: Diagnostic) => severity === 'error';
  const errors = diagnostics.filter(isError);
  return [...errors, ...diagnostics.filter((each) => !isError(each))].slice(0, mostFindings);
}

/** @param source the text that the diagnostic points into, where whoever reads it has that */
export function findingOf({ code, severity, message, help, span }: Diagnostic, source?: SourceText): Finding {
  const finding = { code, severity, message, help };
  if (source === undefined) return finding;
  const { line, column } = positionAt(source, span.start);
  return { ...finding, line: line + 1, column: column + 1 };
}
