import { createConnection, type WatchDog } from 'vscode-languageserver';
import { createProtocolConnection, type MessageReader, type MessageWriter } from 'vscode-languageserver/node';
import { inboxOf } from '../inbox.ts';
import { serve } from '../server.ts';
import type { World } from '../world.ts';
import { nodeWorld } from './world.ts';

/**
 * Serves the client at the other end of two streams of messages.
 *
 * @param ended called after `exit`, with the code that the process should end with: 0 where `shutdown` came before
 * @param change what differs from the machine as it is
 */
export function connect(
  messages: MessageReader,
  writer: MessageWriter,
  ended: (code: number) => void,
  change: (world: World) => World = (world) => world,
): void {
  const { reader, strategy, soon } = inboxOf(messages, setImmediate);
  const watchDog: WatchDog = { shutdownReceived: false, initialize() {}, exit: ended };
  const connection = createConnection(
    (logger) => createProtocolConnection(reader, writer, logger, { messageStrategy: strategy }),
    watchDog,
  );
  const end = serve(connection, change(nodeWorld(soon)));
  reader.onClose(() => {
    end();
    ended(watchDog.shutdownReceived ? 0 : 1);
  });
  connection.listen();
}
