import { openDocument } from '../../compiler/editor/document.ts';
import { describeTarget } from '../../compiler/target.ts';
import {
  type Recognised,
  type RecogniseParameters,
  recogniseRequest,
  type Status,
  type StatusParameters,
  statusRequest,
} from '../requests.ts';
import { isOwnFile, pathOf } from '../uris.ts';
import { type Feature, guarded } from './feature.ts';

/** What polc takes a text for, and how compiling a document went. */
export const status: Feature = {
  capabilities: () => ({}),
  register(connection, session) {
    connection.onRequest(recogniseRequest, ({ uri, text }: RecogniseParameters) =>
      guarded<Recognised>(connection, recogniseRequest, { role: 'other', dialect: null }, async () => {
        const path = pathOf(uri);
        if (!isOwnFile(path, session().workspace.folders)) return { role: 'other', dialect: null };
        await session().given?.arrival(session().configurations.projectOf(path).looked);
        const named = session().configurations.dialectOf(path);
        const { role, dialect } = openDocument(path, text, 0, named === undefined ? {} : { dialect: named });
        return { role, dialect: dialect?.name ?? null };
      }),
    );
    connection.onRequest(statusRequest, ({ textDocument }: StatusParameters, token) =>
      guarded<Status | null>(connection, statusRequest, null, async () => {
        const path = pathOf(textDocument.uri);
        const document = await session().compiled(path, token);
        if (document?.role !== 'policy') return null;
        const { target } = session().configurations.projectOf(path).config;
        const phases = document.current?.compilation.phases ?? [];
        return {
          dialect: document.dialect?.name ?? null,
          target: describeTarget(target, new Set(document.dialect?.platforms ?? [])),
          milliseconds: phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
        };
      }),
    );
  },
};
