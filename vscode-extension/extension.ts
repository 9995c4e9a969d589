import { type ChildProcess, spawn } from 'node:child_process';
import { type ExtensionContext, workspace } from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';
import { clientOptions } from './client-options.ts';
import { bundledPolc, type Polc } from './polc.ts';
import { type Running, start } from './start.ts';

let running: Running | undefined;

/** The entry where extensions run in Node: on this machine, or in a remote extension host. */
export async function activate(context: ExtensionContext): Promise<void> {
  const polc = bundledPolc(context.asAbsolutePath('server/bin/polc.js'));
  running = await start(context, isOnDisk() ? polc : undefined, () => {
    const client = new LanguageClient('polc', 'polc', () => serverOf(polc), clientOptions());
    context.subscriptions.push(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('polc.path')) void client.restart();
      }),
    );
    return client;
  });
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

/** Whether what is open lies where processes find it; the server asks the client for what lies elsewhere. */
function isOnDisk(): boolean {
  const folders = workspace.workspaceFolders ?? [];
  return folders.length === 0 || folders.some(({ uri }) => uri.scheme === 'file');
}

/** A server of the polc that the settings name at this moment. */
function serverOf(polc: Polc): Promise<ChildProcess> {
  const { program, words, env } = polc.command();
  return new Promise((resolve, reject) => {
    const server = spawn(program, [...words, 'lsp', '--stdio'], { env: { ...process.env, ...env } });
    server.on('spawn', () => resolve(server));
    server.on('error', (error) => reject(new Error(`\`${program}\` did not start: ${error.message}`)));
  });
}
