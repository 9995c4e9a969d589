import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { report } from './diagnostics/report.ts';
import { nearest } from './diagnostics/suggest.ts';
import type { Dialect } from './dialects/dialect.ts';
import { dialects } from './dialects/index.ts';
import { looksLike } from './looks-like.ts';
import type { SourceText } from './source/text.ts';
import type { Comment, YamlNode } from './source/tree.ts';

const pragmaLines = 5;

/** Keys that files of other tools hardly have; and Kubernetes says itself what a resource is. */
const telling = ['apiVersion', 'policy_id', 'institution', 'invitation', 'platform_default', 'compile_to_ami'];

/**
 * The dialect of a document: the one that the caller names, or that a `# polc: DIALECT` comment in the first lines
 * names, or the only one whose top-level keys these are. None or two is a diagnostic, not a guess.
 *
 * @param isPolicy whether it is known to be a policy, as by the end of its name; if not, it must look like one
 */
export function recognise(
  source: SourceText,
  root: YamlNode,
  comments: readonly Comment[],
  named: string | undefined,
  diagnostics: Diagnostic[],
  isPolicy: boolean = /\.polc\.ya?ml$/.test(source.path),
): Dialect | undefined {
  if (named !== undefined) return dialects.find((dialect) => dialect.name === named);
  const limit = source.lineStarts[pragmaLines] ?? source.text.length;
  for (const comment of comments) {
    if (comment.span.start >= limit) break;
    const name = /^polc:\s*([\w-]+)\s*$/.exec(comment.text)?.[1];
    if (name === undefined) continue;
    const found = dialects.find((dialect) => dialect.name === name);
    if (found !== undefined) return found;
    const names = dialects.map((dialect) => dialect.name);
    const suggestion = nearest(name, names);
    diagnostics.push(
      report(
        'POL2011',
        comment.span,
        { name, known: names.map((known) => `\`${known}\``).join(', ') },
        {
          ...(suggestion === undefined ? {} : { help: `did you mean \`${suggestion}\`?` }),
        },
      ),
    );
    return undefined;
  }
  const keys = new Set(root.kind === 'map' ? root.entries.map((entry) => entry.key.text) : []);
  const matching = dialects.filter((dialect) => dialect.recognises(keys, root));
  const only = matching.length === 1 ? matching[0] : undefined;
  const isTold = isPolicy || telling.some((key) => keys.has(key));
  if (only !== undefined && (isTold || looksLike(only.description, root))) return only;
  diagnostics.push(report('POL2010', firstLine(source, root), {}));
  return undefined;
}

function firstLine(source: SourceText, root: YamlNode) {
  const at = root.kind === 'map' && root.entries.length > 0 ? root.entries[0]!.key.span : root.span;
  const newline = source.text.indexOf('\n', at.start);
  return { file: at.file, start: at.start, end: Math.min(at.end, newline === -1 ? at.end : newline) };
}
