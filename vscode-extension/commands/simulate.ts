import { type QuickPickItem, type Uri, window, workspace } from 'vscode';
import type { Polc } from '../polc.ts';
import { activePolicy, folderOf } from './active-policy.ts';
import type { Results } from './show-text.ts';

interface Sample extends QuickPickItem {
  readonly uri?: Uri;
}

/** How many sample events are offered. */
const most = 200;

/** Says what the guardrail in the editor would do about an event, which is picked from the samples of the workspace. */
export async function simulate(polc: Polc, results: Results): Promise<void> {
  const editor = await activePolicy();
  if (editor === undefined) return;
  const uri = await pickEvent();
  if (uri === undefined) return;
  const words = ['simulate', editor.document.uri.fsPath, '--event', uri.fsPath];
  await results.show(polc, { verb: 'simulate', policy: editor.document.uri }, words, folderOf(editor));
}

async function pickEvent(): Promise<Uri | undefined> {
  const glob = workspace.getConfiguration('polc').get<string>('samples', '**/*.json');
  const found = await workspace.findFiles(glob, '**/node_modules/**', most);
  const samples: Sample[] = found
    .map((uri) => ({ label: uri.path.split('/').at(-1) ?? uri.path, description: workspace.asRelativePath(uri), uri }))
    .sort((left, right) => left.description.localeCompare(right.description));
  const picked = await window.showQuickPick<Sample>([...samples, { label: '$(folder-opened) Another file…' }], {
    title: 'Simulate Event',
    placeHolder: 'An event as AWS delivers it, or normalised',
    matchOnDescription: true,
  });
  if (picked === undefined || picked.uri !== undefined) return picked?.uri;
  const [chosen] = (await window.showOpenDialog({ filters: { Events: ['json'] }, title: 'Simulate Event' })) ?? [];
  return chosen;
}
