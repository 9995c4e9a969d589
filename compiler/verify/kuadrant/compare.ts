import { grants, type Requests } from '../../ir/grants.ts';
import type { EnforceAt } from '../../ir/obligation.ts';
import type { Policy, Quota } from '../../ir/policy.ts';
import { GatewayModel, type GatewayRequest, type KeySecret, type Route } from './model.ts';
import type { ReadPlace } from './read-policies.ts';
import { Traces } from './traces.ts';

export interface Comparison {
  readonly compared: number;
  readonly counterexample?: string;
}

/** How many conditions of limits may be evaluated: the time that a validation takes goes with it. */
const mostEvaluations = 8_000;

/** Compares what comes through the gateway with what the policy grants, request by request. */
export function compareGrants(policy: Policy, place: EnforceAt, read: ReadPlace): Comparison {
  const traces = new Traces(policy);
  const quotas = policy.quotas ?? [];
  const each = 1 + read.requests.length + read.tokens.length + quotas.length;
  const most = Math.max(60, Math.min(180, Math.floor(mostEvaluations / each)));
  let compared = 0;
  for (const trace of [traces.boundaries(sample(quotas, Math.ceil(most / 16))), traces.random(Math.ceil(most / 2))]) {
    const expected = grants(policy, trace);
    const gateway = new GatewayModel(read);
    // Most requests of a trace repeat one that came before.
    const routes = new Map<Requests['attributes'], Route>();
    for (const [index, requests] of trace.entries()) {
      const stranger = strangerAt(index, requests, place);
      if (stranger !== undefined) {
        compared += 1;
        if (gateway.send(gateway.route(stranger), requests) > 0)
          return { compared, counterexample: `${describe(requests)}, and a key that is none, comes through` };
      }
      const wanted = expected[index]!.admitted;
      const route = routes.get(requests.attributes) ?? gateway.route(asGateway(requests, place));
      routes.set(requests.attributes, route);
      const found = gateway.send(route, requests);
      compared += 1;
      if (found !== wanted) {
        return { compared, counterexample: `${describe(requests)}: the gateway admits ${found}, the policy ${wanted}` };
      }
    }
  }
  return { compared };
}

/** Evenly over the list. */
function sample(quotas: readonly Quota[], most: number): readonly Quota[] {
  if (quotas.length <= most) return quotas;
  return Array.from({ length: most }, (_, index) => quotas[Math.floor((index * quotas.length) / most)]!);
}

function asGateway(requests: Requests, place: EnforceAt): GatewayRequest {
  const { attributes } = requests;
  const text = (name: string) => {
    const value = attributes[name];
    return value === undefined ? undefined : String(value);
  };
  const path = text('path') ?? '';
  const model = text('model');
  const headers: Record<string, string> = {};
  if (place.modelHeader !== undefined && model !== undefined) headers[place.modelHeader.name] = model;
  return {
    key: keyOf(place, text),
    request: {
      headers,
      method: text('method') ?? '',
      host: text('host') ?? '',
      path: `${path}?stream=false`,
      url_path: path,
    },
    body: { ...(model === undefined ? {} : { '/model': model }) },
  };
}

function keyOf({ keys, labels, annotations }: EnforceAt, text: (name: string) => string | undefined): KeySecret {
  const chosen: Record<string, string> = Object.fromEntries(keys.labels);
  const noted: Record<string, string> = {};
  for (const [attribute, label] of Object.entries(labels)) {
    const value = text(attribute);
    if (value !== undefined) chosen[label] = value;
  }
  for (const [attribute, annotation] of Object.entries(annotations)) {
    const value = text(attribute);
    if (value !== undefined) noted[annotation] = value;
  }
  return { namespace: keys.namespace, labels: chosen, annotations: noted };
}

/** Now and then the same request with a Secret that is no key: of another namespace, or without a label. */
function strangerAt(index: number, requests: Requests, place: EnforceAt): GatewayRequest | undefined {
  if (index % 16 !== 3) return undefined;
  const own = asGateway(requests, place);
  const [label] = place.keys.labels;
  if (index % 32 === 3 || label === undefined)
    return { ...own, key: { ...own.key, namespace: `${own.key.namespace}-x` } };
  return { ...own, key: { ...own.key, labels: { ...own.key.labels, [label[0]]: `${label[1]}-x` } } };
}

function describe({ at, attributes, tokens, takes, times }: Requests): string {
  const who = Object.entries(attributes).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${times} requests at ${at} ms with ${who.join(' ')}, each ${tokens} tokens after ${takes} ms`;
}
