import {
  type CodeLens,
  CodeLensRefreshRequest,
  CodeLensRequest,
  CodeLensResolveRequest,
  type Command,
  type Connection,
  type ServerCapabilities,
} from 'vscode-languageserver';
import { type Lens, type LensKind, lensesOf, lensTitle } from '../../compiler/editor/lens.ts';
import type { Client } from '../client.ts';
import { offsetOf, rangeOf } from '../positions.ts';
import type { Session } from '../session.ts';
import { pathOf } from '../uris.ts';
import { type Feature, guarded, onDocument } from './feature.ts';

/** What an unresolved line remembers. */
type LensData = Omit<Lens, 'span'> & { readonly uri: string };

/** What a click on a line does, in a client that has such a command; in another, it is only text. */
const commands: Readonly<Partial<Record<LensKind, string>>> = {
  coverage: 'polc.coverage',
  output: 'polc.preview',
  simulate: 'polc.simulate',
};

/** Lines above sections: what becomes of them, and how much they use of what they may. */
export const lens: Feature = {
  capabilities: ({ capabilities }: Client): Partial<ServerCapabilities> =>
    capabilities.textDocument?.codeLens === undefined ? {} : { codeLensProvider: { resolveProvider: true } },
  register(connection, session) {
    onDocument(connection, session, CodeLensRequest.type, ({ session, document }, { textDocument }) =>
      lensesOf(document, session.workspace)
        .filter(({ kind }) => kind !== 'simulate' || hasCommand(session, commands.simulate))
        .map(({ kind, span, backends }) => {
          const data: LensData = { uri: textDocument.uri, kind, ...(backends === undefined ? {} : { backends }) };
          return { range: rangeOf(document.source, span), data };
        }),
    );
    connection.onRequest(CodeLensResolveRequest.type, (shown, token) =>
      guarded<CodeLens>(connection, CodeLensResolveRequest.method, { ...shown, command: text('') }, async () => {
        const data: LensData = shown.data;
        const path = pathOf(data.uri);
        if (data.kind === 'uses') await session().indexed(token);
        const document = await session().compiled(path, token);
        if (document === undefined) return { ...shown, command: text('') };
        const start = offsetOf(document.source, shown.range.start);
        const span = { file: path, start, end: offsetOf(document.source, shown.range.end) };
        const { target } = session().configurations.projectOf(path).config;
        const title = lensTitle({ ...data, span }, document, target, session().workspace) ?? '';
        const command = commands[data.kind];
        return {
          ...shown,
          command: command !== undefined && hasCommand(session(), command) ? { title, command } : text(title),
        };
      }),
    );
  },
};

/** Lines change too where a file does that the document is made of: the client, which asks again of what was edited, is told. */
export function refreshLenses(connection: Connection, session: Session): void {
  if (!session.client.refreshesLenses) return;
  const others = session.onStale;
  let asked = false;
  session.onStale = () => {
    others();
    // However many files an edit touches, the client is told once.
    if (asked) return;
    asked = true;
    void session.schedule.whenIdle().then(() => {
      asked = false;
      void connection.sendRequest(CodeLensRefreshRequest.type).catch(() => {});
    });
  };
}

/** A line that nothing happens on. */
function text(title: string): Command {
  return { title, command: '' };
}

/** Clients say which commands of polc's extension they have: `experimental.polcCommands`, a list of names. */
function hasCommand({ client }: Session, command: string | undefined): boolean {
  const said: unknown = client.capabilities.experimental;
  if (typeof said !== 'object' || said === null || !('polcCommands' in said)) return false;
  return Array.isArray(said.polcCommands) && said.polcCommands.includes(command);
}
