import { always, and, attribute, compare, inSet, literal, or, type Predicate } from '../../../expressions/predicate.ts';
import type { RequestPath } from '../effective/request-path.ts';
import type { MergePolicy } from '../effective/rules.ts';

/**
 * The requests for which a rule of a policy is in force: those to its target, but for the ways on which another policy
 * took its place.
 *
 * @param on the ways on which it is in force
 * @param all every way to the target
 */
export function scopeOf(
  { target, namespace }: MergePolicy,
  on: readonly RequestPath[],
  all: readonly RequestPath[],
): Predicate {
  const isGateway = target.kind === 'Gateway';
  const base = and(
    is(isGateway ? 'gateway' : 'route', qualified(namespace, target.name)),
    ...(target.section === '' ? [] : [is(isGateway ? 'listener' : 'rule', target.section)]),
  );
  if (on.length === all.length) return base;
  const whole = new Set(all.map(({ route }) => route).filter((route) => count(on, route) === count(all, route)));
  const rest = on.filter(({ route }) => !whole.has(route));
  const names = [...whole].map(({ namespace: own, name }) => qualified(own, name));
  const parts: Predicate[] = [
    ...(names.length === 0 ? [] : [inSet(attribute('route'), names)]),
    ...rest.map(({ gateway, listener, route, rule }) =>
      and(
        is('gateway', qualified(gateway.namespace, gateway.name)),
        is('listener', listener.name),
        is('route', qualified(route.namespace, route.name)),
        is('rule', rule.name),
      ),
    ),
  ];
  return and(base, or(...parts));
}

function count(paths: readonly RequestPath[], route: RequestPath['route']): number {
  return paths.filter((path) => path.route === route).length;
}

function is(name: string, value: string): Predicate {
  return compare(attribute(name), '==', literal(value));
}

function qualified(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** Conditions that all must hold, the constants among them left out. */
export function allOf(...conditions: readonly Predicate[]): Predicate {
  const of = conditions.filter((each) => each.kind !== 'constant' || !each.value);
  return of.length === 0 ? always : and(...of);
}
