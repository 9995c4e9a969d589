import type { TextEdit } from '../diagnostics/diagnostic.ts';
import { resolveReference } from '../dialects/loader.ts';
import { stemOf } from '../dialects/template/find-template.ts';
import { relativeTo } from '../paths.ts';
import { targetsOf } from './definition-scope.ts';
import type { Reference } from './names.ts';
import { writtenInPlaceOf } from './rename-text.ts';
import type { IndexedFile, Workspace } from './workspace.ts';

/** A file or a folder that is to lie elsewhere. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** The edits, of files where they lie now, with which every reference means the same file once the files are moved. */
export function editsOfMoves(moves: readonly Move[], workspace: Workspace): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  const seen = new Set<string>();
  for (const file of workspace.files()) {
    for (const reference of file.references) {
      const name = nameAfter(reference, file, moves, workspace);
      const { span } = reference;
      if (name === undefined || seen.has(`${span.start} ${span.file}`)) continue;
      // An anchored reference that aliases repeat is written once.
      seen.add(`${span.start} ${span.file}`);
      const source = workspace.document(span.file)?.source;
      const newText = source === undefined ? undefined : writtenInPlaceOf(source, span, name);
      if (newText !== undefined) edits.push({ span, newText });
    }
  }
  return edits;
}

/** How a reference is to be written; undefined where it may stay as it is. */
function nameAfter(
  reference: Reference,
  file: IndexedFile,
  moves: readonly Move[],
  workspace: Workspace,
): string | undefined {
  const { kind, name, path } = reference;
  if (path !== undefined) {
    const [here, there] = [pathAfter(file.path, moves), pathAfter(path, moves)];
    if (resolveReference(here, name) === there) return undefined;
    const written = relativeTo(there, here);
    return name.startsWith('./') && !written.startsWith('../') ? `./${written}` : written;
  }
  if (kind !== 'template') return undefined;
  // A template that is called by its file is called otherwise with it.
  const [target, other] = targetsOf(reference, file.path, workspace);
  if (target === undefined || other !== undefined || target.declaration !== undefined) return undefined;
  const stem = stemOf(pathAfter(target.file.path, moves));
  return stem === name ? undefined : stem;
}

function pathAfter(path: string, moves: readonly Move[]): string {
  for (const { from, to } of moves) {
    if (path === from) return to;
    if (path.startsWith(`${from}/`)) return to + path.slice(from.length);
  }
  return path;
}
