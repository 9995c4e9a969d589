import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { composeDocument } from './compose.ts';
import { Composition, nestingLimit } from './composition.ts';
import { recoverEntries } from './recovery.ts';
import type { SourceText } from './text.ts';
import { checkCharacters } from './text-checks.ts';
import { readTokens, type TokenStream } from './tokens.ts';
import type { Comment, YamlNode } from './tree.ts';

/** Longer texts are refused, in UTF-16 code units; policies are thousands of times smaller. */
export const textLimit = 4 * 1024 * 1024;

export interface ParsedDocument {
  /** As far as it could be read; undefined where the document is empty or nothing could be read. */
  readonly root: YamlNode | undefined;
  readonly comments: readonly Comment[];
  /** In the order of the source. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads one YAML 1.2 document. Never throws. One mistake gives one diagnostic: of the findings about structure only
 * the first of each top-level entry is kept, and the entries are read independently of a mistake in another.
 */
export function parseYaml(source: SourceText): ParsedDocument {
  const [first, second] = parse(source);
  if (first === undefined) return { root: undefined, comments: [], diagnostics: [] };
  const { root, comments } = first;
  if (second !== undefined) {
    const span = { file: source.path, start: second.start, end: Math.min(second.start + 3, source.text.length) };
    return { root, comments, diagnostics: [...first.diagnostics, report('POL1041', span, {})] };
  }
  if (root === undefined && first.diagnostics.length === 0) {
    return { root, comments, diagnostics: [report('POL1043', { file: source.path, start: 0, end: 0 }, {})] };
  }
  return first;
}

/** Reads every document of a YAML stream; a text without documents gives one without a root. Never throws. */
export function parseYamlDocuments(source: SourceText): readonly ParsedDocument[] {
  return parse(source);
}

interface PlacedDocument extends ParsedDocument {
  /** Offset of its `---`, or of its first line. */
  readonly start: number;
}

function parse(source: SourceText): readonly PlacedDocument[] {
  const { text } = source;
  const unfit = text.length > textLimit ? tooLong(source) : checkCharacters(source);
  if (unfit !== undefined) return [{ root: undefined, comments: [], diagnostics: [unfit], start: 0 }];
  const tokens = readTokens(text, source.path, 0, text.length);
  const starts = tokens.documents.map((document) => document.offset);
  if (starts.length === 0) starts.push(0);
  return starts.map((start, index) => {
    const from = index === 0 ? 0 : start;
    const to = starts[index + 1] ?? text.length;
    const within = (offset: number) => offset >= from && (offset < to || to === text.length);
    return {
      ...composeOne(source, tokens, index, to, within),
      comments: starts.length === 1 ? tokens.comments : tokens.comments.filter(({ span }) => within(span.start)),
      start,
    };
  });
}

function composeOne(
  source: SourceText,
  tokens: TokenStream,
  index: number,
  to: number,
  within: (offset: number) => boolean,
): { readonly root: YamlNode | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const composition = new Composition(source);
  for (const directive of tokens.directives) {
    if (within(directive.offset) && !/^%YAML[ \t]+1\.2$/.test(directive.source)) {
      const span = composition.span(directive.offset, directive.offset + directive.source.length);
      composition.detail(report('POL1042', span, { directive: directive.source }));
    }
  }
  const document = tokens.documents[index];
  let root = document === undefined ? undefined : composeDocument(document, composition);
  for (const token of tokens.unplaced) if (within(token.offset)) composition.unexpected(token);
  if (tokens.tooDeep !== undefined && within(tokens.tooDeep)) {
    const span = composition.span(tokens.tooDeep, tokens.tooDeep + 1);
    composition.structural = report('POL1040', span, { limit: nestingLimit });
  }
  if (composition.structural === undefined || document === undefined) {
    return { root, diagnostics: inOrder(composition.findings()) };
  }
  const afterStart = document.start.reduce((end, token) => Math.max(end, token.offset + token.source.length), 0);
  const recovered = recoverEntries(source, Math.max(document.offset, afterStart), to);
  if (recovered === undefined) return { root, diagnostics: inOrder(composition.findings()) };
  const directives = composition.details.filter(({ code }) => code === 'POL1042');
  root = recovered.root;
  return { root, diagnostics: inOrder([...directives, ...recovered.diagnostics]) };
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.length < 2
    ? diagnostics
    : [...diagnostics].sort((one, other) => one.span.start - other.span.start);
}

function tooLong(source: SourceText): Diagnostic {
  const span = { file: source.path, start: 0, end: 0 };
  return report('POL1002', span, { size: source.text.length, limit: textLimit });
}
