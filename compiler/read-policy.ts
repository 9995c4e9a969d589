import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { hasErrors } from './diagnostics/severities.ts';
import type { ReadPolicy } from './dialects/dialect.ts';
import { createLoader, type LoadedFiles } from './dialects/loader.ts';
import type { Stopwatch } from './gate.ts';
import { isHookProgram } from './hook-programs/file-name.ts';
import type * as HookProgramPolicy from './hook-programs/policy.ts';
import type { Host } from './host.ts';
import { recognise } from './recognise.ts';
import { decode } from './source/decode.ts';
import { type ParsedStream, parseYamlStream } from './source/parse-yaml.ts';
import type { SourceText } from './source/text.ts';
import type { Comment, YamlNode } from './source/tree.ts';

const loadHookProgram = (): typeof HookProgramPolicy => require('./hook-programs/policy.ts');

export interface ReadingOptions {
  /** The dialect, where the caller knows it (a glob of the configuration, a language id). */
  readonly dialect?: string;
  /** What the caller has read of this very content already. */
  readonly parsed?: { readonly source: SourceText; readonly stream: ParsedStream };
  /** The folder that references may not leave; default: the policy's own. */
  readonly workspace?: string;
  /** Files that are looked at as one where policies are compared with each other; default: those of one folder. */
  readonly together?: readonly string[];
}

/** What a policy is read with, and what is added to by reading it. */
export interface Reading {
  readonly host: Host;
  readonly options: ReadingOptions;
  readonly watch: Stopwatch;
  readonly diagnostics: Diagnostic[];
  /** Those of the policy itself. */
  readonly comments: Comment[];
  readonly files: LoadedFiles;
}

/**
 * Reads a policy and the files that it names.
 *
 * @returns without a dialect where the file could not be read, and without what it resolves to where it says nothing
 */
export function readPolicy(path: string, content: Uint8Array | string, run: Reading): ReadPolicy {
  const { watch, diagnostics, files, options } = run;
  if (isHookProgram(path)) {
    return watch.measure('parse', () => loadHookProgram().readHookProgram(path, content, files, diagnostics));
  }
  const parsed = watch.measure('parse', () => parse(path, content, run));
  if (parsed === undefined || hasErrors(diagnostics)) return {};
  const dialect = recognise(parsed.source, parsed.root, run.comments, options.dialect, diagnostics);
  if (dialect === undefined) return {};
  const workspace = options.workspace ?? path.split('/').slice(0, -1).join('/');
  const loader = createLoader(run.host, parsed.source, workspace, files, options.together);
  const resolved = watch.measure('resolve', () => dialect.resolve(parsed.root, loader, diagnostics, parsed.documents));
  return { dialect, resolved };
}

interface Parsed {
  readonly source: SourceText;
  /** The first document. */
  readonly root: YamlNode;
  readonly documents: readonly YamlNode[];
}

function parse(path: string, content: Uint8Array | string, run: Reading): Parsed | undefined {
  const { parsed } = run.options;
  const { source, diagnostic } = parsed === undefined ? decode(path, content) : { ...parsed, diagnostic: undefined };
  run.files.sources.set(path, source);
  if (diagnostic !== undefined) {
    run.diagnostics.push(diagnostic);
    return undefined;
  }
  const stream = parsed?.stream ?? parseYamlStream(source);
  const read = mayBeSeveral(stream, source, run) ? stream.documents : [stream.only()];
  for (const { comments, diagnostics } of read) {
    run.diagnostics.push(...diagnostics);
    run.comments.push(...comments);
  }
  const documents = read.flatMap(({ root }) => root ?? []);
  const [root] = documents;
  return root === undefined ? undefined : { source, root, documents };
}

/** Whether the first document is of a dialect whose files may hold several. */
function mayBeSeveral({ documents }: ParsedStream, source: SourceText, { options }: Reading): boolean {
  const [first] = documents;
  if (first?.root === undefined || documents.length < 2) return false;
  return recognise(source, first.root, first.comments, options.dialect, [])?.several === true;
}
