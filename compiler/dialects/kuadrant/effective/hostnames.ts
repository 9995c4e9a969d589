/** Host names as Gateway API has them: exact, `*.example.com`, and `*` for all. Case and a port do not count. */

/** Whether a request for a host is meant by a host name. A wildcard stands for one label or several, never for none. */
export function coversHost(hostname: string, host: string): boolean {
  const name = bareHost(host);
  const pattern = hostname.toLowerCase();
  if (pattern === '*') return true;
  return pattern.startsWith('*.')
    ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1
    : name === pattern;
}

/** The host without its port, in lower case. */
function bareHost(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/** Whether every host that the first stands for is one that the second stands for. */
function isWithin(hostname: string, other: string): boolean {
  if (other === '*') return true;
  if (!other.startsWith('*')) return hostname === other;
  return hostname.endsWith(other.slice(1)) && hostname.length >= other.length;
}

/**
 * The host names under which a route is served at a listener: those of the route that the listener covers, and that of
 * the listener for a route without any. Source: kuadrant-operator, internal/gatewayapi/utils.go.
 */
export function servedHostnames(listener: string, route: readonly string[]): readonly string[] {
  if (route.length === 0) return [listener];
  return route.flatMap((hostname) => {
    if (isWithin(hostname, listener)) return [hostname];
    // Gateway API intersects: a route for all of a domain is served at a listener for a part of it.
    return isWithin(listener, hostname) ? [listener] : [];
  });
}

/** Below zero where the first is the more specific: exact before wildcard, then the longer (Gateway API, HTTPRouteSpec). */
export function compareHostnames(left: string, right: string): number {
  const [leftWild, rightWild] = [left.startsWith('*'), right.startsWith('*')];
  if (leftWild !== rightWild) return leftWild ? 1 : -1;
  return right.length - left.length;
}

/** The order of the operator: more labels first, then without wildcard, then by the alphabet (internal/utils). */
export function compareHostnamesOfOperator(left: string, right: string): number {
  const labels = right.split('.').length - left.split('.').length;
  if (labels !== 0) return labels;
  const [leftWild, rightWild] = [left.startsWith('*'), right.startsWith('*')];
  if (leftWild !== rightWild) return leftWild ? 1 : -1;
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * The host name under which the filter looks for the rules of a host: the longest that covers it. Where none of its
 * rules matches, no other name is tried. Source: wasm-shim, src/action_set_index.rs.
 */
export function filedUnder(host: string, hostnames: readonly string[]): string | undefined {
  return hostnames.filter((hostname) => coversHost(hostname, host)).sort(compareHostnames)[0];
}
