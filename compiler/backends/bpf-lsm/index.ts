import { decisionAt, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import type { PlacedBackend } from '../backend.ts';
import { networkIsolation } from '../network-isolation.ts';
import type * as BpfEmission from './emission.ts';
import { levelParts } from './levels.ts';
import { pathHooks } from './paths/lower.ts';
import { socketCalls } from './program-kind.ts';
import { questionsOf } from './socket/plan.ts';

/** Most policies have nothing for it to do. */
const load = (): typeof BpfEmission => require('./emission.ts');

/**
 * Programs at LSM hooks and for a cgroup's IP sockets: one object, as libbpf and bpftool load it. A policy that decides at
 * hooks wants it, and where the target takes programs, one of which Landlock loses something.
 */
export const bpfLsm: PlacedBackend = {
  name: 'bpf-lsm',
  summary:
    "an eBPF object for LSM hooks and for the addresses of a cgroup's sockets, with a listing and a table of rules",
  byDefault: false,
  wantedBy: (policy, target) =>
    decidesAtHooks(policy) || levelParts(policy, target).length > 0 || (target.bpfLsm && applies(policy, target)),
  applies,
  emit: (policy, target, surroundings) => load().emitBpf(policy, target, surroundings),
  validate: (policy, target, artifacts) =>
    artifacts.length === 0
      ? { status: 'proven', method: 'there is no program', compared: 0 }
      : load().validateBpf(policy, target, artifacts),
};

function decidesAtHooks(policy: Policy): boolean {
  if (decisionAt(policy, 'hook') !== undefined) return true;
  return policy.obligations.some(({ kind }) => kind === 'count-calls' || kind === 'audit-calls');
}

function applies(policy: Policy, target: Target): boolean {
  if (decidesAtHooks(policy) || pathHooks(policy, target, 'beside-landlock').length > 0) return true;
  if (levelParts(policy, target).length > 0) return true;
  const sockets = decisionAt(policy, 'socket');
  if (sockets === undefined || networkIsolation(sockets) !== 'shared') return false;
  return socketCalls.some((call) => questionsOf(sockets, call).length > 0);
}
