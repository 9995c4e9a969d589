import type { NamedDocument } from '../../compiler/backends/guardrail/format.ts';
import type { ResponseMode } from '../../compiler/ir/obligation.ts';
import type { CostEvent } from './cost-event.ts';

/** What one policy does about one event. Made by `planFor`; nothing in it depends on the state of the world. */
export interface Plan extends PlannedResponse {
  /** The sha-256 of the policy's source, in hexadecimal. */
  readonly policyHash: string;
}

/** A plan but for which text of the policy it is of. */
export interface PlannedResponse {
  readonly policy: string;
  readonly mode: ResponseMode;
  /** 0 where a person ends the response. */
  readonly ttlMinutes: number;
  /** Policy, account, budget or anomaly, and period: the same breach in a new message acts once. */
  readonly breach: string;
  readonly event: CostEvent;
  /** Deny policies to attach to each of `denied`. */
  readonly documents: readonly NamedDocument[];
  readonly denied: readonly string[];
  /** The denied actions as the author wrote them. */
  readonly actions: readonly string[];
  readonly boundaries: readonly { readonly principal: string; readonly boundary: string }[];
  readonly topics: readonly string[];
  readonly notify?: { readonly parameter: string; readonly channel?: string; readonly mentions: readonly string[] };
}
