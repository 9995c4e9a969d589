import type { AuditLog } from '../audit/log.ts';
import type { AuditEntry, AuditReason } from '../audit/record.ts';
import type { HashedGuardrail } from './approval/decide.ts';
import type { AwsPort } from './aws/port.ts';
import type { ApprovalWays } from './notify/message.ts';
import type { Teller } from './notify/tell.ts';

/** What a response acts on. Tests give their own. */
export interface ResponseWorld {
  readonly port: AwsPort;
  readonly audit: AuditLog;
  /** Undefined where nobody is to be told. */
  readonly tell: Teller | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Who runs this, for the audit log. */
  readonly actor: string;
  /** Says what would be done: no changing call, no message and no record. */
  readonly dryRun: boolean;
  /** How whoever holds a token answers. */
  readonly ways: (token: string) => ApprovalWays;
  /** Waits for so many milliseconds where another run is at work; absent, by the clock. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** The record that lists a set of guardrails, and the one of a message that is sent once for each breach. */
export const listedAction = 'guardrail.policies';
export const toldAction = 'guardrail.tell';

/** What a log of guardrails has to remember. */
export const rememberedActions: readonly string[] = [listedAction, toldAction];

export type Guardrails = readonly HashedGuardrail[];

/** A record about a policy. The time and the actor are the world's. */
export function recordOf(
  { now, actor }: Pick<ResponseWorld, 'now' | 'actor'>,
  entry: Omit<AuditEntry, 'time' | 'actor' | 'reasons'> & { readonly reasons?: readonly AuditReason[] },
): AuditEntry {
  return { ...entry, time: new Date(now()).toISOString(), actor, reasons: entry.reasons ?? [] };
}

/** Writes records before what they speak of is done; a dry run decides nothing. Throws `AuditFailure`. */
export function audit(world: ResponseWorld, entries: readonly AuditEntry[]): void {
  if (!world.dryRun) world.audit.append(entries);
}
