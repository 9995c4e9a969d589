import { FileType, Uri, workspace } from 'vscode';
import type { BaseLanguageClient, StaticFeature } from 'vscode-languageclient';
import {
  type FilesListed,
  type FilesRead,
  type ListFilesParameters,
  listFilesRequest,
  type ReadFilesParameters,
  readFilesRequest,
} from '../lsp/requests.ts';

/** Folders are not looked into beyond this depth, nor at more entries than so many for each file that is wanted. */
const deepest = 8;
const mostEntries = 10;

/** Gives the server files that it cannot read itself: those of every file system that VS Code has. */
export function giveFiles(client: BaseLanguageClient): void {
  client.registerFeature(givesFiles);
  client.onRequest(readFilesRequest, async ({ uris }: ReadFilesParameters): Promise<FilesRead> => {
    return { contents: await Promise.all(uris.map(contentOf)) };
  });
  client.onRequest(listFilesRequest, async ({ uri, most, partial }: ListFilesParameters): Promise<FilesListed> => {
    const found = await filesBelow(Uri.parse(uri, true), most);
    if (found === undefined || (partial !== true && found.skipped.length > 0)) return { uris: null };
    return { uris: found.files.map(String), skipped: found.skipped.map(String) };
  });
}

const givesFiles: StaticFeature = {
  fillClientCapabilities(capabilities) {
    capabilities.experimental = { ...capabilities.experimental, polcFiles: true };
  },
  initialize() {},
  getState: () => ({ kind: 'static' }),
  clear() {},
};

/** In base64; null where there is no such file. */
async function contentOf(uri: string): Promise<string | null> {
  try {
    const bytes = await workspace.fs.readFile(Uri.parse(uri, true));
    let text = '';
    for (let at = 0; at < bytes.length; at += piece) text += String.fromCharCode(...bytes.subarray(at, at + piece));
    return btoa(text);
  } catch {
    return null;
  }
}

/** So many arguments a call may have everywhere. */
const piece = 4096;

interface FilesBelow {
  readonly files: readonly Uri[];
  /** Folders that are too deep or cannot be read. */
  readonly skipped: readonly Uri[];
}

/** The YAML files in a folder and below it, level by level; undefined where there is too much. */
async function filesBelow(folder: Uri, most: number): Promise<FilesBelow | undefined> {
  const files: Uri[] = [];
  const skipped: Uri[] = [];
  let entries = 0;
  let level = [folder];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) {
      skipped.push(...level);
      break;
    }
    const read = await Promise.all(level.map(async (each) => [each, await entriesOf(each)] as const));
    level = [];
    for (const [parent, inside] of read) {
      if (inside === undefined) {
        skipped.push(parent);
        continue;
      }
      entries += inside.length;
      for (const [name, type] of inside) {
        if (name.startsWith('.') || name === 'node_modules') continue;
        if (type === FileType.Directory) level.push(Uri.joinPath(parent, name));
        else if (type === FileType.File && /\.ya?ml$/.test(name)) files.push(Uri.joinPath(parent, name));
      }
    }
    if (files.length > most || entries > most * mostEntries) return undefined;
  }
  return { files, skipped };
}

async function entriesOf(folder: Uri): Promise<readonly [string, FileType][] | undefined> {
  try {
    return await workspace.fs.readDirectory(folder);
  } catch {
    return undefined;
  }
}
