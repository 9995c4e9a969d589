import type { InitializeParams } from 'vscode-languageserver';

/** What the client can do, as far as the server cares; every field is false for a client that says nothing. */
export interface Client {
  /** Asks for diagnostics itself; then none are pushed, since it would show both. */
  readonly pullsDiagnostics: boolean;
  readonly refreshesDiagnostics: boolean;
  readonly refreshesLenses: boolean;
  readonly relatedInformation: boolean;
  readonly diagnosticTags: boolean;
  readonly codeDescription: boolean;
  readonly codeActionLiterals: boolean;
  readonly isPreferred: boolean;
  /** Edits may name the version that they are of. */
  readonly versionedEdits: boolean;
  readonly watchesFiles: boolean;
  readonly configuration: boolean;
  readonly configurationRegistration: boolean;
  readonly workspaceFolders: boolean;
  readonly progress: boolean;
  readonly markdownHover: boolean;
  readonly snippets: boolean;
  readonly hierarchicalSymbols: boolean;
  /** A definition may come with all that is said under it. */
  readonly definitionLinks: boolean;
  /** Asks what would be renamed before it asks for a name. */
  readonly preparesRename: boolean;
  /** An edit may rename files too. */
  readonly renamesFiles: boolean;
  /** Asks what else changes before it renames files. */
  readonly asksBeforeRenames: boolean;
  /** Reads files for the server that it cannot read itself. */
  readonly givesFiles: boolean;
  /** Everything that it said, for what a single feature asks. */
  readonly capabilities: InitializeParams['capabilities'];
}

export function clientOf({ capabilities }: Pick<InitializeParams, 'capabilities'>): Client {
  const { textDocument, workspace, window } = capabilities;
  const experimental: unknown = capabilities.experimental;
  const pulls = textDocument?.diagnostic !== undefined;
  // Since 3.17 the pulled ones have options of their own; clients that say nothing there mean those of the pushed ones.
  const shown = { ...textDocument?.publishDiagnostics, ...(pulls ? textDocument?.diagnostic : {}) };
  return {
    pullsDiagnostics: pulls,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    relatedInformation: shown.relatedInformation === true,
    diagnosticTags: shown.tagSupport !== undefined,
    codeDescription: shown.codeDescriptionSupport === true,
    codeActionLiterals: textDocument?.codeAction?.codeActionLiteralSupport !== undefined,
    isPreferred: textDocument?.codeAction?.isPreferredSupport === true,
    versionedEdits: workspace?.workspaceEdit?.documentChanges === true,
    watchesFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    configuration: workspace?.configuration === true,
    configurationRegistration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    progress: window?.workDoneProgress === true,
    markdownHover: textDocument?.hover?.contentFormat?.includes('markdown') === true,
    snippets: textDocument?.completion?.completionItem?.snippetSupport === true,
    hierarchicalSymbols: textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
    definitionLinks: textDocument?.definition?.linkSupport === true,
    preparesRename: textDocument?.rename?.prepareSupport === true,
    renamesFiles:
      workspace?.workspaceEdit?.documentChanges === true &&
      workspace.workspaceEdit.resourceOperations?.includes('rename') === true,
    asksBeforeRenames: workspace?.fileOperations?.willRename === true,
    givesFiles: isRecord(experimental) && experimental.polcFiles === true,
    capabilities,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
