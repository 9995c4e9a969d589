import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { PolicyResult } from './result.ts';

/** What is found in policies, each once: what several inherit from one file is found in it again with each of them. */
export function policiesFindings(results: readonly PolicyResult[]): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const diagnostic of results.flatMap(({ diagnostics }) => diagnostics)) {
    const { code, span, message } = diagnostic;
    const key = `${code} ${span.start} ${span.end} ${span.file}\n${message}`;
    if (!found.has(key)) found.set(key, diagnostic);
  }
  return [...found.values()];
}
