import { workspace } from 'vscode';
import type { LanguageClientOptions, StaticFeature } from 'vscode-languageclient';

/** Which documents the server is told of, and which files it is told of when they change. */
export function clientOptions(): LanguageClientOptions {
  return {
    documentSelector: [{ language: 'polc' }, { language: 'polc-hooks' }],
    synchronize: {
      configurationSection: 'polc',
      fileEvents: workspace.createFileSystemWatcher('**/*.{yaml,yml,bpf}'),
    },
    // A configuration has methods too, which no message to a worker can hold.
    initializationOptions: { polc: JSON.parse(JSON.stringify(workspace.getConfiguration('polc'))) },
    diagnosticCollectionName: 'polc',
  };
}

/** Tells the server which commands its code lenses may run; `polc.simulate` needs processes. */
export function commandsOfLenses(hasProcesses: boolean): StaticFeature {
  return {
    fillClientCapabilities(capabilities) {
      const polcCommands = ['polc.coverage', 'polc.preview', ...(hasProcesses ? ['polc.simulate'] : [])];
      capabilities.experimental = { ...capabilities.experimental, polcCommands };
    },
    initialize() {},
    getState: () => ({ kind: 'static' }),
    clear() {},
  };
}
