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

/** What the files of the workspace hold together. */
export interface Workspace {
  readonly policies: readonly KuadrantPolicy[];
  readonly targets: readonly TargetObject[];
}

const empty: Workspace = { policies: [], targets: [] };

/** Each host's view of its files is worked out once. */
const indices = new WeakMap<object, Workspace>();

/**
 * The policies and targets of every file of the workspace, the file of the loader as it is now.
 *
 * @param own what that file holds
 */
export function workspaceAround(loader: Loader, own: Workspace): Workspace {
  const neighbours = loader.neighbours();
  if (neighbours === undefined) return own;
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
        return workspaceOf(resourcesOf(parseYamlDocuments(source).flatMap(({ root }) => root ?? [])));
      }),
    );
  if (snapshot !== undefined) indices.set(snapshot, index);
  return {
    policies: [...own.policies, ...index.policies.filter(({ file }) => file !== path)],
    targets: [...own.targets, ...index.targets.filter(({ file }) => file !== path)],
  };
}

function join(all: readonly Workspace[]): Workspace {
  return {
    policies: all.flatMap(({ policies }) => policies),
    targets: all.flatMap(({ targets }) => targets),
  };
}

/** The policies and targets among resources. */
export function workspaceOf(resources: readonly Resource[]): Workspace {
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
