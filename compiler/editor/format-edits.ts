import type { TextEdit } from '../diagnostics/diagnostic.ts';
import { applyEdits } from '../diagnostics/fixes.ts';
import { formatPolicy } from '../format/format.ts';
import { sameDocuments } from '../format/same-documents.ts';
import { parseYamlDocuments } from '../source/parse-yaml.ts';
import { positionAt, type SourceText, sourceText } from '../source/text.ts';
import type { EditorDocument } from './document.ts';
import { selectionsAt } from './selection.ts';

type Range = TextEdit['span'] | { readonly start: number; readonly end: number };

/**
 * The edits that lay a document out as `polc fmt` does, each as small as can be, so that cursors and marks stay. Line ends
 * stay what they are. None where the text has syntax errors.
 *
 * @param within lays out the lines of this range only, or, where that would change the meaning, of the least that is
 *   around it
 */
export function formatEdits(document: EditorDocument, within?: Range): readonly TextEdit[] {
  const { source } = document;
  const { text } = formatPolicy(source);
  if (text === source.text) return [];
  const edits = differences(source, text);
  if (within === undefined) return edits;
  const around = selectionsAt(document, within.start).filter(
    ({ start, end }) => start <= within.start && within.end <= end,
  );
  for (const range of [within, ...around.reverse()]) {
    const first = positionAt(source, range.start).line;
    // A selection of whole lines ends at the start of the one behind them.
    const last = positionAt(source, range.end > range.start ? range.end - 1 : range.end).line;
    const some = edits.filter(({ span }) => {
      const ends = positionAt(source, Math.max(span.start, span.end)).line;
      return positionAt(source, span.start).line >= first && ends <= last;
    });
    if (some.length === edits.length || isSound(source, some)) return some;
  }
  return [];
}

function isSound(source: SourceText, edits: readonly TextEdit[]): boolean {
  const after = parseYamlDocuments(sourceText(source.path, applyEdits(source.text, edits)));
  const isRead = after.every(({ diagnostics }) => diagnostics.every(({ severity }) => severity !== 'error'));
  return isRead && sameDocuments(parseYamlDocuments(source), after);
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A layout keeps the lines that are not blank, so that the n-th of one text is the n-th of the other. */
function differences(source: SourceText, formatted: string): readonly TextEdit[] {
  const before = linesOf(source.text);
  const after = linesOf(formatted);
  const [old, fresh] = [filled(before), filled(after)];
  const file = source.path;
  if (old.length !== fresh.length || old.length === 0) {
    return [{ span: { file, start: 0, end: source.text.length }, newText: formatted }];
  }
  const lineEnd = source.text.includes('\r\n') ? '\r\n' : '\n';
  const edits: TextEdit[] = [];
  const change = (start: number, end: number, newText: string) => {
    if (source.text.slice(start, end) !== newText) edits.push(smallest(source, { start, end }, newText));
  };
  let [was, is] = [-1, -1];
  for (const [at, index] of old.entries()) {
    const other = fresh[at]!;
    const blanks = after.slice(is + 1, other).map(({ text }) => text + lineEnd);
    const sameBlanks =
      index - was === other - is && blanks.every((blank, n) => blank === before[was + 1 + n]!.text + lineEnd);
    if (!sameBlanks) {
      const from = was === -1 ? 0 : before[was]!.end;
      change(from, before[index]!.start, (was === -1 ? '' : lineEnd) + blanks.join(''));
    }
    change(before[index]!.start, before[index]!.end, after[other]!.text);
    was = index;
    is = other;
  }
  const tail = after.slice(is + 1).map(({ text }) => text);
  change(before[was]!.end, source.text.length, [...(tail.length === 0 ? [''] : ['', ...tail])].join(lineEnd));
  return edits;
}

/** Without what stands in front and behind on both sides. */
function smallest({ text, path: file }: SourceText, { start, end }: Range, newText: string): TextEdit {
  let prefix = 0;
  const most = Math.min(end - start, newText.length);
  while (prefix < most && text[start + prefix] === newText[prefix]) prefix += 1;
  let suffix = 0;
  while (suffix < most - prefix && text[end - 1 - suffix] === newText[newText.length - 1 - suffix]) suffix += 1;
  return {
    span: { file, start: start + prefix, end: end - suffix },
    newText: newText.slice(prefix, newText.length - suffix),
  };
}

/** Lines without their ends; behind a final line end stands one more, which is empty. */
function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start);
    const next = newline === -1 ? text.length + 1 : newline + 1;
    const end = newline === -1 ? text.length : newline > start && text[newline - 1] === '\r' ? newline - 1 : newline;
    lines.push({ start, end, text: text.slice(start, end) });
    start = next;
  }
  return lines;
}

function filled(lines: readonly Line[]): readonly number[] {
  return lines.flatMap(({ text }, index) => (/[^ \t]/.test(text) ? [index] : []));
}
