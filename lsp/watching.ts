import { DidChangeWatchedFilesNotification, FileChangeType, WatchKind } from 'vscode-languageserver';
import type { FileChange } from './client-files.ts';
import type { Session } from './session.ts';
import { folderOf, isBelow, pathOf } from './uris.ts';

/** What policies are made of: themselves, and the hook programs that they name. */
const watched = '**/*.{yaml,yml,bpf,o}';
/** Of a folder that goes with all that is in it, clients such as VS Code tell the folder alone. */
const watchers = [{ globPattern: watched }, { globPattern: '**/*', kind: WatchKind.Delete }];

const following = new WeakMap<Session, Map<string, () => void>>();

/**
 * Follows changes on the disk: through the client where it can watch, else by the machine, folder by folder. Of what
 * may change unseen nothing is kept. Called again when the folders have changed.
 */
export function followFiles(session: Session): void {
  const { connection, client, files, workspace } = session;
  if (!following.has(session)) {
    following.set(session, new Map());
    connection.onDidChangeWatchedFiles(({ changes }) => {
      for (const { uri, type } of changes) changed(session, pathOf(uri), type);
      const gone = changes.filter(({ type }) => type === FileChangeType.Deleted).map(({ uri }) => pathOf(uri));
      for (const path of session.filesBelow(new Set(gone))) changed(session, path, FileChangeType.Deleted);
    });
    if (client.watchesFiles) {
      const isInside = (path: string) => workspace.folders.some((folder) => path === folder || isBelow(path, folder));
      files.keeps = isInside;
      files.keepsList = isInside;
      connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(() => {
        files.keepsList = () => false;
        watchFolders(session);
      });
      return;
    }
  }
  if (!client.watchesFiles) watchFolders(session);
}

function changed(session: Session, path: string, type: FileChangeType): void {
  const { documents, given, world } = session;
  if (given !== undefined && world.isOfClient(path)) {
    given.changed(path, changeOf(type));
    return;
  }
  // What is open counts as it is in the editor, also where its file is gone.
  if (documents.isOpen(path) && type === FileChangeType.Changed) return;
  session.changedOnDisk(path, type === FileChangeType.Changed ? 'text' : 'there');
}

/** Through the machine, where it can. */
function watchFolders(session: Session): void {
  const { world, files, workspace } = session;
  const own = following.get(session);
  if (own === undefined) return;
  const folders = new Set([...workspace.folders, ...workspace.files().map(({ path }) => folderOf(path))]);
  for (const folder of folders) {
    if (own.has(folder)) continue;
    const end = world.watch?.(folder, (name) => session.changedOnDisk(`${folder}/${name}`, 'there'));
    if (end !== undefined) own.set(folder, end);
  }
  for (const [folder, end] of own) {
    if (folders.has(folder)) continue;
    end();
    own.delete(folder);
  }
  // Folders may be made in a folder unseen, so that lists are never kept.
  files.keeps = (path) => own.has(folderOf(path));
}

function changeOf(type: FileChangeType): FileChange {
  if (type === FileChangeType.Created) return 'created';
  return type === FileChangeType.Deleted ? 'deleted' : 'changed';
}

/** Ends what followFiles began. */
export function unfollowFiles(session: Session): void {
  for (const end of following.get(session)?.values() ?? []) end();
  following.delete(session);
}
