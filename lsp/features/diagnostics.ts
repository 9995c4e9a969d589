import {
  type CancellationToken,
  type Connection,
  DiagnosticRefreshRequest,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  DocumentDiagnosticRequest,
  type FullDocumentDiagnosticReport,
  WorkspaceDiagnosticRequest,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import type { EditorDocument } from '../../compiler/editor/document.ts';
import type { IndexedFile } from '../../compiler/editor/workspace.ts';
import { closedDocument } from '../closed-document.ts';
import { toLsp } from '../diagnostics.ts';
import { withProgress } from '../progress.ts';
import type { Session } from '../session.ts';
import { pathOf } from '../uris.ts';
import { type Feature, guarded } from './feature.ts';

const empty: FullDocumentDiagnosticReport = { kind: DocumentDiagnosticReportKind.Full, items: [] };

/** Findings: pushed, or given to clients that pull them, never both. */
export const diagnostics: Feature = {
  capabilities: (client) =>
    client.pullsDiagnostics
      ? { diagnosticProvider: { identifier: 'polc', interFileDependencies: true, workspaceDiagnostics: true } }
      : {},
  register(connection, session) {
    connection.onRequest(DocumentDiagnosticRequest.type, (params, token) =>
      guarded<DocumentDiagnosticReport>(connection, DocumentDiagnosticRequest.method, empty, async () => {
        const path = pathOf(params.textDocument.uri);
        const document = await session().compiled(path, token);
        return document === undefined ? empty : reportOf(document, session(), params.previousResultId);
      }),
    );
    connection.onRequest(WorkspaceDiagnosticRequest.type, (params, token) =>
      guarded(connection, WorkspaceDiagnosticRequest.method, { items: [] }, async () => {
        const before = new Map(params.previousResultIds.map(({ uri, value }) => [pathOf(uri), value]));
        return { items: await workspaceReports(session(), before, token) };
      }),
    );
  },
};

/** Makes the session push what it finds, or tell the client to ask again. */
export function publishDiagnostics(connection: Connection, session: Session): void {
  if (session.client.pullsDiagnostics) {
    let asked = false;
    session.onStale = () => {
      // However many files an edit touches, the client is told once.
      if (asked || !session.client.refreshesDiagnostics || session.documents.paths().length === 0) return;
      asked = true;
      void session.schedule.whenIdle().then(() => {
        asked = false;
        void connection.sendRequest(DiagnosticRefreshRequest.type).catch(() => {});
      });
    };
    return;
  }
  session.onCompiled = (path) => {
    const document = session.documents.document(path);
    if (document === undefined) return;
    const { version } = document;
    void connection.sendDiagnostics({ uri: session.uriOf(path), version, diagnostics: lspOf(document, session) });
  };
  // A document that was closed has no findings: those of files that are not open are the build's to say.
  session.onClosed = (uri) => void connection.sendDiagnostics({ uri, diagnostics: [] });
}

function lspOf(document: EditorDocument, session: Session) {
  return toLsp(session.findings(document), document, session);
}

function reportOf(document: EditorDocument, session: Session, previous: string | undefined): DocumentDiagnosticReport {
  const items = lspOf(document, session);
  const resultId = idOf(items);
  return previous === resultId
    ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId }
    : { kind: DocumentDiagnosticReportKind.Full, resultId, items };
}

/** Reports on every policy of the workspace; those that the client knows are left out of it as unchanged. */
async function workspaceReports(
  session: Session,
  before: ReadonlyMap<string, string>,
  token: CancellationToken,
): Promise<WorkspaceDocumentDiagnosticReport[]> {
  const { workspace, documents, settings } = session;
  if (!settings.workspaceDiagnostics) return [];
  const reports: WorkspaceDocumentDiagnosticReport[] = [];
  await session.indexed(token);
  // Open ones are asked for one by one.
  const closed = workspace.files().filter(({ path, dialect }) => dialect !== undefined && !documents.isOpen(path));
  const check = async ({ path }: IndexedFile) => {
    const uri = session.uriOf(path);
    const resultId = before.get(path);
    if (resultId !== undefined && session.closed.hasReported(path, resultId)) {
      reports.push({ uri, version: null, kind: DocumentDiagnosticReportKind.Unchanged, resultId });
      return;
    }
    const document = await closedDocument(session, path, token);
    if (document === undefined) return;
    const report = reportOf(document, session, resultId);
    if (report.resultId !== undefined) session.closed.reported(path, report.resultId);
    reports.push({ uri, version: null, ...report });
  };
  if (!(await withProgress(session, 'Checking policies', closed, check, token))) return reports;
  for (const path of before.keys()) {
    if (workspace.file(path) === undefined && !documents.isOpen(path)) {
      reports.push({ uri: session.uriOf(path), version: null, ...empty });
    }
  }
  return reports;
}

/** The same for the same findings; what they say of the version is the only difference otherwise. */
function idOf(items: readonly { readonly data?: unknown }[]): string {
  const text = JSON.stringify(items.map(({ data: _, ...rest }) => rest));
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return `${text.length}.${hash >>> 0}`;
}
