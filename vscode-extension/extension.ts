import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import { type ExtensionContext, window, workspace } from 'vscode';
import { CloseAction, type ErrorHandler, LanguageClient, type StreamInfo } from 'vscode-languageclient/node';
import { withoutLinks } from '../lsp/plain-text.ts';
import { clientOptions } from './client-options.ts';
import { restart } from './commands/restart.ts';
import { bundledPolc, type Polc } from './polc.ts';
import { type Running, start } from './start.ts';

let running: Running | undefined;

/** The entry where extensions run in Node: on this machine, or in a remote extension host. */
export async function activate(context: ExtensionContext): Promise<void> {
  const polc = bundledPolc(context.asAbsolutePath('server/bin/polc.js'));
  running = await start(context, isOnDisk() ? polc : undefined, () => {
    let didStart = true;
    const server = async () => {
      const started = await serverOf(polc);
      didStart = 'pid' in started;
      return started;
    };
    let handler: ErrorHandler | undefined;
    const usual = () => {
      handler ??= client.createDefaultErrorHandler();
      return handler;
    };
    const client: LanguageClient = new LanguageClient('polc', 'polc', server, {
      ...clientOptions(),
      errorHandler: {
        error: (error, message, count) => usual().error(error, message, count),
        // What could not be started once could not be started four times either.
        closed: () => (didStart ? usual().closed() : { action: CloseAction.DoNotRestart, handled: true }),
      },
      initializationFailedHandler: () => false,
    });
    context.subscriptions.push(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('polc.path')) void restart(client);
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

/**
 * A server of the polc that the settings name at this moment. One that does not start is one that is gone at once: the
 * client would never again start what has failed to.
 */
function serverOf(polc: Polc): Promise<ChildProcess | StreamInfo> {
  const { program, words, env } = polc.command();
  return new Promise((resolve) => {
    const server = spawn(program, [...words, 'lsp', '--stdio'], { env: { ...process.env, ...env } });
    server.on('spawn', () => resolve(server));
    server.on('error', (error) => {
      void window.showErrorMessage(withoutLinks(`polc: \`${program}\` did not start: ${error.message}`));
      resolve({ reader: Readable.from([]), writer: new PassThrough() });
    });
  });
}
