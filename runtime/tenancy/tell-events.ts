import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { tiersOf } from './desired.ts';
import type { ClusterEvent, KubernetesObject } from './port.ts';
import { tenancySpan } from './problems.ts';
import type { TenancyWorld } from './world.ts';

type Told = Pick<ClusterEvent, 'type' | 'reason' | 'action'> & { readonly notes: readonly string[] };

/** A note has at most 1,024 bytes (events.k8s.io/v1, `note`). */
const longestNote = 1000;

/** More tiers than this are told in one event: a server keeps few a minute (kube-apiserver, `EventRateLimit`). */
const mostTiers = 20;

/** What of an apply is told: a note for each tier, in the words of the platform's own key manager. */
export function appliedNotes(objects: readonly KubernetesObject[], policy: string): readonly string[] {
  const tiers = tiersOf(objects);
  if (tiers.length === 0) return [`Policies of ${policy} applied`];
  if (tiers.length > mostTiers) return [`Default policies of ${tiers.length} tiers applied`];
  return tiers.map((tier) => `Default ${tier} tier policies applied`);
}

/** Records events about the first of the objects in each namespace. What is not recorded is a warning, never a failure. */
export async function tellEvents(
  policy: string,
  objects: readonly KubernetesObject[],
  { type, reason, action, notes }: Told,
  world: TenancyWorld,
): Promise<readonly Diagnostic[]> {
  const first = new Map<string, KubernetesObject>();
  for (const object of objects) if (!first.has(object.metadata.namespace)) first.set(object.metadata.namespace, object);
  for (const regarding of first.values()) {
    for (const note of notes) {
      const time = new Date(world.now()).toISOString().replace('Z', '000Z');
      const told = await world.cluster.createEvent({ regarding, type, reason, action, note: shortened(note), time });
      // Where one cannot be recorded, the others cannot.
      if (!told.ok) return [report('POL8127', tenancySpan(policy), { reason: told.failure.message })];
    }
  }
  return [];
}

function shortened(note: string): string {
  return Buffer.byteLength(note) <= longestNote ? note : `${note.slice(0, longestNote / 4)}…`;
}
