import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';

interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly unknown[];
}

/** A place in a text: line and character from 0. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

/** A language server as a process, with one document. */
export class ServerUnderTest {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #uri: string;
  #version = 0;
  #published = 0;
  #heard: (published: Published) => void = () => {};

  /** @param words of the command */
  constructor(words: readonly string[], uri: string) {
    const [program = '', ...rest] = words;
    this.#child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#uri = uri;
    const { stdout, stdin } = this.#child;
    if (stdout === null || stdin === null) throw new Error('the server has no streams');
    this.#connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.#connection.onNotification('textDocument/publishDiagnostics', (published: Published) => {
      if (published.uri !== uri) return;
      this.#published += 1;
      this.#heard(published);
    });
    this.#connection.onRequest(() => null);
    this.#connection.listen();
    // Sent without waiting, as clients queue them.
    void this.#connection.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
    });
    void this.#connection.sendNotification('initialized', {});
  }

  /** Opens the document, and waits for what is first found in it. */
  async open(text: string): Promise<void> {
    this.#version += 1;
    const found = this.#next();
    const textDocument = { uri: this.#uri, languageId: 'yaml', version: this.#version, text };
    void this.#connection.sendNotification('textDocument/didOpen', { textDocument });
    await found;
  }

  /** Replaces a range, and waits for the first findings after that; gives the milliseconds. */
  async change(start: Place, end: Place, text: string): Promise<number> {
    const found = this.#next();
    const began = performance.now();
    this.#send(start, end, text);
    await found;
    return performance.now() - began;
  }

  /** Types a text and asks at once what could stand behind it; gives the milliseconds, and how much is offered. */
  async complete(at: Place, text: string, behind: Place): Promise<{ milliseconds: number; offers: number }> {
    const began = performance.now();
    this.#send(at, at, text);
    const answer = await this.#connection.sendRequest<{ items: unknown[] } | unknown[] | null>(
      'textDocument/completion',
      { textDocument: { uri: this.#uri }, position: behind, context: { triggerKind: 1 } },
    );
    const milliseconds = performance.now() - began;
    return { milliseconds, offers: (Array.isArray(answer) ? answer : (answer?.items ?? [])).length };
  }

  /** Waits until nothing has been found for a while: what was asked for is done. */
  async quiet(milliseconds: number): Promise<void> {
    for (let before = -1; before !== this.#published; ) {
      before = this.#published;
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    }
  }

  /** What the process holds of the machine's memory. */
  megabytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1000;
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    await this.#connection.sendRequest('shutdown');
    void this.#connection.sendNotification('exit');
    await closed;
    this.#connection.dispose();
  }

  #send(start: Place, end: Place, text: string): void {
    this.#version += 1;
    void this.#connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: this.#uri, version: this.#version },
      contentChanges: [{ range: { start, end }, text }],
    });
  }

  /** The next findings of the version that is sent next; a server that names no version has one answer to each. */
  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = ({ version }) => {
        if (version === undefined || version === this.#version) resolve();
      };
    });
  }
}
