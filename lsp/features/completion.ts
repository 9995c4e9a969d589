import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  CompletionRequest,
  CompletionResolveRequest,
  InsertTextFormat,
  InsertTextMode,
  type MarkupContent,
  MarkupKind,
} from 'vscode-languageserver';
import type * as Complete from '../../compiler/editor/completion/complete.ts';
import type { Completions, Offer, OfferKind } from '../../compiler/editor/completion/offer.ts';
import type { SourceText } from '../../compiler/source/text.ts';
import type { Client } from '../client.ts';
import { rangeOf } from '../positions.ts';
import { type Feature, guarded, onPosition } from './feature.ts';

/** Loaded with the first question: the start needs neither the tables nor the checker of expressions. */
const load = (): typeof Complete => require('../../compiler/editor/completion/complete.ts');

const kinds: Readonly<Record<OfferKind, CompletionItemKind>> = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  constant: CompletionItemKind.Constant,
  function: CompletionItemKind.Function,
  group: CompletionItemKind.Module,
  variable: CompletionItemKind.Variable,
  field: CompletionItemKind.Field,
  keyword: CompletionItemKind.Keyword,
  unit: CompletionItemKind.Unit,
  file: CompletionItemKind.File,
  name: CompletionItemKind.Reference,
  example: CompletionItemKind.Snippet,
};

/** So many lists of offers can still be asked about. */
const mostLists = 4;

/** What may be written at the cursor. The document is taken as it stands: nothing is compiled for it. */
export const completion: Feature = {
  capabilities: () => ({
    completionProvider: { triggerCharacters: [' ', ':', '.', '@', '"', "'", '[', '/'], resolveProvider: true },
  }),
  register(connection, session) {
    const lists = new Map<number, readonly Offer[]>();
    let last = 0;
    onPosition(connection, session, CompletionRequest.type, ({ document, offset, session: { client, workspace } }) => {
      const writing = { severalLines: writesLinesAsTheyAre(client) };
      const found = load().completeAt(document, offset, workspace, writing);
      if (found === undefined) return null;
      last += 1;
      lists.set(last, found.offers);
      lists.delete(last - mostLists);
      return listOf(found, last, document.source, client);
    });
    connection.onRequest(CompletionResolveRequest.type, (item) =>
      guarded(connection, CompletionResolveRequest.method, item, () => {
        const documentation = explained(item, lists, session().client);
        return documentation === undefined ? item : { ...item, documentation };
      }),
    );
  },
};

function listOf(
  { span, offers, isIncomplete }: Completions,
  list: number,
  source: SourceText,
  client: Client,
): CompletionList {
  const range = rangeOf(source, span);
  const asIs = writesLinesAsTheyAre(client);
  const items = offers.map(({ label, kind, detail, newText, snippet, filterText, explain }, index): CompletionItem => {
    const isSnippet = client.snippets && snippet !== undefined;
    return {
      label,
      kind: kinds[kind],
      ...(detail === undefined ? {} : { detail }),
      // Editors sort by text, and the order here says what is likelier.
      sortText: String(index).padStart(4, '0'),
      ...(filterText === undefined ? {} : { filterText }),
      textEdit: { range, newText: isSnippet ? snippet : newText },
      ...(isSnippet ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
      ...(asIs ? { insertTextMode: InsertTextMode.asIs } : {}),
      ...(explain === undefined ? {} : { data: [list, index] }),
    };
  });
  return { isIncomplete, items };
}

/** Of a list that has been replaced by later ones nothing more is known. */
function explained(
  { data }: CompletionItem,
  lists: ReadonlyMap<number, readonly Offer[]>,
  client: Client,
): MarkupContent | undefined {
  if (!Array.isArray(data)) return undefined;
  const value = lists.get(Number(data[0]))?.[Number(data[1])]?.explain?.();
  if (value === undefined || value === '') return undefined;
  const formats = client.capabilities.textDocument?.completion?.completionItem?.documentationFormat;
  return { kind: formats?.includes(MarkupKind.Markdown) === true ? MarkupKind.Markdown : MarkupKind.PlainText, value };
}

/** Editors that adjust the indentation of what they insert do so each in its own way. */
function writesLinesAsTheyAre({ capabilities }: Client): boolean {
  const modes = capabilities.textDocument?.completion?.completionItem?.insertTextModeSupport?.valueSet;
  return modes?.includes(InsertTextMode.asIs) === true;
}
