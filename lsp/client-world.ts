import type { Connection } from 'vscode-languageserver';
import { type Arrivals, ClientFiles } from './client-files.ts';
import {
  type FilesListed,
  type FilesRead,
  type ListFilesParameters,
  listFilesRequest,
  type ReadFilesParameters,
  readFilesRequest,
} from './requests.ts';
import { pathOf, uriOf } from './uris.ts';
import type { World } from './world.ts';

/** So many files a list has at most, where whoever wants it does not say. */
const usualMost = 500;

/** The files of a client that gives them, asked for on its connection. */
export function filesOfClient(connection: Connection, arrivals: Arrivals, patience?: number): ClientFiles {
  return new ClientFiles(
    {
      async read(paths) {
        const parameters: ReadFilesParameters = { uris: paths.map(uriOf) };
        const { contents } = await connection.sendRequest<FilesRead>(readFilesRequest, parameters);
        return contents.map((content) => (content === null ? undefined : bytesOf(content)));
      },
      async list(folder, most = usualMost, partial) {
        const parameters: ListFilesParameters = { uri: uriOf(folder), most, ...(partial ? { partial } : {}) };
        const { uris, skipped = [] } = await connection.sendRequest<FilesListed>(listFilesRequest, parameters);
        return uris === null ? undefined : { files: uris.map(pathOf).sort(), skipped: skipped.map(pathOf).sort() };
      },
    },
    arrivals,
    patience,
  );
}

/** A world that has the files of the client besides its own. */
export function withFilesOfClient(world: World, files: ClientFiles): World {
  const { host, isOfClient } = world;
  return {
    ...world,
    host: {
      ...host,
      read: (path) => (isOfClient(path) ? files.read(path) : host.read(path)),
      list: (folder, most) => (isOfClient(folder) ? files.list(folder, most)?.files : host.list?.(folder, most)),
      absence: (path) => (isOfClient(path) ? files.absence(path) : host.absence?.(path)),
      // Where links lead is the client's to know: it has paths only.
      realpath: (path) => (isOfClient(path) ? path : host.realpath?.(path)),
    },
    filesBelow: (folder, most) =>
      isOfClient(folder) ? files.list(folder, most, true) : world.filesBelow?.(folder, most),
    isForeign: (path) => !isOfClient(path) && world.isForeign?.(path) === true,
  };
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
