import { differ } from './difference.ts';
import { listOf, mapOf, type Plain, textOf } from './plain.ts';
import type { ReadPlace } from './read-policies.ts';

/** Every kind: what an earlier version of the policy has left must be found and deleted. */
const resources = ['authpolicies', 'ratelimitpolicies', 'tokenratelimitpolicies'];

/** Checks that the Roles let one account apply the policies, in all of their namespaces, and do nothing else. */
export function checkPermissions(documents: readonly Plain[], places: readonly ReadPlace[]): void {
  const given = new Set<string>();
  const bound = new Set<string>();
  for (const document of documents) {
    const { kind, metadata, rules, roleRef, subjects } = mapOf(document, 'a document of rbac.yaml');
    const { namespace, name } = mapOf(metadata, 'metadata', ['name', 'namespace', 'labels']);
    const place = `${textOf(namespace, 'namespace')}/${textOf(name, 'name')}`;
    if (kind === 'Role') for (const grant of grantsOf(rules)) given.add(`${textOf(namespace, 'namespace')} ${grant}`);
    else if (kind === 'RoleBinding') {
      const role = mapOf(roleRef, 'roleRef', ['apiGroup', 'kind', 'name']);
      const [subject, second] = listOf(subjects, 'subjects').map((each) =>
        mapOf(each, 'a subject', ['kind', 'name', 'namespace']),
      );
      if (role.kind !== 'Role' || role.name !== name || second !== undefined) differ(`the binding ${place}`);
      bound.add(`${subject?.namespace}/${subject?.name}`);
    } else if (kind !== 'ServiceAccount') differ(`the kind ${String(kind)} in rbac.yaml`);
  }
  const accounts = documents.flatMap((document) => {
    const { kind, metadata } = mapOf(document, 'a document');
    const { name, namespace } = mapOf(metadata, 'metadata');
    return kind === 'ServiceAccount' ? [`${String(namespace)}/${String(name)}`] : [];
  });
  if (accounts.length !== 1 || bound.size !== 1 || !bound.has(accounts[0]!)) differ('more than one account, or none');
  const needed = new Set<string>();
  for (const { namespace, names } of places) {
    needed.add(`${namespace} events.k8s.io events create`);
    for (const resource of resources) {
      for (const verb of ['create', 'list']) needed.add(`${namespace} kuadrant.io ${resource} ${verb}`);
      for (const [, name] of names) {
        for (const verb of ['delete', 'get', 'patch'])
          needed.add(`${namespace} kuadrant.io ${resource} ${verb} ${name}`);
      }
    }
  }
  const lacking = [...needed].find((grant) => !given.has(grant));
  if (lacking !== undefined) differ(`rbac.yaml lacks ${lacking}`);
  const surplus = [...given].find((grant) => !needed.has(grant));
  if (surplus !== undefined) differ(`rbac.yaml grants ${surplus}, which nobody needs`);
}

function grantsOf(rules: Plain | undefined): readonly string[] {
  return listOf(rules, 'rules').flatMap((rule) => {
    const {
      apiGroups,
      resources: kinds,
      verbs,
      resourceNames,
    } = mapOf(rule, 'a rule', ['apiGroups', 'resources', 'verbs', 'resourceNames']);
    const names = resourceNames === undefined ? [''] : texts(resourceNames).map((name) => ` ${name}`);
    return texts(apiGroups).flatMap((group) =>
      texts(kinds).flatMap((kind) =>
        texts(verbs).flatMap((verb) => names.map((name) => `${group} ${kind} ${verb}${name}`)),
      ),
    );
  });
}

function texts(value: Plain | undefined): readonly string[] {
  return listOf(value, 'a list of a rule').map((each) => textOf(each, 'an item of a rule'));
}
