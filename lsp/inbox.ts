import type { Disposable, Message, MessageReader, MessageStrategy } from 'vscode-languageserver';

/** Counts the messages that have arrived and not been handled, so that work can wait for the edits among them. */
export interface Inbox {
  readonly reader: MessageReader;
  readonly strategy: MessageStrategy;
  /** Runs something once the messages that are there by now have been handled. */
  soon(run: () => void): void;
}

/**
 * vscode-jsonrpc takes one message a turn of the event loop; a burst of edits arrives in one read.
 *
 * @param nextTurn runs something in the next turn of the event loop
 */
export function inboxOf(inner: MessageReader, nextTurn: (run: () => void) => void): Inbox {
  let arrived = 0;
  let handled = 0;
  const waiting: Waiting[] = [];
  // What was answered or told last is written in a turn of its own, before anything else is begun.
  const turn = () => nextTurn(handled < waiting[0]!.until ? turn : runFirst);
  const runFirst = () => {
    const { run } = waiting[0]!;
    try {
      run();
    } finally {
      waiting.shift();
      if (waiting.length > 0) nextTurn(turn);
    }
  };
  const reader: MessageReader = {
    onError: inner.onError,
    onClose: inner.onClose,
    onPartialMessage: inner.onPartialMessage,
    listen: (callback): Disposable =>
      inner.listen((message: Message) => {
        if (!isCancellation(message)) arrived += 1;
        callback(message);
      }),
    dispose: () => inner.dispose(),
  };
  return {
    reader,
    strategy: {
      handleMessage(message, next) {
        if (!isCancellation(message)) handled += 1;
        return next(message);
      },
    },
    soon(run) {
      waiting.push({ run, until: arrived });
      if (waiting.length === 1) nextTurn(turn);
    },
  };
}

/** Of a request that is being answered, vscode-jsonrpc takes it when it arrives, and hands it to nobody. */
function isCancellation(message: Message): boolean {
  return 'method' in message && message.method === '$/cancelRequest';
}

interface Waiting {
  readonly run: () => void;
  /** How many messages had arrived. */
  readonly until: number;
}
