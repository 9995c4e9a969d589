import type { AuditEntry } from '../../audit/record.ts';
import type { TenancyWorld } from '../world.ts';
import { objectAt, type Told } from './events.ts';

/** Events that are under way at once: a tier may have ten thousand teams. */
const together = 8;

/** Records events; those that cannot be are left out, since nothing that is in force depends on them. */
export async function tell(told: readonly Told[], { cluster, now }: TenancyWorld): Promise<void> {
  let next = 0;
  const tellSome = async () => {
    while (next < told.length) {
      const { about, type, reason, note } = told[next]!;
      next += 1;
      const live = await cluster.read(about);
      const regarding = objectAt(about, live.ok ? live.value.metadata.uid : undefined);
      const time = new Date(now()).toISOString().replace('Z', '000Z');
      const answer = await cluster.createEvent({ regarding, type, reason, action: 'Serve', note: cut(note), time });
      // Where one cannot be recorded, the others cannot.
      if (!answer.ok) next = told.length;
    }
  };
  await Promise.all(Array.from({ length: Math.min(together, told.length) }, tellSome));
}

/** Writes a record of what a caller asked for. Throws `AuditFailure`. */
export function auditOf(
  { audit, now, cluster }: TenancyWorld,
  actor: string,
  entry: Pick<AuditEntry, 'action' | 'decision' | 'subject'> & {
    readonly reasons?: readonly string[];
    readonly hash?: string;
    readonly facts?: Readonly<Record<string, string>>;
  },
): void {
  const { action, decision, subject, reasons = [], hash = '', facts = {} } = entry;
  audit.append([
    {
      time: new Date(now()).toISOString(),
      actor,
      action,
      subject,
      decision,
      reasons: reasons.map((text) => ({ text })),
      policy_hash: hash,
      facts: { cluster: cluster.server, ...facts },
    },
  ]);
}

/** A note has at most 1,024 bytes (events.k8s.io/v1, `note`). */
function cut(note: string): string {
  return Buffer.byteLength(note) <= 1000 ? note : `${note.slice(0, 250)}…`;
}
