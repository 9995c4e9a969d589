import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { join } from 'node:path';
import { isObject, type Json, type JsonObject } from './kubernetes/json.ts';
import type { KubernetesServer } from './kubernetes/server.ts';
import { polcScript } from './polc-process.ts';
import { answerThat } from './until.ts';

export const servicePolicy = `targets: [{ gateway: { namespace: llm, name: inference-gateway } }]
spend_writer: usage-pipeline
tiers:
  free: { token_limit_per_hour: 1000, burst_limit: 10 }
`;

export const adminToken = 'admin-token-of-the-tests';
export const readerToken = 'reader-token-of-the-tests';
export const teamToken = 'research-token-of-the-tests';

/** What a service answered. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The body where it is an object; else empty. */
  readonly body: JsonObject;
}

export interface CallOptions {
  readonly body?: Json | string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A service as a process. */
export interface RunningService {
  readonly process: ChildProcess;
  readonly url: string;
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** Asks for a change, and waits until its operation is over; gives that. */
  change(method: string, path: string, body?: Json): Promise<JsonObject>;
  /** Waits until an operation is over. */
  over(operation: string): Promise<JsonObject>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly policy?: string;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The file of the kubeconfig; that of the server unless told. */
  readonly kubeconfig?: string;
  /** Seconds that the API server has for an answer; long unless told. */
  readonly callTimeout?: number;
}

/** Files of a service in a folder, which outlive its process. */
export function serviceFiles(folder: string, policy = servicePolicy): void {
  mkdirSync(join(folder, '.git'), { recursive: true });
  writeFileSync(join(folder, 'platform.yaml'), policy);
  const lines = [`alice admin ${adminToken}`, `prometheus reader ${readerToken}`, `bot team/research ${teamToken}`];
  writeFileSync(join(folder, 'tokens'), `# who may call\n${lines.join('\n')}\n`);
}

export async function startServing(
  folder: string,
  server: KubernetesServer,
  { words = [], env = {}, kubeconfig = server.kubeconfigPath, callTimeout = 60 }: ServiceOptions = {},
): Promise<RunningService> {
  const child = spawn(
    process.execPath,
    [
      polcScript,
      ...['tenancy', 'serve', 'platform.yaml', '--listen', '127.0.0.1:0', '--state', 'state', '--token-file', 'tokens'],
      ...['--kubeconfig', kubeconfig, '--timeout', '2', '--check-every', '0.5', ...words],
      ...['--call-timeout', String(callTimeout)],
    ],
    { cwd: folder, env: { PATH: process.env.PATH ?? '', HOME: folder, NO_COLOR: '1', ...env } },
  );
  const url = await listening(child);
  const call = (method: string, path: string, options: CallOptions = {}) => callAt(url, method, path, options);
  const over = async (operation: string): Promise<JsonObject> => {
    const ask = () => call('GET', `/operations/${operation}`);
    const isOver = ({ body }: Reply) => body.state === 'done' || body.state === 'failed';
    const reply = await answerThat(ask, isOver);
    if (!isOver(reply)) throw new Error(`the operation ${operation} does not end`);
    return reply.body;
  };
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    process: child,
    url,
    call,
    over,
    async change(method, path, body) {
      const reply = await call(method, path, body === undefined ? {} : { body });
      if (reply.status !== 202) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
      return over(String(reply.body.operation));
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The URL that a service says it listens on. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
      const url = /listening on (\S+)\n/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`polc ended with ${code}: ${said}`)));
  });
}

/** One call on a connection of its own. */
function callAt(
  url: string,
  method: string,
  path: string,
  { body, token = adminToken, headers = {} }: CallOptions = {},
): Promise<Reply> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = requestHttp(`${url}${path}`, {
      method,
      agent: false,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        // Node writes none of its own where a method has no body as a rule.
        ...(text === undefined || headers['transfer-encoding'] ? {} : { 'content-length': Buffer.byteLength(text) }),
        ...headers,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let answer = '';
      response.on('data', (data: Buffer) => {
        answer += data.toString();
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: answer,
          body: objectIn(answer),
        }),
      );
    });
    sent.end(text);
  });
}

function objectIn(text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
