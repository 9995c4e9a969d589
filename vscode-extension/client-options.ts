import { SnippetString, workspace } from 'vscode';
import type { LanguageClientOptions, StaticFeature } from 'vscode-languageclient';

/** Which documents the server is told of. */
export function clientOptions(): LanguageClientOptions {
  return {
    documentSelector: [{ language: 'polc' }, { language: 'polc-hooks' }],
    // Which files it wants to be told of when they change, the server says itself.
    synchronize: { configurationSection: 'polc' },
    // A configuration has methods too, which no message to a worker can hold.
    initializationOptions: { polc: JSON.parse(JSON.stringify(workspace.getConfiguration('polc'))) },
    diagnosticCollectionName: 'polc',
    middleware: {
      async provideCompletionItem(document, position, context, token, next) {
        const found = await next(document, position, context, token);
        for (const item of Array.isArray(found) ? found : (found?.items ?? [])) {
          // A key whose value is still to be chosen: what may stand there is shown at once.
          const { insertText } = item;
          if (insertText instanceof SnippetString && /\$1(?: ?[\]}])?$/.test(insertText.value)) item.command = suggest;
        }
        return found;
      },
    },
  };
}

const suggest = { command: 'editor.action.triggerSuggest', title: 'Suggest' };

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
