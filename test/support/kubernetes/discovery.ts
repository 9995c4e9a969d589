import type { JsonObject } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** `/api`: the versions of the core group. */
export const coreVersions: JsonObject = { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };

export const serverVersion: JsonObject = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.0',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2024-12-11T17:59:15Z',
  goVersion: 'go1.23.3',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** `/apis`: the groups with their versions. */
export function groupList(kinds: readonly ResourceKind[]): JsonObject {
  const names = [...new Set([...kinds.map(({ group }) => group), 'authorization.k8s.io'])];
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: names.filter((name) => name !== '').map((name) => groupOf(kinds, name)!),
  };
}

/** `/apis/GROUP`; undefined where no kind is of the group. */
export function groupOf(kinds: readonly ResourceKind[], group: string): JsonObject | undefined {
  const found = new Set(kinds.filter((kind) => kind.group === group).map(({ version }) => version));
  if (group === 'authorization.k8s.io') found.add('v1');
  const versions = [...found].map((version) => ({ groupVersion: `${group}/${version}`, version }));
  const [preferredVersion] = versions;
  if (preferredVersion === undefined) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', name: group, versions, preferredVersion };
}

/** `/api/v1` and `/apis/GROUP/VERSION`: the resources; undefined where there is none. */
export function resourceList(kinds: readonly ResourceKind[], groupVersion: string): JsonObject | undefined {
  const resources = kinds.filter((kind) => apiVersionOf(kind) === groupVersion).flatMap(resourcesOf);
  if (groupVersion === 'authorization.k8s.io/v1') {
    for (const kind of ['SelfSubjectAccessReview', 'SelfSubjectRulesReview']) {
      resources.push({ name: `${kind.toLowerCase()}s`, singularName: '', namespaced: false, kind, verbs: ['create'] });
    }
  }
  if (resources.length === 0) return undefined;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function resourcesOf({ plural, singular, namespaced, kind, shortNames, status }: ResourceKind): JsonObject[] {
  const own: JsonObject = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    shortNames: [...shortNames],
  };
  const below: JsonObject = {
    name: `${plural}/status`,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'patch', 'update'],
  };
  return status ? [own, below] : [own];
}
