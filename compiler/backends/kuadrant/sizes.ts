import type { KuadrantPlan } from './plan.ts';
import type { KuadrantObject } from './policies.ts';

/** An object of the cluster with the bytes that it will have, as far as can be told from here. */
export interface PredictedSize {
  readonly object: string;
  readonly bytes: number;
}

/** What the operator writes around a limit: estimates from its output for policies with short names. */
const perRate = 251;
const perTokenLimit = 2850;
const perRequestLimit = 460;
/** Characters of conditions that those numbers hold already. */
const included = 100;

/**
 * The objects that grow with the policy: the policies themselves, the one object that has the limits of all of the
 * cluster's policies, and the configuration of the gateway's filter. The last two hold every limit once for each route;
 * what other policies bring is not counted.
 */
export function predictSizes(
  objects: readonly KuadrantObject[],
  plan: KuadrantPlan,
  routes: number,
): readonly PredictedSize[] {
  const refused = plan.refused?.join().length ?? 0;
  let limitador = refused > 0 ? perRate : 0;
  let filter = refused > 0 ? perRequestLimit + refused : 0;
  for (const { resource, rates, when, counters } of plan.limits) {
    const text = [...when, ...counters].reduce((sum, each) => sum + each.length, 0);
    const more = Math.max(0, text - included);
    limitador += rates.length * (perRate + counters.join().length);
    // A token limit is two calls, each with the conditions and counters.
    filter += resource === 'tokens' ? perTokenLimit + 2 * more : perRequestLimit + more;
  }
  return [
    ...objects.map(({ kind, name, value }) => ({
      object: `${kind} ${name}`,
      bytes: new TextEncoder().encode(JSON.stringify(value)).length,
    })),
    { object: 'Limitador', bytes: limitador * routes * plan.places.length },
    { object: 'configuration of the filter of the gateway', bytes: filter * routes },
  ];
}
