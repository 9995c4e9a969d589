import type { CancellationToken } from 'vscode-languageserver';
import type { EditorDocument } from '../compiler/editor/document.ts';
import { inSlices } from './in-slices.ts';
import type { Session } from './session.ts';

/**
 * A file that is not open, with its findings; compiled, behind what is open, where that has not been done since something
 * changed. Undefined where there is no such file, what it is made of is on its way from the client, or the client asks no
 * longer.
 */
export async function closedDocument(
  session: Session,
  path: string,
  token?: CancellationToken,
): Promise<EditorDocument | undefined> {
  const { closed, compiler, files, given, workspace } = session;
  while (token?.isCancellationRequested !== true) {
    const known = closed.document(path);
    if (known !== undefined) return known;
    const document = workspace.document(path);
    if (document === undefined) return undefined;
    const asked = new Set<string>();
    const begun = closed.begin(path, asked);
    const goesOn = () => !begun.isStale && token?.isCancellationRequested !== true;
    const result = await inSlices(session, compiler.steps(document, asked), goesOn);
    closed.end(begun);
    if (result === undefined) continue;
    // Told of again when what is on its way has come.
    if (given?.arrival(result.asked) !== undefined) return undefined;
    if (files.keeps(path)) closed.keep(result);
    return result.document;
  }
  return undefined;
}
