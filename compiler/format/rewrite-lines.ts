import type { SourceText } from '../source/text.ts';
import { commentIndents } from './comment-indents.ts';
import type { Layout } from './layout.ts';
import type { Edit, LinePlan } from './plan.ts';
import type { TrailingComments } from './trailing-comments.ts';

/** Writes the text anew by the plans and edits of a layout. */
export function rewriteLines(source: SourceText, layout: Layout, trailing: TrailingComments): string {
  const { text, lineStarts } = source;
  const edits = [...layout.edits].sort((one, other) => one.start - other.start || one.end - other.end);
  const comments = commentIndents(source, layout.plans);
  const lines: string[] = [];
  const placed = new Map<number, { readonly at: number; readonly comment: string }>();
  let blanks = 0;
  let edit = 0;
  for (let line = 0; line < lineStarts.length; line += 1) {
    const start = lineStarts[line]!;
    const next = lineStarts[line + 1];
    let end = next === undefined ? text.length : next - 1;
    if (text[end - 1] === '\r' && next !== undefined) end -= 1;
    if (next === undefined && start === end) break;
    const plan = layout.plans.get(line);
    if (plan?.kind === 'raw') {
      for (; blanks > 0; blanks -= 1) lines.push('');
      lines.push(rawLine(text.slice(start, end), plan));
      continue;
    }
    let first = start;
    while (first < end && (text[first] === ' ' || text[first] === '\t' || text[first] === '\ufeff')) first += 1;
    if (first === end) {
      if (plan?.kind === 'folded') lines.push('');
      else blanks += 1;
      continue;
    }
    if (blanks > 0 && lines.length > 0) lines.push('');
    blanks = 0;
    const inLine: Edit[] = [];
    for (; edit < edits.length && edits[edit]!.start < end; edit += 1) {
      if (edits[edit]!.start >= first) inLine.push(edits[edit]!);
    }
    const margin = ' '.repeat(plan?.indent ?? comments.get(line) ?? first - start);
    const comment = trailing.start(line);
    if (comment === undefined) {
      lines.push(margin + withoutTrailing(edited(text, first, end, inLine)));
    } else {
      placed.set(line, { at: lines.length, comment: text.slice(comment, end).trimEnd() });
      lines.push(margin + edited(text, first, comment, inLine).trimEnd());
    }
  }
  trailing.attach(lines, placed);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function rawLine(text: string, plan: LinePlan): string {
  let at = 0;
  while (at < plan.strip && text[at] === ' ') at += 1;
  return at === text.length ? '' : ' '.repeat(plan.indent) + text.slice(at);
}

function edited(text: string, from: number, to: number, edits: readonly Edit[]): string {
  let result = '';
  let at = from;
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at, to);
}

/** Takes blanks off the end, but not the one that a backslash in double quotes has escaped. */
function withoutTrailing(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  let backslashes = 0;
  while (line[end - 1 - backslashes] === '\\') backslashes += 1;
  return line.slice(0, backslashes % 2 === 1 && end < line.length ? end + 1 : end);
}
