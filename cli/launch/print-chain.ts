import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { diskSources } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import type { CompiledChain } from './policy-text.ts';

/** Prints findings about a policy as it was compiled, which need not be in any file. */
export function printFindings(
  diagnostics: readonly Diagnostic[],
  sources: CompiledChain['sources'],
  terminal: Terminal,
): void {
  if (diagnostics.length === 0) return;
  const disk = diskSources();
  const source = (path: string) => sources.get(path) ?? disk(path);
  terminal.writeError(pretty(diagnostics, source, { color: terminal.color.error, width: terminal.width }));
}
