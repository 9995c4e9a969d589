import type { Policy } from '../../ir/policy.ts';

/**
 * What a file of Kuadrant's own YAML means to the backends: nothing is left to do, since the cluster reads the file as
 * it is. The name is made of the whole path: files of one name lie in many folders.
 */
export function lowerKuadrant(path: string): Policy {
  const stem = path.replace(/\.ya?ml$/, '').replace(/^(\.\.?\/)+/, '');
  const name = stem.replace(/[^A-Za-z0-9._-]+/g, '.').replace(/^\.+/, '');
  return { name: name === '' ? 'kuadrant' : name, decisions: [], limits: [], obligations: [] };
}
