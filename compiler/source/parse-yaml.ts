import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type * as ComposeStream from './compose-stream.ts';
import type { PlacedDocument } from './compose-stream.ts';
import type { ReadText } from './read-text.ts';
import { readSimpleDocument } from './simple-document.ts';
import type { SourceText } from './text.ts';
import { checkCharacters } from './text-checks.ts';
import type { Comment, YamlNode } from './tree.ts';

/** Loads the `yaml` package, without which simple documents are read. */
const composer = (): typeof ComposeStream => require('./compose-stream.ts');

/** Longer texts are refused, in UTF-16 code units; policies are thousands of times smaller. */
const textLimit = 4 * 1024 * 1024;

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
  return onlyDocument(source, parse(source).documents);
}

/** A YAML stream of which it is not known yet whether it may hold several documents. */
export interface ParsedStream {
  /** Those that hold something, or in which something is wrong. */
  readonly documents: readonly ParsedDocument[];
  /** The stream as one document: the first, and whatever stands behind it is wrong. */
  only(): ParsedDocument;
  /** What the next version of the text can take over. */
  readonly read: ReadText | undefined;
}

/**
 * Reads every document, as parseYaml reads one. Never throws.
 *
 * @param before what was read of another version: what is unchanged of it is not read again
 */
export function parseYamlStream(source: SourceText, before?: ReadText): ParsedStream {
  const { documents, read } = parse(source, before);
  return {
    documents: documents.filter(({ root, diagnostics }) => root !== undefined || diagnostics.length > 0),
    only: () => onlyDocument(source, documents),
    read,
  };
}

function onlyDocument(source: SourceText, [first, second]: readonly PlacedDocument[]): ParsedDocument {
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
  return parse(source).documents;
}

interface Parsed {
  readonly documents: readonly PlacedDocument[];
  readonly read: ReadText | undefined;
}

function parse(source: SourceText, before?: ReadText): Parsed {
  const { text } = source;
  const unfit = text.length > textLimit ? tooLong(source) : checkCharacters(source);
  if (unfit !== undefined) {
    return { documents: [{ root: undefined, comments: [], diagnostics: [unfit], start: 0 }], read: undefined };
  }
  const document = readSimpleDocument(source, before);
  return document === undefined
    ? { documents: composer().composeStream(source), read: undefined }
    : { documents: [{ ...document, start: 0 }], read: { text, document } };
}

function tooLong(source: SourceText): Diagnostic {
  const span = { file: source.path, start: 0, end: 0 };
  return report('POL1002', span, { size: source.text.length, limit: textLimit });
}
