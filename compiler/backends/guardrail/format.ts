import type { Predicate } from '../../expressions/predicate.ts';
import type { ResponseMode } from '../../ir/obligation.ts';

/**
 * `guardrail/policy.json`: what the runtime needs to evaluate cost events against one policy and to respond. It is made
 * from the IR alone; the policy's hash stands in the manifest beside it.
 */
export interface CompiledGuardrail {
  readonly format: 'polc-guardrail-1';
  /** The policy's id. */
  readonly policy: string;
  readonly mode: ResponseMode;
  /** Minutes until the response ends by itself; 0 where a person ends it. */
  readonly ttlMinutes: number;
  /** Minutes that an event may be old for the mode auto to act on it. */
  readonly maxEventAgeMinutes: number;
  /**
   * In the order of the policy: the event calls for a response where none of them lets it pass, and where none is
   * unknown. Predicates as JSON, in which integers are written `{"integer": "540"}`.
   */
  readonly conditions: readonly CompiledCondition[];
  readonly response: CompiledResponse;
}

/** One reason for which an event is let pass: an exemption that holds, or a match condition that does not. */
export interface CompiledCondition {
  /** The id of the rule in the IR. */
  readonly rule: string;
  /** The field: `match.min_amount_usd`. */
  readonly topic: string;
  readonly at: PolicyPlace;
  /** The event is let pass where this holds. */
  readonly passes: Predicate;
}

/** Where in the policy's files: line and column from 1, and offsets in UTF-16 code units. */
export interface PolicyPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

export interface CompiledResponse {
  /** The ARNs to which the deny policies are attached; empty where the policy denies nothing. */
  readonly denied: readonly string[];
  /** Managed policies to create and attach: together they deny what the policy denies, each within the quota. */
  readonly documents: readonly NamedDocument[];
  /** The actions as the author wrote them, for people. */
  readonly actions: readonly string[];
  readonly boundaries: readonly { readonly principal: string; readonly boundary: string }[];
  /** ARNs of SNS topics. */
  readonly topics: readonly string[];
  readonly notify?: {
    /** The SSM parameter that holds the URL of the incoming webhook. */
    readonly parameter: string;
    readonly channel?: string;
    readonly mentions: readonly string[];
  };
}

export interface NamedDocument {
  /** `guardrails-deny-` and at least 16 hexadecimal digits. */
  readonly name: string;
  /** The policy document, minified. */
  readonly document: string;
}
