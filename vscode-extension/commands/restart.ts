import type { BaseLanguageClient } from 'vscode-languageclient';

/** Starts the server again, also where it did not start before. */
export async function restart(client: BaseLanguageClient): Promise<void> {
  // One that does not answer any more has been ended all the same, and one that never started cannot be.
  if (client.needsStop()) await client.stop().catch(() => {});
  await client.start();
}
