import { sameNamespace } from '../lints/targets.ts';
import type { MergePolicy } from './rules.ts';
import { anyMatch, type Gateway, type Route, type Topology } from './topology.ts';

/** A topology, and what of it is taken for granted since no file has it. */
export interface AssumedTopology {
  readonly topology: Topology;
  readonly assumed: readonly string[];
  /** The routes that no file has. */
  readonly routes: ReadonlySet<Route>;
}

/**
 * Adds the gateways and routes that policies and routes name and no file has: a gateway takes every host, a route is
 * attached to every gateway and takes every request. Where there is no route at all, one is.
 */
export function withAssumed({ gateways, routes }: Topology, policies: readonly MergePolicy[]): AssumedTopology {
  const assumed: string[] = [];
  const allGateways = [...gateways];
  const addGateway = (name: string, namespace: string, span: Gateway['span'], sections: readonly string[]) => {
    if (allGateways.some((each) => each.name === name && sameNamespace(each.namespace, namespace))) return;
    const names = sections.length === 0 ? ['any'] : [...new Set(sections)];
    const listeners = names.map((each) => ({ name: each, hostname: '*', port: undefined }));
    allGateways.push({ name, namespace, span, listeners });
    assumed.push(`no file has the Gateway \`${qualified(namespace, name)}\`: it is taken to accept every host`);
  };
  const sectionsOf = (kind: string, name: string) =>
    policies.flatMap(({ target }) =>
      target.kind === kind && target.name === name && target.section !== '' ? [target.section] : [],
    );
  for (const { target, namespace, span } of policies) {
    if (target.kind === 'Gateway') addGateway(target.name, namespace, span, sectionsOf('Gateway', target.name));
  }
  for (const { parents, span } of routes) {
    for (const { name, namespace, section } of parents)
      addGateway(name, namespace, span, section === '' ? [] : [section]);
  }
  const missing = new Map<string, Route>();
  for (const { target, namespace, span } of policies) {
    const { kind, name } = target;
    const known = routes.some(
      (each) => each.kind === kind && each.name === name && sameNamespace(each.namespace, namespace),
    );
    if (kind === 'Gateway' || known || missing.has(`${kind} ${namespace}/${name}`)) continue;
    const sections = sectionsOf(kind, name);
    missing.set(`${kind} ${namespace}/${name}`, routeFor(kind, name, namespace, span, sections, []));
    assumed.push(`no file has the ${kind} \`${qualified(namespace, name)}\`: it is taken to serve every request`);
  }
  const first = allGateways[0]?.span ?? policies[0]?.span;
  if (missing.size > 0 && allGateways.length === 0 && first !== undefined) {
    allGateways.push({
      name: 'any',
      namespace: '',
      span: first,
      listeners: [{ name: 'any', hostname: '*', port: undefined }],
    });
  }
  if (routes.length + missing.size === 0 && first !== undefined) {
    missing.set('any', routeFor('HTTPRoute', 'any', '', first, [], []));
    assumed.push('no file has a route: one is taken to serve every request');
  }
  const parents = allGateways.map(({ name, namespace }) => ({ name, namespace, section: '', port: undefined }));
  const added = [...missing.values()].map((route): Route => ({ ...route, parents }));
  return { topology: { gateways: allGateways, routes: [...routes, ...added] }, assumed, routes: new Set(added) };
}

function routeFor(
  kind: string,
  name: string,
  namespace: string,
  span: Route['span'],
  sections: readonly string[],
  parents: Route['parents'],
): Route {
  const names = sections.length === 0 ? ['rule-1'] : [...new Set(sections)];
  const rules = names.map((each) => ({ name: each, matches: [anyMatch(span)] }));
  return { kind, name, namespace, created: '', hostnames: [], parents, rules, span };
}

export function qualified(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
