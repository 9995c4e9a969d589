import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { enumeration, text } from '../../schema/scalars.ts';
import type { DecodeContext, Shape } from '../../schema/shape.ts';
import type { YamlNode } from '../../source/tree.ts';

/** What `polc run` finds on the machine for each: runtime/sandbox/read-ahead/file-sets.ts. */
const fileSet = enumeration(
  'a file set',
  {
    program: 'the program that is started, the interpreter of a script, and the libraries that these are linked with',
    python: 'python3, the libraries that it is linked with, and the modules that it loads at its start',
    node: 'node, and the libraries that it is linked with',
  },
  { command: 'program', executable: 'program', python3: 'python', py: 'python', nodejs: 'node', javascript: 'node' },
);

const path = text('a path', { source: '/[^\\u0000,]*', doc: 'an absolute path without commas' });

/** A file set by its name, or what begins with `/`: a file, a folder with all that is beneath it, or a pattern of these. */
export const fileSetOrPath: Shape<string> = {
  description: { kind: 'one-of', alternatives: [fileSet.description, path.description] },
  decode(node: YamlNode, context: DecodeContext): string | undefined {
    if (node.kind === 'scalar' && node.text.startsWith('/')) return path.decode(node, context);
    const diagnostics: Diagnostic[] = [];
    const set = fileSet.decode(node, { diagnostics });
    // A misspelt set has its fix; what has none may as well be a path.
    const help = 'write `program`, `python` or `node`, or an absolute path, such as `/srv/model`';
    for (const each of diagnostics) context.diagnostics.push(each.fixes.length > 0 ? each : { ...each, help });
    return set;
  },
};
