import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { composeDocument } from './compose.ts';
import { Composition } from './composition.ts';
import { checkDuplicates } from './keys.ts';
import { mayContinue } from './may-continue.ts';
import { reportMissingColon } from './structure-reports.ts';
import { positionAt, type SourceText } from './text.ts';
import { readTokens } from './tokens.ts';
import type { MapEntry, MapNode } from './tree.ts';

/** Entries with a mistake that are reported; a file with more is not a policy. */
const entryLimit = 100;

interface Recovered {
  readonly root: MapNode;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the top-level entries in `[from, to)` one by one, each from its column-0 line to the next one, so that a
 * mistake in one entry neither hides the others nor is reported again in them. Undefined where the document is no
 * block mapping at column 0 of several entries, or where each entry is sound by itself.
 */
export function recoverEntries(source: SourceText, from: number, to: number): Recovered | undefined {
  const starts = entryStarts(source, from, to);
  if (starts.length < 2) return undefined;
  const composition = new Composition(source);
  const entries: MapEntry[] = [];
  const sound: MapEntry[] = [];
  const diagnostics: Diagnostic[] = [];
  let previous: Diagnostic | undefined;
  let mistakes = 0;
  for (const [index, start] of starts.entries()) {
    const tokens = readTokens(source.text, source.path, start, starts[index + 1] ?? to);
    const [document] = tokens.documents;
    const root = document === undefined ? undefined : composeDocument(document, composition);
    if (document?.value !== undefined && root?.kind !== 'map') reportMissingColon(document.value, composition);
    for (const token of tokens.unplaced) composition.unexpected(token);
    const mistake = composition.structural;
    if (mistake !== undefined) mistakes += 1;
    if (root?.kind === 'map' && !root.flow) {
      for (const entry of root.entries) entries.push(entry);
      if (mistake === undefined) for (const entry of root.entries) sound.push(entry);
    }
    const findings = composition.findings();
    if (previous === undefined || mistake === undefined || !mayContinue(source.text, previous, start)) {
      for (const finding of findings) diagnostics.push(finding);
    }
    previous = mistake;
    if (mistakes === entryLimit) break;
  }
  if (mistakes === 0) return undefined;
  checkDuplicates(sound, composition);
  const end = entries[entries.length - 1]?.span.end ?? from;
  const root: MapNode = {
    kind: 'map',
    span: composition.span(entries[0]?.span.start ?? from, Math.max(from, end)),
    entries,
    flow: false,
  };
  return { root, diagnostics: [...diagnostics, ...composition.findings()] };
}

/** The offsets of the lines in `[from, to)` that can start an entry: no blank, comment, `-`, `:` or closing bracket first. */
function entryStarts(source: SourceText, from: number, to: number): readonly number[] {
  const starts: number[] = [];
  for (let line = positionAt(source, from).line; line < source.lineStarts.length; line += 1) {
    const start = source.lineStarts[line]!;
    if (start < from) continue;
    if (start >= to) break;
    const character = source.text[start]!;
    if (' \t\r\n#]}'.includes(character)) continue;
    const next = source.text[start + 1];
    if ((character === '-' || character === ':') && (next === ' ' || next === '\n' || next === '\r')) continue;
    const marker = source.text.slice(start, start + 3);
    if (marker === '---' || marker === '...') continue;
    starts.push(start);
  }
  return starts;
}
