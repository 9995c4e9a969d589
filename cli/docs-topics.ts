import { nearest } from '../compiler/diagnostics/suggest.ts';
import { dialects } from '../compiler/dialects/index.ts';
import { dialectReference } from '../compiler/dialects/reference.ts';
import { hookReference } from '../compiler/hook-programs/reference.ts';
import { configReference } from './config-reference.ts';
import { groupIndex, groupText, knownGroups } from './syscall-group-docs.ts';

/** What is explained by a name of its own; groups have theirs. */
const topics: Readonly<Record<string, () => string>> = {
  groups: groupIndex,
  configuration: () => configReference(),
  hooks: () => hookReference(),
  ...Object.fromEntries(dialects.map((dialect) => [dialect.name, () => dialectReference(dialect)])),
};

export const topicNames: readonly string[] = Object.keys(topics);

/** The names that `polc docs` knows besides codes. */
export function knownWords(): readonly string[] {
  return [...topicNames, ...knownGroups()];
}

/** A topic's or an `@group`'s text, or undefined. */
export function topicText(word: string): string | undefined {
  if (word.startsWith('@')) return groupText(word);
  return Object.hasOwn(topics, word) ? topics[word]!() : undefined;
}

/** The topic or group of which `word` may be a misspelling. */
export function nearestWord(word: string): string | undefined {
  if (word.startsWith('@')) return nearest(word, knownGroups());
  return nearest(word, topicNames) ?? nearest(`@${word}`, knownGroups());
}
