import type { Diagnostic, Severity } from './diagnostic.ts';

/** The diagnostics with the severities that a configuration gives their codes; the others keep their own. */
export function withSeverities(
  diagnostics: readonly Diagnostic[],
  severities: ReadonlyMap<string, Severity> | undefined,
): readonly Diagnostic[] {
  if (severities === undefined || severities.size === 0) return diagnostics;
  return diagnostics.map((diagnostic) => {
    const severity = severities.get(diagnostic.code);
    return severity === undefined ? diagnostic : { ...diagnostic, severity };
  });
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
