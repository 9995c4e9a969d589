import { qualified } from '../../../dialects/kuadrant/effective/assumed.ts';
import { compareHostnames, coversHost, filedUnder } from '../../../dialects/kuadrant/effective/hostnames.ts';
import type { RequestPath } from '../../../dialects/kuadrant/effective/request-path.ts';
import {
  compareAtGateway,
  compareInFilter,
  matchesAtGateway,
  matchesInFilter,
  type PlacedMatch,
  type RoutedRequest,
} from '../../../dialects/kuadrant/effective/route-match.ts';
import type { Route, RouteMatch } from '../../../dialects/kuadrant/effective/topology.ts';
import { patternMatcher } from '../../../expressions/regular-expressions/matcher.ts';
import type { GivenRequest } from './given.ts';

/** Where a request arrives. */
export interface Reached {
  readonly path: RequestPath;
  readonly hostname: string;
  readonly match: RouteMatch;
}

export type Routing =
  /** `filter` is whose policies the filter in the gateway enforces; absent where it enforces none. */
  | { readonly kind: 'reached'; readonly gateway: Reached; readonly filter: Reached | undefined }
  | { readonly kind: 'lost'; readonly why: string };

/**
 * Finds the rule of a route by Gateway API's precedence; and the rules that the filter takes, which sees the ways with
 * policies only, and matches in its own manner.
 *
 * @param hasPolicies whether any policy is in force on a way
 */
export function routeRequest(
  paths: readonly RequestPath[],
  given: GivenRequest,
  assumed: ReadonlySet<Route>,
  hasPolicies: (path: RequestPath) => boolean,
): Routing {
  const request = routedRequest(given);
  const asked = paths.filter(
    ({ gateway, listener, route }) =>
      isNamed(given.gateway, gateway) &&
      (given.listener === undefined || given.listener === listener.name) &&
      isNamed(given.route, route),
  );
  const byHost = asked.filter(({ listener }) => coversHost(listener.hostname, given.host));
  if (byHost.length === 0) return { kind: 'lost', why: `no listener takes requests for \`${given.host}\`` };
  const gateways = new Set(byHost.map(({ gateway }) => gateway));
  const hits = [...gateways].map((gateway) => {
    const own = byHost.filter((path) => path.gateway === gateway);
    // The most specific listener takes the request, whether or not a route of it does (Gateway API, Listener).
    const best = own.map(({ listener }) => listener.hostname).sort(compareHostnames)[0];
    return candidatesOf(
      own.filter(({ listener }) => listener.hostname === best),
      request,
    )
      .filter(({ match }) => matchesAtGateway(match, request, matchesPattern))
      .sort(compareAtGateway);
  });
  const served = hits.filter((each) => each.length > 0);
  const [first, second] = served;
  const best = first?.[0];
  if (first === undefined || best === undefined) {
    return { kind: 'lost', why: `no route takes ${given.method} ${given.path} for \`${given.host}\`` };
  }
  if (second !== undefined) {
    const names = served.map(([each]) => `\`${qualified(each!.path.gateway.namespace, each!.path.gateway.name)}\``);
    return { kind: 'lost', why: `several gateways take the request: ${names.join(', ')}; name one under \`gateway\`` };
  }
  const routes = new Set(first.filter(({ route }) => assumed.has(route)).map(({ route }) => route));
  if (routes.size > 1) {
    const names = [...routes].map(({ namespace, name }) => `\`${qualified(namespace, name)}\``);
    return { kind: 'lost', why: `several routes may take the request: ${names.join(', ')}; name one under \`route\`` };
  }
  const inGateway = paths.filter(({ gateway }) => gateway === best.path.gateway).filter(hasPolicies);
  return { kind: 'reached', gateway: best, filter: inFilter(inGateway, request, best) };
}

interface Candidate extends PlacedMatch, Reached {}

function candidatesOf(paths: readonly RequestPath[], { host }: RoutedRequest): readonly Candidate[] {
  return paths.flatMap((path) => {
    const hostname = path.hostnames.filter((each) => coversHost(each, host)).sort(compareHostnames)[0];
    return hostname === undefined ? [] : placedMatches(path, hostname);
  });
}

function placedMatches(path: RequestPath, hostname: string): readonly Candidate[] {
  return path.rule.matches.map((match, index) => ({
    path,
    hostname,
    match,
    route: path.route,
    place: [path.place, index] as const,
  }));
}

function inFilter(paths: readonly RequestPath[], request: RoutedRequest, reached: Reached): Reached | undefined {
  const hostname = filedUnder(request.host, paths.flatMap(filedNames));
  if (hostname === undefined) return undefined;
  const filed = paths.filter((path) => filedNames(path).includes(hostname));
  // Of equal ones at two listeners either may come first: it is taken to be the one that the request came by.
  const own = (each: Candidate) => Number(each.path.listener !== reached.path.listener);
  return filed
    .flatMap((path) => placedMatches(path, hostname))
    .filter(({ match }) => matchesInFilter(match, request, matchesPattern))
    .sort((left, right) => compareInFilter(left, right) || own(left) - own(right))[0];
}

/**
 * The host names that the operator gives the filter: of a route with names of its own only these, so that one for more
 * hosts than its listener is served without any policy (HostnamesFromListenerAndHTTPRoute).
 */
function filedNames({ hostnames, route }: RequestPath): readonly string[] {
  return route.hostnames.length === 0 ? hostnames : hostnames.filter((each) => route.hostnames.includes(each));
}

function isNamed(wanted: string | undefined, { name, namespace }: { name: string; namespace: string }): boolean {
  return wanted === undefined || wanted === name || wanted === qualified(namespace, name);
}

function routedRequest({ method, host, path, query, headers }: GivenRequest): RoutedRequest {
  return { method, host, path, headers, query: queryOf(query) };
}

/** Of repeated parameters the first counts. */
function queryOf(query: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const part of query.split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = decoded(at === -1 ? part : part.slice(0, at));
    if (!Object.hasOwn(found, name)) found[name] = at === -1 ? '' : decoded(part.slice(at + 1));
  }
  return found;
}

/** A pattern that cannot be read matches nothing. */
function matchesPattern(pattern: string, text: string, whole: boolean): boolean {
  return patternMatcher(whole ? `^(?:${pattern})$` : pattern)?.test(text) === true;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
