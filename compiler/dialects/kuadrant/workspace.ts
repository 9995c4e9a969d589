import { parseYamlDocuments } from '../../source/parse-yaml.ts';
import { schemaOfKind } from '../../tables/kuadrant-schemas.ts';
import type { Loader } from '../loader.ts';
import { type Topology, topologyOf } from './effective/topology.ts';
import { type KuadrantPolicy, readPolicy } from './policy.ts';
import { fieldOf, itemsOf, type Resource, resourcesOf, textOf, valueAt } from './resource.ts';

/** A Gateway or route that policies can target. */
export interface TargetObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly file: string;
  /** Names of listeners, or of a route's rules. */
  readonly sections: readonly string[];
  /** Of a route: the gateways that it is attached to. */
  readonly gateways: readonly string[];
  /** Of a route: how many matches its rules have together, at least one. */
  readonly matches: number;
}

/** What files hold together. */
export interface Contents {
  readonly policies: readonly KuadrantPolicy[];
  readonly targets: readonly TargetObject[];
  readonly topology: Topology;
}

/** The policies and targets of the workspace, to be asked for by what they have in common. */
export interface Workspace {
  readonly authPolicies: readonly KuadrantPolicy[];
  /** Policies with atomic overrides on a whole Gateway. */
  readonly overriding: readonly KuadrantPolicy[];
  /** What is applied together with a file, as far as that is known: what lies in its folder, or was named with it. */
  appliedWith(file: string): Contents;
  /** Whether two files are applied together. */
  areTogether(file: string, other: string): boolean;
  /** Policies of the same kind, name and namespace that are applied together, itself too. */
  twinsOf(policy: KuadrantPolicy): readonly KuadrantPolicy[];
  /** Policies of the same kind and namespace on the same target that are applied together, itself too. */
  rivalsOf(policy: KuadrantPolicy): readonly KuadrantPolicy[];
  targetsOfKind(kind: string): readonly TargetObject[];
  targetsNamed(kind: string, name: string): readonly TargetObject[];
  routesOf(gateway: string): readonly TargetObject[];
}

const empty: Contents = { policies: [], targets: [], topology: { gateways: [], routes: [] } };

/** Each host's view of a list of files is worked out once. */
const indices = new WeakMap<object, Map<string, Contents>>();

/**
 * The policies and targets of every file of the workspace, the file of the loader as it is now.
 *
 * @param own what that file holds
 */
export function workspaceAround(loader: Loader, own: Contents): Workspace {
  const neighbours = loader.neighbours();
  if (neighbours === undefined) return indexed(own);
  const { snapshot, paths, together } = neighbours;
  const kept = snapshot === undefined ? undefined : (indices.get(snapshot) ?? new Map<string, Contents>());
  const key = paths.join('\n');
  const known = kept?.get(key);
  const { path } = loader.source;
  const index =
    known ??
    join(
      paths.map((each) => {
        const source = each === path ? loader.source : neighbours.read(each);
        // Most files of a workspace are of other tools, and are not worth reading.
        if (source === undefined || !/kuadrant\.io|gateway\.networking/.test(source.text)) return empty;
        return contentsOf(resourcesOf(parseYamlDocuments(source).flatMap(({ root }) => root ?? [])));
      }),
    );
  if (snapshot !== undefined && kept !== undefined) indices.set(snapshot, kept.set(key, index));
  return indexed(join([own, within(index, (file) => file !== path)]), together);
}

/** What the files of a kind hold. */
function within({ policies, targets, topology }: Contents, isMeant: (file: string) => boolean): Contents {
  return {
    policies: policies.filter(({ file }) => isMeant(file)),
    targets: targets.filter(({ file }) => isMeant(file)),
    topology: {
      gateways: topology.gateways.filter(({ span }) => isMeant(span.file)),
      routes: topology.routes.filter(({ span }) => isMeant(span.file)),
    },
  };
}

function indexed(contents: Contents, together?: ReadonlySet<string>): Workspace {
  const { policies, targets } = contents;
  // What lies in one folder is applied together, and other folders may be for other clusters.
  const scopeOf = (file: string) => (together?.has(file) === true ? '' : folderOf(file));
  const twins = grouped(policies, (policy) => twinKey(policy, scopeOf(policy.file)));
  const rivals = grouped(policies, (policy) => rivalKey(policy, scopeOf(policy.file)));
  const kinds = grouped(targets, ({ kind }) => kind);
  const names = grouped(targets, ({ kind, name }) => `${kind} ${name}`);
  const routes = grouped(
    targets.flatMap((target) => target.gateways.map((gateway) => ({ gateway, target }))),
    ({ gateway }) => gateway,
  );
  return {
    authPolicies: policies.filter(({ kind }) => kind === 'AuthPolicy'),
    overriding: policies.filter(
      ({ level, strategy, target }) =>
        level === 'overrides' && strategy === 'atomic' && target?.kind === 'Gateway' && target.section === '',
    ),
    appliedWith: (file) => within(contents, (other) => scopeOf(other) === scopeOf(file)),
    areTogether: (file, other) => scopeOf(file) === scopeOf(other),
    twinsOf: (policy) => twins.get(twinKey(policy, scopeOf(policy.file))) ?? [],
    rivalsOf: (policy) => rivals.get(rivalKey(policy, scopeOf(policy.file))) ?? [],
    targetsOfKind: (kind) => kinds.get(kind) ?? [],
    targetsNamed: (kind, name) => names.get(`${kind} ${name}`) ?? [],
    routesOf: (gateway) => (routes.get(gateway) ?? []).map(({ target }) => target),
  };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

function twinKey({ kind, resource }: KuadrantPolicy, scope: string): string {
  return [kind, resource.namespace, scope, resource.name].join('\n');
}

function rivalKey({ kind, resource, target }: KuadrantPolicy, scope: string): string {
  return [kind, resource.namespace, scope, target?.kind, target?.name, target?.section].join('\n');
}

function join(all: readonly Contents[]): Contents {
  return {
    policies: all.flatMap(({ policies }) => policies),
    targets: all.flatMap(({ targets }) => targets),
    topology: {
      gateways: all.flatMap(({ topology }) => topology.gateways),
      routes: all.flatMap(({ topology }) => topology.routes),
    },
  };
}

/** The policies and targets among resources. */
export function contentsOf(resources: readonly Resource[]): Contents {
  return {
    policies: resources.flatMap((resource) => {
      const schema = schemaOfKind(resource.kind);
      if (schema === undefined || schema.apiVersion !== resource.apiVersion) return [];
      return readPolicy(schema.kind, resource) ?? [];
    }),
    targets: resources.flatMap((resource) => targetOf(resource) ?? []),
    topology: topologyOf(resources),
  };
}

const routeKinds = new Set(['HTTPRoute', 'GRPCRoute']);

function targetOf({ group, kind, name, namespace, node }: Resource): TargetObject | undefined {
  if (group !== 'gateway.networking.k8s.io' || !(kind === 'Gateway' || routeKinds.has(kind))) return undefined;
  const spec = fieldOf(node, 'spec');
  const rules = itemsOf(fieldOf(spec, 'rules'));
  const parts = kind === 'Gateway' ? itemsOf(fieldOf(spec, 'listeners')) : rules;
  return {
    kind,
    name,
    namespace,
    file: node.span.file,
    sections: parts.map((part) => textOf(fieldOf(part, 'name'))).filter((section) => section !== ''),
    gateways: itemsOf(fieldOf(spec, 'parentRefs'))
      .filter((parent) => ['', 'Gateway'].includes(textOf(fieldOf(parent, 'kind'))))
      .map((parent) => textOf(fieldOf(parent, 'name'))),
    matches: rules.reduce((sum, rule) => sum + Math.max(1, itemsOf(valueAt(rule, 'matches')).length), 0) || 1,
  };
}
