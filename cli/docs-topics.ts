import { nearest } from '../compiler/diagnostics/suggest.ts';
import { dialects } from '../compiler/dialects/index.ts';
import { dialectReference } from '../compiler/dialects/reference.ts';
import { hookReference } from '../compiler/hook-programs/reference.ts';
import { configReference } from './config-reference.ts';
import { withCommands } from './docs-links.ts';
import { pages } from './docs-pages.ts';
import { groupIndex, groupText, knownGroups } from './syscall-group-docs.ts';

/** What is explained by a name of its own; groups have theirs. */
const topics: Readonly<Record<string, () => string>> = {
  groups: groupIndex,
  configuration: () => configReference(),
  hooks: () => hookReference(),
  ...Object.fromEntries(dialects.map((dialect) => [dialect.name, () => dialectReference(dialect)])),
  ...Object.fromEntries(Object.entries(pages).map(([name, text]) => [name, () => text])),
};

/** Words that one may think of first. */
const otherNames: Readonly<Record<string, string>> = {
  levels: 'adaptive',
  wasm: 'webassembly',
  wasi: 'webassembly',
  'hook-programs': 'hooks',
  bpf: 'bpf-lsm',
};

export const topicNames: readonly string[] = Object.keys(topics);

/** The names that `polc docs` knows besides codes. */
export function knownWords(): readonly string[] {
  return [...topicNames, ...knownGroups()];
}

/** A topic's or an `@group`'s text, or undefined. */
export function topicText(word: string): string | undefined {
  if (word.startsWith('@')) return groupText(word);
  const name = Object.hasOwn(otherNames, word) ? otherNames[word]! : word;
  return Object.hasOwn(topics, name) ? withCommands(topics[name]!(), topicOfFile) : undefined;
}

/** A dialect has a page of its own beside the file of docs/ that has its name. */
function topicOfFile(file: string): string | undefined {
  const name = file.slice(0, -'.md'.length);
  if (Object.hasOwn(otherNames, name)) return otherNames[name];
  return name === 'configuration' || Object.hasOwn(pages, name) ? name : undefined;
}

/** The topic or group of which `word` may be a misspelling. */
export function nearestWord(word: string): string | undefined {
  if (word.startsWith('@')) return nearest(word, knownGroups());
  return nearest(word, topicNames) ?? nearest(`@${word}`, knownGroups());
}
