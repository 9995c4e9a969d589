import { StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { connect } from './connect.ts';
import { compileEarly } from './first-edits.ts';
import { keepHeapSmall } from './heap.ts';

/**
 * Serves the client at the other end of two streams of bytes until it says `exit` or goes away; gives the exit code.
 *
 * @param between called between two slices of work
 */
export function serveStreams(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  between: () => void = () => {},
): Promise<number> {
  return new Promise((resolve) => {
    connect(new StreamMessageReader(input), new StreamMessageWriter(output), resolve, (world) => ({
      ...world,
      soon: (run) =>
        world.soon(() => {
          between();
          run();
        }),
    }));
  });
}

/** Serves the client at standard input and output until it says `exit` or goes away; gives the exit code. */
export async function serveStdio(): Promise<number> {
  const between = keepHeapSmall();
  compileEarly();
  // What would print by mistake must not come between the messages.
  console.log = console.info = console.debug = console.error;
  const code = await serveStreams(process.stdin, process.stdout, between);
  process.stdin.destroy();
  return code;
}
