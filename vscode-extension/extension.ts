import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { clientOptions } from './client-options.ts';
import { bundledPolc } from './polc.ts';
import { type Running, start } from './start.ts';

let running: Running | undefined;

/** The entry where extensions run in Node: on this machine, or in a remote extension host. */
export async function activate(context: ExtensionContext): Promise<void> {
  const polc = bundledPolc(context.asAbsolutePath('server/bin/polc.js'));
  running = await start(context, polc, () => {
    const { program, words, env } = polc.command();
    const server = {
      command: program,
      args: [...words, 'lsp'],
      transport: TransportKind.stdio,
      options: { env: { ...process.env, ...env } },
    };
    return new LanguageClient('polc', 'polc', server, clientOptions());
  });
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
