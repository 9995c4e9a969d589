import { StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { connect } from './connect.ts';

/** Serves the client at standard input and output until it says `exit` or goes away; gives the exit code. */
export function serveStdio(): Promise<number> {
  // What would print by mistake must not come between the messages.
  console.log = console.info = console.debug = console.error;
  return new Promise((resolve) => {
    connect(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout), (code) => {
      process.stdin.destroy();
      resolve(code);
    });
  });
}
