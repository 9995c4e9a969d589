import type { Effective } from '../../compiler/dialects/kuadrant/effective/merge.ts';
import {
  effectiveOn,
  type RequestPath,
  requestPaths,
} from '../../compiler/dialects/kuadrant/effective/request-path.ts';
import { type MergedKind, type MergePolicy, mergePolicyOf } from '../../compiler/dialects/kuadrant/effective/rules.ts';
import { topologyOf } from '../../compiler/dialects/kuadrant/effective/topology.ts';
import { resourcesOf } from '../../compiler/dialects/kuadrant/resource.ts';
import { contentsOf } from '../../compiler/dialects/kuadrant/workspace.ts';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';

/** A gateway with one listener. */
export function gateway(name: string, hostname = '*'): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: ns }
spec: { gatewayClassName: c, listeners: [{ name: default, port: 80, protocol: HTTP, hostname: '${hostname}' }] }
`;
}

/** A route with one rule, for GET /toy, at gateways. */
export function route(name: string, gateways: readonly string[], hostnames: readonly string[]): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ns }
spec:
  parentRefs: [${gateways.map((each) => `{ name: ${each} }`).join(', ')}]
  hostnames: ${JSON.stringify(hostnames)}
  rules: [{ matches: [{ method: GET, path: { type: PathPrefix, value: /toy } }] }]
`;
}

export interface PolicyText {
  readonly name: string;
  readonly target: string;
  /** `defaults`, `overrides`, or empty for bare rules. */
  readonly level?: string;
  readonly strategy?: string;
  readonly created?: string;
}

/** A RateLimitPolicy; limits by name: `1/3m`, or `1/3m when CONDITION`. */
export function ratePolicy(
  { name, target, level = '', strategy, created }: PolicyText,
  limits: Readonly<Record<string, string>>,
): string {
  const [kind, object, section] = target.split(' ');
  const written = Object.entries(limits).map(([limit, text]) => {
    const [rate = '', when] = text.split(' when ');
    const [most, window] = rate.split('/');
    const condition = when === undefined ? '' : `, when: [{ predicate: ${JSON.stringify(when)} }]`;
    return `${limit}: { rates: [{ limit: ${most}, window: ${window} }]${condition} }`;
  });
  const body = `limits: { ${written.join(', ')} }${strategy === undefined ? '' : `, strategy: ${strategy}`}`;
  return `apiVersion: kuadrant.io/v1
kind: RateLimitPolicy
metadata: { name: ${name}, namespace: ns${created === undefined ? '' : `, creationTimestamp: '${created}'`} }
spec: { targetRef: { group: gateway.networking.k8s.io, kind: ${kind}, name: ${object}${section === undefined ? '' : `, sectionName: ${section}`} }, ${level === '' ? body : `${level}: { ${body} }`} }
`;
}

/** An AuthPolicy with one way to authenticate, by keys with a label. */
export function authPolicy({ name, target, level = '', strategy, created }: PolicyText, label: string): string {
  const [kind, object] = target.split(' ');
  const body = `rules: { authentication: { apiKey: { apiKey: { selector: { matchLabels: { ${label}: 'yes' } } } } } }${strategy === undefined ? '' : `, strategy: ${strategy}`}`;
  return `apiVersion: kuadrant.io/v1
kind: AuthPolicy
metadata: { name: ${name}, namespace: ns${created === undefined ? '' : `, creationTimestamp: '${created}'`} }
spec: { targetRef: { group: gateway.networking.k8s.io, kind: ${kind}, name: ${object} }, ${level === '' ? body : `${level}: { ${body} }`} }
`;
}

export interface ReadFiles {
  readonly paths: readonly RequestPath[];
  readonly policies: readonly MergePolicy[];
}

export function readFiles(texts: readonly string[]): ReadFiles {
  const source = sourceText('all.yaml', texts.join('---\n'));
  const resources = resourcesOf(parseYamlDocuments(source).flatMap(({ root }) => root ?? []));
  return {
    paths: requestPaths(topologyOf(resources)),
    policies: contentsOf(resources).policies.flatMap((policy) => mergePolicyOf(policy) ?? []),
  };
}

/** `gateway/route: name limit/seconds`, sorted, for what is in force on each way. */
export function limitsInForce({ paths, policies }: ReadFiles): readonly string[] {
  return paths
    .flatMap((path) =>
      effectiveOn(path, 'RateLimitPolicy', policies).rules.flatMap((rule) =>
        rule.kind === 'limit'
          ? rule.limit.rates.map(
              ({ limit, windowMilliseconds }) =>
                `${path.gateway.name}/${path.route.name}: ${rule.limit.name} ${limit}/${windowMilliseconds / 1000}`,
            )
          : [],
      ),
    )
    .sort();
}

/** For each policy of a kind: `enforced`, `overridden by …`, or `no route`. */
export function standing({ paths, policies }: ReadFiles, kind: MergedKind): Readonly<Record<string, string>> {
  const effective = paths.map((path): Effective => effectiveOn(path, kind, policies));
  return Object.fromEntries(
    policies
      .filter((policy) => policy.kind === kind)
      .map((policy) => {
        const fates = effective.flatMap(({ fates: all }) => all.filter((fate) => fate.policy === policy));
        if (fates.length === 0) return [policy.name, 'no route'];
        if (fates.some(({ kept }) => kept.length > 0)) return [policy.name, 'enforced'];
        const by = new Set(fates.flatMap(({ lost }) => lost.flatMap((each) => each.by.map(({ name }) => name))));
        return [policy.name, `overridden by ${[...by].sort().join(', ')}`];
      }),
  );
}
