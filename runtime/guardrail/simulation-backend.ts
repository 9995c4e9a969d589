import type { Coverage, PlacedBackend } from '../../compiler/backends/backend.ts';
import { guardrail } from '../../compiler/backends/guardrail/index.ts';
import { decisionAt } from '../../compiler/ir/policy.ts';

/**
 * The backend `guardrail` for whoever evaluates events at once and builds nothing: the documents that deny are part of
 * what it emits, so that the backends that write them to files need not run.
 */
export const simulationBackend: PlacedBackend = {
  ...guardrail,
  emit(policy, target, surroundings) {
    const emission = guardrail.emit(policy, target, surroundings);
    const denied = decisionAt(policy, 'aws-request');
    if (denied === undefined) return emission;
    const attached = [...denied.rules, denied.otherwise].map(
      ({ id }): Coverage => ({ rule: id, status: 'full', enforced: 'by the documents of the response' }),
    );
    return { ...emission, coverage: [...emission.coverage, ...attached] };
  },
};
