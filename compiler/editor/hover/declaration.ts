import type { EditorDocument } from '../document.ts';
import { lineStartAt } from '../line-start.ts';
import { type Place, pathOf } from '../locate.ts';
import { asCode, codeBlock } from '../markdown.ts';
import { type Declaration, namesIn, referredAt } from '../names.ts';
import type { Workspace } from '../workspace.ts';

/** So much of what a name stands for is shown. */
const mostLines = 12;

/** What a name stands for, as it is written where it is declared: a tier with its limits, a template with its head. */
export function declarationText(
  document: EditorDocument,
  place: Place,
  name: string,
  workspace: Workspace,
): readonly string[] {
  const dialect = document.dialect?.name;
  const kind = dialect === undefined ? undefined : referredAt(dialect, pathOf(place), 'value');
  if (kind === undefined || kind === 'file') return [];
  const isMeant = (each: Declaration) => each.kind === kind && each.name === name;
  const own = namesIn(document).declarations.find(isMeant);
  if (own !== undefined) return [`${kind} of this file`, excerpt(document, own)];
  for (const { path, declarations } of workspace.files()) {
    const found = path === document.path ? undefined : declarations.find(isMeant);
    const source = found === undefined ? undefined : workspace.document(path);
    if (found !== undefined && source !== undefined) {
      return [
        `${kind} of ${asCode(path.slice(workspace.folderOf(path).length).replace(/^\//, ''))}`,
        excerpt(source, found),
      ];
    }
  }
  return [];
}

function excerpt({ source: { text } }: EditorDocument, { whole }: Declaration): string {
  const lineStart = lineStartAt(text, whole.start);
  const indent = whole.start - lineStart;
  const lines = text.slice(whole.start, whole.end).split(/\r?\n/);
  const shown = lines
    .slice(0, mostLines)
    .map((line, index) => (index === 0 ? line : line.slice(Math.min(indent, leading(line)))));
  return codeBlock('yaml', `${shown.join('\n')}${lines.length > mostLines ? '\n…' : ''}`);
}

function leading(line: string): number {
  return line.length - line.trimStart().length;
}
