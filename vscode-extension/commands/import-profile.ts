import { window, workspace } from 'vscode';
import { withoutLinks } from '../../lsp/plain-text.ts';
import type { Polc } from '../polc.ts';

/** Reads a seccomp profile of Docker or an OCI runtime, and opens the policy that means the same. */
export async function importProfile(polc: Polc): Promise<void> {
  const [profile] =
    (await window.showOpenDialog({ filters: { 'Seccomp profile': ['json'] }, title: 'Import Seccomp Profile' })) ?? [];
  if (profile === undefined) return;
  const printed = await polc.run(['import', profile.fsPath], {});
  if (printed.output === '') {
    const said = printed.errors.trim().split('\n')[0] ?? 'nothing came out';
    void window.showErrorMessage(withoutLinks(`polc import: ${said}`));
    return;
  }
  await window.showTextDocument(await workspace.openTextDocument({ language: 'polc', content: printed.output }));
}
