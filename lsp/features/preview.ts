import type { CancellationToken } from 'vscode-languageserver';
import type { CompiledText, EditorDocument } from '../../compiler/editor/document.ts';
import { openDocument } from '../../compiler/editor/document.ts';
import { previewOf } from '../../compiler/editor/preview/preview.ts';
import { decode } from '../../compiler/source/decode.ts';
import { inSlices } from '../in-slices.ts';
import { type PreviewAnswer, type PreviewParameters, previewRequest } from '../requests.ts';
import type { Session } from '../session.ts';
import { pathOf } from '../uris.ts';
import { type Feature, guarded } from './feature.ts';

/** What a policy becomes, beside its text. */
export const preview: Feature = {
  capabilities: () => ({ experimental: { polcPreview: true } }),
  register(connection, session) {
    const saved = new SavedTexts();
    connection.onRequest(previewRequest, (params: PreviewParameters, token) =>
      guarded<PreviewAnswer>(connection, previewRequest, null, async () => {
        const path = pathOf(params.textDocument.uri);
        const document = await session().compiled(path, token);
        if (document === undefined) return null;
        const before = params.saved === true ? await saved.compiled(session(), document, token) : undefined;
        return previewOf(document, {
          target: session().configurations.projectOf(path).config.target,
          nameOf: (each) => session().uriOf(each),
          ...(params.tab === undefined ? {} : { tab: params.tab }),
          ...(before === undefined ? {} : { saved: before }),
        });
      }),
    );
  },
};

/** The last saved text that was compiled: while somebody types, it is the same. */
class SavedTexts {
  #path = '';
  #text = '';
  #compiled: CompiledText | undefined;

  /** Undefined where the document has never been saved. */
  async compiled(
    session: Session,
    { path, source, current }: EditorDocument,
    token: CancellationToken,
  ): Promise<CompiledText | undefined> {
    const content = await session.saved(path);
    if (content === undefined) return undefined;
    const { text } = decode(path, content).source;
    if (text === source.text) return current;
    if (path !== this.#path || text !== this.#text) {
      const steps = session.compiler.steps(openDocument(path, text, 0, { isPolicy: true }));
      const result = await inSlices(session, steps, () => !token.isCancellationRequested);
      if (result === undefined) return undefined;
      this.#compiled = result.document.current;
      this.#path = path;
      this.#text = text;
    }
    return this.#compiled;
  }
}
