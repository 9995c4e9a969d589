import { createConnection } from 'vscode-languageserver';
import { BrowserMessageReader, BrowserMessageWriter, createProtocolConnection } from 'vscode-languageserver/browser';
import { inboxOf } from '../inbox.ts';
import { serve } from '../server.ts';
import { browserWorld } from './world.ts';

/** Serves the client at the other end of a channel. */
function serveClient(port: MessagePort): void {
  const { reader, strategy, soon } = inboxOf(new BrowserMessageReader(port), turns());
  const watchDog = { shutdownReceived: false, initialize() {}, exit: () => self.close() };
  const connection = createConnection(
    (logger) => createProtocolConnection(reader, new BrowserMessageWriter(port), logger, { messageStrategy: strategy }),
    watchDog,
  );
  serve(connection, browserWorld(soon));
  connection.listen();
}

/** Runs something in the next turn of the event loop. A timer would wait four milliseconds when it has been asked often. */
function turns(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(null);
  };
}

// Where a worker of a browser begins: whoever made it sends it the end of a channel.
self.onmessage = ({ ports: [port] }: MessageEvent) => {
  if (port !== undefined) serveClient(port);
};
