import type { KuadrantObject } from './policies.ts';
import type { YamlValue } from './print-yaml.ts';

const plurals = ['authpolicies', 'ratelimitpolicies', 'tokenratelimitpolicies'];

/**
 * The least that applying these objects needs: a ServiceAccount, in the namespace of the first, and for each namespace a Role
 * that is bound to it, since one run writes to all of them. Kubernetes cannot bind `create` and `list` to names (Using RBAC Authorization, "Referring to resources"); all
 * else is bound to the names that are written, of every kind: what an earlier version of the policy has left is found and
 * deleted. `get` sees whose a name is, `patch` applies and restores, `list` finds drift and waits for the status, events
 * tell what was done.
 */
export function permissionsFor(objects: readonly KuadrantObject[], policyName: string): readonly YamlValue[] {
  const namespaces = [...new Set(objects.map(({ namespace }) => namespace))].sort();
  const [first] = objects;
  if (first === undefined) return [];
  const metadataIn = (namespace: string) => ({
    name: `polc-${policyName}`,
    namespace,
    labels: { 'app.kubernetes.io/managed-by': 'polc' },
  });
  const account = metadataIn(first.namespace);
  const roles = namespaces.flatMap((namespace) => {
    const own = objects.filter((object) => object.namespace === namespace);
    const names = [...new Set(own.map(({ name }) => name))];
    const metadata = metadataIn(namespace);
    const rules = [
      { apiGroups: ['kuadrant.io'], resources: plurals, verbs: ['create', 'list'] },
      { apiGroups: ['kuadrant.io'], resources: plurals, resourceNames: names, verbs: ['delete', 'get', 'patch'] },
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create'] },
    ];
    return [
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
        subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }],
      },
    ];
  });
  return [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account }, ...roles];
}
