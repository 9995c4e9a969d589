import type { IncomingMessage } from 'node:http';
import type { Json } from '../port.ts';
import { type Answered, problem } from './problem.ts';
import { readJson } from './team-secret.ts';

/** The most bytes of a request's body. */
const mostBytes = 262_144;

export type Body =
  | { readonly ok: true; readonly value: Json; readonly text: string }
  | { readonly ok: false; readonly answer: Answered };

/** Reads a body of JSON, and no more of it than may be. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return refuse(415, 'the body has to be JSON, with the header `content-type: application/json`');
  }
  if (request.headers['content-encoding'] !== undefined) return refuse(415, 'the body may not be compressed');
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return tooLarge();
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > mostBytes) return tooLarge();
      chunks.push(bytes);
    }
  } catch {
    return refuse(400, 'the body was cut off');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return refuse(400, 'the body is not UTF-8');
  }
  const value = readJson(text);
  return value === undefined ? refuse(400, 'the body is not JSON') : { ok: true, value, text };
}

function tooLarge(): Body {
  return refuse(413, `the body has more than ${mostBytes} bytes`);
}

/** Where the body was not read to its end, the connection is of no more use. */
function refuse(status: number, detail: string): Body {
  return { ok: false, answer: problem(status, detail, { headers: { connection: 'close' } }) };
}
