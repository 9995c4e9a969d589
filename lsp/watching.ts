import { DidChangeWatchedFilesNotification, FileChangeType } from 'vscode-languageserver';
import type { FileChange } from './client-files.ts';
import type { Session } from './session.ts';
import { folderOf, isBelow, pathOf } from './uris.ts';

/** What policies are made of: themselves, and the hook programs that they name. */
const watched = '**/*.{yaml,yml,bpf,o}';

const following = new WeakMap<Session, Map<string, () => void>>();

/**
 * Follows changes on the disk: through the client where it can watch, else by the machine, folder by folder. Of what
 * may change unseen nothing is kept. Called again when the folders have changed.
 */
export function followFiles(session: Session): void {
  const { connection, client, world, files, workspace } = session;
  if (!following.has(session)) {
    following.set(session, new Map());
    connection.onDidChangeWatchedFiles(({ changes }) => {
      for (const { uri, type } of changes) {
        const path = pathOf(uri);
        if (session.given !== undefined && world.isOfClient(path)) {
          session.given.changed(path, changeOf(type));
          continue;
        }
        // What is open counts as it is in the editor, also where its file is gone.
        if (session.documents.isOpen(path) && type === FileChangeType.Changed) continue;
        session.changedOnDisk(path, type === FileChangeType.Changed ? 'text' : 'there');
      }
    });
    if (client.watchesFiles) {
      const isInside = (path: string) => workspace.folders.some((folder) => path === folder || isBelow(path, folder));
      files.keeps = isInside;
      files.keepsList = isInside;
      void connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: watched }],
      });
      return;
    }
  }
  if (client.watchesFiles || world.watch === undefined) return;
  const watchers = following.get(session)!;
  const folders = new Set([...workspace.folders, ...workspace.files().map(({ path }) => folderOf(path))]);
  for (const folder of folders) {
    if (watchers.has(folder)) continue;
    const end = world.watch(folder, (name) => session.changedOnDisk(`${folder}/${name}`, 'there'));
    if (end !== undefined) watchers.set(folder, end);
  }
  for (const [folder, end] of watchers) {
    if (folders.has(folder)) continue;
    end();
    watchers.delete(folder);
  }
  // Folders may be made in a folder unseen, so that lists are never kept.
  files.keeps = (path) => watchers.has(folderOf(path));
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
