import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { isHookProgram } from '../hook-programs/file-name.ts';
import type * as HookProgram from '../hook-programs/format.ts';
import { parseYamlDocuments } from '../source/parse-yaml.ts';
import { type SourceText, sourceText } from '../source/text.ts';
import { readTokens } from '../source/tokens.ts';
import { Layout } from './layout.ts';
import { rewriteLines } from './rewrite-lines.ts';
import { sameDocuments } from './same-documents.ts';
import { TrailingComments } from './trailing-comments.ts';

const loadHookProgram = (): typeof HookProgram => require('../hook-programs/format.ts');

export interface Formatted {
  /** The formatted text, or the text as it was where it could not be read. */
  readonly text: string;
  /** Why the text was left as it was; empty where it was formatted. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Lays a policy out: two columns for each level, sequences indented below their key, one space in and around flow
 * collections, at most one blank line, no trailing space, LF. Comments in one column stay in one. Comments, quotes, anchors, the order of keys and the
 * breaks between lines stay. A text with syntax errors is left as it is.
 */
export function formatPolicy(source: SourceText): Formatted {
  if (isHookProgram(source.path)) return loadHookProgram().formatHookProgram(source);
  const before = parseYamlDocuments(source);
  const errors = before.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error'));
  if (errors.length > 0) return { text: source.text, diagnostics: errors };
  const layout = new Layout(source);
  for (const document of readTokens(source.text, source.path, 0, source.text.length).documents)
    layout.document(document);
  const comments = before.flatMap((document) => document.comments.map(({ span }) => span.start));
  const text = rewriteLines(source, layout, new TrailingComments(source, comments));
  // INVARIANT: what is written means what was read. A layout that would break it is not used.
  const after = parseYamlDocuments(sourceText(source.path, text));
  const sound = after.every(({ diagnostics }) => diagnostics.every(({ severity }) => severity !== 'error'));
  return { text: sound && sameDocuments(before, after) ? text : source.text, diagnostics: [] };
}
