import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { quotableSource } from '../../compiler/source/quotable.ts';
import { diskSources } from '../output.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Prints what is wrong with policies and with the files about them, for people. The files are quoted as they were read,
 * since standard input cannot be read again, and no fix is offered for them: `polc check --fix` corrects policies only.
 *
 * @param texts the events, the budget map and the history by what messages call them
 */
export function printFindings(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  terminal: Terminal,
): void {
  const onDisk = diskSources();
  const shown = diagnostics.map((each) => (texts.has(each.span.file) ? { ...each, fixes: [] } : each));
  const text = pretty(
    shown,
    (path) => {
      const read = texts.get(path);
      return read === undefined ? onDisk(path) : quotableSource(path, read);
    },
    { color: terminal.color.error, width: terminal.width },
  );
  terminal.writeError(text);
}
