import * as core from './core-schemas.ts';
import { gateway, httpRoute } from './gateway-schemas.ts';
import { policyKinds } from './kuadrant-schemas.ts';
import { record, type Schema, text } from './schema.ts';

/** A kind of object that the server holds. */
export interface ResourceKind {
  /** '' is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** Of the whole object. */
  readonly schema: Schema;
  /** It has `status` as a subresource, which writes to the object itself leave alone. */
  readonly status: boolean;
  /** Changes of anything but metadata and status count in `metadata.generation`. */
  readonly generation: boolean;
  /** Made by a CustomResourceDefinition: fields that its schema does not describe are dropped. */
  readonly custom: boolean;
}

export function apiVersionOf({ group, version }: Pick<ResourceKind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `authpolicies.kuadrant.io`, as messages name a resource. */
export function resourceName({ group, plural }: ResourceKind): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export function objectSchema(fields: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return record({ apiVersion: text, kind: text, metadata: core.metadata, ...fields }, required);
}

interface Traits {
  readonly shortNames?: readonly string[];
  readonly clusterWide?: true;
  readonly status?: true;
  readonly custom?: true;
  readonly generation?: true;
  readonly plural?: string;
  readonly required?: readonly string[];
}

function kindOf(apiVersion: string, kind: string, fields: Readonly<Record<string, Schema>>, traits: Traits = {}) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const singular = kind.toLowerCase();
  const found: ResourceKind = {
    group: group!,
    version: version!,
    kind,
    plural: traits.plural ?? `${singular}s`,
    singular,
    shortNames: traits.shortNames ?? [],
    namespaced: traits.clusterWide !== true,
    schema: objectSchema(fields, traits.required),
    status: traits.status === true,
    generation: traits.generation === true || traits.custom === true,
    custom: traits.custom === true,
  };
  return found;
}

const rbac = 'rbac.authorization.k8s.io/v1';
const gatewayApi = 'gateway.networking.k8s.io/v1';

/** What the server serves from the start. */
export function builtInKinds(): readonly ResourceKind[] {
  return [
    kindOf('v1', 'Namespace', core.namespace, { shortNames: ['ns'], clusterWide: true, status: true }),
    kindOf('v1', 'ConfigMap', core.configMap, { shortNames: ['cm'] }),
    kindOf('v1', 'Secret', core.secret),
    kindOf('v1', 'ServiceAccount', core.serviceAccount, { shortNames: ['sa'] }),
    kindOf('v1', 'Pod', core.pod, { shortNames: ['po'], status: true, required: ['spec'] }),
    kindOf('v1', 'Event', core.event, { shortNames: ['ev'] }),
    kindOf('events.k8s.io/v1', 'Event', core.event, { shortNames: ['ev'] }),
    kindOf(rbac, 'Role', core.role),
    kindOf(rbac, 'RoleBinding', core.roleBinding, { required: ['roleRef'] }),
    kindOf(rbac, 'ClusterRole', core.clusterRole, { clusterWide: true }),
    kindOf(rbac, 'ClusterRoleBinding', core.roleBinding, { clusterWide: true, required: ['roleRef'] }),
    kindOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition', core.customResourceDefinition, {
      shortNames: ['crd', 'crds'],
      clusterWide: true,
      status: true,
      generation: true,
      required: ['spec'],
    }),
    kindOf(gatewayApi, 'Gateway', gateway, { shortNames: ['gtw'], status: true, custom: true, required: ['spec'] }),
    kindOf(gatewayApi, 'HTTPRoute', httpRoute, { status: true, custom: true, required: ['spec'] }),
    ...policyKinds().map(({ of, fields }) =>
      kindOf(of.apiVersion, of.kind, fields, {
        plural: of.kind.toLowerCase().replace(/y$/, 'ies'),
        status: true,
        custom: true,
      }),
    ),
  ];
}
