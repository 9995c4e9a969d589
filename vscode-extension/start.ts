import { commands, type ExtensionContext } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { commandsOfLenses } from './client-options.ts';
import { registerCommands } from './commands/index.ts';
import { detectPolicies } from './detection/detect.ts';
import { giveFiles } from './files.ts';
import type { Polc } from './polc.ts';
import { registerPreview } from './preview/register.ts';
import { statusBar } from './status-bar.ts';
import { registerTasks } from './tasks.ts';
import { registerTests } from './tests/register.ts';

export interface Running {
  stop(): Promise<void>;
}

/** Starts the language client and registers everything that the extension contributes; `polc` where processes can run. */
export async function start(
  context: ExtensionContext,
  polc: Polc | undefined,
  create: () => BaseLanguageClient,
): Promise<Running> {
  const client = create();
  client.registerFeature(commandsOfLenses(polc !== undefined));
  giveFiles(client);
  await commands.executeCommand('setContext', 'polc.runs', polc !== undefined);
  const preview = registerPreview(context.extensionUri, client);
  context.subscriptions.push(
    preview,
    detectPolicies(client),
    statusBar(client),
    ...registerCommands({ client, polc, preview }),
    ...(polc === undefined ? [] : [registerTasks(polc), registerTests(client, polc)]),
  );
  // Where it does not start the client says so; its commands stay, among them the one that tries again.
  await client.start().catch(() => {});
  return { stop: () => (client.needsStop() ? client.stop() : Promise.resolve()) };
}
