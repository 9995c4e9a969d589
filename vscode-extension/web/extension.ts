import { type ExtensionContext, Uri, workspace } from 'vscode';
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  LanguageClient,
  type MessageTransports,
} from 'vscode-languageclient/browser';
import { clientOptions } from '../client-options.ts';
import { type Running, start } from '../start.ts';
import { serverScript } from './server-script.ts';

/** The path in the extension's folder of the script with the server; scripts/package.js says it. */
declare const sharedScript: string;

let running: Running | undefined;

/** The entry where extensions run in a worker of the browser: there are no processes, and the server is another worker. */
export async function activate(context: ExtensionContext): Promise<void> {
  // VS Code makes no workers from scripts of an extension that lies on a remote machine, but it reads them.
  const shared = await workspace.fs.readFile(Uri.joinPath(context.extensionUri, sharedScript));
  const script = URL.createObjectURL(serverScript(new Uint8Array(shared)));
  running = await start(context, undefined, () => {
    return new LanguageClient('polc', 'polc', async () => serverAt(script), clientOptions());
  });
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

/** A new server; it closes itself when it is told to exit. */
function serverAt(script: string): MessageTransports {
  const worker = new Worker(script);
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(null, [port2]);
  return { reader: new BrowserMessageReader(port1), writer: new BrowserMessageWriter(port1) };
}
