import type { SourceText } from '../source/text.ts';
import type { Layout } from './layout.ts';
import type { Edit, LinePlan } from './plan.ts';

/** Writes the text anew by the plans and edits of a layout. */
export function rewriteLines(source: SourceText, layout: Layout): string {
  const { text, lineStarts } = source;
  const edits = [...layout.edits].sort((one, other) => one.start - other.start || one.end - other.end);
  const comments = commentIndents(source, layout.plans);
  const lines: string[] = [];
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
    const indent = plan?.indent ?? comments.get(line) ?? first - start;
    lines.push(' '.repeat(indent) + withoutTrailing(edited(text, first, end, inLine)));
  }
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

/**
 * The columns of lines that hold a comment only. A comment goes with the line below it, unless it stands at the column
 * of the line above and that is further in: then it ends the block above.
 */
function commentIndents(source: SourceText, plans: ReadonlyMap<number, LinePlan>): ReadonlyMap<number, number> {
  const { text, lineStarts } = source;
  const indents = new Map<number, number>();
  const column = (line: number) => {
    let at = lineStarts[line]!;
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    return at - lineStarts[line]!;
  };
  let below: { readonly column: number; readonly indent: number } = { column: 0, indent: 0 };
  const pending: number[] = [];
  const settle = (above: number | undefined, plan: LinePlan | undefined) => {
    let endsBlock = above !== undefined && plan?.kind === 'content';
    // `pending` runs from the last line up, so the block's own comments come at its end.
    for (const line of pending.reverse()) {
      const at = column(line);
      endsBlock = endsBlock && at === column(above!) && at > below.column;
      indents.set(line, endsBlock ? plan!.indent : below.indent);
    }
    pending.length = 0;
  };
  for (let line = lineStarts.length - 1; line >= 0; line -= 1) {
    const plan = plans.get(line);
    if (plan !== undefined) {
      settle(line, plan);
      if (plan.kind === 'content') below = { column: column(line), indent: plan.indent };
    } else if (text[lineStarts[line]! + column(line)] === '#') {
      pending.push(line);
    }
  }
  settle(undefined, undefined);
  return indents;
}
