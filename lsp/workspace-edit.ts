import type { TextEdit as LspEdit, WorkspaceEdit } from 'vscode-languageserver';
import type { TextEdit } from '../compiler/diagnostics/diagnostic.ts';
import { rangeOf } from './positions.ts';
import type { Session } from './session.ts';

/** Edits of any files in the protocol's terms, with the versions that they are of where the client wants to know. */
export function workspaceEdit(edits: readonly TextEdit[], session: Session): WorkspaceEdit {
  const files = new Map<string, LspEdit[]>();
  for (const { span, newText } of edits) {
    const source = session.sourceOf(span.file);
    if (source === undefined) continue;
    const its = files.get(span.file) ?? [];
    its.push({ range: rangeOf(source, span), newText });
    files.set(span.file, its);
  }
  if (!session.client.versionedEdits) {
    return { changes: Object.fromEntries([...files].map(([path, its]) => [session.uriOf(path), its])) };
  }
  return {
    documentChanges: [...files].map(([path, its]) => ({
      textDocument: { uri: session.uriOf(path), version: session.documents.version(path) ?? null },
      edits: its,
    })),
  };
}
