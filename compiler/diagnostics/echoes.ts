import type { Diagnostic } from './diagnostic.ts';

/** How YAML reads a value otherwise than its author may expect. */
const readings: ReadonlySet<string> = new Set(['POL1050', 'POL1051', 'POL1052']);

/**
 * The findings without hints at how YAML reads a value that is an error all the same: the error says what belongs there,
 * and of one mistake one finding is enough.
 */
export function withoutEchoes(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (!diagnostics.some(({ code }) => readings.has(code))) return diagnostics;
  const errors = new Set(diagnostics.filter(({ severity }) => severity === 'error').map(placeOf));
  return diagnostics.filter((each) => !readings.has(each.code) || !errors.has(placeOf(each)));
}

function placeOf({ span }: Diagnostic): string {
  return `${span.start} ${span.end} ${span.file}`;
}
