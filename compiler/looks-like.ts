import type { Description } from './schema/shape.ts';
import type { YamlNode } from './source/tree.ts';

/**
 * Whether more of the keys of a map are those that a description has than not. Keys such as `security`, `overrides` and
 * `teams` are also in the files of other tools: of OpenAPI, of pnpm, of the settings of repositories. A key counts
 * for it where its value is of the described kind, against it where the key is unknown or its value of another kind, and
 * for neither where the value is a map of which no key is known.
 */
export function looksLike(description: Description, root: YamlNode): boolean {
  if (description.kind !== 'object' || root.kind !== 'map') return true;
  let balance = 0;
  for (const { key, value } of root.entries) {
    const field = Object.hasOwn(description.fields, key.text) ? description.fields[key.text] : undefined;
    balance += field === undefined ? -1 : fit(field.description, value);
  }
  return balance > 0;
}

/** 1, -1 or 0: for it, against it, neither. */
function fit(description: Description, value: YamlNode): number {
  if (value.kind === 'scalar' && value.value === null) return 1;
  switch (description.kind) {
    case 'one-of':
      return Math.max(...description.alternatives.map((alternative) => fit(alternative, value)));
    case 'object': {
      if (value.kind !== 'map') return -1;
      const { fields } = description;
      const isKnown = value.entries.length === 0 || value.entries.some(({ key }) => Object.hasOwn(fields, key.text));
      return isKnown ? 1 : 0;
    }
    case 'mapping':
      return value.kind === 'map' ? 1 : -1;
    case 'list':
      return value.kind === 'sequence' ? 1 : -1;
    default:
      return value.kind === 'scalar' ? 1 : -1;
  }
}
