import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';

/** A call to AWS that changed something; in a dry run, that would have. */
export interface ChangingCall {
  /** The IAM action that it needs: `iam:AttachRolePolicy`. */
  readonly action: string;
  /** The ARN or the parameter that it changes. */
  readonly on: string;
  /** What with: the ARN of the policy that is attached, the boundary that is set. */
  readonly with?: string;
}

/**
 * What became of a plan.
 * - `applied`: the response is in force, and was not before.
 * - `extended`: the response was in force because of another breach; it now lasts longer.
 * - `unchanged`: the response was in force because of this very breach; what was missing of it was put back.
 * - `ended`: the response to this very breach has ended before; a breach is acted on once.
 * - `failed`: something was refused. What this response had done was undone, except for what the diagnostics name.
 */
export type ApplyResult = 'applied' | 'extended' | 'unchanged' | 'ended' | 'failed';

export interface ApplyOutcome {
  readonly policy: string;
  readonly breach: string;
  readonly result: ApplyResult;
  /** When the response ends by itself: RFC 3339 in UTC, or `never`; absent where none is in force. */
  readonly expires?: string;
  /** Topics, and the parameter of the webhook, that have not been told of the response to this breach. */
  readonly untold: readonly string[];
  readonly dryRun: boolean;
  /** In their order, with those that undid others. */
  readonly calls: readonly ChangingCall[];
  /** Why it failed, and what people changed by hand. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Which responses to end; `expired` also ends what an earlier rollback did not finish. */
export type Selection = { readonly policy: string } | { readonly expired: true } | { readonly all: true };

export interface RollbackOutcome {
  readonly ended: readonly EndedResponse[];
  readonly dryRun: boolean;
  /** Also what kept the responses from being listed; those of each response stand with it. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface EndedResponse {
  readonly policy: string;
  /** The latest breach that the response was for, where it is known. */
  readonly breach?: string;
  /** The sha-256 of the policy that it was a response of, in hexadecimal, where it is known. */
  readonly policyHash?: string;
  /** Nothing of the response is left. Where something is, the diagnostics say why, and another rollback goes on. */
  readonly complete: boolean;
  readonly calls: readonly ChangingCall[];
  readonly diagnostics: readonly Diagnostic[];
}
