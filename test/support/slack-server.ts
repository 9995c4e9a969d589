import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server answers a message: a status, a redirect, nothing at all, or a connection that breaks. */
export type SlackAnswer =
  | number
  | { readonly redirect: string }
  | 'silence'
  | 'reset'
  | { readonly retryAfter: string };

export interface SlackServer {
  readonly url: string;
  /** The bodies of the messages, in the order in which they came. */
  readonly messages: readonly string[];
  /** Answers to come; then 200. */
  readonly answers: SlackAnswer[];
}

/** Runs with an HTTP server on loopback in the place of Slack, which is gone afterwards. */
export async function withSlack(run: (slack: SlackServer) => Promise<void>): Promise<void> {
  const messages: string[] = [];
  const answers: SlackAnswer[] = [];
  const server = createServer(async (request, response) => {
    messages.push(await bodyOf(request));
    const answer = answers.shift() ?? 200;
    if (answer === 'silence') return;
    if (answer === 'reset') request.socket.destroy();
    else if (typeof answer === 'number') response.writeHead(answer).end('answer');
    else if ('redirect' in answer) response.writeHead(302, { location: answer.redirect }).end();
    else response.writeHead(429, { 'retry-after': answer.retryAfter }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server.address());
  try {
    await run({ url: `http://127.0.0.1:${port}/services/T00/B00/secret-of-the-hook`, messages, answers });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += String(part);
  return body;
}
