import { tasks, window, workspace } from 'vscode';
import type { Polc } from '../polc.ts';
import { polcTask } from '../tasks.ts';

/** Builds or checks the folder of the active policy, as a task whose findings stand under Problems. */
export async function runTask(polc: Polc, verb: 'build' | 'check'): Promise<void> {
  await workspace.saveAll();
  const active = window.activeTextEditor?.document.uri;
  const own = active === undefined ? undefined : workspace.getWorkspaceFolder(active);
  const folder = own ?? workspace.workspaceFolders?.[0];
  if (folder === undefined) {
    void window.showInformationMessage('polc: open a folder with policies first.');
    return;
  }
  await tasks.executeTask(polcTask(polc, { type: 'polc', verb }, folder));
}
