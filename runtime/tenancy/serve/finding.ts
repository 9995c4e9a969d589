import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { positionAt, sourceText } from '../../../compiler/source/text.ts';
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

/** @param text the text that the diagnostic points into, where whoever reads it has that */
export function findingOf({ code, severity, message, help, span }: Diagnostic, text?: string): Finding {
  const finding = { code, severity, message, help };
  if (text === undefined) return finding;
  const { line, column } = positionAt(sourceText(span.file, text), span.start);
  return { ...finding, line: line + 1, column: column + 1 };
}
