import type { YamlNode } from '../../source/tree.ts';

/** Whether a document is a governance policy: the profile of a sandbox is a name, and has a mode or rules beside it. */
export function isGovernance(keys: ReadonlySet<string>, root: YamlNode | undefined): boolean {
  if (keys.has('institution') || keys.has('invitation')) return true;
  if (!keys.has('profile') || keys.has('mode') || keys.has('security') || root?.kind !== 'map') return false;
  return root.entries.some(({ key, value }) => key.text === 'profile' && value.kind === 'map');
}
