import type { CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import type { CostEvent } from './cost-event.ts';
import type { Plan, PlannedResponse } from './plan.ts';

/**
 * What a policy does about an event that calls for its response.
 *
 * @param policyHash the sha-256 of the policy's source, in hexadecimal, from the bundle's manifest
 */
export function planFor(compiled: CompiledGuardrail, policyHash: string, event: CostEvent): Plan {
  return { ...responseTo(compiled, event), policyHash };
}

/** The same without the policy's hash. */
export function responseTo(compiled: CompiledGuardrail, event: CostEvent): PlannedResponse {
  const { policy, mode, ttlMinutes, response } = compiled;
  const { denied, documents, actions, boundaries, topics, notify } = response;
  return {
    policy,
    mode,
    ttlMinutes,
    breach: breachKey(policy, event),
    event,
    documents,
    denied,
    actions,
    boundaries,
    topics,
    ...(notify === undefined ? {} : { notify }),
  };
}

/** Account, budget or anomaly, and period: what breach keys of one event have in common. */
export function eventKey({ account, subject, period }: CostEvent): string {
  return [account, subject, period].map(encode).join('/');
}

/**
 * Policy, account, budget or anomaly, and period, with `/` between them. What could be taken for that `/` is written as
 * in URLs, so that no two breaches share a key.
 */
export function breachKey(policy: string, event: CostEvent): string {
  return `${encode(policy)}/${eventKey(event)}`;
}

/** A lone surrogate, which has no UTF-8, would make encodeURIComponent throw. */
function encode(part: string): string {
  return encodeURIComponent(
    part.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd'),
  );
}
