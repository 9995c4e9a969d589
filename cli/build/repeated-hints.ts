import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';

/**
 * What people are shown of a build's diagnostics: a hint that several unchanged policies share stands at the first of
 * them, with a note how many more there are. Whoever wrote them has read it at the build that compiled them, and a folder
 * of many would print thousands of lines each time. Warnings, errors and what was compiled now are all shown.
 *
 * @param cached by path, the policies that came from the cache
 */
export function foldRepeatedHints(
  diagnostics: readonly Diagnostic[],
  cached: ReadonlySet<string>,
): readonly Diagnostic[] {
  const shown: Diagnostic[] = [];
  const first = new Map<string, { readonly at: number; more: number }>();
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'hint' || !cached.has(diagnostic.span.file)) {
      shown.push(diagnostic);
      continue;
    }
    const kind = `${diagnostic.code} ${diagnostic.message}`;
    const same = first.get(kind);
    if (same === undefined) first.set(kind, { at: shown.push(diagnostic) - 1, more: 0 });
    else same.more++;
  }
  for (const { at, more } of first.values()) {
    if (more === 0) continue;
    const diagnostic = shown[at]!;
    const times = `${more} more ${more === 1 ? 'time' : 'times'} in unchanged policies`;
    shown[at] = { ...diagnostic, notes: [...diagnostic.notes, `also: ${times}; \`--format json\` shows each`] };
  }
  return shown;
}
