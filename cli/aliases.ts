/**
 * Other words for verbs, as other tools have them, and what they are here. Those for a noun come first, since those for its
 * verbs are said of the noun; of two that begin alike the longer comes first.
 */
const aliases: readonly (readonly [words: string, means: string])[] = [
  ['templates', 'template'],
  ['profiles', 'profile'],
  ['template compile status', 'template status'],
  ['template compile', 'template build'],
  ['profile invitations create', 'profile invite'],
  ['profile accept-invitation', 'profile accept'],
];

/** A command line with the verb that its first words stand for. */
export function withoutAliases(words: readonly string[]): readonly string[] {
  let plain = words;
  for (const [alias, means] of aliases) {
    const own = alias.split(' ');
    if (own.every((word, at) => word === plain[at])) plain = [...means.split(' '), ...plain.slice(own.length)];
  }
  return plain;
}

/** The other words for a noun, or for a verb with its noun. */
export function aliasesOf(name: string): readonly string[] {
  return aliases.flatMap(([alias, means]) => (means === name ? [alias] : []));
}
