import { type Access, isAllowed, rulesOf, type User } from './access.ts';
import { ApiFailure } from './failure.ts';
import { type Json, type JsonObject, listAt, textAt } from './json.ts';
import { type ResourceKind, resourceName } from './kinds.ts';
import type { Store } from './store.ts';

const rbac = 'rbac.authorization.k8s.io';

/**
 * Refuses a role or a binding by which a user would give what it does not have itself, unless it may `escalate` roles or
 * `bind` this one (pkg/registry/rbac/validation).
 */
export function checkEscalation(store: Store, user: User, kind: ResourceKind, object: JsonObject): void {
  if (kind.group !== rbac) return;
  const namespace = textAt(object, 'metadata', 'namespace');
  const name = textAt(object, 'metadata', 'name');
  const binding = kind.kind.endsWith('Binding');
  const roleKind = textAt(object, 'roleRef', 'kind');
  const roleName = textAt(object, 'roleRef', 'name');
  const excepted: Access = binding
    ? { verb: 'bind', group: rbac, resource: `${roleKind.toLowerCase()}s`, namespace, name: roleName }
    : { verb: 'escalate', group: rbac, resource: kind.plural, namespace, name };
  if (isAllowed(store, user, excepted)) return;
  const role =
    roleKind === 'ClusterRole'
      ? store.get(`${rbac}/clusterroles`, '', roleName)
      : store.get(`${rbac}/roles`, namespace, roleName);
  const missing = listAt(binding ? role : object, 'rules').filter(
    (rule) => !holds(rulesOf(store, user, namespace), rule),
  );
  if (missing.length === 0) return;
  const shown = missing.map(
    (rule) =>
      `{APIGroups:${list(rule, 'apiGroups')}, Resources:${list(rule, 'resources')}, Verbs:${list(rule, 'verbs')}}`,
  );
  throw new ApiFailure(
    403,
    'Forbidden',
    `${resourceName(kind)} "${name}" is forbidden: user "${user.name}" (groups=${JSON.stringify(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${shown.join('\n')}`,
    { name, group: rbac, kind: kind.plural },
  );
}

function list(rule: Json, field: string): string {
  return JSON.stringify(listAt(rule, field));
}

/** Whether the user's rules cover each verb on each resource of a rule. */
function holds(own: readonly Json[], rule: Json): boolean {
  const names = listAt(rule, 'resourceNames');
  const takes = (each: Json, field: string, wanted: Json) => {
    const values = listAt(each, field);
    return values.includes('*') || values.includes(wanted);
  };
  const takesName = (each: Json, name: Json | undefined) => {
    const values = listAt(each, 'resourceNames');
    return values.length === 0 || (name !== undefined && values.includes(name));
  };
  return listAt(rule, 'verbs').every((verb) =>
    listAt(rule, 'apiGroups').every((group) =>
      listAt(rule, 'resources').every((resource) =>
        (names.length === 0 ? [undefined] : names).every((name) =>
          own.some(
            (each) =>
              takes(each, 'verbs', verb) &&
              takes(each, 'apiGroups', group) &&
              takes(each, 'resources', resource) &&
              takesName(each, name),
          ),
        ),
      ),
    ),
  );
}
