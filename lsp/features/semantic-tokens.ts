import {
  type SemanticTokens,
  SemanticTokensBuilder,
  type SemanticTokensDelta,
  SemanticTokensDeltaRequest,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
} from 'vscode-languageserver';
import type { EditorDocument } from '../../compiler/editor/document.ts';
import { tokenModifiers, tokenTypes } from '../../compiler/editor/semantic-legend.ts';
import { semanticTokens as tokensOf } from '../../compiler/editor/semantic-tokens.ts';
import type { Client } from '../client.ts';
import { offsetOf, positionOf } from '../positions.ts';
import { type Feature, onDocument } from './feature.ts';

/** Of so many documents what was sent last is kept, to send what is new in it: some megabytes for a very long one. */
const mostKept = 8;

/** Colours for what a policy's words mean; in expressions too. */
export const semanticTokens: Feature = {
  capabilities: (client) =>
    client.capabilities.textDocument?.semanticTokens === undefined
      ? {}
      : {
          semanticTokensProvider: {
            legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] },
            full: takesDeltas(client) ? { delta: true } : true,
            range: true,
          },
        },
  register(connection, session) {
    const sent = new Map<string, SemanticTokens>();
    let last = 0;
    const keep = ({ path }: EditorDocument, data: number[]): SemanticTokens => {
      if (!takesDeltas(session().client)) return { data };
      last += 1;
      const tokens = { resultId: String(last), data };
      sent.delete(path);
      sent.set(path, tokens);
      for (const oldest of sent.keys()) {
        if (sent.size <= mostKept) break;
        sent.delete(oldest);
      }
      return tokens;
    };
    onDocument(connection, session, SemanticTokensRequest.type, ({ document }) => keep(document, encoded(document)));
    onDocument(connection, session, SemanticTokensDeltaRequest.type, ({ document }, { previousResultId }) => {
      const before = sent.get(document.path);
      const now = keep(document, encoded(document));
      return before?.resultId === previousResultId ? changed(before.data, now) : now;
    });
    onDocument(connection, session, SemanticTokensRangeRequest.type, ({ document }, { range }) => ({
      data: encoded(document, {
        start: offsetOf(document.source, range.start),
        end: offsetOf(document.source, range.end),
      }),
    }));
  },
};

function takesDeltas({ capabilities }: Client): boolean {
  const full = capabilities.textDocument?.semanticTokens?.requests.full;
  return typeof full === 'object' && full.delta === true;
}

/** Places are told from one token to the next, so that an edit changes the numbers of few. */
function changed(before: readonly number[], { resultId, data }: SemanticTokens): SemanticTokensDelta {
  const most = Math.min(before.length, data.length);
  let start = 0;
  while (start < most && before[start] === data[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === data[data.length - 1 - end]) end += 1;
  const edit = { start, deleteCount: before.length - end - start, data: data.slice(start, data.length - end) };
  const edits = edit.deleteCount === 0 && edit.data.length === 0 ? [] : [edit];
  return { ...(resultId === undefined ? {} : { resultId }), edits };
}

function encoded(document: EditorDocument, within?: { readonly start: number; readonly end: number }): number[] {
  const builder = new SemanticTokensBuilder();
  if (document.role !== 'other') {
    for (const { start, end, type, modifiers } of tokensOf(document, within)) {
      const { line, character } = positionOf(document.source, start);
      const bits = modifiers.reduce((sum, each) => sum | (1 << tokenModifiers.indexOf(each)), 0);
      builder.push(line, character, end - start, tokenTypes.indexOf(type), bits);
    }
  }
  return builder.build().data;
}
