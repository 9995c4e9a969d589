import { ApiFailure } from './failure.ts';
import { at, type Json, type JsonObject, listAt, textAt } from './json.ts';
import type { Store } from './store.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What a user asks to do, in the terms of a Role. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  /** With its subresource: `authpolicies/status`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

const rbac = 'rbac.authorization.k8s.io';

/** May do everything, whatever the roles say. */
export const administrators = 'system:masters';

/** The user of a service account's token. */
export function serviceAccountUser(namespace: string, name: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  };
}

/** The rules that bindings give a user in a namespace ('' for what is of the whole cluster). */
export function rulesOf(store: Store, user: User, namespace: string): readonly Json[] {
  const everywhere = store.list(`${rbac}/clusterrolebindings`);
  const here = namespace === '' ? [] : store.list(`${rbac}/rolebindings`, namespace);
  return [...everywhere, ...here]
    .filter((binding) => listAt(binding, 'subjects').some((subject) => isSubject(subject, user, binding)))
    .flatMap((binding) => {
      const name = textAt(binding, 'roleRef', 'name');
      const role =
        textAt(binding, 'roleRef', 'kind') === 'ClusterRole'
          ? store.get(`${rbac}/clusterroles`, '', name)
          : store.get(`${rbac}/roles`, namespace, name);
      return listAt(role, 'rules');
    });
}

function isSubject(subject: Json, { name, groups }: User, binding: JsonObject): boolean {
  const own = textAt(subject, 'name');
  switch (textAt(subject, 'kind')) {
    case 'User':
      return own === name;
    case 'Group':
      return own === 'system:authenticated' || groups.includes(own);
    case 'ServiceAccount': {
      const namespace = textAt(subject, 'namespace') || textAt(binding, 'metadata', 'namespace');
      return name === `system:serviceaccount:${namespace}:${own}`;
    }
    default:
      return false;
  }
}

export function isAllowed(store: Store, user: User, access: Access): boolean {
  if (user.groups.includes(administrators)) return true;
  // What every authenticated user may ask about itself (the cluster role system:basic-user).
  if (access.group === 'authorization.k8s.io' && access.verb === 'create') return true;
  return rulesOf(store, user, access.namespace).some((rule) => covers(rule, access));
}

function covers(rule: Json, { verb, group, resource, name }: Access): boolean {
  const names = listAt(rule, 'resourceNames');
  const subresource = resource.includes('/') ? `*/${resource.split('/')[1]}` : resource;
  const has = (field: string, ...wanted: readonly string[]) =>
    listAt(rule, field).some((each) => each === '*' || wanted.some((other) => other === each));
  return (
    has('verbs', verb) &&
    has('apiGroups', group) &&
    has('resources', resource, subresource) &&
    (names.length === 0 || names.includes(name))
  );
}

export function forbidden(user: User, { verb, group, resource, namespace, name }: Access): ApiFailure {
  const [plural = ''] = resource.split('/');
  const what = group === '' ? plural : `${plural}.${group}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const named = name === '' ? what : `${what} "${name}"`;
  return new ApiFailure(
    403,
    'Forbidden',
    `${named} is forbidden: User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
    { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural },
  );
}

export const unauthorized = new ApiFailure(401, 'Unauthorized', 'Unauthorized');

/** Answers a SelfSubjectAccessReview or a SelfSubjectRulesReview. */
export function review(store: Store, user: User, sent: JsonObject): JsonObject {
  if (textAt(sent, 'kind') === 'SelfSubjectRulesReview') {
    const resourceRules = [...rulesOf(store, user, textAt(sent, 'spec', 'namespace'))];
    const every = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
    const rules = user.groups.includes(administrators) ? [every] : resourceRules;
    return { ...sent, status: { resourceRules: rules, nonResourceRules: [], incomplete: false } };
  }
  const about = at(sent, 'spec', 'resourceAttributes');
  const resource = textAt(about, 'resource');
  const subresource = textAt(about, 'subresource');
  const allowed = isAllowed(store, user, {
    verb: textAt(about, 'verb'),
    group: textAt(about, 'group'),
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    namespace: textAt(about, 'namespace'),
    name: textAt(about, 'name'),
  });
  return { ...sent, status: { allowed } };
}
