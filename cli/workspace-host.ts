import type { Host } from '../compiler/host.ts';
import { yamlFilesBelow } from '../lsp/node/yaml-files.ts';
import { nodeHost } from './host.ts';

/** A host that takes the files of the workspace not to change for as long as it lives. */
export function workspaceHost(): Host {
  const lists = new Map<string, readonly string[] | undefined>();
  return {
    ...nodeHost,
    snapshot: lists,
    list(folder, most) {
      const key = `${most ?? ''} ${folder}`;
      if (!lists.has(key)) lists.set(key, yamlFilesBelow(folder, most));
      return lists.get(key);
    },
  };
}
