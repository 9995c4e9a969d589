import { migrateKuadrant } from '../../compiler/dialects/kuadrant/migrate/migrate.ts';
import { explainAsked } from '../../compiler/explain/asked.ts';
import { positionAt } from '../../compiler/source/text.ts';
import {
  type Explained,
  type ExplainParameters,
  explainRequest,
  type Migrated,
  type MigrateParameters,
  migrateRequest,
} from '../requests.ts';
import { pathOf } from '../uris.ts';
import { type Feature, guarded } from './feature.ts';

/** What the command line answers too, for clients that cannot run it. */
export const answers: Feature = {
  capabilities: () => ({}),
  register(connection, session) {
    connection.onRequest(explainRequest, ({ textDocument, asked }: ExplainParameters, token) =>
      guarded<Explained | null>(connection, explainRequest, null, async () => {
        const path = pathOf(textDocument.uri);
        const document = await session().compiled(path, token);
        const compilation = document?.current?.compilation;
        if (compilation?.policy === undefined) return null;
        const { config, folder } = session().configurations.projectOf(path);
        const text = `${explainAsked(compilation, asked, config.target).join('\n')}\n`;
        // As the command line says it that is run in the folder.
        return { text: text.replaceAll(`${folder}/`, '') };
      }),
    );
    connection.onRequest(migrateRequest, ({ textDocument }: MigrateParameters) =>
      guarded<Migrated | null>(connection, migrateRequest, null, () => {
        const document = session().documents.document(pathOf(textDocument.uri));
        if (document === undefined) return null;
        const { text, applied, left } = migrateKuadrant(document.source);
        const said = left.map(({ message, span }) => `${positionAt(document.source, span.start).line + 1}: ${message}`);
        return { text, changes: applied.length, left: said };
      }),
    );
  },
};
