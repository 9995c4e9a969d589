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
    const isPath = node.kind === 'scalar' && node.text.startsWith('/');
    return isPath ? path.decode(node, context) : fileSet.decode(node, context);
  },
};
