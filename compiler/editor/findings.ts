import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import { grouped } from '../diagnostics/grouped.ts';
import { report } from '../diagnostics/report.ts';
import type { Span } from '../source/span.ts';
import type { EditorDocument } from './document.ts';
import { namesIn } from './names.ts';
import type { Workspace } from './workspace.ts';

/**
 * What an editor shows of a document's findings: those in the file itself, and of those in another file that it pulls in
 * one, at the place that names the file, unless the file is open and shows them itself. Files of other tools, and
 * those that are only parts of other policies, are left alone.
 */
export function findingsOf(document: EditorDocument, workspace: Workspace): readonly Diagnostic[] {
  return theWorst(everyFinding(document, workspace));
}

/** Of more findings than these nobody reads the rest, and an editor takes seconds to draw them. */
const mostShown = 1000;

/** The most serious findings, in their order, and one that says how many there are besides. */
function theWorst(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  if (findings.length <= mostShown) return findings;
  const ranks: readonly Severity[] = ['error', 'warning', 'hint'];
  const bySeverity = ranks.flatMap((rank) => findings.filter(({ severity }) => severity === rank));
  const worst = new Set(bySeverity.slice(0, mostShown - 1));
  const left = bySeverity[mostShown - 1]!;
  const count = grouped(findings.length - worst.size);
  return [...findings.filter((each) => worst.has(each)), report('POL8009', left.span, { count })];
}

/** The same, however many they are. */
export function everyFinding(document: EditorDocument, workspace: Workspace): readonly Diagnostic[] {
  if (document.role === 'other') return [];
  const { path, diagnostics } = document;
  const own = diagnostics.filter(({ span }) => span.file === path);
  const isPart = own.some(({ code }) => code === 'POL2100') && isNamed(path, workspace);
  const shown: Diagnostic[] = isPart ? own.filter(({ code }) => code !== 'POL2100') : own;
  const elsewhere = new Map<string, Diagnostic[]>();
  for (const each of diagnostics) {
    const { file } = each.span;
    // A warning there is nothing that has to be done here.
    if (file === path || each.severity !== 'error') continue;
    const known = elsewhere.get(file);
    if (known === undefined) elsewhere.set(file, [each]);
    else known.push(each);
  }
  return elsewhere.size === 0
    ? shown
    : [...shown, ...[...elsewhere].map(([file, found]) => brought(document, file, found))];
}

function isNamed(path: string, workspace: Workspace): boolean {
  return workspace.files().some((each) => each.path !== path && each.references.some((other) => other.path === path));
}

/** The first finding of another file, at the place here through which it counts. */
function brought(document: EditorDocument, file: string, [first, ...rest]: readonly Diagnostic[]): Diagnostic {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return {
    ...first!,
    span: referenceTo(document, file),
    message: `in \`${name}\`: ${first!.message}${more}`,
    related: [{ span: first!.span, label: first!.message }, ...first!.related],
    // They would change a file that shows no finding.
    fixes: [],
  };
}

function referenceTo(document: EditorDocument, file: string): Span {
  const { references } = namesIn(document);
  const named = references.find(({ path }) => path === file) ?? references.find(({ kind }) => kind === 'file');
  const end = document.source.lineStarts[1] ?? document.source.text.length + 1;
  return named?.span ?? { file: document.path, start: 0, end: Math.max(0, end - 1) };
}
