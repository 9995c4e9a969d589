import { withAssumed } from '../../../dialects/kuadrant/effective/assumed.ts';
import type { Effective } from '../../../dialects/kuadrant/effective/merge.ts';
import { mergePoliciesOf, type Plan, plansOf } from '../../../dialects/kuadrant/effective/plans.ts';
import {
  effectiveOn,
  levelOn,
  type RequestPath,
  requestPaths,
} from '../../../dialects/kuadrant/effective/request-path.ts';
import type { MergedKind, MergePolicy } from '../../../dialects/kuadrant/effective/rules.ts';
import { topologyOf } from '../../../dialects/kuadrant/effective/topology.ts';
import type { KuadrantPolicy } from '../../../dialects/kuadrant/policy.ts';
import type { Resource } from '../../../dialects/kuadrant/resource.ts';
import { contentsOf } from '../../../dialects/kuadrant/workspace.ts';
import type { Value } from '../../../expressions/cel/value.ts';
import { type AuthTrace, authorise } from './authorise.ts';
import { countLimits, type LimitStep } from './count.ts';
import { RequestEvaluator, type Scene } from './evaluate.ts';
import { celValue, type GivenRequest } from './given.ts';
import { type Reached, routeRequest } from './routing.ts';

/** What becomes of a request, and why. */
export type RequestTrace =
  | { readonly kind: 'lost'; readonly why: string; readonly assumed: readonly string[] }
  | {
      readonly kind: 'reached';
      readonly reached: Reached;
      /** Whose policies the filter enforces, where that is another rule than the gateway's. */
      readonly enforced: Reached | undefined;
      /** True where policies target the way, and the filter finds no rule to enforce them by. */
      readonly unenforced: boolean;
      readonly assumed: readonly string[];
      readonly effective: Readonly<Record<MergedKind, Effective>>;
      readonly auth: AuthTrace;
      readonly requests: readonly LimitStep[];
      readonly tokens: readonly LimitStep[];
      readonly verdict: Verdict;
    };

export type Verdict =
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 429; readonly by?: LimitStep }
  | { readonly kind: 'unknown' }
  /** How many equal requests of one window come through, the first by which limit; absent where none bounds them. */
  | { readonly kind: 'admitted'; readonly most?: { readonly count: number; readonly by: LimitStep } };

const mergedKinds: readonly MergedKind[] = ['AuthPolicy', 'RateLimitPolicy', 'TokenRateLimitPolicy'];

/** Follows a request through the gateways, routes and policies among resources. */
export function traceRequest(resources: readonly Resource[], given: GivenRequest): RequestTrace {
  const all = contentsOf(resources).policies;
  const plans = all.filter(({ kind }) => kind === 'PlanPolicy');
  const policies = mergePoliciesOf(all);
  const { topology, assumed, routes } = withAssumed(topologyOf(resources), policies);
  const routing = routeRequest(requestPaths(topology), given, routes, (path) =>
    policies.some((policy) => levelOn(path, policy) !== undefined),
  );
  if (routing.kind === 'lost') return { ...routing, assumed };
  const { gateway: reached, filter } = routing;
  const isOther = filter?.path.route !== reached.path.route || filter.path.rule !== reached.path.rule;
  const enforced = filter ?? reached;
  const on = (kind: MergedKind) => effectiveOn(enforced.path, kind, filter === undefined ? [] : policies);
  const effective = Object.fromEntries(mergedKinds.map((kind) => [kind, on(kind)]));
  const own = {
    AuthPolicy: effective.AuthPolicy!,
    RateLimitPolicy: effective.RateLimitPolicy!,
    TokenRateLimitPolicy: effective.TokenRateLimitPolicy!,
  };
  const evaluator = new RequestEvaluator(given);
  const filterScene = sceneOfFilter(given);
  const inForce = plansOn(plans, enforced.path, policies);
  const auth = authorise(own.AuthPolicy.rules, inForce, given, evaluator, filterScene);
  const isRefused = auth.outcome === 'unauthenticated' || auth.outcome === 'unauthorised';
  const scene = (early: boolean) => {
    if (early) return filterScene;
    return isRefused ? undefined : afterAuth(filterScene, auth);
  };
  const requests = countLimits(own.RateLimitPolicy.rules, false, evaluator, scene);
  const tokens = countLimits(own.TokenRateLimitPolicy.rules, true, evaluator, scene);
  return {
    kind: 'reached',
    reached,
    enforced: isOther ? filter : undefined,
    unenforced: filter === undefined && policies.some((policy) => levelOn(reached.path, policy) !== undefined),
    assumed,
    effective: own,
    auth,
    requests,
    tokens,
    verdict: verdictOn(auth, requests, tokens, given),
  };
}

/** The plans whose PlanPolicy is on the way, the most specific. */
function plansOn(
  plans: readonly KuadrantPolicy[],
  path: RequestPath,
  policies: readonly MergePolicy[],
): readonly Plan[] {
  const placed = plans.flatMap((plan) => {
    const made = policies.find(
      (policy) => policy.plan === plan.resource.name && policy.namespace === plan.resource.namespace,
    );
    const level = made === undefined ? undefined : levelOn(path, made);
    return level === undefined ? [] : [{ plan, level }];
  });
  const [best] = placed.sort((left, right) => right.level - left.level);
  return best === undefined ? [] : plansOf(best.plan);
}

/** What the filter knows before the request is authorised. */
function sceneOfFilter(given: GivenRequest): Scene {
  const { method, host, path, query, headers, source } = given;
  const request: Record<string, Value> = {
    method,
    host,
    path: query === '' ? path : `${path}?${query}`,
    url_path: path,
    query,
    headers: { ':authority': host, ':method': method, ...headers },
    ...(headers['user-agent'] === undefined ? {} : { useragent: headers['user-agent'] }),
    ...(headers.referer === undefined ? {} : { referer: headers.referer }),
  };
  const bindings = { request, ...(source === undefined ? {} : { source: celValue(source, 'filter') }) };
  return {
    bindings,
    isUnknown: ([root, field]) => {
      if (root === 'request') return field !== undefined && !Object.hasOwn(request, field);
      if (root === 'source') return source === undefined;
      return root !== 'auth' && root !== undefined && !Object.hasOwn(bindings, root) && elsewhere.has(root);
    },
  };
}

/** Roots that a request file does not speak of. */
const elsewhere = new Set(['destination', 'connection', 'metadata', 'filter_state', 'ratelimit']);

function afterAuth(scene: Scene, auth: AuthTrace): Scene {
  const hasAuth = auth.outcome !== 'none' && auth.outcome !== 'skipped';
  return {
    bindings: auth.exported === undefined ? scene.bindings : { ...scene.bindings, auth: auth.exported },
    isUnknown: (path) => {
      if (path[0] !== 'auth') return scene.isUnknown(path);
      const name = path.join('.');
      return (
        hasAuth &&
        auth.unknown.some((each) => name === each || name.startsWith(`${each}.`) || each.startsWith(`${name}.`))
      );
    },
  };
}

function verdictOn(
  auth: AuthTrace,
  requests: readonly LimitStep[],
  tokens: readonly LimitStep[],
  given: GivenRequest,
): Verdict {
  if (auth.outcome === 'unauthenticated') return { kind: 'refused', status: 401 };
  if (auth.outcome === 'unauthorised') return { kind: 'refused', status: 403 };
  const counting = [...requests, ...tokens].filter(({ outcome }) => outcome === 'counts');
  const bounds = counting.flatMap((step) =>
    step.rates.map(({ limit }) => ({
      by: step,
      count: tokens.includes(step) ? Math.ceil(limit / given.tokens) : limit,
    })),
  );
  const least = bounds.reduce<(typeof bounds)[number] | undefined>(
    (best, each) => (best === undefined || each.count < best.count ? each : best),
    undefined,
  );
  if (least?.count === 0) return { kind: 'refused', status: 429, by: least.by };
  const open = [...requests, ...tokens].some(({ outcome }) => outcome === 'unknown');
  if (auth.outcome === 'unknown' || open) return { kind: 'unknown' };
  return { kind: 'admitted', ...(least === undefined ? {} : { most: least }) };
}
