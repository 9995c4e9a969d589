import { type QuickPickItem, window, workspace } from 'vscode';
import { starters } from '../../compiler/starters.ts';

interface Kind extends QuickPickItem {
  readonly dialect: string;
}

const kinds: readonly Kind[] = [
  { dialect: 'sandbox', label: 'Sandbox', description: 'what a program may ask of the kernel' },
  { dialect: 'guardrail', label: 'Guardrail', description: 'what a cost event calls for' },
  { dialect: 'tenancy', label: 'Tenancy', description: 'tiers and teams of a platform of models' },
  { dialect: 'template', label: 'Template', description: 'what a machine is made of, and who may launch it' },
  { dialect: 'governance', label: 'Governance', description: 'what people may launch' },
];

/** Opens a commented policy that compiles as it is. */
export async function newPolicy(): Promise<void> {
  const kind = await window.showQuickPick(kinds, {
    title: 'New Policy',
    placeHolder: 'What is it for?',
    // The walkthrough takes the focus back once it has marked its step as done.
    ignoreFocusOut: true,
  });
  if (kind === undefined) return;
  const name = await window.showInputBox({
    title: 'New Policy',
    prompt: 'Its name',
    ignoreFocusOut: true,
    value: `my-${kind.dialect}`,
    validateInput: (value) => (/^[\w][\w.-]*$/.test(value) ? undefined : 'letters, digits, `-`, `_` and `.`'),
  });
  if (name === undefined) return;
  const content = starters[kind.dialect]?.(name);
  await window.showTextDocument(
    await workspace.openTextDocument({ language: 'polc', ...(content === undefined ? {} : { content }) }),
  );
}
