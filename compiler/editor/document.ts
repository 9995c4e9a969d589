import type { Compilation } from '../compile.ts';
import { configShape } from '../configuration/config.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { isHookProgram } from '../hook-programs/file-name.ts';
import type { Description } from '../schema/shape.ts';
import { type ParsedDocument, type ParsedStream, parseYamlStream } from '../source/parse-yaml.ts';
import { positionAt, type SourceText, sourceText } from '../source/text.ts';
import type { YamlNode } from '../source/tree.ts';
import { recogniseLoosely } from './recognise-loosely.ts';

/** A compilation and the text that it is of. */
export interface CompiledText {
  readonly version: number;
  readonly source: SourceText;
  readonly compilation: Compilation;
}

/**
 * A file as an editor has it, at one version. Immutable: each edit makes another. Everything that is asked of an editor's
 * file is a function of this, an offset and a Workspace.
 */
export interface EditorDocument {
  readonly path: string;
  readonly version: number;
  readonly source: SourceText;
  /**
   * What polc takes it for: `other` is YAML of other tools. A policy that is too broken for a dialect is one still, and so is a
   * hook program, which is no YAML: it has a text and no tree.
   */
  readonly role: 'policy' | 'configuration' | 'other';
  /** Each document of the file, with a tree as far as it could be read; mistakes are in `diagnostics` of each. */
  readonly stream: ParsedStream;
  readonly documents: readonly ParsedDocument[];
  /** Also of a broken document, as far as it can be told; that of the version before where it cannot be told any more. */
  readonly dialect: Dialect | undefined;
  /** Of this very version; undefined until it has been compiled. */
  readonly current: CompiledText | undefined;
  /** The latest version without errors: what a preview shows, greyed, while the text is broken. */
  readonly lastGood: CompiledText | undefined;
  /** Findings of the last compilation of any version; those of `current` where there is one. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface OpenOptions {
  /** The dialect that the configuration or the editor names. */
  readonly dialect?: string;
  /** True where the editor says that it is a policy, whatever its keys. */
  readonly isPolicy?: boolean;
  /** The version before, from which dialect and last good compilation are kept. */
  readonly before?: EditorDocument;
}

/** Reads a version of a file. Never throws; compiling it is a step of its own (`compiled`). */
export function openDocument(path: string, text: string, version: number, options: OpenOptions = {}): EditorDocument {
  const source = sourceText(path, text);
  const { before } = options;
  const isProgram = isHookProgram(path);
  // A hook program is no YAML: of its tree everything that asks for one gets none.
  const stream = isProgram ? parseYamlStream(sourceText(path, '')) : parseYamlStream(source, before?.stream.read);
  const isConfiguration = /(?:^|\/)polc\.config\.ya?ml$/.test(path);
  const dialect =
    isConfiguration || isProgram
      ? undefined
      : recogniseLoosely(source, stream.documents, options.dialect, before?.dialect, options.isPolicy === true);
  const isPolicy = isProgram || dialect !== undefined || options.isPolicy === true || options.dialect !== undefined;
  return {
    path,
    version,
    source,
    role: isConfiguration ? 'configuration' : isPolicy ? 'policy' : 'other',
    stream,
    documents: stream.documents,
    dialect,
    current: undefined,
    lastGood: before?.lastGood,
    diagnostics: before?.diagnostics ?? [],
  };
}

/** The same version with what compiling it gave. */
export function compiled(document: EditorDocument, compilation: Compilation): EditorDocument {
  const current = { version: document.version, source: document.source, compilation };
  return {
    ...document,
    current,
    lastGood: compilation.ok ? current : document.lastGood,
    diagnostics: compilation.diagnostics,
  };
}

/** What may stand in the whole document; undefined where the dialect is not known. */
export function descriptionOf({ role, dialect }: EditorDocument): Description | undefined {
  return role === 'configuration' ? configShape.description : dialect?.description;
}

/** A document of the file, by a place in it. */
export interface RootAt {
  /** Undefined where nothing of it could be read. */
  readonly node: YamlNode | undefined;
  /** Where a scan of the text can begin that is to end at the place: the document, or the top-level entry. */
  readonly from: number;
}

/** The document of a stream in which an offset lies. */
export function rootAt({ source, documents }: EditorDocument, offset: number): RootAt {
  const { text, lineStarts } = source;
  let entry: number | undefined;
  let line = positionAt(source, offset).line;
  for (; line >= 0; line -= 1) {
    const start = lineStarts[line]!;
    const character = text[start];
    if (
      character === '-' &&
      text.startsWith('---', start) &&
      /^\s?$/.test(text[start + 3] ?? '') &&
      start + 3 <= offset
    ) {
      break;
    }
    if (entry === undefined && character !== undefined && start < offset && startsEntry(text, start)) entry = start;
  }
  const from = line < 0 ? 0 : lineStarts[line]!;
  const roots = documents.flatMap(({ root }) => root ?? []).filter(({ span }) => span.start >= from);
  const [node] = roots;
  const following = nextDocument(source, line + 1);
  return {
    node: node !== undefined && (following === undefined || node.span.start < following) ? node : undefined,
    from: entry ?? from,
  };
}

/** Whether a line begins a top-level entry: with a key that has its colon. */
function startsEntry(text: string, start: number): boolean {
  if (!/[\w"'$@/.]/.test(text[start]!)) return false;
  const newline = text.indexOf('\n', start);
  return /:(?:\s|$)/.test(text.slice(start, newline === -1 ? text.length : newline));
}

function nextDocument({ text, lineStarts }: SourceText, from: number): number | undefined {
  for (let line = from; line < lineStarts.length; line += 1) {
    const start = lineStarts[line]!;
    if (text.charCodeAt(start) === 0x2d && text.startsWith('---', start) && /^\s?$/.test(text[start + 3] ?? '')) {
      return start;
    }
  }
  return undefined;
}
