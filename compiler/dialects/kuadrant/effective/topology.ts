import type { Span } from '../../../source/span.ts';
import type { YamlNode } from '../../../source/tree.ts';
import { entriesOf, fieldOf, itemsOf, type Resource, textOf, valueAt } from '../resource.ts';

export interface Listener {
  readonly name: string;
  /** `*` where it has none. */
  readonly hostname: string;
  readonly port: number | undefined;
}

export interface Gateway {
  readonly name: string;
  readonly namespace: string;
  readonly listeners: readonly Listener[];
  readonly span: Span;
}

export type PathType = 'Exact' | 'PathPrefix' | 'RegularExpression';

/** A name with the value that it must have. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
  readonly regular: boolean;
}

/** What a request must be like for a rule of a route. */
export interface RouteMatch {
  readonly path: { readonly type: PathType; readonly value: string };
  /** Absent where any will do. */
  readonly method?: string;
  readonly headers: readonly NamedValue[];
  readonly query: readonly NamedValue[];
  readonly span: Span;
}

export interface RouteRule {
  /** `rule-1` for the first where it has no name of its own, as the operator calls it. */
  readonly name: string;
  readonly matches: readonly RouteMatch[];
}

export interface ParentReference {
  readonly name: string;
  readonly namespace: string;
  /** Empty where every listener is meant. */
  readonly section: string;
  readonly port: number | undefined;
}

export interface Route {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** As its metadata has it; empty where it has none. */
  readonly created: string;
  readonly hostnames: readonly string[];
  readonly parents: readonly ParentReference[];
  readonly rules: readonly RouteRule[];
  readonly span: Span;
}

/** What requests come through. */
export interface Topology {
  readonly gateways: readonly Gateway[];
  readonly routes: readonly Route[];
}

export function topologyOf(resources: readonly Resource[]): Topology {
  const own = resources.filter(({ group }) => group === 'gateway.networking.k8s.io');
  return {
    gateways: own.filter(({ kind }) => kind === 'Gateway').map(gatewayOf),
    routes: own.filter(({ kind }) => kind === 'HTTPRoute' || kind === 'GRPCRoute').map(routeOf),
  };
}

function gatewayOf({ name, namespace, node }: Resource): Gateway {
  const listeners = itemsOf(valueAt(node, 'spec', 'listeners')).map((listener) => ({
    name: textOf(fieldOf(listener, 'name')),
    hostname: textOf(fieldOf(listener, 'hostname')) || '*',
    port: numberOf(fieldOf(listener, 'port')),
  }));
  return { name, namespace, listeners, span: node.span };
}

function routeOf({ kind, name, namespace, node }: Resource): Route {
  const spec = fieldOf(node, 'spec');
  const rules = itemsOf(fieldOf(spec, 'rules')).map((rule, index) => ({
    name: textOf(fieldOf(rule, 'name')) || `rule-${index + 1}`,
    matches: matchesOf(kind, rule),
  }));
  return {
    kind,
    name,
    namespace,
    created: textOf(valueAt(node, 'metadata', 'creationTimestamp')),
    hostnames: itemsOf(fieldOf(spec, 'hostnames')).map(textOf),
    parents: itemsOf(fieldOf(spec, 'parentRefs'))
      .filter((parent) => ['', 'Gateway'].includes(textOf(fieldOf(parent, 'kind'))))
      .map((parent) => ({
        name: textOf(fieldOf(parent, 'name')),
        namespace: textOf(fieldOf(parent, 'namespace')) || namespace,
        section: textOf(fieldOf(parent, 'sectionName')),
        port: numberOf(fieldOf(parent, 'port')),
      })),
    // Gateway API defaults `rules` to one that matches all.
    rules: rules.length > 0 ? rules : [{ name: 'rule-1', matches: [anyMatch(node.span)] }],
    span: node.span,
  };
}

function matchesOf(kind: string, rule: YamlNode): readonly RouteMatch[] {
  const matches = itemsOf(fieldOf(rule, 'matches'));
  if (matches.length === 0) return [anyMatch(rule.span)];
  return matches.map((match): RouteMatch => {
    const headers = namedValues(fieldOf(match, 'headers'));
    if (kind === 'GRPCRoute') {
      return { path: grpcPath(fieldOf(match, 'method')), headers, query: [], span: match.span };
    }
    const method = textOf(fieldOf(match, 'method'));
    const path = fieldOf(match, 'path');
    return {
      path: { type: pathType(textOf(fieldOf(path, 'type'))), value: textOf(fieldOf(path, 'value')) || '/' },
      ...(method === '' ? {} : { method }),
      headers,
      query: namedValues(fieldOf(match, 'queryParams')),
      span: match.span,
    };
  });
}

/** What a rule without matches has. */
export function anyMatch(span: Span): RouteMatch {
  return { path: { type: 'PathPrefix', value: '/' }, headers: [], query: [], span };
}

function pathType(text: string): PathType {
  return text === 'Exact' || text === 'RegularExpression' ? text : 'PathPrefix';
}

/** A call of gRPC is a request for `/service/method`. */
function grpcPath(method: YamlNode | undefined): RouteMatch['path'] {
  const [service, name] = [textOf(fieldOf(method, 'service')), textOf(fieldOf(method, 'method'))];
  if (service === '' && name === '') return { type: 'PathPrefix', value: '/' };
  if (textOf(fieldOf(method, 'type')) === 'RegularExpression' || service === '') {
    return { type: 'RegularExpression', value: `^/${service || '[^/]+'}/${name || '.*'}$` };
  }
  return name === '' ? { type: 'PathPrefix', value: `/${service}/` } : { type: 'Exact', value: `/${service}/${name}` };
}

/** Of several entries of one name the first counts (Gateway API, HTTPRouteMatch). */
function namedValues(node: YamlNode | undefined): readonly NamedValue[] {
  const values = new Map<string, NamedValue>();
  for (const item of itemsOf(node)) {
    const name = textOf(fieldOf(item, 'name'));
    const regular = textOf(fieldOf(item, 'type')) === 'RegularExpression';
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, { name, value: textOf(fieldOf(item, 'value')), regular });
  }
  return [...values.values()];
}

function numberOf(node: YamlNode | undefined): number | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
}

/** The keys and texts of a map, such as labels. */
export function textsIn(node: YamlNode | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(entriesOf(node).map(({ key, value }) => [key.text, textOf(value)]));
}
