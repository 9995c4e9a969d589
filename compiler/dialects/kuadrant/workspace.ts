import { parseYamlDocuments } from '../../source/parse-yaml.ts';
import { schemaOfKind } from '../../tables/kuadrant-schemas.ts';
import type { Loader } from '../loader.ts';
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
}

/** The policies and targets of the workspace, to be asked for by what they have in common. */
export interface Workspace {
  readonly authPolicies: readonly KuadrantPolicy[];
  /** Policies with atomic overrides on a whole Gateway. */
  readonly overriding: readonly KuadrantPolicy[];
  /** Policies of the same kind, name and namespace in the same folder, itself too. */
  twinsOf(policy: KuadrantPolicy): readonly KuadrantPolicy[];
  /** Policies of the same kind and namespace on the same target in the same folder, itself too. */
  rivalsOf(policy: KuadrantPolicy): readonly KuadrantPolicy[];
  targetsOfKind(kind: string): readonly TargetObject[];
  targetsNamed(kind: string, name: string): readonly TargetObject[];
  routesOf(gateway: string): readonly TargetObject[];
}

const empty: Contents = { policies: [], targets: [] };

/** Each host's view of its files is worked out once. */
const indices = new WeakMap<object, Contents>();

/**
 * The policies and targets of every file of the workspace, the file of the loader as it is now.
 *
 * @param own what that file holds
 */
export function workspaceAround(loader: Loader, own: Contents): Workspace {
  const neighbours = loader.neighbours();
  if (neighbours === undefined) return indexed(own);
  const { snapshot, paths } = neighbours;
  const known = snapshot === undefined ? undefined : indices.get(snapshot);
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
  if (snapshot !== undefined) indices.set(snapshot, index);
  return indexed({
    policies: [...own.policies, ...index.policies.filter(({ file }) => file !== path)],
    targets: [...own.targets, ...index.targets.filter(({ file }) => file !== path)],
  });
}

function indexed({ policies, targets }: Contents): Workspace {
  const twins = grouped(policies, twinKey);
  const rivals = grouped(policies, rivalKey);
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
    twinsOf: (policy) => twins.get(twinKey(policy)) ?? [],
    rivalsOf: (policy) => rivals.get(rivalKey(policy)) ?? [],
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

/** The folder of a file: what lies in it is applied together, and other folders may be for other clusters. */
export function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

function twinKey({ kind, resource, file }: KuadrantPolicy): string {
  return [kind, resource.namespace, folderOf(file), resource.name].join('\n');
}

function rivalKey({ kind, resource, file, target }: KuadrantPolicy): string {
  return [kind, resource.namespace, folderOf(file), target?.kind, target?.name, target?.section].join('\n');
}

function join(all: readonly Contents[]): Contents {
  return {
    policies: all.flatMap(({ policies }) => policies),
    targets: all.flatMap(({ targets }) => targets),
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
