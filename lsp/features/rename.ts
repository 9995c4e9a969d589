import {
  LSPErrorCodes,
  PrepareRenameRequest,
  RenameRequest,
  ResponseError,
  type ServerCapabilities,
  WillRenameFilesRequest,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { type Refused, type Renaming, renamableAt, rename as renaming } from '../../compiler/editor/rename.ts';
import { editsOfMoves } from '../../compiler/editor/rename-files.ts';
import type { Client } from '../client.ts';
import { rangeOf } from '../positions.ts';
import type { Session } from '../session.ts';
import { pathOf } from '../uris.ts';
import { workspaceEdit } from '../workspace-edit.ts';
import { type Feature, guarded, onPosition } from './feature.ts';

/** Other names for what policies name, in all files, and for the files themselves. */
export const rename: Feature = {
  capabilities: ({ preparesRename, asksBeforeRenames }: Client): Partial<ServerCapabilities> => ({
    renameProvider: preparesRename ? { prepareProvider: true } : true,
    ...(asksBeforeRenames
      ? { workspace: { fileOperations: { willRename: { filters: [{ pattern: { glob: '**' } }] } } } }
      : {}),
  }),
  register(connection, session) {
    onPosition(connection, session, PrepareRenameRequest.type, async ({ session, document, offset }, _, token) => {
      await session.indexed(token);
      const found = renamableAt(document, offset, session.workspace);
      return 'refused' in found
        ? refusal(found)
        : { range: rangeOf(document.source, found.span), placeholder: found.text };
    });
    onPosition(connection, session, RenameRequest.type, async ({ session, document, offset }, { newName }, token) => {
      await session.indexed(token);
      // What was edited meanwhile has the name elsewhere, and the edits would be taken for ones of that version.
      if (session.documents.version(document.path) !== document.version) {
        return new ResponseError(LSPErrorCodes.ContentModified, 'The document was edited meanwhile');
      }
      const found = renaming(document, offset, newName, session.workspace);
      if ('refused' in found) return refusal(found);
      if (found.moves.length > 0 && !session.client.renamesFiles) {
        return refusal({ refused: 'this editor cannot rename a file on request: rename it where it lies' });
      }
      return editOf(found, session);
    });
    connection.onRequest(WillRenameFilesRequest.type, ({ files }, token) =>
      guarded<WorkspaceEdit | null>(connection, WillRenameFilesRequest.method, null, async () => {
        await session().indexed(token);
        const moves = files.map(({ oldUri, newUri }) => ({ from: pathOf(oldUri), to: pathOf(newUri) }));
        return workspaceEdit(editsOfMoves(moves, session().workspace), session());
      }),
    );
  },
};

/** A sentence for people, who see it where they typed the name. */
function refusal({ refused }: Refused): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, `${refused[0]?.toUpperCase() ?? ''}${refused.slice(1)}`);
}

function editOf({ edits, moves }: Renaming, session: Session): WorkspaceEdit {
  const edit = workspaceEdit(edits, session);
  if (moves.length === 0) return edit;
  const renames = moves.map(({ from, to }) => ({
    kind: 'rename' as const,
    oldUri: session.uriOf(from),
    newUri: session.uriOf(to),
    options: { overwrite: false },
  }));
  return { documentChanges: [...(edit.documentChanges ?? []), ...renames] };
}
