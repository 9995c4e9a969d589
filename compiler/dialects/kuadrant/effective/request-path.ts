import { sameNamespace } from '../lints/targets.ts';
import { servedHostnames } from './hostnames.ts';
import { byAge, type Effective, effectiveRules } from './merge.ts';
import type { MergedKind, MergePolicy } from './rules.ts';
import type { Gateway, Listener, ParentReference, Route, RouteRule, Topology } from './topology.ts';

/** A way that requests take: what policies on it can target, from the least to the most specific. */
export interface RequestPath {
  readonly gateway: Gateway;
  readonly listener: Listener;
  readonly route: Route;
  readonly rule: RouteRule;
  /** The rule's place in its route. */
  readonly place: number;
  /** Under which names it is served. */
  readonly hostnames: readonly string[];
}

/** Every way through the gateways. */
export function requestPaths({ gateways, routes }: Topology): readonly RequestPath[] {
  return gateways.flatMap((gateway) =>
    gateway.listeners.flatMap((listener) =>
      routes
        .filter((route) => route.parents.some((parent) => isAttached(parent, gateway, listener)))
        .flatMap((route) => {
          const hostnames = servedHostnames(listener.hostname, route.hostnames);
          if (hostnames.length === 0) return [];
          return route.rules.map((rule, place) => ({ gateway, listener, route, rule, place, hostnames }));
        }),
    ),
  );
}

function isAttached(
  { name, namespace, section, port }: ParentReference,
  gateway: Gateway,
  listener: Listener,
): boolean {
  return (
    name === gateway.name &&
    sameNamespace(namespace, gateway.namespace) &&
    (section === '' || section === listener.name) &&
    (port === undefined || listener.port === undefined || port === listener.port)
  );
}

/** Where on the way the target of a policy stands, 0 the least specific; undefined where it is on another way. */
export function levelOn({ gateway, listener, route, rule }: RequestPath, policy: MergePolicy): number | undefined {
  const { kind, name, section } = policy.target;
  if (kind === 'Gateway') {
    if (name !== gateway.name || !sameNamespace(policy.namespace, gateway.namespace)) return undefined;
    if (section === '') return 0;
    return section === listener.name ? 1 : undefined;
  }
  if (kind !== route.kind || name !== route.name || !sameNamespace(policy.namespace, route.namespace)) return undefined;
  if (section === '') return 2;
  return section === rule.name ? 3 : undefined;
}

/** What the policies of a kind come to on a way. */
export function effectiveOn(path: RequestPath, kind: MergedKind, policies: readonly MergePolicy[]): Effective {
  const placed = policies.flatMap((policy) => {
    const level = policy.kind === kind ? levelOn(path, policy) : undefined;
    return level === undefined ? [] : [{ policy, level }];
  });
  placed.sort((left, right) => left.level - right.level || byAge(left.policy, right.policy));
  return effectiveRules(placed.map(({ policy }) => policy));
}
