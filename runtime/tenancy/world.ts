import type { AuditLog } from '../audit/log.ts';
import type { AuditEntry } from '../audit/record.ts';
import type { Cluster } from './port.ts';

/** What the verbs of a tenancy act on. Tests give their own. */
export interface TenancyWorld {
  readonly cluster: Cluster;
  readonly audit: AuditLog;
  /** The folder of the journals; it exists. */
  readonly journals: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits for so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Who runs this, for the audit log. */
  readonly actor: string;
}

/** Writes a record about a policy. Throws `AuditFailure`. */
export function record(
  { audit, now, actor, cluster }: TenancyWorld,
  { policy, hash }: { readonly policy: string; readonly hash: string },
  entry: Pick<AuditEntry, 'action' | 'decision'> & { readonly reasons?: readonly string[] },
): void {
  const { action, decision, reasons = [] } = entry;
  const time = new Date(now()).toISOString();
  const facts = { cluster: cluster.server };
  audit.append([
    {
      time,
      actor,
      action,
      subject: policy,
      decision,
      reasons: reasons.map((text) => ({ text })),
      policy_hash: hash,
      facts,
    },
  ]);
}
