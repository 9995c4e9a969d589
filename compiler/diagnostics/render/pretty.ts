import type { Diagnostic } from '../diagnostic.ts';
import { type Annotation, excerpt } from './excerpt.ts';
import { type Paint, painter } from './paint.ts';
import { placeAt, type Sources } from './sources.ts';
import { visible } from './width.ts';

export interface PrettyOptions {
  readonly color?: boolean;
  /** Terminal columns; longer source lines are trimmed around what is underlined. 120 unless told. */
  readonly width?: number;
}

/** The diagnostics as text for people, each with its excerpt, a blank line between them; ends with a line break. */
export function pretty(diagnostics: readonly Diagnostic[], sources: Sources, options: PrettyOptions = {}): string {
  const paint = painter(options.color ?? false);
  const width = options.width ?? 120;
  return diagnostics.map((diagnostic) => prettyOne(diagnostic, sources, width, paint)).join('\n');
}

function prettyOne(diagnostic: Diagnostic, sources: Sources, width: number, paint: Paint): string {
  const gutter = gutterOf(diagnostic, sources);
  const pad = ' '.repeat(gutter);
  const bar = `${pad} ${paint('gutter', '|')}`;
  const title = paint(diagnostic.severity, `${diagnostic.severity}[${diagnostic.code}]`);
  const rows = [`${title}${paint('strong', `: ${visible(diagnostic.message)}`)}`];
  let arrow = '-->';
  for (const [file, annotations] of annotationsByFile(diagnostic)) {
    // A diagnostic about what lies in no file, such as the token of an approval, has no place to name.
    if (file === '') continue;
    const source = sources(file);
    if (arrow === ':::') rows.push(bar);
    // A diagnostic about a file as a whole, or one that could not be read, has no line to show.
    if (source === undefined || source.text === '') {
      rows.push(`${pad}${paint('gutter', arrow)} ${visible(file)}`);
    } else {
      const { line, column } = placeAt(source, annotations[0]!.start);
      rows.push(`${pad}${paint('gutter', arrow)} ${visible(file)}:${line}:${column}`, bar);
      rows.push(...excerpt(source, annotations, gutter, width, paint));
    }
    arrow = ':::';
  }
  const end = `${pad} ${paint('gutter', '=')} `;
  for (const note of diagnostic.notes) rows.push(`${end}${paintedNote(visible(note), paint)}`);
  const fixable = diagnostic.fixes.some((fix) => fix.certain) ? '      (polc check --fix)' : '';
  rows.push(`${end}${paint('strong', 'help')}: ${visible(diagnostic.help)}${fixable}`);
  return `${rows.join('\n')}\n`;
}

/** Every span by its file, the primary's file first and the primary first in it. */
function annotationsByFile(diagnostic: Diagnostic): ReadonlyMap<string, readonly Annotation[]> {
  const { span, label = '', severity } = diagnostic;
  const files = new Map<string, Annotation[]>();
  files.set(span.file, [{ start: span.start, end: span.end, label, primary: true, style: severity }]);
  for (const related of diagnostic.related) {
    const { file, start, end } = related.span;
    const annotation: Annotation = { start, end, label: related.label, primary: false, style: 'related' };
    const others = files.get(file);
    if (others === undefined) files.set(file, [annotation]);
    else others.push(annotation);
  }
  return files;
}

/** The width of the largest line number shown, at least two so that excerpts of short files stand in line. */
function gutterOf(diagnostic: Diagnostic, sources: Sources): number {
  let largest = 10;
  for (const { file, end } of [diagnostic.span, ...diagnostic.related.map((related) => related.span)]) {
    const source = sources(file);
    if (source !== undefined) largest = Math.max(largest, placeAt(source, end).line);
  }
  return String(largest).length;
}

/** A note that names its own kind (`enforced: …`) keeps it; any other is a `note`. */
function paintedNote(note: string, paint: Paint): string {
  const colon = note.indexOf(': ');
  const named = colon > 0 && /^[a-z]+$/.test(note.slice(0, colon));
  const kind = named ? note.slice(0, colon) : 'note';
  return `${paint('strong', kind)}: ${named ? note.slice(colon + 2) : note}`;
}
