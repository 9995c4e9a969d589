import type { YamlNode } from '../../source/tree.ts';

/** The key of a ConfigMap under which stands what holds for every tier. */
export const defaultKey = 'platform-default-policy.yaml';

/** The key of a tier; what is captured is its name. */
export const tierKey = /^tier-(.+)-policy\.yaml$/;

/** Whether a document is a ConfigMap of tiers: one of its keys is that of a tier or of the platform's default. */
export function isTierConfigMap(root: YamlNode | undefined): boolean {
  if (root?.kind !== 'map') return false;
  const under = (name: string) => root.entries.find(({ key }) => key.text === name)?.value;
  const kind = under('kind');
  const data = under('data');
  if (kind?.kind !== 'scalar' || kind.text !== 'ConfigMap' || data?.kind !== 'map') return false;
  return data.entries.some(({ key }) => key.text === defaultKey || tierKey.test(key.text));
}
