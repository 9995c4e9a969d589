import { workspace } from 'vscode';
import type { LanguageClientOptions } from 'vscode-languageclient';

/** Which documents the server is told of, and which files it is told of when they change. */
export function clientOptions(): LanguageClientOptions {
  return {
    documentSelector: [{ language: 'polc' }],
    synchronize: {
      configurationSection: 'polc',
      fileEvents: workspace.createFileSystemWatcher('**/*.{yaml,yml}'),
    },
    initializationOptions: { polc: workspace.getConfiguration('polc') },
    diagnosticCollectionName: 'polc',
  };
}
