import type { Connection, InitializeParams, InitializeResult, ServerCapabilities } from 'vscode-languageserver';
import {
  DidChangeConfigurationNotification,
  ErrorCodes,
  ResponseError,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import { version } from '../compiler/version.ts';
import { clientOf } from './client.ts';
import { publishDiagnostics } from './features/diagnostics.ts';
import { features } from './features/index.ts';
import { refreshLenses } from './features/lens.ts';
import { Session } from './session.ts';
import { settingsFrom } from './settings.ts';
import { isOwnFile, pathOf } from './uris.ts';
import { followFiles, unfollowFiles } from './watching.ts';
import type { World } from './world.ts';

/** Serves one client on a connection that is not listening yet; gives what is to be called when the client has gone. */
export function serve(connection: Connection, world: World): () => void {
  let current: Session | undefined;
  const session = () => {
    if (current === undefined) throw new ResponseError(ErrorCodes.ServerNotInitialized, 'not initialised');
    return current;
  };

  connection.onInitialize((params): InitializeResult => {
    current = new Session(connection, clientOf(params), world);
    current.settings = settingsFrom(params.initializationOptions);
    publishDiagnostics(connection, current);
    refreshLenses(connection, current);
    // Files are followed from `initialized` on; until then nothing is kept of them.
    current.workspace.setFolders(foldersOf(params));
    return { capabilities: capabilitiesFor(current), serverInfo: { name: 'polc', version } };
  });

  connection.onInitialized(() => {
    session().given?.start();
    followFiles(session());
    session().onIndexed = () => followFiles(session());
    followSettings(connection, session());
    session().readIndex();
  });

  connection.onShutdown(() => {
    unfollowFiles(session());
    session().end();
  });

  for (const feature of features) feature.register(connection, session);

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version: its, text } }) => {
    if (!isOwnFile(pathOf(uri), session().workspace.folders)) return;
    session().doubtWhatLiesOutside();
    session().edited(session().documents.open(uri, languageId, its, text));
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version: its }, contentChanges }) => {
    const path = session().documents.change(uri, its, contentChanges);
    if (path !== undefined) session().edited(path);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    if (session().documents.isOpen(pathOf(uri))) session().documentClosed(session().documents.close(uri), uri);
  });
  connection.onDidSaveTextDocument(({ textDocument: { uri } }) => session().given?.changed(pathOf(uri), 'changed'));
  connection.onDidChangeConfiguration(({ settings }) => {
    void readSettings(connection, session(), settings);
  });
  return () => current?.end();
}

function capabilitiesFor({ client }: Session): ServerCapabilities {
  const own: ServerCapabilities = {
    // Said outright: older clients know no other.
    positionEncoding: 'utf-16',
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: client.givesFiles },
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
  return features.reduce((all, feature) => joined(all, feature.capabilities(client)), own);
}

/** Several features may say something below `workspace` or `experimental`. */
function joined(left: ServerCapabilities, right: ServerCapabilities): ServerCapabilities {
  return {
    ...left,
    ...right,
    ...(left.workspace === undefined ? {} : { workspace: { ...left.workspace, ...right.workspace } }),
    ...(left.experimental === undefined ? {} : { experimental: { ...left.experimental, ...right.experimental } }),
  };
}

/** Folders in every way that clients have named them in since the first version of the protocol. */
function foldersOf({ workspaceFolders, rootUri, rootPath }: InitializeParams): readonly string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri == null ? [] : [rootUri]);
  const paths = uris.length > 0 ? uris.map(pathOf) : rootPath == null ? [] : [rootPath];
  return paths.map((path) => path.replace(/\/+$/, ''));
}

function followSettings(connection: Connection, session: Session): void {
  const { client } = session;
  if (client.configurationRegistration) {
    // Where the client refuses, its settings stay what they are.
    void connection.client.register(DidChangeConfigurationNotification.type, { section: 'polc' }).catch(() => {});
  }
  if (client.configuration) void readSettings(connection, session, undefined);
  if (client.workspaceFolders) {
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const gone = new Set(removed.map(({ uri }) => pathOf(uri).replace(/\/+$/, '')));
      const folders = session.workspace.folders.filter((folder) => !gone.has(folder));
      session.setFolders([...folders, ...added.map(({ uri }) => pathOf(uri).replace(/\/+$/, ''))]);
      followFiles(session);
      session.readIndex();
    });
  }
}

async function readSettings(connection: Connection, session: Session, pushed: unknown): Promise<void> {
  const sent = session.client.configuration
    ? await Promise.resolve(connection.workspace.getConfiguration('polc')).catch(() => pushed)
    : pushed;
  const settings = settingsFrom(sent);
  if (JSON.stringify(settings) === JSON.stringify(session.settings)) return;
  session.settings = settings;
  session.compileAll();
}
