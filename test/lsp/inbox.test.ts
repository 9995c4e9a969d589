import * as assert from 'uvu/assert';
import type { Message } from 'vscode-languageserver';
import { inboxOf } from '../../lsp/inbox.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('lsp-inbox');

const edit = { jsonrpc: '2.0', method: 'textDocument/didChange' };
const cancellation = { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } };

function inbox() {
  const turns: (() => void)[] = [];
  let arrive: (message: Message) => void = () => {};
  const nothing = () => ({ dispose() {} });
  const { reader, strategy, soon } = inboxOf(
    {
      onError: nothing,
      onClose: nothing,
      onPartialMessage: nothing,
      listen(callback) {
        arrive = callback;
        return { dispose() {} };
      },
      dispose() {},
    },
    (run) => turns.push(run),
  );
  reader.listen(() => {});
  return {
    arrive: (message: Message) => arrive(message),
    handle: (message: Message) => void strategy.handleMessage?.(message, () => Promise.resolve()),
    soon,
    /** Runs a turn of the event loop. */
    turn() {
      for (const each of turns.splice(0)) each();
    },
  };
}

test('work waits for the messages that have arrived, one of which is handled a turn', () => {
  const { arrive, handle, soon, turn } = inbox();
  let isDone = false;
  arrive(edit);
  arrive(edit);
  soon(() => {
    isDone = true;
  });
  for (let turns = 0; turns < 5; turns += 1) turn();
  handle(edit);
  for (let turns = 0; turns < 5; turns += 1) turn();
  assert.not(isDone);
  handle(edit);
  for (let turns = 0; turns < 5; turns += 1) turn();
  assert.ok(isDone);
});

test('work waits for no cancellation: of what is being answered, none is handled', () => {
  const { arrive, handle, soon, turn } = inbox();
  let isDone = false;
  arrive(cancellation);
  arrive(edit);
  // Of what is not known any more it is.
  arrive(cancellation);
  soon(() => {
    isDone = true;
  });
  handle(cancellation);
  for (let turns = 0; turns < 5; turns += 1) turn();
  assert.not(isDone);
  handle(edit);
  for (let turns = 0; turns < 5; turns += 1) turn();
  assert.ok(isDone);
});

run();
