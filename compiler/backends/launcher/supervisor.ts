import type { Decision, Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import type { Artifact } from '../backend.ts';
import { compileSyscallDecision } from '../seccomp/compile.ts';
import { encodeInstructions } from '../seccomp/instruction.ts';
import { levelDecisions, liveTransitions } from '../seccomp/supervised.ts';
import { servedBy } from './filter-steps.ts';
import type { Machine } from './plan.ts';

/**
 * What the supervisor of a program asks about each notification: for each level `level-LEVEL.MACHINE.bpf`, the filter that
 * it would be alone, and for each event that is a system call `event-EVENT.MACHINE.bpf`, which notifies of that and allows
 * the rest. The supervisor runs them over the notification's `struct seccomp_data`, as the kernel would.
 */
export function supervisorPrograms(policy: Policy, target: Target, machine: Machine): readonly Artifact[] {
  const { start, stricter } = levelDecisions(policy);
  const names = [policy.adaptive!.start, ...policy.adaptive!.levels.map(({ level }) => level)];
  const served = servedBy(machine, target);
  const program = (name: string, decision: Decision): Artifact => {
    const { instructions } = compileSyscallDecision(decision, served, { weights: target.weights });
    return { path: `${name}.${machine}.bpf`, content: encodeInstructions(instructions), sourceMap: [] };
  };
  return [
    ...[start, ...stricter].map((decision, at) => program(`level-${names[at]}`, decision)),
    ...liveTransitions(policy).flatMap((transition) => {
      const { event, when, id, topic, origin } = transition;
      if (when === undefined) return [];
      return program(`event-${event}`, {
        point: 'syscall',
        combine: 'first-match',
        rules: [{ id, topic, origin, when, effect: { kind: 'notify' } }],
        otherwise: { id: `${id}/otherwise`, topic, origin, effect: { kind: 'allow' } },
      });
    }),
  ];
}
