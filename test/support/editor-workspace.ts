import { type EditorDocument, openDocument } from '../../compiler/editor/document.ts';
import { namesIn } from '../../compiler/editor/names.ts';
import type { IndexedFile, Workspace } from '../../compiler/editor/workspace.ts';

/** A workspace of texts by absolute path, all in one folder of policies. */
export function workspaceOf(texts: ReadonlyMap<string, string>, folder: string): Workspace {
  const documents = new Map<string, EditorDocument>(
    [...texts].filter(([path]) => /\.ya?ml$/.test(path)).map(([path, text]) => [path, openDocument(path, text, 1)]),
  );
  const files = new Map<string, IndexedFile>(
    [...documents].map(([path, document]) => [path, { path, dialect: document.dialect?.name, ...namesIn(document) }]),
  );
  return {
    files: () => [...files.values()],
    file: (path) => files.get(path),
    document: (path) => documents.get(path),
    folderOf: () => folder,
  };
}
