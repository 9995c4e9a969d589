import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type {
  ClientCapabilities,
  Diagnostic,
  InitializeResult,
  PublishDiagnosticsParams,
  TextDocumentContentChangeEvent,
} from 'vscode-languageserver';
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { connect } from '../../lsp/node/connect.ts';
import type { World } from '../../lsp/world.ts';
import { polcScript } from './polc-process.ts';
import { longPatience } from './until.ts';

export interface ClientOptions {
  /** What the client says that it can do; default: nothing at all. */
  readonly capabilities?: ClientCapabilities;
  /** Absolute paths. */
  readonly folders?: readonly string[];
  readonly initializationOptions?: unknown;
  /** Answers to requests that the server makes, by method; others are answered with null. */
  readonly answers?: Readonly<Record<string, (params: unknown) => unknown>>;
  /** In process: what differs from the machine as it is. */
  readonly world?: (world: World) => World;
}

/** A client of the language server, with documents by path. */
export interface LspClient {
  readonly initialized: InitializeResult;
  /** The server's notifications and requests, in their order. */
  readonly received: readonly { readonly method: string; readonly params: unknown }[];
  request<Result = unknown>(method: string, params: unknown): Promise<Result>;
  /** Asks, and takes the question back when it is being answered; resolves when that has been said. */
  cancelledSoon(method: string, params: unknown): Promise<void>;
  notify(method: string, params: unknown): void;
  open(path: string, text: string, languageId?: string): void;
  /** Replaces the whole text, or applies incremental changes. */
  change(path: string, changes: string | readonly TextDocumentContentChangeEvent[]): void;
  close(path: string): void;
  /** What was pushed for the version of the document that was sent last; waits for it. */
  diagnostics(path: string): Promise<readonly Diagnostic[]>;
  /** The next notification of a method that a condition holds for; waits for one that is yet to come. */
  next<Params>(method: string, holds?: (params: Params) => boolean): Promise<Params>;
  /** `shutdown` and `exit`; gives the exit code. */
  end(): Promise<number>;
}

export function uri(path: string): string {
  return pathToFileURL(path).href;
}

/** A server in this process, at the other end of two streams. */
export async function clientInProcess(options: ClientOptions = {}): Promise<LspClient> {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const ended = new Promise<number>((resolve) => {
    connect(new StreamMessageReader(toServer), new StreamMessageWriter(toClient), resolve, options.world);
  });
  const connection = createMessageConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
  return start(connection, options, ended);
}

/** `polc lsp --stdio` as a process. */
export async function clientOfProcess(
  options: ClientOptions = {},
): Promise<LspClient & { readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [polcScript, 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  return { ...(await start(connection, options, ended)), child };
}

async function start(
  connection: MessageConnection,
  { capabilities = {}, folders = [], initializationOptions, answers = {} }: ClientOptions,
  ended: Promise<number>,
): Promise<LspClient> {
  const received: { method: string; params: unknown }[] = [];
  const waiting = new Set<() => void>();
  const hear = (method: string, params: unknown) => {
    received.push({ method, params });
    for (const look of waiting) look();
  };
  const versions = new Map<string, number>();
  connection.onNotification((method, params) => hear(method, params));
  connection.onUnhandledProgress((params) => hear('$/progress', params));
  connection.onRequest((method, params) => {
    hear(method, params);
    return answers[method]?.(params) ?? null;
  });
  connection.listen();

  const request = <Result>(method: string, params: unknown) => connection.sendRequest<Result>(method, params);
  const notify = (method: string, params: unknown) => void connection.sendNotification(method, params);

  function next<Params>(
    method: string,
    holds: (params: Params) => boolean = () => true,
    from: number = received.length,
  ): Promise<Params> {
    return new Promise((resolve, reject) => {
      let at = from;
      const timer = setTimeout(() => {
        waiting.delete(look);
        const heard = received.slice(from).map((each) => JSON.stringify(each));
        reject(new Error(`${method} did not come; received since:\n${heard.join('\n')}`));
      }, longPatience);
      const look = () => {
        for (; at < received.length; at += 1) {
          const message = received[at]!;
          // The method says what its parameters are.
          const params = message.params as Params;
          if (message.method !== method || !holds(params)) continue;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(params);
          return;
        }
      };
      waiting.add(look);
      look();
    });
  }

  const initialized = await request<InitializeResult>('initialize', {
    processId: null,
    rootUri: null,
    capabilities,
    workspaceFolders: folders.map((folder) => ({ uri: uri(folder), name: folder })),
    ...(initializationOptions === undefined ? {} : { initializationOptions }),
  });
  notify('initialized', {});

  return {
    initialized,
    received,
    request,
    async cancelledSoon(method, params) {
      const source = new CancellationTokenSource();
      const answer = connection.sendRequest(method, params, source.token).catch(() => {});
      for (let turns = 0; turns < 4; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      source.cancel();
      await answer;
    },
    notify,
    open(path, text, languageId = 'yaml') {
      versions.set(path, 1);
      notify('textDocument/didOpen', { textDocument: { uri: uri(path), languageId, version: 1, text } });
    },
    change(path, changes) {
      const version = (versions.get(path) ?? 0) + 1;
      versions.set(path, version);
      notify('textDocument/didChange', {
        textDocument: { uri: uri(path), version },
        contentChanges: typeof changes === 'string' ? [{ text: changes }] : changes,
      });
    },
    close(path) {
      versions.delete(path);
      notify('textDocument/didClose', { textDocument: { uri: uri(path) } });
    },
    async diagnostics(path) {
      const version = versions.get(path);
      const isIt = (params: PublishDiagnosticsParams) => params.uri === uri(path) && params.version === version;
      return (await next<PublishDiagnosticsParams>('textDocument/publishDiagnostics', isIt, 0)).diagnostics;
    },
    next: (method, holds) => next(method, holds),
    async end() {
      await request('shutdown', undefined);
      notify('exit', undefined);
      const code = await ended;
      connection.dispose();
      return code;
    },
  };
}
