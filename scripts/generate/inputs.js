// Where the generators find the public facts they read.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'shared', 'data');

/** The path of a data file beside the repository. */
export function sharedData(name) {
  return join(folder, name);
}

/** Why a generator that reads `paths` cannot run here, or undefined. */
export function missingPath(paths) {
  const absent = paths.find((path) => !existsSync(path));
  return absent === undefined ? undefined : `no file ${absent}`;
}

/** A template literal of whole words, wrapped at 116 columns, as the source text of a constant. */
export function wordsConstant(name, comment, words) {
  const lines = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > 116) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return `/** ${comment} */\nexport const ${name} = \`\n${lines.join('\n')}\n\`;\n`;
}
