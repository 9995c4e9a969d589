import {
  DocumentSymbolRequest,
  type DocumentSymbol as LspSymbol,
  type SymbolInformation,
  SymbolKind,
  WorkspaceSymbolRequest,
} from 'vscode-languageserver';
import {
  type DocumentSymbol,
  documentSymbols,
  type SymbolKind as Kind,
  workspaceSymbols,
} from '../../compiler/editor/symbols.ts';
import type { SourceText } from '../../compiler/source/text.ts';
import { locationOf } from '../locations.ts';
import { rangeOf } from '../positions.ts';
import { type Feature, guarded, onDocument } from './feature.ts';

const kinds: Readonly<Record<Kind, SymbolKind>> = {
  policy: SymbolKind.Module,
  template: SymbolKind.Class,
  profile: SymbolKind.Interface,
  tier: SymbolKind.Enum,
  team: SymbolKind.Object,
  model: SymbolKind.Constant,
  object: SymbolKind.Module,
  section: SymbolKind.Namespace,
  list: SymbolKind.Array,
  item: SymbolKind.Struct,
  text: SymbolKind.String,
  number: SymbolKind.Number,
  boolean: SymbolKind.Boolean,
  nothing: SymbolKind.Null,
};

/** The outline of a document, and the names of all policies. */
export const symbols: Feature = {
  capabilities: () => ({ documentSymbolProvider: true, workspaceSymbolProvider: true }),
  register(connection, session) {
    onDocument(connection, session, DocumentSymbolRequest.type, ({ session, document }) => {
      const { source, role } = document;
      const found = role === 'other' ? [] : documentSymbols(document);
      return session.client.hierarchicalSymbols
        ? found.map((each) => nested(each, source))
        : found.flatMap((each) => flat(each, undefined, source, session.uriOf(document.path)));
    });
    connection.onRequest(WorkspaceSymbolRequest.type, ({ query }, token) =>
      guarded<SymbolInformation[] | null>(connection, WorkspaceSymbolRequest.method, null, async () => {
        await session().indexed(token);
        return workspaceSymbols(query, session().workspace).flatMap(({ declaration: { name, kind, span }, path }) => {
          const location = locationOf(span, session());
          const folder = session().workspace.folderOf(path);
          const containerName = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
          return location === undefined ? [] : [{ name, kind: kinds[kind], containerName, location }];
        });
      }),
    );
  },
};

function nested({ name, detail, kind, span, selection, children }: DocumentSymbol, source: SourceText): LspSymbol {
  return {
    name,
    ...(detail === '' ? {} : { detail }),
    kind: kinds[kind],
    range: rangeOf(source, span),
    selectionRange: rangeOf(source, selection),
    ...(children.length === 0 ? {} : { children: children.map((each) => nested(each, source)) }),
  };
}

function flat(
  { name, kind, span, children }: DocumentSymbol,
  containerName: string | undefined,
  source: SourceText,
  uri: string,
): SymbolInformation[] {
  const own: SymbolInformation = {
    name,
    kind: kinds[kind],
    location: { uri, range: rangeOf(source, span) },
    ...(containerName === undefined ? {} : { containerName }),
  };
  return [own, ...children.flatMap((each) => flat(each, name, source, uri))];
}
