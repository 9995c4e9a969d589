import type { CancellationToken, Connection } from 'vscode-languageserver';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import type { EditorDocument } from '../compiler/editor/document.ts';
import { findingsOf } from '../compiler/editor/findings.ts';
import type { SourceText } from '../compiler/source/text.ts';
import type { Client } from './client.ts';
import type { ClientFiles } from './client-files.ts';
import { filesOfClient, withFilesOfClient } from './client-world.ts';
import { ClosedDocuments } from './closed-documents.ts';
import { compileJob } from './compile-job.ts';
import { CompiledDocuments } from './compiled-documents.ts';
import { Compiler } from './compiler.ts';
import { Configurations } from './configurations.ts';
import { Documents } from './documents.ts';
import { Files } from './files.ts';
import { withProgress } from './progress.ts';
import { Schedule, type Work } from './schedule.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { folderOf, isBelow, uriOf } from './uris.ts';
import { WorkspaceIndex } from './workspace-index.ts';
import type { World } from './world.ts';

/** Everything that the requests of one client share. */
export class Session {
  readonly connection: Connection;
  readonly client: Client;
  readonly world: World;
  /** The files that only the client can read, where it does. */
  readonly given: ClientFiles | undefined;
  readonly documents: Documents;
  readonly files: Files;
  readonly configurations: Configurations;
  readonly workspace: WorkspaceIndex;
  readonly compiler: Compiler;
  readonly schedule: Schedule;
  settings: Settings = defaultSettings;
  /** Told of each document that was compiled. */
  onCompiled: (path: string) => void = () => {};
  /** Told of the URI of each document that was closed. */
  onClosed: (uri: string) => void = () => {};
  /** Told where findings of documents may have changed that a client would have to ask for. */
  onStale: () => void = () => {};
  /** Told when the index has read every file that it knows of. */
  onIndexed: () => void = () => {};
  readonly #compiled: CompiledDocuments;
  readonly closed = new ClosedDocuments();
  /** Documents that were compiled without files that are on their way. */
  readonly #arriving = new Map<string, Promise<unknown>>();
  #isReading = false;
  #isOver = false;
  #isRelisting = false;

  constructor(connection: Connection, client: Client, machine: World) {
    this.connection = connection;
    this.client = client;
    this.given = client.givesFiles
      ? filesOfClient(
          connection,
          {
            file: (path, isOther) => this.#arrived(path, isOther),
            list: () => this.#relistNow(),
          },
          machine.patience,
        )
      : undefined;
    const world = this.given === undefined ? machine : withFilesOfClient(machine, this.given);
    this.world = world;
    this.documents = new Documents((path) => this.configurations.dialectOf(path));
    this.#compiled = new CompiledDocuments(this.documents);
    this.files = new Files(world, this.documents);
    this.configurations = new Configurations(
      {
        read: (path) => this.files.read(path),
        exists: (path) => world.host.realpath?.(path) !== undefined,
        isForeign: (path) => world.isForeign?.(path) === true,
        isWatched: (path) => this.files.keeps(path),
      },
      () => this.workspace.folders,
    );
    this.workspace = new WorkspaceIndex(this.documents, this.files, this.configurations, (message) =>
      connection.console.warn(message),
    );
    this.compiler = new Compiler(this.files, this.configurations, () => world.today());
    this.schedule = new Schedule(
      (run) => world.soon(run),
      (path) => this.#compile(path),
    );
  }

  /** A document was opened or edited. */
  edited(path: string): void {
    if (this.configurations.refresh(path)) this.compileAll();
    this.#spread(path);
    this.schedule.urgent(path);
  }

  /** The client has gone: nothing is begun any more, and nobody is told of anything. */
  end(): void {
    this.#isOver = true;
    this.given?.end();
    this.schedule.end();
  }

  /** @param uri as the client wrote it */
  documentClosed(path: string, uri: string): void {
    this.schedule.drop(path);
    this.given?.changed(path, 'changed');
    this.#compiled.forget(path);
    this.workspace.changed(path);
    this.#spread(path);
    this.onClosed(uri);
  }

  /** A file is another on the disk, is new, or is gone. */
  changedOnDisk(path: string, isOther: 'text' | 'there'): void {
    this.workspace.changed(path);
    this.#spread(path);
    if (isOther === 'there') this.#relist();
    else this.readIndex();
  }

  /** The files that were asked for or are indexed, and are in one of these folders or below it. */
  filesBelow(folders: ReadonlySet<string>): readonly string[] {
    const known = new Set([...this.workspace.paths(), ...this.closed.asked(), ...this.#compiled.asked()]);
    const isBelowOne = (path: string) => {
      for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) if (folders.has(folder)) return true;
      return false;
    };
    return folders.size === 0 ? [] : [...known].filter(isBelowOne);
  }

  /** The folders are others: nobody has told of changes in those that were none, and nobody tells of those that are none now. */
  setFolders(folders: readonly string[]): void {
    this.doubtWhatLiesOutside();
    this.files.forget();
    this.configurations.forget();
    this.workspace.setFolders(folders);
    this.doubtWhatLiesOutside();
    this.compileAll();
  }

  /** Of files outside the folders a client that gives them tells nothing: they are asked for again. */
  doubtWhatLiesOutside(): void {
    const { folders } = this.workspace;
    this.given?.doubt((path) => !folders.some((folder) => path === folder || isBelow(path, folder)));
  }

  /** The configuration, the settings or the folders are others: everything is compiled again. */
  compileAll(): void {
    this.documents.forget();
    this.#compiled.forgetAll();
    this.closed.forget();
    for (const path of this.documents.paths()) this.schedule.later(path);
    this.onStale();
  }

  /** Reads the files of the workspace bit by bit, between other work. */
  readIndex(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    void this.indexed().then(() => {
      this.#isReading = false;
      this.onIndexed();
    });
  }

  /** When every file of the workspace has been read; for what would be wrong if it looked at some of them only. */
  async indexed(token?: CancellationToken): Promise<void> {
    for (;;) {
      const unread = this.workspace.unread();
      const arrival = this.given?.arrival();
      if (unread.length === 0 && arrival === undefined) return;
      if (!(await withProgress(this, 'Reading policies', unread, (path) => this.workspace.file(path), token))) return;
      await arrival;
    }
  }

  /** What a file was when it was saved last; undefined where it never was. */
  async saved(path: string): Promise<Uint8Array | string | undefined> {
    await this.given?.fresh(path);
    const content = this.world.host.read(path);
    const arrival = this.given?.arrival([path]);
    if (arrival === undefined) return content;
    await arrival;
    return this.world.host.read(path);
  }

  /**
   * A document once its current version has been compiled; undefined where it is not open any more, or the client asks no
   * longer.
   */
  async compiled(path: string, token?: CancellationToken): Promise<EditorDocument | undefined> {
    for (;;) {
      if (token?.isCancellationRequested === true) return undefined;
      const version = this.documents.version(path);
      if (version === undefined) return undefined;
      if (!this.schedule.isWaiting(path)) {
        const result = this.#compiled.get(path);
        const document = this.documents.document(path);
        const isKept = result?.hasCompilation === false || document?.current !== undefined;
        if (result?.version === version && isKept) return document;
        const arriving = this.#arriving.get(path);
        if (arriving !== undefined) {
          await arriving;
          continue;
        }
        this.schedule.urgent(path);
      }
      await this.schedule.whenDone(path);
    }
  }

  /** The findings of a document's last compilation, as an editor shows them. */
  findings(document: EditorDocument): readonly Diagnostic[] {
    if (!this.settings.diagnostics) return [];
    return findingsOf(document, this.workspace);
  }

  /** The text of a file that findings or answers point into. */
  sourceOf(path: string): SourceText | undefined {
    return this.workspace.document(path)?.source;
  }

  /** The URI of a path, as the client writes it where it has the document open. */
  uriOf(path: string): string {
    return this.documents.uri(path) ?? uriOf(path);
  }

  #compile(path: string): Work {
    const document = this.documents.document(path);
    if (document === undefined) return () => true;
    const askedFor = new Set(this.configurations.projectOf(path).looked);
    return compileJob({
      document,
      steps: this.compiler.steps(document, askedFor),
      before: this.#compiled.get(path)?.late,
      now: () => this.world.host.now(),
      soFar: (diagnostics) => {
        if (this.given?.arrival(askedFor) !== undefined) return false;
        this.documents.update({ ...document, diagnostics });
        this.#show(document);
        return true;
      },
      done: (result, late, isNews) => {
        const arrival = this.given?.arrival(result.asked);
        if (arrival !== undefined) {
          this.#compileAfter(arrival, path);
          return;
        }
        this.#compiled.keep(result, late);
        if (isNews) this.#show(document);
      },
    });
  }

  /** What was found without files that are on their way is shown to nobody. */
  #compileAfter(arrival: Promise<unknown>, path: string): void {
    const arriving = arrival.then(() => {
      if (this.#arriving.get(path) !== arriving) return;
      this.#arriving.delete(path);
      if (!this.#isOver && this.documents.isOpen(path)) this.schedule.urgent(path);
    });
    this.#arriving.set(path, arriving);
  }

  /** A file of the client's has come. Until then it was as if it were not there; nobody was told so. */
  #arrived(path: string, isOther: boolean): void {
    if (isOther) {
      // What is open counts as it is in the editor.
      if (!this.documents.isOpen(path)) this.changedOnDisk(path, 'text');
      return;
    }
    this.files.changed(path);
    this.workspace.changed(path);
    this.schedule.restart();
    if (this.configurations.isConfiguration(path)) {
      this.configurations.forget();
      this.compileAll();
    }
    this.readIndex();
  }

  /** Before it is shown, messages are read: an edit may have come while it was compiled. */
  #show({ path, version }: EditorDocument): void {
    this.world.soon(() => {
      if (!this.#isOver && this.documents.version(path) === version) this.onCompiled(path);
    });
  }

  /** Compiles again what was compiled with a file. */
  #spread(path: string): void {
    this.files.changed(path);
    // What is being compiled may have read it.
    this.schedule.restart();
    if (this.configurations.isConfiguration(path)) {
      this.configurations.forget();
      this.compileAll();
      return;
    }
    const stale = this.#compiled.dependingOn(path);
    for (const each of stale) this.schedule.later(each);
    this.closed.changed(path);
    if (stale.length > 0) this.onStale();
  }

  /** However many files come and go together, they are listed once. */
  #relist(): void {
    this.files.listChanged();
    if (this.#isRelisting) return;
    this.#isRelisting = true;
    this.world.soon(() => {
      this.#isRelisting = false;
      this.workspace.relist();
      this.readIndex();
    });
  }

  #relistNow(): void {
    this.files.listChanged();
    this.workspace.relist();
    this.readIndex();
  }
}
