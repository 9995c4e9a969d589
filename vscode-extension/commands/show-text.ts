import type { OutputChannel } from 'vscode';
import { window } from 'vscode';
import type { Polc } from '../polc.ts';

/** Runs polc and shows what it prints. */
export async function showPrinted(
  polc: Polc,
  output: OutputChannel,
  words: readonly string[],
  cwd: string | undefined,
): Promise<void> {
  try {
    const printed = await polc.run(words, cwd === undefined ? {} : { cwd });
    output.clear();
    output.append(`${printed.output}${printed.errors}`);
    output.show(true);
  } catch (error) {
    void window.showErrorMessage(`polc did not run: ${error instanceof Error ? error.message : String(error)}`);
  }
}
