import { createHash } from 'node:crypto';
import { compile } from '../../compiler/compile.ts';
import { type EditorDocument, openDocument } from '../../compiler/editor/document.ts';
import { namesIn } from '../../compiler/editor/names.ts';
import type { IndexedFile, Workspace } from '../../compiler/editor/workspace.ts';
import type { Host } from '../../compiler/host.ts';
import { printPolicy } from '../../compiler/ir/print.ts';

/** Texts by absolute path. */
export type Texts = ReadonlyMap<string, string>;

/** A workspace of texts by absolute path, all in one folder of policies. */
export function workspaceOf(texts: Texts, folder: string): Workspace {
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

export function hostOf(texts: Texts): Host {
  return {
    read: (path) => texts.get(path),
    list: () => [...texts.keys()],
    now: () => 0,
    sha256: (content) => createHash('sha256').update(content).digest('hex'),
  };
}

/** What every file means when it is compiled, without where it says it. */
export function meanings(texts: Texts, workspace: string): readonly string[] {
  const host = hostOf(texts);
  return [...texts].map(([path, text]) => {
    const { lowered, diagnostics } = compile(path, text, host, { maximumMilliseconds: 0, workspace });
    const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
    return `${path} ${errors.join(' ')}\n${lowered === undefined ? '' : printPolicy(lowered)}`;
  });
}
