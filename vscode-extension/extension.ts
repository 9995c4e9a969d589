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
    const args = ['lsp', '--stdio'];
    const own = words.length === 0;
    const run = own
      ? { command: program, args, transport: TransportKind.stdio }
      : {
          module: words[0]!,
          args: ['lsp'],
          transport: TransportKind.stdio,
          options: { env: { ...process.env, ...env } },
        };
    return new LanguageClient('polc', 'polc', run, clientOptions());
  });
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
