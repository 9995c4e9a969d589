import { compareHostnames, compareHostnamesOfOperator } from './hostnames.ts';
import type { NamedValue, PathType, Route, RouteMatch } from './topology.ts';

/** What routing looks at. */
export interface RoutedRequest {
  readonly method: string;
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A match with what orders it among others. */
export interface PlacedMatch {
  readonly hostname: string;
  readonly match: RouteMatch;
  readonly route: Route;
  /** The rule's and the match's place in the route. */
  readonly place: readonly [rule: number, match: number];
}

/**
 * Whether Gateway API's matching lets the request through: a prefix ends at a slash.
 *
 * @param matches whether an expression of RE2 matches the whole text
 */
export function matchesAtGateway(match: RouteMatch, request: RoutedRequest, matches: Matcher): boolean {
  return pathMatches(match.path, request.path, matches) && othersMatch(match, request, matches);
}

/**
 * Whether the filter's predicates hold, which the operator makes of a match: a prefix is one of the text, so that
 * `/admin` also stands for `/administrator`, and every header and query value is compared as it is.
 * Source: kuadrant-operator, internal/wasm/utils.go, PredicatesFromHTTPRouteMatch.
 */
export function matchesInFilter(match: RouteMatch, request: RoutedRequest, matches: Matcher): boolean {
  const { type, value } = match.path;
  const path =
    type === 'Exact'
      ? request.path === value
      : type === 'PathPrefix'
        ? request.path.startsWith(value)
        : matches(value, request.path, false);
  const same = ({ name, value: wanted }: NamedValue, given: Readonly<Record<string, string>>, key: string) =>
    given[key] === wanted && name !== '';
  return (
    path &&
    (match.method === undefined || match.method === request.method) &&
    match.headers.every((header) => same(header, request.headers, header.name.toLowerCase())) &&
    match.query.every((parameter) => same(parameter, request.query, parameter.name))
  );
}

export type Matcher = (pattern: string, text: string, whole: boolean) => boolean;

function pathMatches({ type, value }: RouteMatch['path'], path: string, matches: Matcher): boolean {
  if (type === 'Exact') return path === value;
  if (type === 'RegularExpression') return matches(value, path, true);
  const prefix = value.replace(/\/+$/, '');
  return path === prefix || path.startsWith(`${prefix}/`);
}

function othersMatch({ method, headers, query }: RouteMatch, request: RoutedRequest, matches: Matcher): boolean {
  const holds = ({ value, regular }: NamedValue, given: string | undefined) =>
    given !== undefined && (regular ? matches(value, given, true) : given === value);
  return (
    (method === undefined || method === request.method) &&
    headers.every((header) => holds(header, request.headers[header.name.toLowerCase()])) &&
    query.every((parameter) => holds(parameter, request.query[parameter.name]))
  );
}

const rank: Readonly<Record<PathType, number>> = { Exact: 0, RegularExpression: 1, PathPrefix: 2 };

/** Below zero where the gateway tries the first before the second (Gateway API, HTTPRouteRule). */
export function compareAtGateway(left: PlacedMatch, right: PlacedMatch): number {
  return firstDifference(
    compareHostnames(left.hostname, right.hostname),
    ...comparePaths(left.match, right.match),
    Number(left.match.method === undefined) - Number(right.match.method === undefined),
    ...compareRest(left, right),
  );
}

/**
 * The order in which the filter tries them. It differs from the gateway's: a match of any method goes before one of a
 * certain method. Source: kuadrant-operator, internal/gatewayapi/types.go, SortableHTTPRouteMatchConfigs.
 */
export function compareInFilter(left: PlacedMatch, right: PlacedMatch): number {
  return firstDifference(
    compareHostnamesOfOperator(left.hostname, right.hostname),
    ...comparePaths(left.match, right.match),
    Number(right.match.method === undefined) - Number(left.match.method === undefined),
    ...compareRest(left, right),
  );
}

function comparePaths(left: RouteMatch, right: RouteMatch): readonly number[] {
  return [rank[left.path.type] - rank[right.path.type], right.path.value.length - left.path.value.length];
}

function compareRest(left: PlacedMatch, right: PlacedMatch): readonly number[] {
  return [
    right.match.headers.length - left.match.headers.length,
    right.match.query.length - left.match.query.length,
    // A route that is not in the cluster yet has no time; names decide then.
    left.route.created === '' || right.route.created === '' ? 0 : compareTexts(left.route.created, right.route.created),
    compareTexts(qualified(left.route), qualified(right.route)),
    left.place[0] - right.place[0],
    left.place[1] - right.place[1],
  ];
}

function firstDifference(...differences: readonly number[]): number {
  return differences.find((difference) => difference !== 0) ?? 0;
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function qualified({ namespace, name }: Route): string {
  return `${namespace}/${name}`;
}
