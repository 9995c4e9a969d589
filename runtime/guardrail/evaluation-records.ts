import type { AuditEntry } from '../audit/record.ts';
import type { HashedGuardrail } from './approval/decide.ts';
import type { CostEvent } from './cost-event.ts';
import type { Evaluation } from './evaluate.ts';
import type { GuardrailSet } from './guardrail-set.ts';
import { breachKey, eventKey } from './plan-for.ts';
import { listedAction, type ResponseWorld, recordOf } from './world.ts';

/** Of an event's id, in a record. */
const longestId = 200;

/** What the policies of a set are, once for each log: records about an event name them by the digest. */
export function listingRecords({ listing, digest }: GuardrailSet, world: ResponseWorld): readonly AuditEntry[] {
  const entry = { action: listedAction, subject: digest, decision: 'loaded', policy_hash: digest };
  if (world.audit.remembers?.(entry) === true) return [];
  return [recordOf(world, { ...entry, facts: { policies: listing } })];
}

/** One record of all the policies that let an event pass; none where there are none. */
export function passedRecords(
  { ordered, digest }: GuardrailSet,
  event: CostEvent,
  others: readonly string[],
  world: ResponseWorld,
): readonly AuditEntry[] {
  const count = ordered.length - others.length;
  if (count === 0) return [];
  return [
    recordOf(world, {
      action: 'guardrail.evaluate',
      subject: eventKey(event),
      decision: 'passes',
      policy_hash: digest,
      facts: { policies: String(count), others: others.join(' '), event: event.id.slice(0, longestId) },
    }),
  ];
}

/** The record of a policy that responds, or that cannot be decided. */
export function evaluationRecord(
  { compiled, hash }: HashedGuardrail,
  { outcome, undecided, event }: Evaluation,
  world: ResponseWorld,
): AuditEntry {
  return recordOf(world, {
    action: 'guardrail.evaluate',
    subject: breachKey(compiled.policy, event),
    decision: outcome,
    reasons: undecided.map(({ topic, at: { file, start, end } }) => ({
      text: `${topic} is unknown`,
      span: { file, start, end },
    })),
    policy_hash: hash,
    facts: {
      policy: compiled.policy,
      mode: compiled.mode.replace('-', '_'),
      event: event.id.slice(0, longestId),
    },
  });
}
