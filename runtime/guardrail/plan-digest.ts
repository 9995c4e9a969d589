import { hash } from 'node:crypto';
import type { Plan } from './plan.ts';

/**
 * The sha-256 of what a plan does and about which breach, in hexadecimal: two plans of one digest change the same. The
 * event is a part of it as far as it is of the breach: a second message of the same breach may name another amount.
 */
export function planDigest(plan: Plan): string {
  const { notify, policy, policyHash, mode, ttlMinutes, breach, documents, denied, actions, boundaries, topics } = plan;
  const text = JSON.stringify([
    'polc-plan-1',
    policy,
    policyHash,
    mode,
    ttlMinutes,
    breach,
    documents.map(({ name, document }) => [name, document]),
    denied,
    actions,
    boundaries.map(({ principal, boundary }) => [principal, boundary]),
    topics,
    notify === undefined ? null : [notify.parameter, notify.channel ?? null, notify.mentions],
  ]);
  return hash('sha256', text, 'hex');
}
