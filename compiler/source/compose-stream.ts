import type { CST } from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { composeDocument } from './compose.ts';
import { Composition, nestingLimit } from './composition.ts';
import type { ParsedDocument } from './parse-yaml.ts';
import { recoverEntries } from './recovery.ts';
import type { SourceText } from './text.ts';
import { readTokens } from './tokens.ts';
import type { YamlNode } from './tree.ts';

export interface PlacedDocument extends ParsedDocument {
  /** Offset of its `---`, or of its first line. */
  readonly start: number;
}

/** Reads every document by way of the `yaml` package, whose word on what is YAML counts. */
export function composeStream(source: SourceText): readonly PlacedDocument[] {
  const { text } = source;
  const tokens = readTokens(text, source.path, 0, text.length);
  const starts = tokens.documents.map((document) => document.offset);
  if (starts.length === 0) starts.push(0);
  const comments = byDocument(tokens.comments, ({ span }) => span.start, starts);
  const directives = byDocument(tokens.directives, ({ offset }) => offset, starts);
  const unplaced = byDocument(tokens.unplaced, ({ offset }) => offset, starts);
  return starts.map((start, index) => {
    const own = { directives: directives[index]!, unplaced: unplaced[index]!, document: tokens.documents[index] };
    const tooDeep = index === starts.length - 1 ? tokens.tooDeep : undefined;
    return {
      ...composeOne(source, { ...own, tooDeep, end: starts[index + 1] ?? text.length }),
      comments: comments[index]!,
      start,
    };
  });
}

/** Deals what is in the order of the source out to the documents; what is before the first belongs to it. */
function byDocument<T>(
  items: readonly T[],
  offset: (item: T) => number,
  starts: readonly number[],
): readonly (readonly T[])[] {
  if (starts.length === 1) return [items];
  const groups: T[][] = starts.map(() => []);
  let document = 0;
  for (const item of items) {
    while (document + 1 < starts.length && offset(item) >= starts[document + 1]!) document += 1;
    groups[document]!.push(item);
  }
  return groups;
}

interface DocumentTokens {
  readonly document: CST.Document | undefined;
  readonly directives: readonly CST.Directive[];
  readonly unplaced: readonly CST.Token[];
  readonly tooDeep: number | undefined;
  readonly end: number;
}

function composeOne(
  source: SourceText,
  { document, directives, unplaced, tooDeep, end }: DocumentTokens,
): { readonly root: YamlNode | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const composition = new Composition(source);
  for (const directive of directives) {
    if (!/^%YAML[ \t]+1\.2$/.test(directive.source)) {
      const span = composition.span(directive.offset, directive.offset + directive.source.length);
      composition.detail(report('POL1042', span, { directive: directive.source }));
    }
  }
  let root = document === undefined ? undefined : composeDocument(document, composition);
  for (const token of unplaced) composition.unexpected(token);
  if (tooDeep !== undefined) {
    const span = composition.span(tooDeep, Math.min(tooDeep + 1, source.text.length));
    composition.structural = report('POL1040', span, { limit: nestingLimit });
  }
  if (composition.structural === undefined || document === undefined) {
    return { root, diagnostics: inOrder(composition.findings()) };
  }
  const afterStart = document.start.reduce((after, token) => Math.max(after, token.offset + token.source.length), 0);
  const recovered = recoverEntries(source, Math.max(document.offset, afterStart), end);
  if (recovered === undefined) return { root, diagnostics: inOrder(composition.findings()) };
  const refusedDirectives = composition.details.filter(({ code }) => code === 'POL1042');
  root = recovered.root;
  return { root, diagnostics: inOrder([...refusedDirectives, ...recovered.diagnostics]) };
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.length < 2
    ? diagnostics
    : [...diagnostics].sort((one, other) => one.span.start - other.span.start);
}
