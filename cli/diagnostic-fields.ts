import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';

/** A finding as programs read it. */
export function diagnosticFields({ code, severity, message, help, notes }: Diagnostic) {
  return { code, severity, message, help, ...(notes.length === 0 ? {} : { notes }) };
}
