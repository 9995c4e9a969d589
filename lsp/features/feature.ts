import {
  type CancellationToken,
  type Connection,
  type Position,
  type ProtocolRequestType,
  ResponseError,
  type ServerCapabilities,
  type TextDocumentIdentifier,
} from 'vscode-languageserver';
import type { EditorDocument } from '../../compiler/editor/document.ts';
import type { Client } from '../client.ts';
import { withoutLinks } from '../plain-text.ts';
import { offsetOf } from '../positions.ts';
import type { Session } from '../session.ts';
import { pathOf } from '../uris.ts';

/** One thing that the server does for a client; each in a file of its own, listed in index.ts. */
export interface Feature {
  /** What the server says of itself to this client. */
  capabilities(client: Client): Partial<ServerCapabilities>;
  /** Registers handlers. The session is there once the client has introduced itself. */
  register(connection: Connection, session: () => Session): void;
}

/** A document that a client asks about, as it is at the moment of the question. */
export interface Asked {
  readonly session: Session;
  readonly document: EditorDocument;
}

/** What a handler may answer with: an error is for the person who asked, who reads its message. */
export type Answer<Result> = Result | null | ResponseError<void>;

/**
 * Answers a request about a document. The answer is null where the document is not open; an exception is logged and
 * gives null too: a mistake in one feature must not disturb whoever types.
 */
export function onDocument<
  Params extends { readonly textDocument: TextDocumentIdentifier },
  Result,
  Partial,
  Registration,
>(
  connection: Connection,
  session: () => Session,
  type: ProtocolRequestType<Params, Result | null, Partial, void, Registration>,
  answer: (asked: Asked, params: Params, token: CancellationToken) => Answer<Result> | Promise<Answer<Result>>,
): void {
  connection.onRequest<unknown, void>(type.method, (params: Params, token: CancellationToken) =>
    guarded<Answer<Result>>(connection, type.method, null, async () => {
      const document = session().documents.document(pathOf(params.textDocument.uri));
      if (document === undefined) return null;
      const answered = await answer({ session: session(), document }, params, token);
      return answered instanceof ResponseError
        ? new ResponseError(answered.code, withoutLinks(answered.message))
        : answered;
    }),
  );
}

/** The same for a request about a place in a document, which the handler gets as an offset. */
export function onPosition<
  Params extends { readonly textDocument: TextDocumentIdentifier; readonly position: Position },
  Result,
  Partial,
  Registration,
>(
  connection: Connection,
  session: () => Session,
  type: ProtocolRequestType<Params, Result | null, Partial, void, Registration>,
  answer: (
    asked: Asked & { readonly offset: number },
    params: Params,
    token: CancellationToken,
  ) => Answer<Result> | Promise<Answer<Result>>,
): void {
  onDocument(connection, session, type, (asked, params, token) =>
    answer({ ...asked, offset: offsetOf(asked.document.source, params.position) }, params, token),
  );
}

/** Runs a handler; what it throws is logged, and `otherwise` is the answer. */
export async function guarded<Result>(
  connection: Connection,
  method: string,
  otherwise: Result,
  run: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (bug) {
    connection.console.error(`${method}: ${bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)}`);
    return otherwise;
  }
}
